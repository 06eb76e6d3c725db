"""Reduction actions: their states, and what a plan's and a progress report's actions are held against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.calculation.quantities import exactly, text
from portal.domain.levers import Ledger
from portal.domain.warnings import RaisedWarning, Weight
from portal.domain.words import N_


class Status(StrEnum):
    """Where an action stands."""

    IDEA = "idea"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    STOPPED = "stopped"


UNDER_WAY = frozenset({Status.IN_PROGRESS, Status.DONE})
COUNTED = frozenset({Status.PLANNED, Status.IN_PROGRESS, Status.DONE})

# A fall of the source of less than this part of what was promised can't be told from chance.
VISIBLE = Decimal("0.25")
# No supplier comes near it; the sums of a whole alliance stay far below what a column holds.
MOST_TONNES = Decimal(10_000_000)
# One bill may well show two savings; from so many on the reviewer is told.
SHARED_BY = 3
# Beyond this multiple of the lever's usual saving an estimate asks for a reason.
UNUSUAL = Decimal("1.5")


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """An action as the rules see it; kg CO2e of a full year. `source_kg` is what it acts on emits, None if unknown.

    `usual_high` is the largest usual saving of its lever as a fraction of the source, None for an own action.
    """

    key: str
    name: str
    status: Status
    ledger: Ledger
    source: str
    source_kg: Decimal | None
    kg: Decimal
    start_on: date
    has_owner: bool
    has_evidence: bool
    milestone_dues: tuple[date, ...] = ()
    open_dues: tuple[date, ...] = ()
    usual_high: Decimal | None = None
    capex: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class ReportedAction:
    """An action in a progress report: its status, kg CO2e expected and measured, and its source's kg before and now.

    `claimed_before` is the saving that counted in the year before already: the source shows it in both years.
    """

    key: str
    name: str
    status: Status
    ledger: Ledger
    expected: Decimal
    measured: Decimal | None
    has_evidence: bool
    source_before: Decimal | None
    source_now: Decimal | None
    claimed_before: Decimal = Decimal(0)
    evidence: tuple[str, ...] = ()


def step_key(name: str, due: date | str) -> str:
    """What tells a milestone apart from others of its action, in a plan as in a report: the day it is due, and its name."""
    return f"{due} {name}"


def plan_warnings(actions: Sequence[PlannedAction], today: date) -> list[RaisedWarning]:
    """What is odd about a plan's actions; nothing of it blocks, each asks for a reason."""
    found = [warning for action in actions for warning in _about(action, today)]
    return [*found, *_overlaps(actions)]


def _about(action: PlannedAction, today: date) -> Iterator[RaisedWarning]:
    if action.status is Status.STOPPED:
        return
    if action.ledger is Ledger.INVENTORY:
        yield from _against_source(action)
    if action.kg < 0:
        yield _warn("action.saving.below_zero", action, Weight.SERIOUS, saving=-action.kg)
    elif not action.kg:
        yield _warn("action.saving.nothing", action, Weight.SERIOUS)
    if not action.has_owner:
        yield _warn("action.owner.missing", action, Weight.CHECK)
    if action.status is not Status.IDEA and not action.milestone_dues:
        yield _warn("action.milestones.missing", action, Weight.NOTE)
    late = [due for due in action.open_dues if due < today]
    if late and action.status is not Status.DONE:
        yield _warn(
            "action.milestone.overdue", action, Weight.CHECK, count=len(late), due=min(late)
        )
    if action.status is Status.PLANNED and action.start_on < today:
        yield _warn("action.start.passed", action, Weight.CHECK, start=action.start_on)
    if action.status is Status.DONE and not action.has_evidence:
        yield _warn("action.done.unproven", action, Weight.CHECK)


def _against_source(action: PlannedAction) -> Iterator[RaisedWarning]:
    if action.source_kg is None or action.source_kg <= 0:
        yield _warn("action.source.none", action, Weight.SERIOUS)
        return
    if action.kg > action.source_kg:
        yield _warn(
            "action.saving.beyond_source",
            action,
            Weight.SERIOUS,
            saving=action.kg,
            source=action.source_kg,
        )
        return
    with exactly():
        part = action.kg / action.source_kg
    if action.usual_high is not None and part > action.usual_high * UNUSUAL:
        yield _warn(
            "action.saving.unusual",
            action,
            Weight.CHECK,
            percent=_percent(part),
            usual=_percent(action.usual_high),
        )


