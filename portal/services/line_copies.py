"""Many lines at once: last year's without their quantities, and finished lines of a file or of another program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from portal.calculation.problems import Problem, Severity
from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict
from portal.intake.read import PARAMETER
from portal.services import effort
from portal.services.inventories import begin_edit
from portal.services.line_reading import CONFIRMED, Desk, desk_of, judge, period_code
from portal.services.line_saving import insert_lines
from portal.services.warning_evidence import inventory_before
from portal.services.work import Work
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine, LineEvidence

MOST_COPIED = 20_000
Place = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ReadyLine:
    """A line that is expected to be finished: its columns as text, and the ids of the files that support it."""

    values: Mapping[str, str]
    evidence: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording many lines came to: all of them, or none and the problems by the line's place."""

    count: int
    problems: tuple[tuple[int, Problem], ...] = ()


def record_lines(work: Work, inventory: Inventory, ready: Sequence[ReadyLine]) -> Recorded:
    """Add many finished lines, read and worked out like typed ones: all of them, or none when one has a problem."""
    member = begin_edit(work, inventory)
    desk = desk_of(work, inventory, locale="en")
    rows: list[dict[str, Any]] = []
    problems: list[tuple[int, Problem]] = []
    for place, line in enumerate(ready):
        key = work.new_uid()
        judged = judge(desk, line.values, key=str(key), has_evidence=bool(line.evidence))
        if judged.is_complete:
            rows.append({**judged.columns, **_stamp(work), "key": key})
        else:
            grave = (p for p in judged.problems if p.severity is not Severity.WARNING)
            problems.extend((place, found) for found in grave)
    if problems or not rows:
        return Recorded(0, tuple(problems))
    insert_lines(work.session, inventory.id, rows)
    _link(work.session, inventory, rows, ready)
    _record(work, inventory, member.code, "lines.recorded", rows)
    return Recorded(len(rows))


def copy_last_year(work: Work, inventory: Inventory) -> int:
    """Bring last year's lines over without their quantities, where this year has no such line yet; returns how many.

    Lines of closed sites stay behind. The new lines are unfinished until somebody enters what was used.
    """
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(inventory.member_id))
    before = work.session.scalars(
        select(func.count()).where(ActivityLine.inventory_id == inventory_before(inventory))
    ).one()
    if before > MOST_COPIED:
        raise Conflict("lines.copy.many", {"most": MOST_COPIED})
    if before > effort.LONG_YEAR:
        effort.count_and_commit(work, f"copy:{inventory.member_id}")
    member = begin_edit(work, inventory)
    desk = desk_of(work, inventory, locale="en")
    there = _lines(work.session, inventory.id)
    used = {line.key for line in there}
    rows: list[dict[str, Any]] = []
    for row in rows_to_fill_in(work.session, inventory, desk, there):
        key = work.new_uid() if row.key in used else row.key
        judged = judge(desk, row.raw, key=str(key), has_evidence=False)
        rows.append({**judged.columns, **_stamp(work), "key": key})
    if rows:
        insert_lines(work.session, inventory.id, rows)
        _record(work, inventory, member.code, "lines.copied", rows)
    return len(rows)


@dataclass(frozen=True, slots=True)
class RowToFillIn:
    """Last year's line moved to this year without its quantity, and the key that it has there whoever brings it over."""

    key: UUID
    raw: Mapping[str, Any]
    before: Any


def rows_to_fill_in(
    session: Session, inventory: Inventory, desk: Desk, there: Iterable[Any] = ()
) -> Iterator[RowToFillIn]:
    """Last year's finished lines of open sites that `there`, the lines of this year, has no such line for yet."""
    open_sites = {site.id: code for code, site in desk.sites.items() if site.is_active}
    met = Counter(_place(line) for line in there)
    for line in _lines(session, inventory_before(inventory)):
        place = _place(line)
        if met[place] > 0:
            met[place] -= 1
        elif line.is_complete and line.site_id in open_sites:
            raw = _emptied(line, inventory.year, open_sites[line.site_id])
            yield RowToFillIn(key_in(inventory, line.key), raw, line)


