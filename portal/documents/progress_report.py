"""What a progress report states: targets, years, why they changed, and each action, as plain values that are frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.documents.facts import (
    ActionTotals,
    Decision,
    ForecastPoint,
    Intensity,
    Language,
    LevelFacts,
    Method,
    Name,
    PathStanding,
    Quality,
    ScopeFigures,
    Series,
    SubmissionMark,
    TargetPoint,
    TargetTermsFacts,
    YearFigures,
    recomputed_level,
)
from portal.documents.report import EvidenceFile
from portal.domain.actions import Status
from portal.domain.levers import Area, Ledger
from portal.domain.levers import Method as Estimate

TEMPLATE = "progress_report/v1"
NOTHING = Name("")


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """A target held against a published pathway: percent needed and given, and the arithmetic in numbers and signs."""

    name: str
    needed_percent: Decimal
    given_percent: Decimal
    meets: bool
    formula: str


@dataclass(frozen=True, slots=True)
class TargetProgress:
    """A target and where it stands in the reported year, in the unit of its base; None where that isn't known.

    `share_of_way` is a fraction: 1 where the target is reached. `is_near_term` says that it lies five to ten years ahead
    of the plan's year.
    """

    terms: TargetTermsFacts
    actual: Decimal | None
    allowed: Decimal | None
    is_on_path: bool | None
    share_of_way: Decimal | None
    checks: tuple[CheckFacts, ...]
    is_near_term: bool
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """Why a year differs from an earlier one, all kg CO2e of the whole inventory; the parts add up to the change.

    Without an output of one product in both years activity and intensity are None and `undivided` holds them.
    `kg_verified` is what actions saved more than the year before, proven by evidence (above zero).
    """

    from_year: int
    to_year: int
    kg_from: Decimal
    kg_to: Decimal
    structure: Decimal
    factor: Decimal
    activity: Decimal | None
    intensity: Decimal | None
    undivided: Decimal
    kg_verified: Decimal
    product: Name = NOTHING
    unit: str = ""
    output_from: Decimal | None = None
    output_to: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse parts that don't add up."""
        divided = (self.activity or Decimal(0)) + (self.intensity or Decimal(0)) + self.undivided
        if self.structure + self.factor + divided != self.kg_to - self.kg_from:
            raise ValueError("the parts of the change don't add up to it")

    @property
    def remainder(self) -> Decimal | None:
        """The fall of intensity that verified actions don't explain; below zero where they promise more than it fell."""
        return None if self.intensity is None else -self.intensity - self.kg_verified


@dataclass(frozen=True, slots=True)
class MilestoneFacts:
    """A step of an action, due on a day, done on another or not yet."""

    name: str
    due_on: date
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """An action as it stands: posts and no person's name.

    `site` is empty for the whole company. `kg_full_year` is what a full year is expected to save, `kg_expected` what the
    plan had for the reported year, `kg_measured` what was reported for it (None: nothing was measured), all kg CO2e.
    Money is CNY: `capex` once, `opex` and `money_saved` a year, `cost_per_t` for a tonne of CO2e (None where it can't be
    said). `water_m3`, `energy_kwh` and `waste_t` are what a year saves, below zero what it takes. `status_before` is the
    status at the end of the year before, None for an action added since. `evidence` holds positions in the list.
    """

    position: int
    name: Name
    site: Name
    area: Area
    source: Name
    ledger: Ledger
    estimate: Estimate
    status: Status
    start_on: date
    ramp_months: int
    lifetime_years: int
    kg_full_year: Decimal
    kg_expected: Decimal
    kg_measured: Decimal | None
    is_verified: bool
    capex: Decimal
    opex: Decimal
    money_saved: Decimal
    cost_per_t: Decimal | None
    owner_post: str = ""
    supervisor_post: str = ""
    status_before: Status | None = None
    stopped_reason: str = ""
    note: str = ""
    measured_how: str = ""
    milestones: tuple[MilestoneFacts, ...] = ()
    evidence: tuple[int, ...] = ()
    water_m3: Decimal = Decimal(0)
    energy_kwh: Decimal = Decimal(0)
    waste_t: Decimal = Decimal(0)

    def overdue(self, day: date) -> list[MilestoneFacts]:
        """The milestones that are due before a day and not done; an action that is done or stopped has none."""
        if self.status in (Status.DONE, Status.STOPPED):
            return []
        return [step for step in self.milestones if step.done_on is None and step.due_on < day]


