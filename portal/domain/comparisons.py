"""When a member may be compared with others: never so that the figures of one of them can be worked out.

Whoever shows a member or a stranger anything that others' figures went into (a place, an average, a total, a quartile)
asks here first, and shows nothing where the answer is no.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum

from portal.calculation.quantities import exactly

LEAST_MEMBERS = 5
MOST_OF_ONE = Decimal("0.5")
MOST_OF_TWO = Decimal("0.8")


class Hidden(StrEnum):
    """Why a comparison is not shown."""

    TOO_FEW = "too_few"
    ONE_DOMINATES = "one_dominates"
    TWO_DOMINATE = "two_dominate"


def why_hidden(amounts: Sequence[Decimal]) -> Hidden | None:
    """Why nothing made of these amounts, one of each member, may be shown; None when it may.

    Of fewer than five each can be guessed. Where one is more than half, the total is nearly that one's; where two are
    more than four fifths, each of them learns the other's. Signs don't count: a removal is a figure like any other.
    """
    with exactly():
        sizes = sorted((abs(amount) for amount in amounts), reverse=True)
        return why_hidden_among(len(sizes), sum(sizes, Decimal(0)), sizes[:2])


def why_hidden_among(count: int, total: Decimal, largest: Sequence[Decimal]) -> Hidden | None:
    """The same of so many amounts without their signs, of which the total and the two largest are known."""
    if count < LEAST_MEMBERS:
        return Hidden.TOO_FEW
    with exactly():
        if largest[0] > MOST_OF_ONE * total:
            return Hidden.ONE_DOMINATES
        if largest[0] + largest[1] > MOST_OF_TWO * total:
            return Hidden.TWO_DOMINATE
    return None


def average(amounts: Sequence[Decimal]) -> Decimal | None:
    """The average of what may be shown together, None otherwise."""
    if why_hidden(amounts) is not None:
        return None
    with exactly():
        return sum(amounts, Decimal(0)) / len(amounts)


def place_percent(better: int, count: int) -> Decimal | None:
    """The place behind `better` others among `count` members, in percent of them (1 is the first in a hundred).

    None among fewer than five. In a place every member counts as one, however large, so none of five can dominate it.
    Raises ValueError when there can be no such place.
    """
    if not 0 <= better < count:
        raise ValueError(f"there is no place behind {better} others among {count}")
    if why_hidden([Decimal(1)] * count) is not None:
        return None
    with exactly():
        return Decimal(better + 1) * 100 / count
