"""One page of the table: its lines with files, last year's quantities, warnings and questions, and the year's totals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from portal.calculation.problems import CalculationError
from portal.calculation.units import convert
from portal.domain.actors import MemberId
from portal.domain.inventories import EDITABLE, State
from portal.domain.permissions import Permission
from portal.domain.warnings import ReportedLine, Slot, by_slot, duplicate, line_warnings, says
from portal.services.inventories import ScopeTotals
from portal.services.warnings import (
    REPORTED,
    Noticed,
    flags,
    inventory_before,
    reasons,
    reported,
    with_reason,
)
from portal.services.work import Work
from portal.store.evidence import Evidence
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine, LineEvidence
from portal.store.members import Site
from portal.store.submissions import Finding

LINES_A_PAGE = 50

# What the table shows of a line; what it came to in detail stays where it is.
_COLUMNS = (
    *REPORTED,
    ActivityLine.id,
    ActivityLine.version,
    ActivityLine.raw,
    ActivityLine.is_complete,
    ActivityLine.note,
)


@dataclass(frozen=True, slots=True)
class FileName:
    """A file as a line names it."""

    uid: UUID
    name: str


@dataclass(frozen=True, slots=True)
class LinePage:
    """A page of the table. `lines` are rows with the columns of ActivityLine that the table shows; maps go by line key."""

    inventory: Inventory
    lines: Sequence[Any]
    number: int
    line_count: int
    unfinished_count: int
    totals: ScopeTotals
    sites: Sequence[Site]
    files: Mapping[UUID, Sequence[FileName]]
    last_year: Mapping[UUID, tuple[Decimal, str]]
    notices: Mapping[UUID, Sequence[Noticed]]
    questions: Mapping[UUID, Sequence[Finding]]

    @property
    def page_count(self) -> int:
        """How many pages the lines fill; an empty table has one."""
        return max(1, -(-self.line_count // LINES_A_PAGE))

    @property
    def is_open(self) -> bool:
        """Whether the year can still be edited."""
        return self.inventory.state in EDITABLE


def open_page(work: Work, inventory: Inventory, number: int) -> LinePage:
    """Gather one page in a fixed number of statements, whatever the number of lines."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    session = work.session
    first = (number - 1) * LINES_A_PAGE
    rows = session.execute(
        select(*_COLUMNS)
        .where(
            ActivityLine.inventory_id == inventory.id,
            ActivityLine.position > first,
            ActivityLine.position <= first + LINES_A_PAGE,
        )
        .order_by(ActivityLine.position, ActivityLine.id)
    ).all()
    line_count, unfinished_count, totals = _sums(session, inventory.id)
    sites = _sites(session, inventory.member_id)
    codes = {site.id: site.code for site in sites}
    complete = [reported(row, codes) for row in rows if row.is_complete]
    before = _counterparts(session, inventory, rows, codes)
    return LinePage(
        inventory,
        rows,
        number,
        line_count,
        unfinished_count,
        totals,
        sites,
        _files(session, rows),
        _last_year(rows, codes, before),
        _notices(session, inventory, rows, complete, before),
        _questions(session, inventory, rows),
    )


def _sums(session: Session, inventory_id: int) -> tuple[int, int, ScopeTotals]:
    """Lines, unfinished lines, and kg CO2e by scope, in one pass."""
    query: Any = (
        select(
            ActivityLine.is_complete,
            ActivityLine.scope,
            func.count(),
            func.sum(ActivityLine.kg_co2e),
            func.sum(ActivityLine.kg_co2e_market),
            func.sum(ActivityLine.kg_co2_biogenic),
        )
        .where(ActivityLine.inventory_id == inventory_id)
        .group_by(ActivityLine.is_complete, ActivityLine.scope)
    )
    lines = unfinished = 0
    totals = ScopeTotals()
    for is_complete, scope, count, kg, kg_market, kg_biogenic in session.execute(query):
        lines += count
        if not is_complete:
            unfinished += count
            continue
        totals = totals._replace(biogenic=totals.biogenic + kg_biogenic)
        if scope == 2:
            totals = totals._replace(scope2_location=kg, scope2_market=kg_market)
        else:
            totals = totals._replace(**{f"scope{scope}": kg})
    return lines, unfinished, totals


def _sites(session: Session, member_id: int) -> list[Site]:
    query = select(Site).where(Site.member_id == member_id).order_by(Site.code)
    return list(session.scalars(query))


def _files(session: Session, rows: Sequence[Any]) -> dict[UUID, list[FileName]]:
    keys = {row.id: row.key for row in rows if row.has_evidence}
    found: dict[UUID, list[FileName]] = {}
    query = (
        select(LineEvidence.line_id, Evidence.uid, Evidence.name)
        .join(Evidence, Evidence.id == LineEvidence.evidence_id)
        .where(LineEvidence.line_id.in_(keys))
        .order_by(Evidence.id)
    )
    for line_id, uid, name in session.execute(query):
        found.setdefault(keys[line_id], []).append(FileName(uid, name))
    return found