def key_in(inventory: Inventory, key: UUID) -> UUID:
    """One key for what comes of last year's line or product: a workbook and a copy in the portal mean the same row."""
    return UUID(digest([str(inventory.uid), str(key)])[:32], version=4)


_HAS_LINES = (
    select(ActivityLine.id)
    .join(Inventory, Inventory.id == ActivityLine.inventory_id)
    .where(
        Inventory.member_id == bindparam("member"),
        Inventory.year == bindparam("year"),
        ActivityLine.is_complete.is_(True),
    )
    .limit(1)
)


def has_last_year(session: Session, inventory: Inventory) -> bool:
    """Whether there is anything to bring over."""
    asked = {"member": inventory.member_id, "year": inventory.year - 1}
    return session.connection().execute(_HAS_LINES, asked).first() is not None


def _lines(session: Session, inventory_id: Any) -> list[Any]:
    query = (
        select(
            ActivityLine.key,
            ActivityLine.category,
            ActivityLine.site_id,
            ActivityLine.start_on,
            ActivityLine.end_on,
            ActivityLine.quantity,
            ActivityLine.unit,
            ActivityLine.parameters,
            ActivityLine.note,
            ActivityLine.is_complete,
        )
        .where(ActivityLine.inventory_id == inventory_id)
        .order_by(ActivityLine.position, ActivityLine.id)
    )
    return list(session.execute(query))


def _place(line: Any) -> Place:
    """Where a line belongs in any year, with what tells it from others there."""
    parameters = tuple(sorted((line.parameters or {}).items()))
    start, end = line.start_on, line.end_on
    days = (start and f"{start:%m-%d}", end and f"{end:%m-%d}")
    return (line.category, line.site_id, *days, parameters)


def _emptied(line: Any, year: int, site: str) -> dict[str, Any]:
    """What last year's line says, moved to this year and without its quantity."""
    years = year - line.start_on.year
    start, end = _later(line.start_on, years), _later(line.end_on, years)
    parameters = {PARAMETER + name: value for name, value in (line.parameters or {}).items()}
    return {
        "category": line.category,
        "quantity": "",
        "unit": line.unit,
        "period": period_code(start, end),
        "site": site,
        "note": line.note,
        **parameters,
        CONFIRMED: {"unit": line.unit},
    }


def _later(day: date, years: int) -> date:
    """The same day some years on; the 29th of February becomes the 1st of March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _stamp(work: Work) -> dict[str, Any]:
    return {"changed_at": work.moment, "changed_by": work.actor.account_id}


def _link(
    session: Session,
    inventory: Inventory,
    rows: Sequence[Mapping[str, Any]],
    ready: Sequence[ReadyLine],
) -> None:
    if not any(line.evidence for line in ready):
        return
    first = rows[0]["position"]
    ids = list(
        session.scalars(
            select(ActivityLine.id)
            .where(ActivityLine.inventory_id == inventory.id, ActivityLine.position >= first)
            .order_by(ActivityLine.position)
        )
    )
    links = [
        {"line_id": line_id, "evidence_id": evidence_id}
        for line_id, line in zip(ids, ready, strict=True)
        for evidence_id in line.evidence
    ]
    session.execute(insert(LineEvidence), links)


def _record(
    work: Work,
    inventory: Inventory,
    member_code: str,
    kind: str,
    rows: Iterable[Mapping[str, Any]],
) -> None:
    said = [{"key": str(row["key"]), "raw": row["raw"], "kg_co2e": row["kg_co2e"]} for row in rows]
    work.record(
        kind,
        f"inventory/{inventory.uid}",
        on_behalf_of=member_code,
        after=digest(said),
        detail={"added": len(said)},
    )
