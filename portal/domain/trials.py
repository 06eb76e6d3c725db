"""Dry runs of a factor edition: what the policy proposes for a member, and what can be decided."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from portal.calculation.quantities import exactly

_HUNDRED = Decimal(100)


class Decision(StrEnum):
    """What becomes of a member's approved years: recalculated beside the reported ones, or left as they count today."""

    RESTATE = "restate"
    KEEP = "keep"


def change_percent(before: Decimal, after: Decimal) -> Decimal:
    """The change in percent of what it was (below zero: less); from nothing to something it is 100."""
    if not before:
        return _HUNDRED if after else Decimal(0)
    with exactly():
        return (after - before) * _HUNDRED / before


def proposal(percent: Decimal, threshold: Decimal) -> Decision:
    """Restate where the base year changes, up or down, by the threshold or more; both in percent."""
    return Decision.RESTATE if abs(percent) >= threshold else Decision.KEEP