def _overlaps(actions: Iterable[PlannedAction]) -> Iterator[RaisedWarning]:
    """Actions on one source: together they save less than their sum, and it is said by which they are counted."""
    by_source: dict[str, list[PlannedAction]] = {}
    for action in actions:
        counts = action.status in COUNTED and action.ledger is Ledger.INVENTORY
        if counts and action.source_kg:
            by_source.setdefault(action.source, []).append(action)
    for group in by_source.values():
        if len(group) > 1:
            ordered = sorted(group, key=lambda each: (each.start_on, each.key))
            names = " · ".join(each.name for each in ordered)
            yield _warn("action.overlap", ordered[-1], Weight.NOTE, names=names)


def progress_warnings(actions: Iterable[ReportedAction]) -> list[RaisedWarning]:
    """What is odd about reported progress: done without effect, unproven, or measured far from what was expected."""
    listed = list(actions)
    found = [warning for action in listed for warning in _about_progress(action)]
    return [*found, *_shared_proofs(listed)]


def _shared_proofs(actions: Iterable[ReportedAction]) -> Iterator[RaisedWarning]:
    """A file that is to prove many measured savings at once."""
    by_file: dict[str, list[ReportedAction]] = {}
    for action in actions:
        for digest in action.evidence if action.measured is not None else ():
            by_file.setdefault(digest, []).append(action)
    for shared in by_file.values():
        if len(shared) >= SHARED_BY:
            names = " · ".join(each.name for each in shared)
            yield _warn_of(
                shared[0], "progress.evidence.shared", Weight.NOTE, count=len(shared), names=names
            )


def _about_progress(action: ReportedAction) -> Iterator[RaisedWarning]:
    if action.status is Status.DONE and action.measured is None and action.expected > 0:
        yield _warn_of(action, "progress.done.not_measured", Weight.CHECK)
    if action.measured is not None and not action.has_evidence:
        yield _warn_of(action, "progress.measured.unproven", Weight.CHECK)
    if action.measured is not None and action.expected > 0:
        with exactly():
            ratio = action.measured / action.expected
        if not Decimal("0.5") <= ratio <= Decimal(2):
            yield _warn_of(
                action,
                "progress.measured.far_from_expected",
                Weight.CHECK,
                measured=action.measured,
                expected=action.expected,
            )
    yield from _implausible(action)
    if action.ledger is Ledger.INVENTORY and action.status is Status.DONE:
        yield from _without_effect(action)


def _implausible(action: ReportedAction) -> Iterator[RaisedWarning]:
    """What can hardly have been measured: an increase, a saving before its time, more than there was to save."""
    measured = action.measured
    if measured is None:
        return
    if measured < 0:
        yield _warn_of(action, "progress.measured.below_zero", Weight.CHECK, measured=-measured)
    if measured > 0 and action.expected <= 0:
        yield _warn_of(action, "progress.measured.not_expected", Weight.SERIOUS, measured=measured)
    source = action.source_before
    if action.ledger is Ledger.INVENTORY and source is not None and measured > source:
        yield _warn_of(
            action,
            "progress.measured.beyond_source",
            Weight.SERIOUS,
            measured=measured,
            source=source,
        )


def _without_effect(action: ReportedAction) -> Iterator[RaisedWarning]:
    counts = action.expected if action.measured is None else action.measured
    claimed = counts - action.claimed_before
    before, now = action.source_before, action.source_now
    if claimed <= 0 or before is None or now is None:
        return
    with exactly():
        is_visible = before - now >= claimed * VISIBLE
    if not is_visible:
        yield _warn_of(
            action,
            "progress.done.no_effect",
            Weight.SERIOUS,
            claimed=claimed,
            before=before,
            now=now,
        )


def _percent(part: Decimal) -> str:
    return str((part * 100).quantize(Decimal("0.1")))


def _warn(code: str, action: PlannedAction, weight: Weight, **values: object) -> RaisedWarning:
    return _raised(code, action.key, action.name, weight, values)


def _warn_of(action: ReportedAction, code: str, weight: Weight, **values: object) -> RaisedWarning:
    return _raised(code, action.key, action.name, weight, values)


