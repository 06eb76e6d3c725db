"""Warnings of a year: found by the rules whenever somebody looks, with the reasons that the supplier gave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from portal import data
from portal.calculation.problems import Severity
from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.permissions import Permission
from portal.domain.refusals import NotFound
from portal.domain.warnings import (
    Evidence,
    RaisedWarning,
    ReportedLine,
    Series,
    Weight,
    find_warnings,
    fingerprint,
)
from portal.services.inventories import begin_edit, mark_not_applicable, output_count
from portal.services.line_reading import problem_of
from portal.services.work import Work
from portal.store.inventories import Acknowledgement, Inventory, NotApplicable
from portal.store.lines import ActivityLine, LineEvidence
from portal.store.members import Member, Site

# A remark that a rule of the year makes too, in more helpful words.
_SAID_BY_A_RULE = frozenset({"period.across_years"})

_has_evidence = select(LineEvidence.line_id).where(LineEvidence.line_id == ActivityLine.id).exists()
REPORTED = (
    ActivityLine.key,
    ActivityLine.position,
    ActivityLine.category,
    ActivityLine.site_id,
    ActivityLine.start_on,
    ActivityLine.end_on,
    ActivityLine.quantity,
    ActivityLine.unit,
    ActivityLine.kg_co2e,
    ActivityLine.parameters,
    ActivityLine.problems,
    _has_evidence.label("has_evidence"),
)


@dataclass(frozen=True, slots=True)
class Noticed:
    """A warning that stands, with the supplier's reason; empty while none was given."""

    warning: RaisedWarning
    reason: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a caller has asked for already: the categories that don't apply, and how many products there are."""

    not_applicable: frozenset[str]
    output_count: int


def noticed(work: Work, inventory: Inventory, known: Known | None = None) -> list[Noticed]:
    """Every warning of the year, heaviest first, in a fixed number of statements."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    session = work.session
    sites = site_codes(session, inventory.member_id)
    rows = list(session.execute(_lines_of(inventory.id)))
    if known is None:
        known = Known(_not_applicable(session, inventory.id), output_count(session, inventory.id))
    seen = Evidence(
        year=inventory.year,
        lines=[reported(row, sites) for row in rows],
        last_year=_last_year(session, inventory, sites),
        history=_history(session, inventory, sites),
        expected=_expected(session, inventory),
        not_applicable=known.not_applicable,
        through=work.today,
        output_count=known.output_count,
    )
    found = [*find_warnings(seen), *(flag for row in rows for flag in flags(row))]
    given = reasons(session, inventory.id)
    return [with_reason(warning, given) for warning in sorted(found, key=lambda w: -w.weight)]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one warning may stand."""

    code: str
    address: str
    reason: str


def explain(work: Work, inventory: Inventory, code: str, address: str, reason: str) -> None:
    """Keep why one warning may stand."""
    explain_all(work, inventory, [Explanation(code, address, reason)])


def explain_all(work: Work, inventory: Inventory, given: Sequence[Explanation]) -> int:
    """Keep why warnings may stand; each must be one that stands now. Returns how many reasons are new or changed.

    The reason for a category that is missed says that it does not apply, so it is kept as that.
    """
    begin_edit(work, inventory)
    standing = {
        (each.warning.code, each.warning.address): each for each in noticed(work, inventory)
    }
    count = 0
    for each in given:
        stands = standing.get((each.code, each.address))
        if stands is None:
            raise NotFound()
        if each.reason == stands.reason:
            continue
        kind, _, category = stands.warning.subject.partition("/")
        if kind == "category":
            mark_not_applicable(work, inventory, category, each.reason)
        else:
            _keep(work, inventory, each)
        count += 1
    return count


def _keep(work: Work, inventory: Inventory, given: Explanation) -> None:
    row = work.session.scalars(
        select(Acknowledgement).where(
            Acknowledgement.inventory_id == inventory.id,
            Acknowledgement.code == given.code,
            Acknowledgement.subject == given.address,
        )
    ).one_or_none()
    before = "" if row is None else digest(row.reason)
    if row is None:
        row = Acknowledgement(inventory_id=inventory.id, code=given.code, subject=given.address)
        work.session.add(row)
    row.reason, row.account_id, row.at = given.reason, work.actor.account_id, work.moment
    work.session.flush()
    work.record(
        "warning.explained",
        f"inventory/{inventory.uid}",
        on_behalf_of=work.session.get_one(Member, inventory.member_id).code,
        before=before,
        after=digest(given.reason),
        detail={"code": given.code, "about": given.address},
    )


