"""One page of the table: its lines with files, last year's quantities, warnings and questions, and the year's totals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Text, bindparam, case, cast, func, null, select
from sqlalchemy.orm import Session

from portal.domain.actors import MemberId
from portal.domain.inventories import EDITABLE, State
from portal.domain.permissions import Permission
from portal.domain.warnings import ReportedLine, duplicate, line_warnings, says
from portal.services.counterparts import (
    Counterparts,
    by_place,
    in_unit,
    paired,
    take_away,
    year_earlier,
)
from portal.services.inventories import ScopeTotals
from portal.services.line_copies import has_last_year
from portal.services.warning_evidence import REPORTED, reported
from portal.services.warnings import Noticed, flags, reasons, with_reason
from portal.services.work import Work
from portal.store.evidence import Evidence
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine, LineEvidence
from portal.store.members import Site
from portal.store.submissions import Finding

LINES_A_PAGE = 50
# More counterparts than a page has lines: two meters a line and then some.
MOST_COUNTERPARTS = 500

# The page's questions are put together once: that costs more than asking them.
_LINES = (
    select(
        *REPORTED,
        ActivityLine.id,
        ActivityLine.version,
        # What was typed in a finished line is not shown: what was read is.
        case((ActivityLine.is_complete, null()), else_=ActivityLine.raw).label("raw"),
        ActivityLine.is_complete,
        ActivityLine.note,
    )
    .where(
        ActivityLine.inventory_id == bindparam("inventory"),
        ActivityLine.position > bindparam("first"),
        ActivityLine.position <= bindparam("last"),
    )
    .order_by(ActivityLine.position, ActivityLine.id)
)
_SUMS = (
    select(
        ActivityLine.is_complete,
        ActivityLine.scope,
        func.count(),
        func.sum(ActivityLine.kg_co2e),
        func.sum(ActivityLine.kg_co2e_market),
        func.sum(ActivityLine.kg_co2_biogenic),
        func.min(ActivityLine.position),
        func.max(ActivityLine.position),
    )
    .where(ActivityLine.inventory_id == bindparam("inventory"))
    .group_by(ActivityLine.is_complete, ActivityLine.scope)
)
_SITES = (
    select(Site.id, Site.code, Site.name_zh, Site.name_en, Site.is_active)
    .where(Site.member_id == bindparam("member"))
    .order_by(Site.code)
)
_FILES = (
    select(LineEvidence.line_id, Evidence.uid, Evidence.name)
    .join(Evidence, Evidence.id == LineEvidence.evidence_id)
    .where(LineEvidence.line_id.in_(bindparam("lines", expanding=True)))
    .order_by(Evidence.id)
)
_BEFORE = (
    select(
        ActivityLine.category,
        ActivityLine.site_id,
        ActivityLine.start_on,
        ActivityLine.end_on,
        ActivityLine.quantity,
        ActivityLine.unit,
        ActivityLine.parameters,
    )
    .join(Inventory, Inventory.id == ActivityLine.inventory_id)
    .where(
        Inventory.member_id == bindparam("member"),
        Inventory.year == bindparam("year"),
        ActivityLine.is_complete.is_(True),
        ActivityLine.category.in_(bindparam("categories", expanding=True)),
        ActivityLine.site_id.in_(bindparam("sites", expanding=True)),
        ActivityLine.start_on.in_(bindparam("starts", expanding=True)),
    )
    .order_by(ActivityLine.position, ActivityLine.id)
    .limit(MOST_COUNTERPARTS)
)
# How many lines of earlier pages stand at the places that the page has: they have taken as many counterparts.
_EARLIER = (
    select(
        ActivityLine.category,
        ActivityLine.site_id,
        ActivityLine.start_on,
        ActivityLine.end_on,
        func.count().label("count"),
    )
    .where(
        ActivityLine.inventory_id == bindparam("inventory"),
        ActivityLine.position <= bindparam("first"),
        ActivityLine.category.in_(bindparam("categories", expanding=True)),
        ActivityLine.site_id.in_(bindparam("sites", expanding=True)),
        ActivityLine.start_on.in_(bindparam("starts", expanding=True)),
    )
    .group_by(
        ActivityLine.category, ActivityLine.site_id, ActivityLine.start_on, ActivityLine.end_on
    )
)
_SAYING = (
    ActivityLine.category,
    Site.code,
    ActivityLine.start_on,
    ActivityLine.end_on,
    ActivityLine.quantity,
    ActivityLine.unit,
    cast(ActivityLine.parameters, Text).label("parameters"),
)
_TWINS = (
    select(*_SAYING, func.min(ActivityLine.position))
    .join(Site, Site.id == ActivityLine.site_id)
    .where(
        ActivityLine.inventory_id == bindparam("inventory"),
        ActivityLine.is_complete.is_(True),
        ActivityLine.quantity.in_(bindparam("quantities", expanding=True)),
    )
    .group_by(*_SAYING)
    .having(func.count() > 1)
)
_QUESTIONS = (
    select(Finding.line_key, Finding.uid, Finding.message, Finding.state)
    .where(
        Finding.inventory_id == bindparam("inventory"),
        Finding.visibility == "supplier",
        Finding.state != "settled",
        Finding.line_key.in_(bindparam("keys", expanding=True)),
    )
    .order_by(Finding.at, Finding.id)
)


@dataclass(frozen=True, slots=True)
class FileName:
    """A file as a line names it."""

    uid: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Question:
    """What the reviewer asks about a line."""

    uid: UUID
    message: str
    state: str


@dataclass(frozen=True, slots=True)
class Sums:
    """The year's lines in numbers: how many, where the last stands, how many are unfinished and where the first of these
    stands, kg by scope."""

    lines: int
    last: int
    unfinished: int
    first_unfinished: int
    totals: ScopeTotals


@dataclass(frozen=True, slots=True)
class LinePage:
    """A page of the table. `lines` are rows with the columns of ActivityLine that the table shows; maps go by line key;
    `can_copy` says that last year has lines to bring over."""

    inventory: Inventory
    lines: Sequence[Any]
    number: int
    sums: Sums
    sites: Sequence[Any]
    files: Mapping[UUID, Sequence[FileName]]
    last_year: Mapping[UUID, tuple[Decimal, str]]
    notices: Mapping[UUID, Sequence[Noticed]]
    questions: Mapping[UUID, Sequence[Question]]
    can_copy: bool
    # What a door made of this page, for as long as nothing on it changes.
    drawings: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def line_count(self) -> int:
        """How many lines the year has."""
        return self.sums.lines

    @property
    def last_position(self) -> int:
        """Where the last line stands; in a very long year places can be empty before it."""
        return self.sums.last

    @property
    def unfinished_count(self) -> int:
        """How many of them do not count yet."""
        return self.sums.unfinished

    @property
    def unfinished_page(self) -> int:
        """The page with the first of them."""
        return (max(self.sums.first_unfinished, 1) - 1) // LINES_A_PAGE + 1

    @property
    def unfinished_place(self) -> int:
        """Where on its page the first of them stands, counted from 0."""
        return (max(self.sums.first_unfinished, 1) - 1) % LINES_A_PAGE

    @property
    def totals(self) -> ScopeTotals:
        """What the finished lines come to."""
        return self.sums.totals

    @property
    def page_count(self) -> int:
        """How many pages the lines fill; an empty table has one."""
        return max(1, -(-self.last_position // LINES_A_PAGE))

    @property
    def is_open(self) -> bool:
        """Whether the year can still be edited."""
        return self.inventory.state in EDITABLE


def open_page(work: Work, inventory: Inventory, number: int) -> LinePage:
    """Gather one page in a fixed number of statements, whatever the number of lines."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    connection = work.session.connection()
    first = (number - 1) * LINES_A_PAGE
    asked = {"inventory": inventory.id, "first": first, "last": first + LINES_A_PAGE}
    rows = connection.execute(_LINES, asked).all()
    sites = connection.execute(_SITES, {"member": inventory.member_id}).all()
    codes = {site.id: site.code for site in sites}
    pairs = paired(rows, _counterparts(connection, inventory, rows, first))
    return LinePage(
        inventory,
        rows,
        number,
        _sums(connection, inventory.id),
        sites,
        _files(connection, rows),
        {row.key: in_unit(pairs[row.key], row.unit) for row in rows if row.key in pairs},
        _notices(work.session, inventory, rows, codes, pairs),
        _questions(connection, inventory, rows),
        has_last_year(work.session, inventory),
    )


