"""What people do about warnings that stand: look at them, give reasons, resolve them, pass them on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.inventories import EDITABLE
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, NotFound
from portal.domain.standing import State, goes_up
from portal.domain.warnings import INTERNAL, Subject, subject_of
from portal.services import effort, warning_watch, warnings
from portal.services.member_list import matches_member
from portal.services.pages import Page, page_of
from portal.services.units import in_branch
from portal.services.warnings import Explanation
from portal.services.work import Work
from portal.store.alliance import OrgUnit
from portal.store.base import AnySelect
from portal.store.inventories import Acknowledgement, Inventory
from portal.store.lines import ActivityLine
from portal.store.members import Member
from portal.store.standing_warnings import StandingWarning

# As many as a page shows: whoever explains more at once has not looked at them.
MOST_AT_ONCE = 50
Row = StandingWarning
_Rows = Select[StandingWarning, Member, OrgUnit, str, str]


@dataclass(frozen=True, slots=True)
class WarningFilter:
    """What the address asks for; empty means no restriction."""

    state: str = State.OPEN.value
    weight: int | None = None
    code: str = ""
    year: int | None = None
    search: str = ""
    unit: OrgUnit | None = None
    only_escalated: bool = False
    sort: str = "heaviest"


@dataclass(frozen=True, slots=True)
class WarningRow:
    """One warning as a list shows it: its member, the unit it has gone to, the reason, its age in whole days."""

    row: StandingWarning
    member: Member
    unit: OrgUnit | None
    reason: str
    line: ActivityLine | None
    age_days: int
    can_be_explained: bool

    @property
    def about(self) -> Subject:
        """What the warning is about."""
        return subject_of(self.row.subject)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many warnings are open, and how many of these are serious."""

    open: int
    serious: int


def warnings_of_member(
    work: Work, member: Member, wanted: WarningFilter, page: int = 1
) -> Page[WarningRow]:
    """One page of a member's own warnings, without those that others' figures went into."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(member.id))
    query = _told_to_members(_query(wanted).where(Row.member_id == member.id))
    return _page(work, query, page)


def warnings_of_alliance(work: Work, wanted: WarningFilter, page: int = 1) -> Page[WarningRow]:
    """One page of the warnings of a branch, the heaviest and oldest first."""
    work.demand(Permission.ALLIANCE_MEMBER_READ)
    return _page(work, _query(wanted), page)


def codes_of_alliance(work: Work, state: str) -> list[str]:
    """The codes that warnings in a state have, for the filter."""
    work.demand(Permission.ALLIANCE_MEMBER_READ)
    query = select(Row.code).distinct()
    if state:
        query = query.where(Row.state == state)
    return sorted(work.session.scalars(query))


def codes_of_member(work: Work, member: Member) -> list[str]:
    """The codes that a member's warnings have, for the filter."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(member.id))
    query = select(Row.code).where(Row.member_id == member.id).distinct()
    return sorted(set(work.session.scalars(query)) - INTERNAL)


def counts_of_member(work: Work, member: Member) -> Counts:
    """How many warnings of a member are open."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(member.id))
    return _counts(work.session, _told_to_members(_counting().where(Row.member_id == member.id)))


def counts_of_alliance(work: Work, unit: OrgUnit) -> Counts:
    """How many warnings of a branch are open."""
    work.demand(Permission.ALLIANCE_PORTFOLIO_READ)
    query = _counting()
    if unit.parent_id is not None:
        query = query.join(Member, Member.id == Row.member_id).where(in_branch(unit.id))
    return _counts(work.session, query)


def explain(work: Work, member: Member, uids: Sequence[UUID], reason: str) -> int:
    """Give one reason for several warnings of one's own; returns how many were open.

    What is odd in an inventory gets an acknowledgement, which is what the reviewer reads; the year must be open for it.
    """
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(member.id))
    for year in work.session.scalars(_years_of(member, uids)).all():
        effort.count_for_year(work, year, "explain")
    rows = _own_rows(work.session, member, uids)
    by_year: dict[int, list[StandingWarning]] = {}
    for row in rows:
        by_year.setdefault(row.year if _is_of_inventory(row) else 0, []).append(row)
    beside = by_year.pop(0, [])
    for year, found in by_year.items():
        _explain_year(work, member, year, found, reason)
    for row in beside:
        _settle(work, row, State.EXPLAINED, reason)
        record_settled(work, member, row, "warning.explained", reason)
    return len(rows)


def _years_of(member: Member, uids: Sequence[UUID]) -> AnySelect:
    """The query for the years that some warnings of a member are about."""
    about = select(StandingWarning.year).where(
        StandingWarning.uid.in_(uids), StandingWarning.member_id == member.id
    )
    return select(Inventory).where(
        Inventory.member_id == member.id, Inventory.year.in_(about.distinct())
    )


def resolve(work: Work, uids: Sequence[UUID], reason: str) -> int:
    """Resolve warnings for the alliance, for as long as the same is seen; returns how many were not resolved yet."""
    work.demand(Permission.ALLIANCE_SUBMISSION_DECIDE)
    rows = _rows(work.session, uids)
    for row in rows:
        member = work.session.get_one(Member, row.member_id)
        _settle(work, row, State.RESOLVED, reason)
        record_settled(work, member, row, "warning.resolved", reason)
    return len(rows)


def escalate(work: Work, uids: Sequence[UUID], reason: str = "") -> int:
    """Pass open warnings on to the next level at once, with a word about why; returns how many could go further up."""
    work.demand(Permission.ALLIANCE_SUBMISSION_DECIDE)
    count = 0
    for row in _rows(work.session, uids):
        member = work.session.get_one(Member, row.member_id)
        ladder = warning_watch.ladder_of(work.session, member)
        if row.state != State.OPEN or row.level >= len(ladder):
            continue
        days = warning_watch.days_of(work.session, member.alliance_id)
        change = goes_up(warning_watch.kept_of(row), None, work.today, days)
        row.reason = reason or row.reason
        warning_watch.write(work, member, ladder, change, row)
        count += 1
    return count


def record_settled(
    work: Work, member: Member, row: StandingWarning, kind: str, reason: str
) -> None:
    """Keep in the ledger that a person settled a warning."""
    work.record(
        kind,
        f"warning/{row.uid}",
        on_behalf_of=member.code,
        after=digest(reason),
        detail={"code": row.code, "about": row.address},
    )


def _explain_year(
    work: Work, member: Member, year: int, rows: Sequence[StandingWarning], reason: str
) -> None:
    inventory = work.session.scalars(
        select(Inventory).where(Inventory.member_id == member.id, Inventory.year == year)
    ).one_or_none()
    if inventory is None:
        raise NotFound()
    given = [Explanation(row.code, row.address, reason) for row in rows]
    try:
        warnings.explain_all(work, inventory, given)
    except NotFound as gone:
        # The data have changed since the list was made.
        raise Conflict("warning.moved_on", {"year": year}) from gone


def _settle(work: Work, row: StandingWarning, state: State, reason: str) -> None:
    row.state, row.reason = state.value, reason
    row.settled_at, row.settled_by = work.moment, work.actor.account_id
    work.session.flush()


def _is_of_inventory(row: StandingWarning) -> bool:
    return subject_of(row.subject).kind in _IN_INVENTORIES


# Subjects of what the rules of a year find; everything else is found beside the inventory.
_IN_INVENTORIES = frozenset({"line", "series", "category", "inventory", "output"})


def _own_rows(session: Session, member: Member, uids: Sequence[UUID]) -> list[StandingWarning]:
    rows = _rows(session, uids)
    if any(row.member_id != member.id or row.code in INTERNAL for row in rows):
        raise NotFound()
    return [row for row in rows if row.state == State.OPEN.value]


def _rows(session: Session, uids: Sequence[UUID]) -> list[StandingWarning]:
    """The warnings with these ids that are not resolved yet; one that there isn't is NotFound."""
    wanted = list(dict.fromkeys(uids))[:MOST_AT_ONCE]
    query = select(Row).where(Row.uid.in_(wanted)).order_by(Row.id).with_for_update()
    rows = list(session.scalars(query))
    if len(rows) != len(wanted):
        raise NotFound()
    return [row for row in rows if row.state != State.RESOLVED.value]


