"""The data-quality grade of an activity line, 1 (best) to 5, and its average weighted by emissions."""

from collections.abc import Iterable
from decimal import Decimal
from enum import IntEnum
from functools import lru_cache

from portal.calculation.factors import Tier
from portal.calculation.problems import refuse
from portal.calculation.words import N_


class Grade(IntEnum):
    """What the number rests on (methods, section 8.1, after PCAF)."""

    VERIFIED = 1
    MEASURED = 2
    STANDARD_FACTOR = 3
    PROXY = 4
    ESTIMATED = 5


GRADE_NAMES: dict[Grade, str] = {
    Grade.VERIFIED: N_("Metered and verified by a third party"),
    Grade.MEASURED: N_("Metered, with a factor of the supplier or the site itself"),
    Grade.STANDARD_FACTOR: N_("Activity data with a national or sector factor"),
    Grade.PROXY: N_("Activity proxy or a factor of another country"),
    Grade.ESTIMATED: N_("Estimated, or no better than a rough guess"),
}

_OF_TIER: dict[Tier, Grade] = {
    Tier.MEASURED: Grade.MEASURED,
    Tier.SECTOR_STANDARD: Grade.STANDARD_FACTOR,
    Tier.NATIONAL: Grade.STANDARD_FACTOR,
    Tier.IPCC: Grade.STANDARD_FACTOR,
    Tier.FOREIGN: Grade.PROXY,
    Tier.SECONDARY: Grade.PROXY,
}


@lru_cache(maxsize=1024)
def grade(
    tiers: tuple[Tier, ...], *, is_proxy: bool, is_doubtful: bool, has_evidence: bool
) -> Grade:
    """The grade of a line: that of its weakest factor, lowered for doubtful factors and for missing evidence.

    `is_proxy` marks activity data that stand for something else: animal heads, a charge times a leak rate.
    """
    worst = max((_OF_TIER[tier] for tier in tiers), default=Grade.MEASURED)
    if is_proxy:
        worst = max(worst, Grade.PROXY)
    lowered = int(worst) + int(is_doubtful) + int(not has_evidence)
    return Grade(min(lowered, Grade.ESTIMATED))


def dq_weighted(items: Iterable[tuple[Decimal, Decimal]]) -> dict[str, Decimal]:
    """The score of several records weighted by their emissions (methods, M8.1): Σ E·score / ΣE."""
    pairs = list(items)
    total = sum((emissions for emissions, _ in pairs), Decimal(0))
    if total == 0:
        raise refuse("case.sum_is_zero", "items", input="items")
    weighted = sum((emissions * score for emissions, score in pairs), Decimal(0))
    return {"score": weighted / total}
