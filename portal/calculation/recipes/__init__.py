"""How a line of each kind is worked out: which factors it asks for, and which methods it hands them to.
May import the methods, workings and what stands below them; a recipe never does a formula's arithmetic itself.
Come with a new kind of source? Add a recipe to the module of its subject and to RECIPES, and a category that names it.
"""

from collections.abc import Callable, Mapping

from portal.calculation.recipes import (
    combustion,
    fields,
    gases,
    herds,
    industry,
    power,
    purchases,
    sewage,
    warmth,
)
from portal.calculation.workings import Workings

RECIPES: Mapping[str, Callable[[Workings], None]] = {
    "biogas": combustion.biogas,
    "carbonate": industry.carbonate,
    "combustion": combustion.combustion,
    "enteric": herds.enteric,
    "fertiliser": fields.fertiliser,
    "green_power": power.green_power,
    "grid_power": power.grid_power,
    "hot_water": warmth.hot_water,
    "industrial_co2": industry.industrial_co2,
    "leak_balance": gases.leak_balance,
    "leak_screening": gases.leak_screening,
    "leak_top_up": gases.leak_top_up,
    "lime": fields.lime,
    "manure": herds.manure_stored,
    "material": purchases.material,
    "own_power": power.own_power,
    "per_unit": purchases.per_unit,
    "power_upstream": power.power_upstream,
    "sewage_ch4": sewage.methane,
    "sewage_n2o": sewage.nitrous_oxide,
    "steam": warmth.steam,
    "urea": fields.urea,
}
