"""Refrigerants and other fluorinated gases that leaked: by mass balance, by top-up, or by screening."""

from decimal import Decimal

from portal.calculation.gases import Gas
from portal.calculation.labels import Label
from portal.calculation.problems import refuse
from portal.calculation.quantities import text
from portal.calculation.refrigerants import (
    blend_gwp,
    refrigerant_leak,
    refrigerant_mass_balance,
)
from portal.calculation.trace import FactorUse, StepKind, brief, equation
from portal.calculation.workings import Workings

_ZERO = Decimal(0)
_PERCENT = Decimal(100)
_ITSELF = Label("Potential of the gas or blend", "该气体或混合工质的 GWP")


def leak_balance(work: Workings) -> None:
    """What was bought and in stock, less what is left, given back, or in new plants."""
    bought = work.amount("kg")
    begin, end = work.needed("stock_begin"), work.needed("stock_end")
    returned = work.number("sales_returned") or _ZERO
    growth = work.number("capacity_increase") or _ZERO
    leak = refrigerant_mass_balance(
        stock_begin=begin,
        stock_end=end,
        purchases=bought,
        sales_returned=returned,
        capacity_increase=growth,
        gwp=_potential(work, _gas(work)),
    )["leak_kg"]
    if leak < 0:
        raise refuse("line.leak.negative", "parameters.stock_end", leak=text(leak))
    left = " ".join(
        (text(begin), "−", text(end), "+", text(bought), "−", text(returned), "−", _signed(growth))
    )
    work.step(StepKind.AMOUNT, equation(left, leak, "kg"))
    _leaked(work, leak)


def _signed(amount: Decimal) -> str:
    return text(amount) if amount >= 0 else f"({text(amount)})"


def leak_top_up(work: Workings) -> None:
    """What was filled in to make up for leaks, in a plant that stays the same."""
    _leaked(work, work.amount("kg"))


def leak_screening(work: Workings) -> None:
    """The charge times a yearly leak rate, for the part of the year."""
    work.is_proxy = True
    charge = work.amount("kg")
    chosen = work.choose("leak_rate", equipment=work.key("equipment", "key"))
    percent = chosen.factor.number("value")
    years = work.line.period.share_of_year
    part = Decimal(years.numerator) / Decimal(years.denominator)
    leak = refrigerant_leak(
        charge_kg=charge, leak_fraction=percent / _PERCENT, years=part, gwp=_ZERO
    )["leak_kg"]
    left = f"{brief(charge)} kg × {text(percent)} % × {years.numerator}/{years.denominator}"
    work.step(StepKind.AMOUNT, equation(left, leak, "kg"), chosen.use)
    _leaked(work, leak)


def _gas(work: Workings) -> Gas:
    return work.context.gases[work.code("gas")]


def _potential(work: Workings, gas: Gas) -> Decimal:
    return blend_gwp(components=[(share, work.potential(part)) for part, share in gas.parts])["gwp"]


def _leaked(work: Workings, kg: Decimal) -> None:
    gas = _gas(work)
    # A gas that the inventory's set doesn't give is refused before anything is added.
    potential = _potential(work, gas)
    chosen = work.constant(gas.row, _ITSELF, text(potential))
    use: FactorUse | None = chosen.use
    for part, share in gas.parts:
        left = f"{brief(kg)} kg {gas.key.upper()} × {text(share)}"
        work.add(part, kg * share, left if gas.is_blend else f"{brief(kg)} kg", use)
        use = None
