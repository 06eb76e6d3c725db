"""What an inventory report states: every line with its factors and steps, as plain values that are frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.documents.facts import (
    CategoryFigure,
    Decision,
    Intensity,
    Language,
    Method,
    Name,
    Quality,
    ScopeFigures,
    SubmissionMark,
    TargetPoint,
    YearFigures,
)

TEMPLATE = "report/v1"
NOTHING = Name("")


@dataclass(frozen=True, slots=True)
class GasFigure:
    """The mass of a gas, by the key of calculation.gases, and what it comes to, both in kg; biogenic CO2 to nothing."""

    gas: str
    kg: Decimal
    kg_co2e: Decimal


@dataclass(frozen=True, slots=True)
class SiteFigure:
    """What a site comes to in the year, kg CO2e (electricity location-based)."""

    code: str
    name: Name
    place: Name
    kg_co2e: Decimal


@dataclass(frozen=True, slots=True)
class FactorSource:
    """A factor as a line used it, with where it is published and why it was chosen."""

    id: str
    value: str
    unit: str
    source: str
    table: str
    year: int
    region: str
    why: Name


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step from what was typed to the result; `note` says what is assumed, if anything."""

    label: Name
    formula: str
    factor: FactorSource | None = None
    note: Name = NOTHING


@dataclass(frozen=True, slots=True)
class ReportLine:
    """An activity line with its result: period half-open, kg CO2e, data-quality grade from 1 (best) to 5.

    `evidence` holds the positions of its files in the list of evidence.
    """

    position: int
    category: Name
    scope: int
    site: str
    start: date
    end: date
    quantity: Decimal
    unit: str
    kg_co2e: Decimal
    kg_co2e_market: Decimal
    kg_co2_biogenic: Decimal
    quality: int
    steps: tuple[TraceStep, ...]
    evidence: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file that supports one line or several."""

    position: int
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class AcknowledgedWarning:
    """What the rules found odd, on which line (0: on the whole), and the member's reason to let it stand."""

    line: int
    message: Name
    reason: str


@dataclass(frozen=True, slots=True)
class NotApplicableCategory:
    """A category that the member says it does not have, and why."""

    category: Name
    reason: str


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """Everything that an inventory report says; it is read by the member and the alliance, not published.

    `certificate_number` is empty and `decision` None before the approval. Categories come largest first.
    """

    language: Language
    issued_on: date
    certificate_number: str
    alliance: Name
    member: Name
    member_code: str
    year: int
    base_year: int
    figures: ScopeFigures
    gases: tuple[GasFigure, ...]
    categories: tuple[CategoryFigure, ...]
    sites: tuple[SiteFigure, ...]
    lines: tuple[ReportLine, ...]
    evidence: tuple[EvidenceFile, ...]
    intensities: tuple[Intensity, ...]
    warnings: tuple[AcknowledgedWarning, ...]
    not_applicable: tuple[NotApplicableCategory, ...]
    years: tuple[YearFigures, ...]
    target: tuple[TargetPoint, ...]
    quality: Quality
    method: Method
    boundary: Name
    submission: SubmissionMark
    decision: Decision | None = None
    note: str = ""
    template: str = TEMPLATE

    @property
    def is_base_year(self) -> bool:
        """Whether the year is the one that later years are compared with."""
        return self.year == self.base_year