def _counterparts(
    session: Session, inventory: Inventory, rows: Sequence[Any], codes: Mapping[int, str]
) -> dict[Slot, list[ReportedLine]]:
    """Last year's lines of the categories, sites and days that the page has, by their place in the year."""
    placed = [row for row in rows if row.category and row.site_id and row.start_on]
    query = (
        select(*REPORTED)
        .where(
            ActivityLine.inventory_id == inventory_before(inventory),
            ActivityLine.is_complete.is_(True),
            ActivityLine.category.in_({row.category for row in placed}),
            ActivityLine.site_id.in_({row.site_id for row in placed}),
            ActivityLine.start_on.in_({_year_earlier(row.start_on) for row in placed}),
        )
        .order_by(ActivityLine.position, ActivityLine.id)
    )
    return by_slot(reported(row, codes) for row in session.execute(query))


def _year_earlier(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(day.year - 1, 2, 28) if is_leap_day else day.replace(year=day.year - 1)


def _last_year(
    rows: Sequence[Any],
    codes: Mapping[int, str],
    before: Mapping[Slot, Sequence[ReportedLine]],
) -> dict[UUID, tuple[Decimal, str]]:
    """Last year's quantity of each line, in the line's unit where it converts; two meters take one counterpart each."""
    waiting = {slot: list(lines) for slot, lines in before.items()}
    found: dict[UUID, tuple[Decimal, str]] = {}
    for row in rows:
        if not (row.category and row.site_id and row.start_on and row.end_on):
            continue
        slot = (row.category, codes[row.site_id], f"{row.start_on:%m-%d}", f"{row.end_on:%m-%d}")
        lines = waiting.get(slot)
        if lines:
            found[row.key] = _in_unit(lines.pop(0), row.unit)
    return found


def _in_unit(line: ReportedLine, unit: str | None) -> tuple[Decimal, str]:
    if unit is None or unit == line.unit:
        return line.quantity, line.unit
    try:
        return convert(line.quantity, line.unit, unit), unit
    except CalculationError:
        return line.quantity, line.unit


def _notices(
    session: Session,
    inventory: Inventory,
    rows: Sequence[Any],
    complete: Sequence[ReportedLine],
    before: Mapping[Slot, Sequence[ReportedLine]],
) -> dict[UUID, list[Noticed]]:
    """What is odd about single lines; what is odd about a series or the year stands on its own page."""
    known = reasons(session, inventory.id)
    twins = _first_of_twins(session, inventory.id)
    waiting = {slot: list(lines) for slot, lines in before.items()}
    found: dict[UUID, list[Noticed]] = {}
    for line in complete:
        lines = waiting.get(line.slot)
        odd = list(line_warnings(line, inventory.year, lines.pop(0) if lines else None))
        first = twins.get(says(line))
        if first is not None and first < line.position:
            odd.append(duplicate(line, first))
        if odd:
            found.setdefault(UUID(line.key), []).extend(with_reason(each, known) for each in odd)
    for row in rows:
        remarks = list(flags(row)) if row.is_complete and row.problems else ()
        if remarks:
            found.setdefault(row.key, []).extend(with_reason(each, known) for each in remarks)
    return found


def _first_of_twins(session: Session, inventory_id: int) -> dict[tuple[object, ...], int]:
    """The position where lines that say the same stand first, by what they say."""
    same = (
        ActivityLine.category,
        Site.code,
        ActivityLine.start_on,
        ActivityLine.end_on,
        ActivityLine.quantity,
        ActivityLine.unit,
        cast(ActivityLine.parameters, Text).label("parameters"),
    )
    query = (
        select(*same, func.min(ActivityLine.position))
        .join(Site, Site.id == ActivityLine.site_id)
        .where(ActivityLine.inventory_id == inventory_id, ActivityLine.is_complete.is_(True))
        .group_by(*same)
        .having(func.count() > 1)
    )
    return {
        (*row[:6], tuple(sorted(json.loads(row[6]).items()))): row[7]
        for row in session.execute(query)
    }


def _questions(
    session: Session, inventory: Inventory, rows: Sequence[Any]
) -> dict[UUID, list[Finding]]:
    """What the reviewer asks about the lines of the page, while the year is with the supplier again."""
    if inventory.state != State.RETURNED:
        return {}
    query = (
        select(Finding)
        .where(
            Finding.inventory_id == inventory.id,
            Finding.visibility == "supplier",
            Finding.state != "settled",
            Finding.line_key.in_([row.key for row in rows]),
        )
        .order_by(Finding.at, Finding.id)
    )
    found: dict[UUID, list[Finding]] = {}
    for finding in session.scalars(query):
        if finding.line_key is not None:
            found.setdefault(finding.line_key, []).append(finding)
    return found
