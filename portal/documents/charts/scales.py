"""Axes: round steps from zero, and a unit of mass in which the numbers stay short."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from portal.documents.figures import number

_ROUND_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Unit:
    """In what a chart counts: an amount is divided by `size` and shown in `symbol`."""

    size: Decimal = Decimal(1)
    symbol: str = ""


# In kilograms; the largest amount of a chart decides, so that its axis has at most five digits.
_MASSES = (
    (Decimal(100_000_000_000), Unit(Decimal(1_000_000_000), "MtCO₂e")),
    (Decimal(100_000_000), Unit(Decimal(1_000_000), "ktCO₂e")),
    (Decimal(100), Unit(Decimal(1_000), "tCO₂e")),
    (Decimal(0), Unit(Decimal(1), "kgCO₂e")),
)


def emission_unit(kilograms: Iterable[Decimal]) -> Unit:
    """The unit for some amounts in kg CO2e: tCO₂e as a rule, kg, kt or Mt for very small or large ones.

    An amount below zero counts as large as it is without its sign.
    """
    largest = max(map(abs, kilograms), default=Decimal(0))
    if not largest:
        return _MASSES[2][1]
    return next(unit for least, unit in _MASSES if largest >= least)


@dataclass(frozen=True, slots=True)
class Axis:
    """Round steps that enclose all amounts, in the chart's unit."""

    low: Decimal
    high: Decimal
    step: Decimal

    @classmethod
    def around(cls, amounts: Iterable[Decimal], steps: int = 4) -> Axis:
        """The axis from zero (or a round number below) to a round number above, in about so many steps."""
        amounts = tuple(amounts)
        high = max((*amounts, Decimal(0)))
        low = min((*amounts, Decimal(0)))
        if high == low:
            return cls(Decimal(0), Decimal(steps), Decimal(1))
        rough = (high - low) / steps
        power = Decimal(1).scaleb(rough.adjusted())
        step = next(power * factor for factor in _ROUND_STEPS if power * factor >= rough)
        return cls(
            (low / step).to_integral_value(ROUND_FLOOR) * step,
            (high / step).to_integral_value(ROUND_CEILING) * step,
            step,
        )

    @property
    def decimals(self) -> int:
        """How many decimals the steps need."""
        return max(0, -int(self.step.normalize().as_tuple().exponent))

    @property
    def label_decimals(self) -> int:
        """How many decimals an amount of its own needs: as many as the steps, and two digits at least."""
        return max(self.decimals, 1 - max(self.high, -self.low).adjusted())

    def decimals_for(self, amounts: Iterable[Decimal]) -> int:
        """How many decimals a list needs: as one amount, and up to two more where the smallest would be shown as nothing."""
        smallest = min((abs(amount) for amount in amounts if amount), default=Decimal(1))
        return max(self.label_decimals, min(-smallest.adjusted(), self.label_decimals + 2))

    def ticks(self) -> list[tuple[Decimal, str]]:
        """Every step with its words."""
        count = int((self.high - self.low) / self.step)
        values = (self.low + self.step * index for index in range(count + 1))
        return [(value, number(value, self.decimals)) for value in values]

    def part(self, amount: Decimal) -> Decimal:
        """Where an amount lies between the ends of the axis: 0 below, 1 above."""
        return (amount - self.low) / (self.high - self.low)
