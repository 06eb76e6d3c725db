"""Saving the rows of the table: all of a page in one go, with nothing overwritten that somebody else changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from portal.calculation.problems import Problem, Severity
from portal.domain.canonical import digest
from portal.domain.refusals import Conflict
from portal.intake.raw import answers, as_text, bounded
from portal.intake.read import PARAMETER
from portal.intake.reading import Change
from portal.services.inventories import begin_edit
from portal.services.line_reading import CONFIRMED, Desk, Judged, desk_of, judge
from portal.services.lines import (
    delete_lines,
    last_position,
    problems_of,
    proven_lines,
    said,
    shown_values,
)
from portal.services.work import Work
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine
from portal.store.sight import seeing_everybody

TABLE = cast(Table, ActivityLine.__table__)
Typed = str | Decimal | int
_WAYS_OF_PERIOD = ("period", "start", "end")


@dataclass(frozen=True, slots=True)
class SubmittedLine:
    """A row as a door sent it: `values` holds the columns that the door shows, `confirmed` chosen readings by column.

    A row without a key, or with a key that nothing has yet and no version, is new. Values are text, or numbers that a
    machine spelled.
    """

    index: int
    values: Mapping[str, Typed]
    key: UUID | None = None
    version: int | None = None
    confirmed: Mapping[str, str] = field(default_factory=dict)
    is_removed: bool = False


class Fate(StrEnum):
    """What became of a submitted row."""

    IGNORED = "ignored"
    UNCHANGED = "unchanged"
    SAVED = "saved"
    REMOVED = "removed"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a submitted row came to: the line as it stands (of a stale row: as somebody else left it), and its problems."""

    row: SubmittedLine
    fate: Fate
    line: ActivityLine | None = None
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def is_blocked(self) -> bool:
        """Whether something must be put right or answered before the row counts."""
        return any(each.severity is not Severity.WARNING for each in self.problems)


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving came to. Nothing was kept when a row was stale, nor when one was blocked and no draft was asked for."""

    outcomes: tuple[Outcome, ...]
    is_kept: bool

    @property
    def stale(self) -> list[Outcome]:
        """The rows that somebody else changed or removed meanwhile."""
        return [each for each in self.outcomes if each.fate is Fate.STALE]

    @property
    def blocked(self) -> list[Outcome]:
        """The rows that need attention."""
        return [each for each in self.outcomes if each.is_blocked]


@dataclass(slots=True)
class _Changes:
    """What is to be written, collected first, so that nothing is written when something is stale."""

    inserts: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    removed: list[ActivityLine] = field(default_factory=list)
    before: list[ActivityLine] = field(default_factory=list)


def save_lines(
    work: Work,
    inventory: Inventory,
    rows: Sequence[SubmittedLine],
    *,
    locale: str,
    keep_unfinished: bool,
) -> Saved:
    """Save the rows of a page in one go.

    With `keep_unfinished` (a draft) rows with problems are kept as typed, marked as unfinished. Without it, one problem
    keeps everything from being saved. A row that somebody else changed since `version` always does.
    """
    member = begin_edit(work, inventory)
    desk = desk_of(work, inventory, locale=locale)
    rows = _with_own_keys(work.session, inventory, rows)
    stored = _stored(work.session, inventory, [row.key for row in rows if row.key])
    proven = proven_lines(work.session, [line.id for line in stored.values()])
    outcomes = [_weigh(work, desk, row, stored.get(row.key), proven) for row in rows]
    is_blocked = any(each.is_blocked for each in outcomes) and not keep_unfinished
    if is_blocked or any(each.fate is Fate.STALE for each in outcomes):
        return Saved(tuple(outcomes), is_kept=False)
    changes = _Changes()
    written = tuple(_collect(work, each, stored, changes) for each in outcomes)
    _write(work, inventory, changes)
    places = {row["key"]: row["position"] for row in changes.inserts}
    for each in written:
        if each.line is not None and each.line.key in places:
            each.line.position = places[each.line.key]
    _record(work, inventory, member.code, changes, written)
    return Saved(written, is_kept=True)


def preview_lines(
    work: Work, inventory: Inventory, rows: Sequence[SubmittedLine], *, locale: str
) -> Saved:
    """Say what new rows would come to, without keeping anything."""
    desk = desk_of(work, inventory, locale=locale)
    return Saved(tuple(_weigh_new(desk, row) for row in rows), is_kept=False)


def _stored(
    session: Session, inventory: Inventory, keys: Sequence[UUID]
) -> dict[UUID | None, ActivityLine]:
    query = select(ActivityLine).where(
        ActivityLine.inventory_id == inventory.id, ActivityLine.key.in_(keys)
    )
    found = list(session.scalars(query))
    for line in found:
        session.expunge(
            line
        )  # read as values: they are compared, and written by statements of their own
    return {line.key: line for line in found}


def _weigh(
    work: Work,
    desk: Desk,
    row: SubmittedLine,
    line: ActivityLine | None,
    proven: frozenset[int],
) -> Outcome:
    """Say what a row comes to, without writing anything."""
    if line is None:
        return _weigh_new(desk, row)
    raw = merged(desk, line, row)
    is_same = raw == line.raw and not row.is_removed
    if is_same and line.is_complete:
        return Outcome(row, Fate.UNCHANGED, line, problems_of(line))
    if not is_same and row.version != line.version and not _is_own_first(work, row, line):
        return Outcome(row, Fate.STALE, line)
    if row.is_removed:
        return Outcome(row, Fate.REMOVED, line)
    judged = judge(desk, raw, key=str(line.key), has_evidence=line.id in proven)
    if is_same and not judged.is_complete:
        return Outcome(row, Fate.UNCHANGED, line, judged.problems)
    return Outcome(row, Fate.SAVED, _draft(line, judged), judged.problems, judged.changes)


def _with_own_keys(
    session: Session, inventory: Inventory, rows: Sequence[SubmittedLine]
) -> list[SubmittedLine]:
    """A key that another inventory's line has, or that comes twice, is forgotten without a word: the row is new."""
    wished = [row.key for row in rows if row.key is not None]
    query = select(ActivityLine.key).where(
        ActivityLine.key.in_(wished), ActivityLine.inventory_id != inventory.id
    )
    # A key is anybody's: of another member's line no more is asked than whether it has this one.
    with seeing_everybody(session):
        used: set[UUID | None] = set(session.scalars(query))
    own = []
    for row in rows:
        own.append(replace(row, key=None, version=None) if row.key in used else row)
        if row.key is not None:
            used.add(row.key)
    return own