_REASONS = select(Acknowledgement.code, Acknowledgement.subject, Acknowledgement.reason).where(
    Acknowledgement.inventory_id == bindparam("inventory")
)


def reasons(session: Session, inventory_id: int) -> dict[tuple[str, str], str]:
    """The reasons given so far, by code and address of the warning."""
    rows = session.connection().execute(_REASONS, {"inventory": inventory_id})
    return {(code, subject): reason for code, subject, reason in rows}


def with_reason(warning: RaisedWarning, known: Mapping[tuple[str, str], str]) -> Noticed:
    """The warning with the reason that was given for the very thing it sees."""
    return Noticed(warning, known.get((warning.code, warning.address), ""))


def site_codes(session: Session, member_id: int) -> dict[int, str]:
    """The codes of a member's sites by id."""
    query = select(Site.id, Site.code).where(Site.member_id == member_id)
    return dict(session.execute(query).all())


def reported(row: Any, sites: Mapping[int, str]) -> ReportedLine:
    """A finished line as the rules see it; the site by its code."""
    return ReportedLine(
        key=str(row.key),
        position=row.position,
        category=row.category,
        site=sites[row.site_id],
        start=row.start_on,
        end=row.end_on,
        quantity=row.quantity,
        unit=row.unit,
        kg_co2e=row.kg_co2e,
        has_evidence=bool(row.has_evidence),
        parameters=row.parameters or {},
    )


def flags(row: Any) -> Iterator[RaisedWarning]:
    """What the readers remarked about one line: an unusually large number, a period that still runs."""
    for plain in row.problems or ():
        found = problem_of(plain)
        if found.severity is Severity.WARNING and found.code not in _SAID_BY_A_RULE:
            seen = fingerprint(repr(found.values))
            subject = f"line/{row.key}"
            yield RaisedWarning(
                found.code, subject, Weight.CHECK, found.values, (str(row.key),), seen
            )


def _lines_of(inventory_id: Any) -> Any:
    return (
        select(*REPORTED)
        .where(ActivityLine.inventory_id == inventory_id, ActivityLine.is_complete.is_(True))
        .order_by(ActivityLine.position, ActivityLine.id)
    )


def _last_year(
    session: Session, inventory: Inventory, sites: Mapping[int, str]
) -> list[ReportedLine]:
    return [reported(row, sites) for row in session.execute(_lines_of(inventory_before(inventory)))]


def inventory_before(inventory: Inventory) -> Any:
    """The id of the member's inventory of the year before, as part of a statement."""
    return (
        select(Inventory.id)
        .where(Inventory.member_id == inventory.member_id, Inventory.year == inventory.year - 1)
        .scalar_subquery()
    )


def _history(
    session: Session, inventory: Inventory, sites: Mapping[int, str]
) -> dict[Series, list[Decimal]]:
    """kg CO2e of each series in the years before, oldest first."""
    query: Any = (
        select(ActivityLine.category, ActivityLine.site_id, func.sum(ActivityLine.kg_co2e))
        .join(Inventory, Inventory.id == ActivityLine.inventory_id)
        .where(
            Inventory.member_id == inventory.member_id,
            Inventory.year < inventory.year,
            ActivityLine.is_complete.is_(True),
        )
        .group_by(ActivityLine.category, ActivityLine.site_id, Inventory.year)
        .order_by(Inventory.year)
    )
    found: dict[Series, list[Decimal]] = {}
    for category, site_id, total in session.execute(query):
        found.setdefault((category, sites[site_id]), []).append(total)
    return found


def _expected(session: Session, inventory: Inventory) -> tuple[str, ...]:
    """The categories that the member's sector usually has."""
    sector = session.get_one(Member, inventory.member_id).sector
    known = data.load_sectors().get(sector)
    return () if known is None else known.categories


def _not_applicable(session: Session, inventory_id: int) -> frozenset[str]:
    query = select(NotApplicable.category).where(NotApplicable.inventory_id == inventory_id)
    return frozenset(session.scalars(query))


def unexplained(found: Iterable[Noticed]) -> list[Noticed]:
    """The warnings that still need a reason."""
    return [each for each in found if not each.reason]
