"""One member beside all others of its kind, without looking at each of them again for every member.

What is told of anybody's peers goes by `portal.domain.comparisons`: of fewer than five, or where one or two of them
dominate, nothing is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.calculation.quantities import exactly
from portal.domain.comparisons import Hidden, why_hidden_among
from portal.domain.plausibility import median_without

# As many of the largest are kept as must be left when a member itself is one of them.
LARGEST = 3


@dataclass(frozen=True, slots=True)
class Made:
    """What a member emitted in a year, in kg CO2e, and what it made with that, more than nothing."""

    kg: Decimal
    quantity: Decimal

    @property
    def intensity(self) -> Decimal:
        """The emissions for each unit of product."""
        return self.kg / self.quantity


class PeerGroup:
    """Members that make the same; what the others of any of them come to takes the same few steps however many they are."""

    def __init__(self, members: Sequence[Made]) -> None:
        self._intensities = sorted(each.intensity for each in members)
        sizes = sorted((abs(each.kg) for each in members), reverse=True)
        self._largest = sizes[:LARGEST]
        with exactly():
            self._total = sum(sizes, Decimal(0))

    @property
    def count(self) -> int:
        """How many members there are."""
        return len(self._intensities)

    def why_hidden_without(self, own: Made) -> Hidden | None:
        """Why the others of a member may not be compared; None when they may."""
        size = abs(own.kg)
        largest = list(self._largest)
        if size in largest:
            largest.remove(size)
        with exactly():
            return why_hidden_among(self.count - 1, self._total - size, largest[:2])

    def middle_without(self, own: Made) -> Decimal:
        """The middle intensity of the others of a member, at least one of them."""
        return median_without(self._intensities, own.intensity)
