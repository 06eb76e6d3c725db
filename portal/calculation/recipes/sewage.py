"""Wastewater treated on site: methane from its organic load, nitrous oxide from its nitrogen."""

from decimal import Decimal

from portal.calculation.gases import CH4_BIOGENIC, N2O
from portal.calculation.quantities import text
from portal.calculation.trace import StepKind, brief, equation
from portal.calculation.units import Dimension
from portal.calculation.wastewater import wastewater_ch4, wastewater_n2o
from portal.calculation.workings import Workings

_ZERO = Decimal(0)
_MG_PER_G = Decimal(1000)


def methane(work: Workings) -> None:
    """Methane of one treatment step; COD in mg/L as it stands in the laboratory's report."""
    water = work.amount("m³")
    cod_in, cod_out = work.needed("cod_in"), work.number("cod_out") or _ZERO
    sludge, recovered = (work.number(name) or _ZERO for name in ("sludge_cod_kg", "recovered_kg"))
    # The food guideline's one value for anaerobic treatment binds food factories only.
    ndrc = work.key("treatment", "ndrc") if work.sector == "food" else ""
    conversion = work.choose("conversion", treatment=work.code("treatment"), ndrc=ndrc)
    capacity = work.choose("capacity")
    bo, mcf = capacity.factor.number("value"), conversion.factor.number("value")
    made = wastewater_ch4(
        w_m3=water,
        cod_in=cod_in / _MG_PER_G,
        cod_out=cod_out / _MG_PER_G,
        sludge_cod_kg=sludge,
        recovered_kg=recovered,
        bo=bo,
        mcf=mcf,
        gwp_ch4=work.potential(CH4_BIOGENIC),
    )
    left = f"{brief(water)} m³ × ({text(cod_in)} − {text(cod_out)}) mg/L ÷ 1000"
    work.step(StepKind.AMOUNT, equation(left, made["tow_kg"], "kg COD"), capacity.use)
    load = brief(made["tow_kg"]) if not sludge else f"({brief(made['tow_kg'])} − {text(sludge)})"
    left = f"{load} kg COD × {text(bo)} × {text(mcf)}"
    left += f" − {text(recovered)}" if recovered else ""
    work.add(CH4_BIOGENIC, made["ch4_kg"], left, conversion.use)


def nitrous_oxide(work: Workings) -> None:
    """Nitrous oxide from nitrogen, given as kg of it or as water with mg/L."""
    if work.dimension is Dimension.MASS:
        nitrogen = work.amount("kg")
    else:
        water, content = work.amount("m³"), work.needed("nitrogen")
        nitrogen = water * content / _MG_PER_G
        left = f"{brief(water)} m³ × {text(content)} mg/L ÷ 1000"
        work.step(StepKind.AMOUNT, equation(left, nitrogen, "kg N"))
    chosen = work.choose("nitrous_oxide", where=work.key("where", "key"))
    ef = chosen.factor.number("value")
    made = wastewater_n2o(n_kg=nitrogen, ef=ef, gwp_n2o=work.potential(N2O))
    work.add(N2O, made["n2o_kg"], f"{brief(nitrogen)} kg N × {text(ef)} × 44/28", chosen.use)
