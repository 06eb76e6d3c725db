"""What a progress certificate states about one approved year of progress, as plain values that are frozen and published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.documents.facts import (
    ActionTotals,
    Decision,
    ForecastPoint,
    LevelFacts,
    Method,
    Name,
    PathStanding,
    Quality,
    Series,
    SubmissionMark,
    TargetPoint,
    TargetTermsFacts,
    YearFigures,
    recomputed_level,
)

TEMPLATE = "progress_certificate/v1"

DOES_NOT_CLAIM = (
    Name(
        "本证书不表明该成员或其产品已实现碳中和、净零或低碳。",
        "It does not say that the member or its products are carbon neutral, net zero or low carbon.",
    ),
    Name(
        "本证书不是独立第三方核查或鉴证意见，也不是科学碳目标倡议（SBTi）对目标的批准。",
        "It is no independent assurance opinion, nor an approval of the target by SBTi.",
    ),
    Name(
        "措施的减排效果不从清单中再次扣减；所列数量不构成碳信用，不可交易或抵销。",
        "Savings are never subtracted again, and are no carbon credits to trade or offset.",
    ),
)


@dataclass(frozen=True, slots=True)
class ProgressCertificateFacts:
    """Everything that a progress certificate says, as plain values; no person is named in it.

    `level` is the id of one of `levels` (all levels of the programme, lowest first) or empty, and must follow from their
    values. `years` are the actual years within the target's scopes and part, in the target's unit, in the series that
    counts; `path` and `forecast` are in that unit too, oldest first. Without a target, `years` are the whole inventory in
    kg CO2e. `inventory_number` is that of the certificate of the year's inventory, empty where there is none.
    """

    number: str
    code: str
    verify_url: str
    issued_on: date
    valid_until: date
    alliance: Name
    member: Name
    member_code: str
    year: int
    base_year: int
    level: str
    levels: tuple[LevelFacts, ...]
    target: TargetTermsFacts | None
    standing: PathStanding
    years: tuple[YearFigures, ...]
    path: tuple[TargetPoint, ...]
    forecast: tuple[ForecastPoint, ...]
    series: Series
    restatement_count: int
    actions: ActionTotals
    quality: Quality
    method: Method
    boundary: Name
    submission: SubmissionMark
    decision: Decision
    inventory_number: str = ""
    does_not_claim: tuple[Name, ...] = DOES_NOT_CLAIM
    template: str = TEMPLATE

    def __post_init__(self) -> None:
        """Refuse facts that no certificate may state."""
        if not self.number or not self.verify_url:
            raise ValueError("a certificate needs a number and an address to check it at")
        if self.valid_until < self.issued_on:
            raise ValueError("a certificate can't end before it is issued")
        if level_from_facts(self) != self.level:
            raise ValueError(f"the level {self.level!r} does not follow from the values")

    @property
    def reached(self) -> LevelFacts | None:
        """The level that is certified; None where not even the lowest is reached."""
        return next((level for level in self.levels if level.id == self.level), None)


def level_from_facts(facts: ProgressCertificateFacts) -> str:
    """Work out the level anew from the rules and values that a certificate states; empty for none."""
    return recomputed_level(facts.levels)
