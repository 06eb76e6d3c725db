"""From what was typed to what is kept: a line's raw values are read, worked out, and turned into its columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import select

from portal.calculation.assessment import Assessment
from portal.calculation.lines import AssessmentContext
from portal.calculation.periods import Period
from portal.calculation.problems import Problem, Severity
from portal.calculation.quantities import text
from portal.domain.actors import MemberId
from portal.domain.permissions import Permission
from portal.intake.line_rules import LineRules
from portal.intake.number_shapes import writes_comma
from portal.intake.raw import RawLine, bounded, given, storable
from portal.intake.read import PARAMETER, LineRead, LineValues, read_line
from portal.intake.reading import Change
from portal.services import assessments
from portal.services.inventories import reporting_year
from portal.services.work import Work
from portal.store.inventories import Inventory
from portal.store.members import Member, Site

CONFIRMED = "confirmed"
# The calculation names its own inputs; a person finds them in these columns.
_COLUMN_OF = {"start": "period", "end": "period", "country": "site", "region": "site"}
_RESULTS = (
    "scope",
    "kg_co2e",
    "kg_co2e_market",
    "kg_co2_biogenic",
    "quality",
    "factor",
    "assessment",
)
Found = TypeVar("Found", Problem, Change)
_NO_RESULT: Mapping[str, Any] = dict.fromkeys(_RESULTS)


@dataclass(frozen=True, slots=True)
class Desk:
    """What all lines of one inventory are read against and worked out with; sites by code.

    `there` holds the places of lines that stand in the year already, where whoever brings more is to be told of them.
    `locale` says how numbers are typed by whoever is at it; what was kept of others is read as they typed it.
    """

    inventory_id: int
    year: int
    rules: LineRules
    context: AssessmentContext
    sites: Mapping[str, Site]
    locale: str = "en"
    there: frozenset[tuple[object, ...]] = frozenset()

    def as_kept(self, values: Mapping[str, object]) -> dict[str, Any]:
        """What was typed, as a line keeps it: with the way in which its numbers were typed."""
        comma = writes_comma(self.locale)
        return {
            name: storable(value, with_comma=comma and _may_be_number(name))
            for name, value in bounded(values).items()
        }


def _may_be_number(column: str) -> bool:
    return column == "quantity" or column.startswith(PARAMETER)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a line comes to: the columns to keep, what is to be put right, and how typed values were read.

    The field of a problem or a change is the line's column (`quantity`, `parameters.gas`).
    """

    columns: Mapping[str, Any]
    problems: tuple[Problem, ...]
    changes: tuple[Change, ...]

    @property
    def is_complete(self) -> bool:
        """Whether the line counts: nothing is wrong with it and no question waits."""
        return bool(self.columns["is_complete"])


def desk_of(work: Work, inventory: Inventory, *, locale: str) -> Desk:
    """Gather what lines of the inventory are read and worked out with."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    member = work.session.get_one(Member, inventory.member_id)
    query = select(Site).where(Site.member_id == member.id).order_by(Site.code)
    sites = {site.code: site for site in work.session.scalars(query)}
    reporting = reporting_year(work.session, member.alliance_id, inventory.year)
    context = assessments.context_of(reporting, member.sector)
    rules = LineRules(
        today=work.today,
        inventory_year=inventory.year,
        sites=_spellings(sites.values()),
        categories=context.categories,
        locale="en",  # a text that was typed otherwise says so itself
    )
    return Desk(inventory.id, inventory.year, rules, context, sites, locale)


def _spellings(sites: Any) -> dict[str, str]:
    """Codes and names that lead to a site's code; a name that two sites share leads nowhere."""
    active = [site for site in sites if site.is_active]
    names = Counter(name for site in active for name in {site.name_zh, site.name_en} if name)
    found = {
        name: site.code
        for site in active
        for name in (site.name_zh, site.name_en)
        if names[name] == 1
    }
    return {**found, **{site.code: site.code for site in sites}}


