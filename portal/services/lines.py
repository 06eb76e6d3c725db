"""Activity lines: finding one, removing one, what it says on a page, and how its result comes about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from portal.calculation.assessment import Assessment
from portal.calculation.problems import Problem
from portal.calculation.quantities import text
from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.inventories import EDITABLE
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, NotFound
from portal.intake.raw import as_text
from portal.intake.read import PARAMETER
from portal.services import assessments
from portal.services.inventories import begin_edit
from portal.services.line_reading import CONFIRMED, desk_of, judge, period_code, problem_of
from portal.services.work import Work
from portal.store.base import table_of
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine, LineEvidence
from portal.store.members import Site

# So many lines are moved up, or worked out again, while somebody waits for it and others for the database.
MOST_MOVED = 20_000
MOST_REWORKED = 5_000
_TABLE = table_of(ActivityLine)
_AGAIN = update(_TABLE).where(_TABLE.c.id == bindparam("id_"))


def remove_line(work: Work, inventory: Inventory, key: UUID) -> None:
    """Take one line out of the inventory; its evidence stays among the member's files."""
    member = begin_edit(work, inventory)
    line = find_line(work, inventory, key)
    delete_lines(work.session, [line])
    work.record(
        "lines.removed",
        f"inventory/{inventory.uid}",
        on_behalf_of=member.code,
        before=digest(said([line])),
        detail={"line": str(key)},
    )


def find_line(work: Work, inventory: Inventory, key: UUID) -> ActivityLine:
    """One of the inventory's own lines; any other is answered like an unknown one."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    line = work.session.scalars(
        select(ActivityLine).where(
            ActivityLine.key == key, ActivityLine.inventory_id == inventory.id
        )
    ).one_or_none()
    if line is None:
        raise NotFound()
    return line


def by_keys(work: Work, inventory: Inventory, keys: Iterable[str]) -> dict[str, ActivityLine]:
    """Some of the inventory's own lines by key; a key that it doesn't have is left out."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    wanted = [UUID(key) for key in keys]
    found = work.session.scalars(
        select(ActivityLine).where(
            ActivityLine.inventory_id == inventory.id, ActivityLine.key.in_(wanted)
        )
    )
    return {str(line.key): line for line in found}


@dataclass(frozen=True, slots=True)
class Trace:
    """How a result comes about; `is_pinned` is false when the site's place changed after the line was saved."""

    assessment: Assessment
    is_pinned: bool


def trace(work: Work, inventory: Inventory, line: ActivityLine) -> Trace | None:
    """Work a finished line out again under its pinned edition, with every step; None for an unfinished one."""
    if not line.is_complete or line.site_id is None:
        return None
    desk = desk_of(work, inventory, locale="en")
    site = work.session.get_one(Site, line.site_id)
    has_evidence = bool(proven_lines(work.session, [line.id]))
    found = assessments.assess_stored(
        line, site, desk.context, year=inventory.year, has_evidence=has_evidence
    )
    if not isinstance(found, Assessment):
        return None
    return Trace(found, assessments.is_pinned(found, line))


def rework(work: Work, inventory: Inventory, lines: Sequence[ActivityLine]) -> None:
    """Work lines out again because something about them changed that is not in their text: evidence, or the site's place.

    Their versions stay: nobody's typed text is older for it.
    """
    desk = desk_of(work, inventory, locale="en")
    sites = {site.id: site for site in desk.sites.values()}
    proven = proven_lines(work.session, [line.id for line in lines])
    results: list[dict[str, Any]] = []
    judged: list[dict[str, Any]] = []
    for line in lines:
        has_evidence = line.id in proven
        found = None
        if line.is_complete and line.site_id is not None:
            site = sites[line.site_id]
            found = assessments.assess_stored(
                line, site, desk.context, year=inventory.year, has_evidence=has_evidence
            )
        if isinstance(found, Assessment):
            results.append({**assessments.columns_of(found), "id_": line.id})
        else:  # what can't be worked out at the new place is unfinished, and what could not be before may be finished
            again = judge(desk, line.raw, key=str(line.key), has_evidence=has_evidence)
            judged.append({**again.columns, "id_": line.id})
    for rows in (results, judged):
        if rows:
            work.session.connection().execute(_AGAIN, rows)
    for line in lines:
        work.session.expire(line)