def _raised(
    code: str, key: str, name: str, weight: Weight, values: Mapping[str, object]
) -> RaisedWarning:
    written = {k: text(v) if isinstance(v, Decimal) else str(v) for k, v in values.items()}
    named = (("name", name), *written.items())
    return RaisedWarning(code, f"action/{key}", weight, named)


STATUS_NAMES = {
    Status.IDEA: N_("Idea"),
    Status.PLANNED: N_("Planned"),
    Status.IN_PROGRESS: N_("In progress"),
    Status.DONE: N_("Done"),
    Status.STOPPED: N_("Stopped"),
}

MESSAGES = {
    "action.many": N_(
        "The plan has %(most)s actions, which is the most that the portal keeps. Describe several as one, or remove one first."
    ),
    "action.source.not_reported": N_(
        "“%(category)s” is not in your latest approved inventory, so there is nothing to take a share of. Choose another source, or another way to estimate."
    ),
    "action.source.needs_line": N_(
        "“%(category)s” needs particulars that only a line of your inventory has. Report the source first, or enter your own calculation."
    ),
    "action.status.reason_missing": N_("Say why the action was stopped."),
    "action.site.unknown": N_("Choose one of your sites, or the whole company."),
    "milestone.due.missing": N_("Enter the day on which “%(name)s” is due."),
    "milestone.too_many": N_("An action has at most %(most)s milestones. Join some of them."),
    "milestone.done.ahead": N_(
        "“%(name)s” can’t be done on a day that lies ahead. Leave the day empty until it is done."
    ),
    "milestone.name.missing": N_("Say what is to be reached by this day."),
    "action.source.none": N_(
        "“%(name)s” acts on a source that your latest approved inventory doesn’t have."
    ),
    "action.saving.beyond_source": N_(
        "“%(name)s” saves %(saving)s kg CO₂e, more than its source emits (%(source)s kg)."
    ),
    "action.saving.unusual": N_(
        "“%(name)s” saves %(percent)s per cent of its source; usual are up to %(usual)s per cent."
    ),
    "action.saving.too_large": N_(
        "This comes to more than %(most)s t CO₂e a year, which no supplier emits. Check the amount and its unit."
    ),
    "action.saving.nothing": N_("“%(name)s” saves nothing."),
    "action.saving.below_zero": N_(
        "“%(name)s” raises emissions by %(saving)s kg CO₂e. Check the amounts and their units."
    ),
    "action.owner.missing": N_("Nobody is accountable for “%(name)s” yet."),
    "action.milestones.missing": N_("“%(name)s” has no milestone."),
    "action.milestone.overdue": N_(
        "“%(name)s” has overdue milestones (%(count)s), the first since %(due)s."
    ),
    "action.start.passed": N_("“%(name)s” was to begin on %(start)s and is still only planned."),
    "action.done.unproven": N_("“%(name)s” is done, but no evidence is attached."),
    "action.overlap": N_(
        "These actions act on one source and are counted one after the other, not added: %(names)s."
    ),
    "progress.done.not_measured": N_(
        "“%(name)s” is done, but nothing was measured. The expected saving is not counted as proven."
    ),
    "progress.measured.unproven": N_(
        "The measured saving of “%(name)s” has no evidence, so it is not counted as proven."
    ),
    "progress.measured.far_from_expected": N_(
        "“%(name)s” was expected to save %(expected)s kg CO₂e and is reported with %(measured)s kg."
    ),
    "progress.evidence.shared": N_(
        "One file is to prove the savings of %(count)s actions: %(names)s."
    ),
    "progress.measured.below_zero": N_(
        "“%(name)s” is reported to have raised emissions by %(measured)s kg CO₂e."
    ),
    "progress.measured.not_expected": N_(
        "“%(name)s” was not to save anything in this period, but is reported with %(measured)s kg CO₂e."
    ),
    "progress.measured.beyond_source": N_(
        "“%(name)s” is reported with %(measured)s kg CO₂e, more than the %(source)s kg that its source emitted the year before."
    ),
    "progress.done.no_effect": N_(
        "“%(name)s” is done and should save %(claimed)s kg CO₂e more than a year before, but its source went from %(before)s kg to %(now)s kg."
    ),
}