def judge(desk: Desk, raw: Mapping[str, Any], *, key: str, has_evidence: bool) -> Judged:
    """Read a line's raw values and work it out; what is wrong with it is kept beside what was typed."""
    typed = {name: given(value) for name, value in raw.items() if name != CONFIRMED}
    read = read_line(RawLine.of_line(typed), desk.rules, raw.get(CONFIRMED) or {})
    problems = tuple(_in_column(found) for found in read.problems)
    changes = tuple(_in_column(each) for each in read.changes)
    if read.values is None:
        return Judged(_unfinished(desk, raw, read, problems), problems, changes)
    site = desk.sites[read.values.site]
    found = assessments.assess_line(
        desk.context,
        key=key,
        category=read.values.category,
        quantity=read.values.quantity,
        unit=read.values.unit,
        period=read.values.period,
        year=desk.year,
        site=site,
        parameters=read.values.parameters,
        has_evidence=has_evidence,
        with_trace=False,  # what is kept of a line has none
    )
    if not isinstance(found, Assessment):
        problems += tuple(_in_column(each) for each in found)
        return Judged(_unfinished(desk, raw, read, problems), problems, changes)
    return Judged(_finished(site, raw, read.values, found, problems), problems, changes)


def _in_column(found: Found) -> Found:
    """The problem or change in the column that a person finds it in."""
    column = _COLUMN_OF.get(found.field)
    return found if column is None else replace(found, field=column)


def _finished(
    site: Site,
    raw: Mapping[str, Any],
    values: LineValues,
    found: Assessment,
    problems: tuple[Problem, ...],
) -> dict[str, Any]:
    return {
        "raw": dict(raw),
        "problems": [problem_json(each) for each in problems] or None,
        "is_complete": True,
        "category": values.category,
        "quantity": values.quantity,
        "unit": values.unit,
        "site_id": site.id,
        "start_on": values.period.start,
        "end_on": values.period.end,
        "parameters": _plain(values.parameters),
        "note": values.note,
        **assessments.columns_of(found),
    }


def _unfinished(
    desk: Desk, raw: Mapping[str, Any], read: LineRead, problems: tuple[Problem, ...]
) -> dict[str, Any]:
    """What could be read is kept in its column, so that a draft line finds its counterpart of last year."""
    parts = read.parts
    period = parts.get("period")
    site = desk.sites.get(str(parts.get("site")))
    parameters = {
        column.removeprefix(PARAMETER): value
        for column, value in parts.items()
        if column.startswith(PARAMETER)
    }
    return {
        "raw": dict(raw),
        "problems": [problem_json(each) for each in problems],
        "is_complete": False,
        "category": parts.get("category"),
        "quantity": parts.get("quantity"),
        "unit": parts.get("unit"),
        "site_id": None if site is None else site.id,
        "start_on": period.start if isinstance(period, Period) else None,
        "end_on": period.end if isinstance(period, Period) else None,
        "parameters": _plain(parameters),
        "note": parts.get("note") or "",
        **_NO_RESULT,
    }


def _plain(parameters: Mapping[str, object]) -> dict[str, str]:
    """Parameters as the text that is kept: numbers as plain digits, choices as their codes."""
    return {
        name: text(value) if isinstance(value, Decimal) else str(value)
        for name, value in parameters.items()
    }


def problem_json(found: Problem) -> dict[str, Any]:
    """A problem as it is kept beside an unfinished line."""
    return {
        "code": found.code,
        "field": found.field,
        "values": dict(found.values),
        "severity": found.severity.value,
        "readings": list(found.readings),
    }


def problem_of(plain: Mapping[str, Any]) -> Problem:
    """Read back what problem_json wrote."""
    return Problem(
        plain["code"],
        plain["field"],
        tuple(plain["values"].items()),
        Severity(plain["severity"]),
        tuple(plain["readings"]),
    )


def period_code(start: date, end: date) -> str:
    """The spelling of a half-open period that a choice of the table has: 2025, 2025-Q1, 2025-03, or its two days."""
    year, months = start.year, (end.year - start.year) * 12 + end.month - start.month
    if start.day == 1 and end.day == 1:
        if months == 12 and start.month == 1:
            return f"{year:04d}"
        if months == 3 and start.month % 3 == 1:
            return f"{year:04d}-Q{start.month // 3 + 1}"
        if months == 1:
            return f"{year:04d}-{start.month:02d}"
    return f"{start.isoformat()}/{(end - timedelta(days=1)).isoformat()}"