def refuse_long_rework(work: Work, site: Site) -> None:
    """Refuse to move a site with more lines in open years than can be worked out while somebody waits."""
    lines = (
        select(func.count())
        .select_from(ActivityLine)
        .join(Inventory, Inventory.id == ActivityLine.inventory_id)
        .where(ActivityLine.site_id == site.id, *_open_years(site))
    )
    count = work.session.scalars(lines).one()
    if count > MOST_REWORKED:
        raise Conflict("site.place.many_lines", {"count": count, "most": MOST_REWORKED})


def rework_site(work: Work, site: Site) -> None:
    """Work the site's lines out again in every year that can still be edited: its place decides which factors fit.

    The years are taken before their lines are read, in one order: what a colleague saves meanwhile is read too.
    """
    query = select(Inventory).where(*_open_years(site)).order_by(Inventory.id)
    for inventory in work.session.scalars(query).all():
        here = (ActivityLine.inventory_id == inventory.id, ActivityLine.site_id == site.id)
        if work.session.scalars(select(ActivityLine.id).where(*here).limit(1)).first() is None:
            continue
        begin_edit(work, inventory)
        lines = select(ActivityLine).where(*here).execution_options(populate_existing=True)
        rework(work, inventory, work.session.scalars(lines).all())


def _open_years(site: Site) -> tuple[ColumnElement[bool], ...]:
    return (
        Inventory.member_id == site.member_id,
        Inventory.state.in_([state.value for state in EDITABLE]),
    )


def problems_of(line: ActivityLine) -> tuple[Problem, ...]:
    """What is kept beside a line: errors and questions of an unfinished one, remarks of a finished one."""
    return tuple(problem_of(plain) for plain in line.problems or ())


def shown_values(line: ActivityLine, site_codes: Mapping[int, str]) -> dict[str, str]:
    """The text of each column as a door shows it: what was read where it could be read, otherwise as typed."""
    shown = {
        name: as_text(value)
        for name, value in (line.raw or {}).items()
        if name != CONFIRMED and value != ""
    }
    if line.category is not None:
        shown["category"] = line.category
    if line.unit is not None:
        shown["unit"] = line.unit
    if line.site_id is not None and line.site_id in site_codes:
        shown["site"] = site_codes[line.site_id]
    if line.start_on is not None and line.end_on is not None:
        shown["period"] = period_code(line.start_on, line.end_on)
    if line.is_complete and line.quantity is not None:
        shown["quantity"] = text(line.quantity)
    for name, value in (line.parameters or {}).items():
        shown[PARAMETER + name] = value
    if line.note:
        shown["note"] = line.note
    return shown


def proven_lines(session: Session, line_ids: Iterable[int]) -> frozenset[int]:
    """Which of the lines have evidence."""
    query = select(LineEvidence.line_id).where(LineEvidence.line_id.in_(line_ids)).distinct()
    return frozenset(session.scalars(query))


def delete_lines(session: Session, lines: Sequence[ActivityLine]) -> None:
    """Delete lines of one inventory with their links to evidence; the ones behind them move up.

    Where more stand behind than can be moved at once, the places stay empty: every line keeps its number.
    """
    line_ids = [line.id for line in lines]
    session.execute(delete(LineEvidence).where(LineEvidence.line_id.in_(line_ids)))
    session.execute(delete(ActivityLine).where(ActivityLine.id.in_(line_ids)))
    inventory_id, first = lines[0].inventory_id, min(line.position for line in lines)
    if last_position(session, inventory_id) - first > MOST_MOVED:
        return
    place = func.row_number().over(order_by=(_TABLE.c.position, _TABLE.c.id)) + (first - 1)
    behind = (
        select(_TABLE.c.id, place.label("place"))
        .where(_TABLE.c.inventory_id == inventory_id, _TABLE.c.position > first)
        .subquery()
    )
    session.execute(
        update(_TABLE)
        .where(_TABLE.c.id == behind.c.id, _TABLE.c.position != behind.c.place)
        .values(position=behind.c.place)
    )


def last_position(session: Session, inventory_id: int) -> int:
    """The position of the last line, 0 when there is none."""
    query = select(func.max(ActivityLine.position)).where(ActivityLine.inventory_id == inventory_id)
    return session.scalars(query).one() or 0


def said(lines: Iterable[ActivityLine]) -> list[dict[str, Any]]:
    """What lines say, for a digest: what was typed and what it came to."""
    return [
        {"key": str(line.key), "raw": line.raw, "kg_co2e": line.kg_co2e}
        for line in sorted(lines, key=lambda line: str(line.key))
    ]