def _query(wanted: WarningFilter) -> _Rows:
    query = (
        select(Row, Member, OrgUnit, Acknowledgement.reason, Inventory.state)
        .join(Member, Member.id == Row.member_id)
        .outerjoin(OrgUnit, OrgUnit.id == Row.unit_id)
        .outerjoin(Inventory, (Inventory.member_id == Row.member_id) & (Inventory.year == Row.year))
        .outerjoin(
            Acknowledgement,
            (Acknowledgement.inventory_id == Inventory.id)
            & (Acknowledgement.code == Row.code)
            & (Acknowledgement.subject == Row.address),
        )
    )
    conditions = {
        "state": (wanted.state, Row.state == wanted.state),
        "weight": (wanted.weight, Row.weight == wanted.weight),
        "code": (wanted.code, Row.code == wanted.code),
        "year": (wanted.year, Row.year == wanted.year),
        "escalated": (wanted.only_escalated, Row.level > 0),
    }
    query = query.where(*(condition for asked, condition in conditions.values() if asked))
    if wanted.unit is not None:
        query = query.where(in_branch(wanted.unit.id))
    if wanted.search:
        query = query.where(matches_member(wanted.search))
    return _ordered(query, wanted.sort)


def _ordered(query: _Rows, sort: str) -> _Rows:
    orders = {
        "heaviest": (Row.weight.desc(), Row.opened_at),
        "oldest": (Row.opened_at,),
        "newest": (Row.opened_at.desc(),),
        "due": (Row.due_on,),
        "member": (Member.code, Row.weight.desc()),
    }
    return query.order_by(*orders[sort], Row.id)


def _page(work: Work, query: _Rows, page: int) -> Page[WarningRow]:
    found = page_of(work.session, query, page)
    lines = _lines_of(work.session, [row for row, *_ in found.rows])
    rows = [
        WarningRow(
            row,
            member,
            unit,
            row.reason or acknowledged or "",
            lines.get(row.subject),
            (work.moment - row.opened_at).days,
            row.state == State.OPEN and (not _is_of_inventory(row) or state in EDITABLE),
        )
        for row, member, unit, acknowledged, state in found.rows
    ]
    return Page(rows, found.number, found.total, found.size)


def _lines_of(session: Session, rows: Sequence[StandingWarning]) -> dict[str, ActivityLine]:
    """The lines that warnings about a single line speak of, by subject."""
    about = [subject_of(row.subject) for row in rows]
    keys = [UUID(each.key) for each in about if each.kind == "line"]
    found = session.scalars(select(ActivityLine).where(ActivityLine.key.in_(keys)))
    return {f"line/{line.key}": line for line in found}


def _told_to_members(query: AnySelect) -> AnySelect:
    return query.where(Row.code.not_in(INTERNAL))


def _counting() -> AnySelect:
    return select(func.count(), func.count().filter(Row.weight == 3)).where(
        Row.state == State.OPEN.value
    )


def _counts(session: Session, query: AnySelect) -> Counts:
    return Counts(*session.execute(query).one())
