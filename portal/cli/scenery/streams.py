"""What each kind of supplier uses in a year: streams of activity data with their size, rhythm and season."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Rhythm(StrEnum):
    """How often a stream is read."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


class Season(StrEnum):
    """When in the year a stream is large."""

    FLAT = "flat"
    SUMMER = "summer"
    WINTER = "winter"
    HARVEST = "harvest"


SEASONS: Mapping[Season, tuple[float, ...]] = {
    Season.FLAT: (1.0, 0.86, 1.02, 1.0, 1.02, 1.0, 1.01, 1.02, 1.0, 0.98, 1.02, 1.04),
    Season.SUMMER: (0.78, 0.74, 0.85, 0.95, 1.1, 1.28, 1.42, 1.38, 1.15, 0.95, 0.8, 0.78),
    Season.WINTER: (1.65, 1.5, 1.2, 0.8, 0.6, 0.5, 0.48, 0.5, 0.62, 0.95, 1.4, 1.7),
    Season.HARVEST: (0.7, 0.65, 0.9, 1.2, 1.1, 1.0, 0.9, 1.0, 1.5, 1.4, 0.9, 0.75),
}


@dataclass(frozen=True, slots=True)
class Stream:
    """One source at one site: a yearly amount in a unit for a member of usual size."""

    category: str
    unit: str
    amount: float
    rhythm: Rhythm = Rhythm.MONTHLY
    season: Season = Season.FLAT
    digits: int = 1
    parameters: Mapping[str, str] = field(default_factory=dict)
    follows_output: bool = False


M, Q, Y = Rhythm.MONTHLY, Rhythm.QUARTERLY, Rhythm.YEARLY
FLAT, SUMMER, WINTER, HARVEST = Season.FLAT, Season.SUMMER, Season.WINTER, Season.HARVEST

# What every further site uses: power, and little else that anybody measures.
FURTHER_SITE = Stream("electricity.grid", "MWh", 420, M, SUMMER)

