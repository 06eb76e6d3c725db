"""The progress report's pages, in Chinese with English beneath the headings or the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from portal.documents.facts import Name, TargetPoint
from portal.documents.figures import TonneColumn
from portal.documents.printing import print_pages
from portal.documents.progress_charts import (
    amounts_of,
    cost_chart,
    scopes_drawn,
    trajectory_chart,
    waterfall_chart,
)
from portal.documents.progress_formulas import path_formula
from portal.documents.progress_report import (
    ActionFacts,
    CostStep,
    MilestoneFacts,
    ProgressReportFacts,
    TaskFacts,
)
from portal.documents.progress_sentences import change_in_words, summary, with_unit
from portal.documents.progress_words import (
    AREAS,
    ESTIMATES,
    SCOPES,
    STATUSES,
    TargetFigures,
    bounds_words,
    measured_words,
    target_words,
)
from portal.documents.seals import UNSEALED, Seal
from portal.documents.templates import page_html
from portal.documents.texts import unprintable
from portal.documents.words import Words
from portal.domain.actions import COUNTED, Status
from portal.domain.levers import Area, Ledger

# A file that proves more actions names so many of them.
ACTIONS_NAMED = 12

CHECKS = {
    "sbti_15": Name("SBTi 1.5 °C", "SBTi 1.5 °C"),
    "sbti_wb2c": Name("SBTi 远低于 2 °C", "SBTi well below 2 °C"),
    "flag": Name("SBTi FLAG（土地与畜牧）", "SBTi FLAG (land and livestock)"),
    "intensity_7": Name("SBTi 强度，每年 7%", "SBTi intensity, 7% a year"),
    "renewable": Name("SBTi 可再生电力", "SBTi renewable electricity"),
}


def render_progress_report(facts: ProgressReportFacts, seal: Seal = UNSEALED) -> bytes:
    """Render the report as PDF bytes: the same facts give the same bytes; raises RenderingFailed."""
    return print_pages(facts, partial(progress_report_html, facts), seal)


TaskRow = tuple[TaskFacts, ActionFacts]


@dataclass(frozen=True, slots=True)
class PathRow:
    """A year of the target in the table beside its chart, values in the target's unit; None where there is none."""

    year: int
    amounts: tuple[Decimal, ...]
    total: Decimal | None
    reported: Decimal | None
    allowed: Decimal | None
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class SideEffects:
    """What all actions that count save beside emissions in a full year: m³ of water, kWh of energy, t of waste."""

    water_m3: Decimal
    energy_kwh: Decimal
    waste_t: Decimal


def progress_report_html(facts: ProgressReportFacts, data: bytes) -> str:
    """The report's pages as HTML; `data` are its facts as canonical JSON."""
    words, values, priced = Words(facts.language), _value_column(facts), _priced(facts)
    return page_html(
        facts.template,
        "report.html",
        facts=facts,
        w=words,
        values=values,
        tonnes=_tonnes(facts),
        counts={status: getattr(facts.totals, status.value) for status in Status},
        saved=_saved(facts).text,
        sentences=[words.of(sentence) for sentence in summary(facts, values)],
        rows=_path_rows(facts),
        scopes=[words.of(SCOPES[scope]) for scope in scopes_drawn(facts.target)],
        first_reported={year.year: year for year in facts.as_reported},
        trajectory_chart=trajectory_chart(facts, words, values),
        waterfall_chart=waterfall_chart(facts.change, words) if facts.change else None,
        change_words=words.of(change_in_words(facts.change)) if facts.change else "",
        cost_chart=cost_chart(priced, words) if priced else None,
        priced=priced,
        avoided=[action for action in facts.actions if action.ledger is Ledger.AVOIDED],
        tasks=_tasks_by_area(facts),
        overdue=_overdue(facts),
        news=_News.of(facts),
        actions_of_evidence=_actions_of_evidence(facts),
        side_effects=_side_effects(facts),
        path_formula=_path_formula(facts),
        has_stand_ins=bool(unprintable(data.decode())),
        **_WORDS,
    )


# What templates look words up in.
_WORDS = {
    "statuses": STATUSES,
    "areas": AREAS,
    "estimates": ESTIMATES,
    "check_names": CHECKS,
    "target_words": target_words,
    "bounds_words": bounds_words,
    "measured_words": measured_words,
    "figures_of": TargetFigures.of,
    "with_unit": with_unit,
}


def _value_column(facts: ProgressReportFacts) -> TargetFigures:
    return TargetFigures.of(facts.target, facts.standing.base, facts.standing.actual)


def _tonnes(facts: ProgressReportFacts) -> TonneColumn:
    """Whole inventories of all years, printed in one number of decimals."""
    return TonneColumn.for_amounts(
        facts.figures.total_location,
        *(sum(amounts_of(year, (1, 2, 3)), Decimal(0)) for year in facts.years),
    )