def _weigh_new(desk: Desk, row: SubmittedLine) -> Outcome:
    typed = {name: value for name, value in row.values.items() if as_text(value).strip()}
    if row.is_removed or (not typed and row.version is None):
        return Outcome(row, Fate.IGNORED)
    if row.version is not None:  # it was here when the page was drawn: somebody has removed it
        return Outcome(row, Fate.STALE)
    raw = desk.as_kept(row.values)
    raw[CONFIRMED] = answers(row.confirmed)
    judged = judge(desk, raw, key=str(row.key), has_evidence=False)
    draft = _draft(ActivityLine(key=row.key, position=0, version=0), judged)
    return Outcome(row, Fate.SAVED, draft, judged.problems, judged.changes)


def _is_own_first(work: Work, row: SubmittedLine, line: ActivityLine) -> bool:
    """A row whose first answer was lost on the way comes again without a version: it is no stranger's change."""
    return row.version is None and line.version == 1 and line.changed_by == work.actor.account_id


def merged(desk: Desk, line: ActivityLine, row: SubmittedLine) -> dict[str, Any]:
    """The raw values after a door sent some columns: one that still reads as shown keeps what was typed for it."""
    shown = shown_values(line, {site.id: code for code, site in desk.sites.items()})
    raw = {name: value for name, value in line.raw.items() if name != CONFIRMED}
    confirmed = dict(line.raw.get(CONFIRMED) or {})
    changed = {
        name: value
        for name, value in row.values.items()
        if _unbroken(as_text(value)) != _unbroken(shown.get(name, ""))
    }
    forgotten = set(changed)
    if not forgotten.isdisjoint(_WAYS_OF_PERIOD):  # the three are one answer
        forgotten.update(_WAYS_OF_PERIOD)
        changed |= {name: row.values[name] for name in _WAYS_OF_PERIOD if name in row.values}
        raw = {name: value for name, value in raw.items() if name not in _WAYS_OF_PERIOD}
    if "category" in changed:
        raw = _without_strange_parameters(desk, as_text(changed["category"]), raw)
    raw |= desk.as_kept(changed)
    confirmed = {name: value for name, value in confirmed.items() if name not in forgotten}
    confirmed |= {name: value for name, value in answers(row.confirmed).items() if value}
    # What was typed now goes before what stands there, of which no page shows so much.
    newest = {**{name: raw[name] for name in changed if name in raw}, **raw}
    return {**bounded(newest), CONFIRMED: answers(confirmed)}