@dataclass(frozen=True, slots=True)
class CostStep:
    """A step of the abatement curve: the action's position, kg CO2e of a full year after overlap, CNY per t of these."""

    action: int
    kg: Decimal
    cost_per_t: Decimal


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A task of the coming three years: what is due when, for which action (its position), and whose post does it."""

    area: Area
    due_on: date
    action: int
    words: Name
    post: str = ""


@dataclass(frozen=True, slots=True)
class RestatedYear:
    """A year before and after a restatement, kg CO2e of the whole inventory."""

    year: int
    kg_before: Decimal
    kg_after: Decimal


@dataclass(frozen=True, slots=True)
class AdjustmentFacts:
    """One change that a restatement makes: in which year, of what, by how many kg CO2e (below zero: less), and why."""

    year: int
    category: Name
    kg_change: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RestatementFacts:
    """A restatement that was decided: its cause in words, the threshold in percent, and its arithmetic.

    `change_percent` is the sum of the absolute changes in the base year, in percent of that year as it was before.
    `digest` is the SHA-256 of the submission that was approved, empty where a factor edition was decided on.
    """

    decided_on: date
    base_year: int
    cause: Name
    reason: str
    threshold_percent: Decimal
    change_percent: Decimal
    years: tuple[RestatedYear, ...]
    adjustments: tuple[AdjustmentFacts, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True)
class ProgressReportFacts:
    """Everything that a progress report says; it is read by the member and the alliance, not published.

    `level` must follow from `levels` as on a certificate. `years` are the whole inventory of each year in the series that
    counts, `as_reported` those of them that were restated, as first reported; both kg CO2e. `covered` are the years within
    the main target's scopes and part, `covered_as_reported` the totals of the restated ones, both in the target's unit like
    `standing`, `path` and `forecast`; they are the whole inventory where there is no target. `targets` come main first.
    `kg_overlap` is by how much the expected savings of the year would be too large if they were simply added.
    `removed` are actions that the plan had a year before and has no more. `discount_rate` is a fraction a year.
    `certificate_number` is empty and `decision` None before the approval. `submission` is the frozen progress report,
    `inventory` the approved inventory of the year. `quarter` is 0 for the whole year. `forecast_rule` says what the lower
    and the upper edge of the forecast assume. `curve` has the actions on the inventory that are neither stopped nor free
    of a saving or a price, after overlap; where it is empty each action's full year is drawn as if it were alone.
    """

    language: Language
    issued_on: date
    certificate_number: str
    alliance: Name
    member: Name
    member_code: str
    year: int
    base_year: int
    level: str
    levels: tuple[LevelFacts, ...]
    targets: tuple[TargetProgress, ...]
    standing: PathStanding
    figures: ScopeFigures
    years: tuple[YearFigures, ...]
    as_reported: tuple[YearFigures, ...]
    covered: tuple[YearFigures, ...]
    covered_as_reported: tuple[TargetPoint, ...]
    path: tuple[TargetPoint, ...]
    forecast: tuple[ForecastPoint, ...]
    series: Series
    change: ChangeFacts | None
    totals: ActionTotals
    kg_overlap: Decimal
    actions: tuple[ActionFacts, ...]
    tasks: tuple[TaskFacts, ...]
    removed: tuple[Name, ...]
    barriers: str
    help_wanted: str
    discount_rate: Decimal
    restatements: tuple[RestatementFacts, ...]
    evidence: tuple[EvidenceFile, ...]
    intensities: tuple[Intensity, ...]
    quality: Quality
    method: Method
    boundary: Name
    submission: SubmissionMark
    inventory: SubmissionMark | None = None
    decision: Decision | None = None
    curve: tuple[CostStep, ...] = ()
    quarter: int = 0
    forecast_rule: Name = NOTHING
    note: str = ""
    template: str = TEMPLATE

    def __post_init__(self) -> None:
        """Refuse a level that the report's own values don't come to, and words about actions that it doesn't have."""
        if recomputed_level(self.levels) != self.level:
            raise ValueError(f"the level {self.level!r} does not follow from the values")
        known = {action.position for action in self.actions}
        named = {step.action for step in self.curve} | {task.action for task in self.tasks}
        unknown = named - known
        if unknown:
            raise ValueError(f"there is no action at {sorted(unknown)}")

    @property
    def target(self) -> TargetTermsFacts | None:
        """The main target; None where there is none."""
        return next((each.terms for each in self.targets if each.is_main), None)

    @property
    def reached(self) -> LevelFacts | None:
        """The level that is reached; None where not even the lowest is."""
        return next((level for level in self.levels if level.id == self.level), None)
