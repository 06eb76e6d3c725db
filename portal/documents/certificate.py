"""What a certificate states about one approved inventory, as plain values that are frozen and published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.documents.facts import (
    CategoryFigure,
    Decision,
    Intensity,
    Method,
    Name,
    Quality,
    ScopeFigures,
    SubmissionMark,
    TargetPoint,
    YearFigures,
)

TEMPLATE = "certificate/v1"

DOES_NOT_CLAIM = (
    Name(
        "本证书不表明该成员或其产品已实现碳中和、净零或低碳。",
        "It does not say that the member or its products are carbon neutral, net zero or low carbon.",
    ),
    Name(
        "本证书不是独立第三方核查或鉴证意见；数据由成员填报，经本联盟审核。",
        "It is not an independent verification or assurance opinion: the member reported the data, the alliance reviewed them.",
    ),
    Name(
        "本证书不构成碳信用、减排量或绿色电力权益，不可交易或抵销。",
        "It is no carbon credit, emission reduction or renewable-energy right, and can't be traded or offset against.",
    ),
)


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """Everything that a certificate says, as plain values; no person is named in it.

    Amounts are kg CO2e. `categories` come largest first; `years` and `target` draw the chart, oldest first.
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
    figures: ScopeFigures
    categories: tuple[CategoryFigure, ...]
    years: tuple[YearFigures, ...]
    target: tuple[TargetPoint, ...]
    intensities: tuple[Intensity, ...]
    quality: Quality
    method: Method
    boundary: Name
    submission: SubmissionMark
    decision: Decision
    does_not_claim: tuple[Name, ...] = DOES_NOT_CLAIM
    template: str = TEMPLATE

    def __post_init__(self) -> None:
        """Refuse facts that no certificate may state."""
        if not self.number or not self.verify_url:
            raise ValueError("a certificate needs a number and an address to check it at")
        if self.valid_until < self.issued_on:
            raise ValueError("a certificate can't end before it is issued")

    @property
    def is_base_year(self) -> bool:
        """Whether the certified year is the one that later years are compared with."""
        return self.year == self.base_year
