"""What is brought onto fields: nitrogen, lime, urea."""

from decimal import Decimal

from portal.calculation.gases import CO2, N2O
from portal.calculation.quantities import text
from portal.calculation.soils import UREA_CARBON, lime_co2, soil_n2o
from portal.calculation.trace import StepKind, brief, equation
from portal.calculation.workings import Workings

_ZERO = Decimal(0)
_ONE = Decimal(1)
_PERCENT = Decimal(100)
_KG_PER_T = Decimal(1000)


def fertiliser(work: Workings) -> None:
    """Nitrous oxide from nitrogen applied: direct, and through what evaporates or leaches."""
    product, content = work.amount("kg"), work.needed("nitrogen_percent")
    nitrogen = product * content / _PERCENT
    work.step(
        StepKind.AMOUNT, equation(f"{brief(product)} kg × {text(content)} %", nitrogen, "kg N")
    )
    climate, kind = work.code("climate"), work.code("kind")
    words = {
        "ef1": {"wet": f"{_INPUT[kind]}_wet", "dry": "dry"}.get(climate, "all"),
        "ef4": {"wet": "ef4_wet", "dry": "ef4_dry"}.get(climate, "ef4"),
        "fracgas": _VOLATILE[kind],
    }
    direct = work.choose("ef1", **words)
    lost, deposited = work.choose("fracgas", **words), work.choose("ef4", **words)
    leached, washed = work.choose("fracleach"), work.choose("ef5")
    ef1, fracgas, ef4, fracleach, ef5 = (
        chosen.factor.number("value") for chosen in (direct, lost, deposited, leached, washed)
    )
    if climate == "dry":
        fracleach = _ZERO
    made = soil_n2o(
        n_kg=nitrogen,
        ef1=ef1,
        fracgas=fracgas,
        ef4=ef4,
        fracleach=fracleach,
        ef5=ef5,
        gwp_n2o=work.potential(N2O),
    )
    left = f"{brief(nitrogen)} kg N × {text(ef1)} × 44/28"
    work.add(N2O, made["n2o_direct_kg"], left, direct.use)
    gas, water = f"{text(fracgas)} × {text(ef4)}", f"{text(fracleach)} × {text(ef5)}"
    left = f"{brief(nitrogen)} kg N × ({gas} + {water}) × 44/28"
    work.add(N2O, made["n2o_indirect_kg"], left, lost.use)


_INPUT = {"synthetic": "synthetic", "organic": "other"}
_VOLATILE = {"synthetic": "fracgasf", "organic": "fracgasm"}


def lime(work: Workings) -> None:
    """Carbon dioxide from limestone or dolomite spread on fields."""
    spread = work.amount("t")
    purity = work.number("purity")
    pure = spread * (_ONE if purity is None else purity)
    chosen = work.choose("carbon", kind=work.code("kind"))
    content = chosen.factor.number("value")
    co2 = lime_co2(items=[(pure, content)])["co2_t"] * _KG_PER_T
    if purity is not None:
        work.step(StepKind.AMOUNT, equation(f"{brief(spread)} t × {text(purity)}", pure, "t"))
    work.add(CO2, co2, f"{brief(pure)} t × {text(content)} t C/t × 44/12 × 1000", chosen.use)


def urea(work: Workings) -> None:
    """Carbon dioxide from urea spread on fields; its nitrogen is a line of its own."""
    spread = work.amount("t")
    chosen = work.choose("carbon")
    made = soil_n2o(
        n_kg=_ZERO,
        ef1=_ZERO,
        fracgas=_ZERO,
        ef4=_ZERO,
        fracleach=_ZERO,
        ef5=_ZERO,
        gwp_n2o=_ZERO,
        urea_t=spread,
    )
    left = f"{brief(spread)} t × {text(UREA_CARBON)} t C/t × 44/12 × 1000"
    work.add(CO2, made["urea_co2_t"] * _KG_PER_T, left, chosen.use)