def _sums(connection: Connection, inventory_id: int) -> Sums:
    """Lines, unfinished lines, and kg CO2e by scope, in one pass."""
    lines = end = unfinished = first_unfinished = 0
    totals = ScopeTotals()
    rows: Any = connection.execute(_SUMS, {"inventory": inventory_id})
    for is_complete, scope, count, kg, kg_market, kg_biogenic, first, last in rows:
        lines += count
        end = max(end, last)
        if not is_complete:
            unfinished, first_unfinished = count, first
            continue
        totals = totals._replace(biogenic=totals.biogenic + kg_biogenic)
        if scope == 2:
            totals = totals._replace(scope2_location=kg, scope2_market=kg_market)
        else:
            totals = totals._replace(**{f"scope{scope}": kg})
    return Sums(lines, end, unfinished, first_unfinished, totals)


def _files(connection: Connection, rows: Sequence[Any]) -> dict[UUID, list[FileName]]:
    keys = {row.id: row.key for row in rows if row.has_evidence}
    found: dict[UUID, list[FileName]] = {}
    for line_id, uid, name in connection.execute(_FILES, {"lines": list(keys)}):
        found.setdefault(keys[line_id], []).append(FileName(uid, name))
    return found


def _counterparts(
    connection: Connection, inventory: Inventory, rows: Sequence[Any], first: int
) -> Counterparts:
    """Last year's lines that the lines of earlier pages have left to those of this one, by their place in the year."""
    placed = [row for row in rows if row.category and row.site_id and row.start_on]
    asked = {
        "member": inventory.member_id,
        "year": inventory.year - 1,
        "categories": list({row.category for row in placed}),
        "sites": list({row.site_id for row in placed}),
        "starts": list({year_earlier(row.start_on) for row in placed}),
    }
    found = by_place(connection.execute(_BEFORE, asked))
    if found and first:
        here = {"inventory": inventory.id, "starts": list({row.start_on for row in placed})}
        take_away(found, connection.execute(_EARLIER, {**asked, **here, "first": first}))
    return found


