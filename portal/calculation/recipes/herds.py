"""Animals: methane from digestion, methane and nitrous oxide from manure."""

from decimal import ROUND_HALF_EVEN, Decimal

from portal.calculation.gases import CH4_BIOGENIC, N2O
from portal.calculation.livestock import DAYS, Herd, enteric_head
from portal.calculation.manure import Storage, manure_ch4, manure_n2o
from portal.calculation.problems import refuse
from portal.calculation.quantities import text
from portal.calculation.trace import StepKind, brief, equation
from portal.calculation.units import Dimension
from portal.calculation.workings import Workings

_ZERO = Decimal(0)
_ONE = Decimal(1)
_KG_PER_T = Decimal(1000)


def average_heads(work: Workings) -> Decimal:
    """The average number of animals in the year: heads for the days of the period, or head-days, over the year's days.

    GB/T 32151.22 (6) writes days/365; the year's own days are used, so that twelve months of a leap year are one year.
    """
    work.is_proxy = True
    share = work.line.period.share_of_year
    if work.dimension is Dimension.ANIMAL_DAYS:
        days_in_year = work.line.period.days / share
        head_days = work.amount("head·day")
        heads = head_days / Decimal(days_in_year.numerator)
        left = f"{brief(head_days)} head·day ÷ {days_in_year}"
    else:
        counted = work.amount("head")
        if share == 1:
            return counted
        heads = counted * share.numerator / share.denominator
        left = f"{brief(counted)} head × {share.numerator}/{share.denominator}"
    work.step(StepKind.AMOUNT, equation(left, heads, "head"))
    return heads


def enteric(work: Workings) -> None:
    """Methane from digestion, Tier 1 by class of animal, less what a feed additive saves."""
    heads = average_heads(work)
    chosen = work.choose(
        "enteric",
        animal=work.code("animal"),
        ipcc=work.key("animal", "ipcc"),
        productivity=work.code("productivity"),
    )
    ef = chosen.factor.number("value")
    reduction = work.number("additive_reduction") or _ZERO
    share = work.number("additive_share")
    herd = Herd(heads, ef, DAYS, reduction, _ONE if share is None else share)
    kg = enteric_head(herd=[herd], gwp_ch4=work.potential(CH4_BIOGENIC))["ch4_kg"]
    left = f"{brief(heads)} head × {text(ef)} kg/head"
    if reduction:
        left += f" × (1 − {text(reduction)} × {text(herd.additive_share)})"
    work.add(CH4_BIOGENIC, kg, left, chosen.use)


def manure_stored(work: Workings) -> None:
    """Methane and nitrous oxide from manure: by its storage where that is told, else by head and region."""
    heads = average_heads(work)
    if work.code("system"):
        _by_storage(work, heads)
    else:
        _by_head(work, heads)


def _by_head(work: Workings, heads: Decimal) -> None:
    animal, ipcc = work.key("animal", "head"), work.key("animal", "ipcc")
    temperature = _temperature(work)
    methane = work.try_choose("ch4_head", animal=animal, ipcc=ipcc, t=temperature)
    direct = work.try_choose("n2o_head", animal=animal)
    if methane is None or direct is None:
        raise refuse("line.manure.storage_needed", "parameters.system", **work.asked())
    ch4, n2o = methane.factor.number("value"), direct.factor.number("value")
    kg = enteric_head(herd=[Herd(heads, ch4)], gwp_ch4=_ZERO)["ch4_kg"]
    work.add(CH4_BIOGENIC, kg, f"{brief(heads)} head × {text(ch4)} kg/head", methane.use)
    work.add(N2O, heads * n2o, f"{brief(heads)} head × {text(n2o)} kg/head", direct.use)
    _indirect(work, heads)


def _indirect(work: Workings, heads: Decimal) -> None:
    """What leaves the store as gas and falls on soil: the regional factors per head cover the direct part only."""
    nitrogen = work.choose("nitrogen", animal=work.key("animal", "nitrogen"))
    lost, deposited = work.choose("fracgas"), work.choose("ef4")
    nex, fraction = nitrogen.factor.number("value"), lost.factor.number("value")
    ef4 = deposited.factor.number("value")
    store = Storage(share=_ONE, ef3=_ZERO, fracgas=fraction)
    kg = manure_n2o(
        heads=heads, nex=nex, systems=[store], ef4=ef4, ef5=_ZERO, gwp_n2o=work.potential(N2O)
    )["n2o_vol_kg"]
    left = f"{brief(heads)} head × {text(nex)} kg N × {text(fraction)} × {text(ef4)} × 44/28"
    work.add(N2O, kg, left, nitrogen.use)


def _by_storage(work: Workings, heads: Decimal) -> None:
    solids = work.choose("solids", animal=work.key("animal", "solids"))
    capacity = work.choose("capacity", animal=work.key("animal", "solids"))
    conversion = work.choose("conversion", system=work.key("system", "mcf"), t=_class(work))
    vs, b0, mcf = (c.factor.number("value") for c in (solids, capacity, conversion))
    ch4 = manure_ch4(
        heads=heads, vs_day=vs, b0=b0, systems=[(_ONE, mcf)], gwp_ch4=work.potential(CH4_BIOGENIC)
    )["ch4_t"]
    left = f"{brief(heads)} head × {text(vs)} kg VS × 365 × {text(b0)} m³/kg × 0.67 × {text(mcf)} %"
    work.add(CH4_BIOGENIC, ch4 * _KG_PER_T, left, conversion.use)
    _nitrous_oxide(work, heads)


def _nitrous_oxide(work: Workings, heads: Decimal) -> None:
    nitrogen = work.choose("nitrogen", animal=work.key("animal", "nitrogen"))
    direct = work.choose("ef3", system=work.key("system", "ef3"))
    lost, deposited = work.choose("fracgas"), work.choose("ef4")
    nex, ef3 = nitrogen.factor.number("value"), direct.factor.number("value")
    fraction, ef4 = lost.factor.number("value"), deposited.factor.number("value")
    store = Storage(share=_ONE, ef3=ef3, fracgas=fraction)
    made = manure_n2o(
        heads=heads, nex=nex, systems=[store], ef4=ef4, ef5=_ZERO, gwp_n2o=work.potential(N2O)
    )
    mass = f"{brief(heads)} head × {text(nex)} kg N"
    work.add(N2O, made["n2o_direct_kg"], f"{mass} × {text(ef3)} × 44/28", direct.use)
    left = f"{mass} × {text(fraction)} × {text(ef4)} × 44/28"
    work.add(N2O, made["n2o_vol_kg"], left, nitrogen.use)


def _temperature(work: Workings) -> str:
    """The table's class of a mean annual temperature in whole degrees; nothing where it wasn't told."""
    given = work.number("temperature")
    if given is None:
        return ""
    whole = int(given.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    return f"t{min(max(whole, 10), 28)}"


def _class(work: Workings) -> str:
    """The temperature class of a manure system: by the degree for liquids, in three steps for all others."""
    given = work.needed("temperature", beside="system")
    if work.key("system", "classes") == "degrees":
        return _temperature(work)
    whole = given.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    return "le14" if whole <= 14 else "15_25" if whole <= 25 else "ge26"
