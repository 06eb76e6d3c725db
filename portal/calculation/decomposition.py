"""Why a year's emissions differ from the year before: structure, factors, activity, intensity (M9.3)."""

from dataclasses import dataclass
from decimal import Decimal

from portal.calculation.actions import decomposition
from portal.calculation.quantities import exactly
from portal.calculation.rounding import as_result

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class YearParts:
    """One of two years that are compared; all kg CO2e.

    `apart` belongs to sites that are in one of the two years only. `comparable` is the rest, `at_old_factors` the same
    rest with the factors of the earlier year (of the earlier year itself the same number). `output` counts the same
    product in the same unit in both years, None where there is no such product.
    """

    comparable: Decimal
    at_old_factors: Decimal
    apart: Decimal = _ZERO
    output: Decimal | None = None

    @property
    def total(self) -> Decimal:
        """The whole year."""
        return self.comparable + self.apart


@dataclass(frozen=True, slots=True)
class Explanation:
    """The parts of a change in kg CO2e; they add up to `delta`.

    Without an output in both years activity and intensity can't be told apart: both are None, `undivided` holds them.
    """

    delta: Decimal
    structure: Decimal
    factor: Decimal
    activity: Decimal | None
    intensity: Decimal | None
    undivided: Decimal


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The fall of intensity beside what verified actions saved, in kg CO2e; what they don't explain is the remainder.

    The remainder is above zero where emissions fell by more than the actions say, below zero where by less.
    """

    fall: Decimal
    verified: Decimal
    remainder: Decimal


def explain(before: YearParts, after: YearParts) -> Explanation:
    """Divide the change from one year to the next into its parts, which add up to it exactly."""
    with exactly():
        delta = after.total - before.total
        structure = after.apart - before.apart
        factor = after.comparable - after.at_old_factors
        rest = after.at_old_factors - before.comparable
        if not before.output or not after.output or before.output < 0 or after.output < 0:
            return Explanation(delta, structure, factor, None, None, rest)
        effects = decomposition(
            a0=before.output,
            a1=after.output,
            i0=before.comparable / before.output,
            i1=after.at_old_factors / after.output,
        )
        activity = as_result(effects["activity_effect"])
        # Thirds end at the last digit that is kept: the second part is what is left, so that both add up.
        return Explanation(delta, structure, factor, activity, rest - activity, _ZERO)


def reconcile(intensity: Decimal, verified: Decimal) -> Reconciliation:
    """Lay what verified actions saved (kg CO2e, above zero) beside the effect of intensity (below zero: a fall)."""
    with exactly():
        return Reconciliation(-intensity, verified, -intensity - verified)