def _saved(facts: ProgressReportFacts) -> TonneColumn:
    """What actions save, and the parts of a change beside it."""
    return TonneColumn.for_amounts(
        facts.totals.kg_expected,
        facts.totals.kg_measured,
        *(action.kg_full_year for action in facts.actions),
    )


def _path_rows(facts: ProgressReportFacts) -> list[PathRow]:
    scopes = scopes_drawn(facts.target)
    actual = {year.year: amounts_of(year, scopes) for year in facts.covered}
    path, first = _by_year(facts.path), _by_year(facts.covered_as_reported)
    forecast = {point.year: point for point in facts.forecast}
    return [
        PathRow(
            year,
            actual.get(year, ()),
            sum(actual[year], Decimal(0)) if year in actual else None,
            first.get(year),
            path.get(year),
            forecast[year].low if year in forecast else None,
            forecast[year].high if year in forecast else None,
        )
        for year in sorted(actual.keys() | path.keys() | forecast.keys())
    ]


def _by_year(points: tuple[TargetPoint, ...]) -> dict[int, Decimal]:
    return {point.year: point.kg_co2e for point in points}


def _priced(facts: ProgressReportFacts) -> list[tuple[CostStep, ActionFacts]]:
    """The steps of the curve with their actions, cheapest first."""
    actions = {action.position: action for action in facts.actions}
    steps = facts.curve or tuple(_steps_alone(facts))
    ordered = sorted(steps, key=lambda step: (step.cost_per_t, step.action))
    return [(step, actions[step.action]) for step in ordered]


def _steps_alone(facts: ProgressReportFacts) -> Iterator[CostStep]:
    """The steps of a curve that nobody took the overlaps out of."""
    for action in facts.actions:
        is_counted = action.ledger is Ledger.INVENTORY and action.status is not Status.STOPPED
        if is_counted and action.cost_per_t is not None and action.kg_full_year > 0:
            yield CostStep(action.position, action.kg_full_year, action.cost_per_t)


def _tasks_by_area(facts: ProgressReportFacts) -> dict[Area, list[TaskRow]]:
    """The tasks of each area that has some, by their day, each with its action."""
    actions = {action.position: action for action in facts.actions}
    found: dict[Area, list[TaskRow]] = {}
    for task in sorted(facts.tasks, key=lambda task: (task.due_on, task.action)):
        found.setdefault(task.area, []).append((task, actions[task.action]))
    return {area: found[area] for area in Area if area in found}


def _overdue(facts: ProgressReportFacts) -> list[tuple[ActionFacts, MilestoneFacts]]:
    """Milestones that were due before the report was handed in, the oldest first."""
    found = [
        (action, step)
        for action in facts.actions
        for step in action.overdue(facts.submission.submitted_on)
    ]
    return sorted(found, key=lambda pair: (pair[1].due_on, pair[0].position))


@dataclass(frozen=True, slots=True)
class _News:
    """What changed since the year before: actions that are new, stand elsewhere, or were stopped."""

    added: list[ActionFacts]
    moved: list[ActionFacts]
    stopped: list[ActionFacts]

    @classmethod
    def of(cls, facts: ProgressReportFacts) -> _News:
        listed = facts.actions
        return cls(
            [each for each in listed if each.status_before is None],
            [each for each in listed if _has_moved(each) and each.status is not Status.STOPPED],
            [each for each in listed if _has_moved(each) and each.status is Status.STOPPED],
        )


def _actions_of_evidence(facts: ProgressReportFacts) -> dict[int, str]:
    """Which actions a file proves, as "1, 2, 5 …", by the file's position."""
    actions: dict[int, list[int]] = {}
    for action in facts.actions:
        for position in action.evidence:
            actions.setdefault(position, []).append(action.position)
    return {position: _listed(found) for position, found in actions.items()}


def _listed(positions: list[int]) -> str:
    words = ", ".join(map(str, positions[:ACTIONS_NAMED]))
    return f"{words} …" if len(positions) > ACTIONS_NAMED else words


def _has_moved(action: ActionFacts) -> bool:
    return action.status_before is not None and action.status_before is not action.status


def _side_effects(facts: ProgressReportFacts) -> SideEffects:
    counted = [action for action in facts.actions if action.status in COUNTED]
    return SideEffects(
        sum((action.water_m3 for action in counted), Decimal(0)),
        sum((action.energy_kwh for action in counted), Decimal(0)),
        sum((action.waste_t for action in counted), Decimal(0)),
    )


def _path_formula(facts: ProgressReportFacts) -> str:
    if facts.target is None or facts.standing.allowed is None:
        return ""
    values = _value_column(facts)
    return path_formula(facts.target, facts.year, values, facts.standing.allowed)
