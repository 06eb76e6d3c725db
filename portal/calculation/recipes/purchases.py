"""Whatever is an amount times a published factor per unit: goods, waste, water, journeys, upstream fuel."""

from decimal import Decimal

from portal.calculation.gases import CH4_BIOGENIC, CH4_FOSSIL, UNSPLIT
from portal.calculation.products import sum_products
from portal.calculation.quantities import text
from portal.calculation.selection import Flag
from portal.calculation.trace import StepKind, brief, equation
from portal.calculation.units import UNITS, Dimension
from portal.calculation.workings import Chosen, Reach, Workings

_ZERO = Decimal(0)
_ONE = Decimal(1)
_GAS_BY_VOLUME = frozenset({Dimension.VOLUME, Dimension.NORMAL_VOLUME})


def per_unit(work: Workings) -> None:
    """The amount times the supplier's own factor, or times the edition's; upstream rows are added where there are any."""
    if _own(work):
        return
    words = _words(work)
    reach = _reach(work)
    chosen = work.choose("factor", reach, **words)
    _add(work, chosen)
    if "upstream" in work.category.slots and chosen.factor.texts.get("boundary") == "TTW":
        upstream = work.try_choose("upstream", reach, **words)
        if upstream is None:
            work.flags.add(Flag.TTW_ONLY)
        else:
            _add(work, upstream)


def _words(work: Workings) -> dict[str, str]:
    """Every choice of the line by its name, and every key of the chosen options as name_key."""
    choices = tuple(work.code(each.name) for each in work.category.parameters if each.options)
    question = ("words", work.category.id, choices)
    known = work.context.remembered
    if question not in known:
        known[question] = _words_of(work)
    words: dict[str, str] = known[question]
    return words


def _words_of(work: Workings) -> dict[str, str]:
    words = {}
    for parameter in work.category.parameters:
        if not parameter.options:
            continue
        code = work.code(parameter.name)
        words[parameter.name] = code
        option = parameter.option(code)
        for each in parameter.options:
            for key in each.keys:
                words.setdefault(f"{parameter.name}_{key}", code)
        if option is not None:
            words |= {f"{parameter.name}_{key}": word for key, word in option.keys.items()}
    return words


def _reach(work: Workings) -> Reach:
    is_gas = work.dimension in _GAS_BY_VOLUME
    return Reach(_GAS_BY_VOLUME if is_gas else frozenset({work.dimension}))


def _add(work: Workings, chosen: Chosen) -> None:
    unit = chosen.factor.per or ""
    biogenic = work.category.settings.get("origin") == "biogenic"
    amount = _amount(work, unit)
    work.add_per_unit(amount, unit, chosen, CH4_BIOGENIC if biogenic else CH4_FOSSIL)


def _amount(work: Workings, unit: str) -> Decimal:
    if UNITS[unit].dimension is work.dimension:
        return work.amount(unit)
    metered = work.amount("Nm³")
    formula = f"{brief(metered)} Nm³ → {brief(metered)} m³"
    work.step(StepKind.ASSUMED, formula, flag=Flag.NORMAL_CONDITIONS)
    return metered


def _own(work: Workings) -> bool:
    own = work.number("supplier_factor")
    if own is None:
        return False
    unit = work.category.settings["own_factor_unit"]
    amount = work.amount(unit)
    work.own_factor(own, f"kg CO2e/{unit}")
    kg = sum_products(items=[(amount, own)])["total"]
    work.add(UNSPLIT, kg, f"{brief(amount)} {unit} × {text(own)} kg/{unit}")
    return True


def material(work: Workings) -> None:
    """A bought material: its primary and its recycled part, each with its own factor."""
    if _own(work):
        return
    mass = work.amount("t")
    recycled = work.number("recycled_share") or _ZERO
    words = {"material": work.key("material", "key")}
    primary = work.choose("primary", **words) if recycled < 1 else None
    secondary = work.choose("recycled", **words) if recycled else None
    for chosen, share in ((primary, _ONE - recycled), (secondary, recycled)):
        if chosen is None:
            continue
        part = mass * share
        if recycled:
            work.step(StepKind.AMOUNT, equation(f"{brief(mass)} t × {text(share)}", part, "t"))
        work.add_per_unit(part, "t", chosen)