def _unbroken(value: str) -> str:
    return value.replace("\r\n", "\n").strip()


def _without_strange_parameters(
    desk: Desk, category: str, raw: Mapping[str, Any]
) -> dict[str, Any]:
    """A line that changes its category keeps the parameters that the new one asks for too."""
    known = desk.context.categories.get(category)
    asked = {PARAMETER + each.name for each in known.parameters} if known else set()
    return {
        name: value
        for name, value in raw.items()
        if not name.startswith(PARAMETER) or name in asked
    }


def _draft(line: ActivityLine, judged: Judged) -> ActivityLine:
    """The line as it will stand, as a value outside the session."""
    return ActivityLine(
        id=line.id, key=line.key, position=line.position, version=line.version, **judged.columns
    )


def _collect(
    work: Work,
    outcome: Outcome,
    stored: Mapping[UUID | None, ActivityLine],
    changes: _Changes,
) -> Outcome:
    line = outcome.line
    if line is None or outcome.fate in (Fate.IGNORED, Fate.UNCHANGED, Fate.STALE):
        return outcome
    before = stored.get(outcome.row.key)
    if outcome.fate is Fate.REMOVED:
        changes.removed.append(line)
        changes.before.append(line)
        return outcome
    values = {name: getattr(line, name) for name in _JUDGED}
    values |= {"changed_at": work.moment, "changed_by": work.actor.account_id}
    if before is None:
        line.key = outcome.row.key or work.new_uid()
        line.version = 1
        changes.inserts.append({**values, "key": line.key})
    else:
        line.version = before.version + 1
        changes.before.append(before)
        changes.updates.append(
            {**values, "version": line.version, "id_": before.id, "version_": before.version}
        )
    return replace(outcome, line=line)


_JUDGED = (
    "raw",
    "problems",
    "is_complete",
    "category",
    "quantity",
    "unit",
    "site_id",
    "start_on",
    "end_on",
    "parameters",
    "note",
    "scope",
    "kg_co2e",
    "kg_co2e_market",
    "kg_co2_biogenic",
    "quality",
    "factor",
    "assessment",
)


def _write(work: Work, inventory: Inventory, changes: _Changes) -> None:
    session = work.session
    if changes.removed:
        delete_lines(session, changes.removed)
    if changes.updates:
        changed = session.connection().execute(_UPDATE, changes.updates)
        if changed.rowcount != len(changes.updates):
            raise Conflict("line.moved_on")
    if changes.inserts:
        insert_lines(session, inventory.id, changes.inserts)


def insert_lines(session: Session, inventory_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows behind the inventory's last line, in one statement for all of them."""
    first = last_position(session, inventory_id) + 1
    for place, row in enumerate(rows, start=first):
        row |= {"position": place, "inventory_id": inventory_id, "version": 1}
    session.connection().execute(insert(TABLE), rows)


_UPDATE = update(TABLE).where(
    TABLE.c.id == bindparam("id_"), TABLE.c.version == bindparam("version_")
)


def _record(
    work: Work,
    inventory: Inventory,
    member_code: str,
    changes: _Changes,
    written: Iterable[Outcome],
) -> None:
    """One fact for one save, over the rows that changed; the digests show what they said before and after."""
    after = [each.line for each in written if each.fate is Fate.SAVED and each.line is not None]
    counts = {
        "added": len(changes.inserts),
        "changed": len(changes.updates),
        "removed": len(changes.removed),
    }
    if not any(counts.values()):
        return
    work.record(
        "lines.saved",
        f"inventory/{inventory.uid}",
        on_behalf_of=member_code,
        before=digest(said(changes.before)) if changes.before else "",
        after=digest(said(after)) if after else "",
        detail=counts,
    )