def _notices(
    session: Session,
    inventory: Inventory,
    rows: Sequence[Any],
    codes: Mapping[int, str],
    pairs: Mapping[UUID, Any],
) -> dict[UUID, list[Noticed]]:
    """What is odd about single lines; what is odd about a series or the year stands on its own page."""
    known = reasons(session, inventory.id)
    complete = [(row, reported(row, codes)) for row in rows if row.is_complete]
    twins = _first_of_twins(session, inventory.id, [line for _row, line in complete])
    found: dict[UUID, list[Noticed]] = {}
    for row, line in complete:
        odd = [*line_warnings(line, inventory.year, pairs.get(row.key))]
        if twins:
            odd.extend(duplicate(line, twins.get(says(line), line.position)))
        if row.problems:
            odd.extend(flags(row))
        if odd:
            found[row.key] = [with_reason(each, known) for each in odd]
    return found


def _first_of_twins(
    session: Session, inventory_id: int, lines: Sequence[ReportedLine]
) -> dict[tuple[object, ...], int]:
    """The position where lines that say the same as one of these stand first, by what they say."""
    asked = {"inventory": inventory_id, "quantities": list({line.quantity for line in lines})}
    return {
        (*row[:6], tuple(sorted(json.loads(row[6]).items()))): row[7]
        for row in session.connection().execute(_TWINS, asked)
    }


def _questions(
    connection: Connection, inventory: Inventory, rows: Sequence[Any]
) -> dict[UUID, list[Question]]:
    """What the reviewer asks about the lines of the page, while the year is with the supplier again."""
    if inventory.state != State.RETURNED:
        return {}
    asked = {"inventory": inventory.id, "keys": [row.key for row in rows]}
    found: dict[UUID, list[Question]] = {}
    for line_key, uid, message, state in connection.execute(_QUESTIONS, asked):
        if line_key is not None:
            found.setdefault(line_key, []).append(Question(uid, message, state))
    return found