STREAMS: Mapping[str, tuple[Stream, ...]] = {
    "dairy_farm": (
        Stream("electricity.grid", "MWh", 1150, M, SUMMER),
        Stream("mobile.diesel", "L", 96_000, M, HARVEST, 0, {"use": "farm"}),
        Stream("stationary.natural_gas", "m³", 38_000, M, WINTER, 0),
        Stream("purchased.farm_inputs", "t", 5200, M, FLAT, 1, {"input": "maize"}, True),
        Stream("water.supply", "m³", 88_000, M, SUMMER, 0),
        Stream("freight.road", "t·km", 310_000, M, FLAT, 0, {"vehicle": "truck_medium"}, True),
        Stream("livestock.enteric", "head", 1450, Y, FLAT, 0, {"animal": "dairy_breeding_lactating"}, True),
        Stream("livestock.enteric", "head", 900, Y, FLAT, 0, {"animal": "dairy_other_adult"}, True),
        Stream("livestock.enteric", "head", 520, Y, FLAT, 0, {"animal": "dairy_calf"}, True),
        Stream("livestock.manure", "head", 2600, Y, FLAT, 0, {"animal": "dairy_cattle"}, True),
        Stream("purchased.farm_inputs", "t", 1800, Q, HARVEST, 1, {"input": "alfalfa"}, True),
        Stream("soils.fertiliser", "t", 46, Y, FLAT, 2, {"nitrogen_percent": "46"}),
    ),
    "processing_plant": (
        Stream("electricity.grid", "MWh", 9800, M, SUMMER),
        Stream("heat.steam", "GJ", 52_000, M, WINTER, 0),
        Stream("stationary.natural_gas", "万m³", 96, M, WINTER, 2),
        Stream("mobile.diesel", "L", 42_000, M, FLAT, 0),
        Stream("purchased.materials", "t", 2400, M, FLAT, 1, {"material": "board"}, True),
        Stream("water.supply", "m³", 310_000, M, SUMMER, 0),
        Stream("freight.road", "t·km", 8_400_000, M, SUMMER, 0, {"vehicle": "refrigerated"}, True),
        Stream("wastewater.ch4", "m³", 260_000, Y, FLAT, 0, {"treatment": "aerobic_overloaded", "cod_in": "1600", "cod_out": "100"}),
        Stream("refrigerants.mass_balance", "kg", 42, Y, FLAT, 1, {"gas": "r-404a", "stock_begin": "20", "stock_end": "18"}),
        Stream("waste.treatment", "t", 340, Q, FLAT, 1, {"material": "mixed", "treatment": "incineration"}),
    ),
    "packaging": (
        Stream("electricity.grid", "MWh", 5600, M, SUMMER),
        Stream("stationary.natural_gas", "m³", 210_000, M, WINTER, 0),
        Stream("purchased.materials", "t", 6100, M, FLAT, 1, {"material": "ldpe"}, True),
        Stream("purchased.materials", "t", 2900, M, FLAT, 1, {"material": "board"}, True),
        Stream("freight.road", "t·km", 2_100_000, M, FLAT, 0, {"vehicle": "truck_heavy"}, True),
        Stream("water.supply", "m³", 26_000, M, FLAT, 0),
        Stream("mobile.diesel", "L", 21_000, M, FLAT, 0),
        Stream("waste.treatment", "t", 190, Q, FLAT, 1, {"material": "plastics", "treatment": "recycling"}),
    ),
    "ingredients": (
        Stream("electricity.grid", "MWh", 4300, M, FLAT),
        Stream("heat.steam", "GJ", 31_000, M, WINTER, 0),
        Stream("stationary.natural_gas", "m³", 420_000, M, WINTER, 0),
        Stream("purchased.farm_inputs", "t", 7600, M, HARVEST, 1, {"input": "maize"}, True),
        Stream("water.supply", "m³", 95_000, M, FLAT, 0),
        Stream("freight.road", "t·km", 3_200_000, M, FLAT, 0, {"vehicle": "truck_heavy"}, True),
        Stream("mobile.diesel", "L", 18_500, Q, FLAT, 0),
        Stream("wastewater.ch4", "m³", 70_000, Y, FLAT, 0, {"treatment": "aerobic_well", "cod_in": "2200", "cod_out": "150"}),
        Stream("stationary.bituminous", "t", 240, Q, WINTER, 1),
    ),
    "haulier": (
        Stream("mobile.diesel", "L", 1_650_000, M, SUMMER, 0, {"use": "road"}, True),
        Stream("mobile.lng", "kg", 240_000, M, FLAT, 0, {}, True),
        Stream("mobile.petrol", "L", 16_000, M, FLAT, 0),
        Stream("electricity.grid", "kWh", 310_000, M, SUMMER, 0),
        Stream("freight.road", "t·km", 5_200_000, M, FLAT, 0, {"vehicle": "refrigerated"}, True),
        Stream("upstream.fuels", "L", 1_650_000, M, SUMMER, 0, {"fuel": "diesel"}, True),
        Stream("refrigerants.screening", "kg", 260, Y, FLAT, 1, {"gas": "r-404a", "equipment": "transport"}),
        Stream("travel.rail", "p·km", 92_000, Q, FLAT, 0, {"train": "high_speed"}),
    ),
    "cold_store": (
        Stream("electricity.grid", "MWh", 6900, M, SUMMER),
        Stream("electricity.own_pv", "MWh", 640, M, SUMMER),
        Stream("upstream.electricity", "MWh", 6900, M, SUMMER),
        Stream("mobile.diesel", "L", 12_500, M, FLAT, 0),
        Stream("water.supply", "m³", 14_000, M, SUMMER, 0),
        Stream("freight.road", "t·km", 680_000, M, SUMMER, 0, {"vehicle": "refrigerated_light"}, True),
        Stream("refrigerants.top_up", "kg", 64, Q, SUMMER, 1, {"gas": "r-404a"}),
        Stream("waste.treatment", "t", 48, Q, FLAT, 1, {"material": "board", "treatment": "recycling"}),
    ),
    "feed_mill": (
        Stream("electricity.grid", "MWh", 3900, M, FLAT),
        Stream("stationary.natural_gas", "m³", 260_000, M, WINTER, 0),
        Stream("purchased.farm_inputs", "t", 31_000, M, HARVEST, 0, {"input": "maize"}, True),
        Stream("purchased.farm_inputs", "t", 8200, M, FLAT, 0, {"input": "soybean"}, True),
        Stream("freight.road", "t·km", 4_600_000, M, HARVEST, 0, {"vehicle": "truck_heavy"}, True),
        Stream("mobile.diesel", "L", 64_000, M, HARVEST, 0),
        Stream("freight.rail", "t·km", 9_800_000, Q, HARVEST, 0, {}, True),
        Stream("stationary.biomass", "t", 520, Q, WINTER, 1, {"kind": "straw"}),
    ),
    "equipment": (
        Stream("electricity.grid", "kWh", 860_000, M, FLAT, 0),
        Stream("mobile.petrol", "L", 34_000, M, FLAT, 0),
        Stream("stationary.natural_gas", "m³", 31_000, M, WINTER, 0),
        Stream("purchased.materials", "t", 410, M, FLAT, 1, {"material": "metal"}, True),
        Stream("travel.air", "p·km", 610_000, M, FLAT, 0, {"haul": "domestic"}),
        Stream("travel.rail", "p·km", 240_000, M, FLAT, 0, {"train": "high_speed"}),
        Stream("travel.hotel", "room·night", 820, Q, FLAT, 0),
        Stream("refrigerants.top_up", "kg", 9, Y, FLAT, 1, {"gas": "r-410a"}),
    ),
}  # fmt: skip

# Product, unit and yearly amount: the denominators of intensities.
OUTPUTS: Mapping[str, tuple[str, str, float]] = {
    "dairy_farm": ("原料奶", "t", 16_500),
    "processing_plant": ("液态奶", "t", 62_000),
    "packaging": ("包装材料", "t", 8_600),
    "ingredients": ("食品配料", "t", 11_200),
    "haulier": ("冷藏运输", "t·km", 46_000_000),
    "cold_store": ("冷藏货物", "t", 38_000),
    "feed_mill": ("配合饲料", "t", 42_000),
    "equipment": ("制冷与挤奶设备", "piece", 1_450),
}
