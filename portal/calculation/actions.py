"""Reduction actions: their effect, their cost, and how they explain a change of the inventory (M9.3, M9.4)."""

from decimal import Decimal


def project_reduction(
    *, baseline: Decimal, project: Decimal, leakage: Decimal
) -> dict[str, Decimal]:
    """The effect of an action (ISO 14064-2): baseline scenario − project − leakage."""
    return {"reduction": baseline - project - leakage}


def decomposition(*, a0: Decimal, a1: Decimal, i0: Decimal, i1: Decimal) -> dict[str, Decimal]:
    """A change of emissions as an effect of activity and one of intensity, both at the mid-point of the other."""
    return {
        "delta": a1 * i1 - a0 * i0,
        "activity_effect": (a1 - a0) * (i0 + i1) / 2,
        "intensity_effect": (i1 - i0) * (a0 + a1) / 2,
    }


def macc(
    *,
    capex: Decimal,
    r: Decimal,
    n: Decimal,
    opex: Decimal,
    savings: Decimal,
    abatement_t: Decimal,
) -> dict[str, Decimal]:
    """Marginal abatement cost: the yearly cost of capital over `n` years at rate `r`, plus running cost, less savings, per t.

    Without interest the capital is spread evenly, which is what the recovery factor comes to as the rate goes to zero.
    """
    growth = (1 + r) ** n
    crf = 1 / n if growth == 1 else r * growth / (growth - 1)
    annual = capex * crf + opex - savings
    return {"crf": crf, "annual_cost": annual, "cost_per_t": annual / abatement_t}
