"""The watch over warnings: what a look at a member finds is kept, goes up when it waits too long, and is told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actors import Role
from portal.domain.canonical import digest
from portal.domain.members import Status
from portal.domain.standing import Change, Found, Happened, Kept, State, look
from portal.domain.warnings import Weight
from portal.services import notices, programmes
from portal.services.places import day_of
from portal.services.warning_meters import keep_look
from portal.services.warning_peers import Peers
from portal.services.warning_sight import Sight, sight_of
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.accounts import Role as RoleRow
from portal.store.alliance import OrgClosure, OrgUnit
from portal.store.base import upserting
from portal.store.members import Member
from portal.store.standing_warnings import StandingWarning, WarningNotice

_WRITERS = (Role.REPORTER, Role.SIGNATORY)
# Whoever is told anew when a warning has opened, opened again or gone up.
_TOLD_OF = frozenset({Happened.OPENED, Happened.REOPENED, Happened.ESCALATED})
# What the portal's reminders tell the member already.
_REMINDED_OF = frozenset({"report.late", "certificate.ending"})


def members_to_watch(work: Work) -> list[int]:
    """The ids of the active members."""
    query = select(Member.id).where(Member.status == Status.ACTIVE.value).order_by(Member.id)
    return list(work.session.scalars(query))


def found_of(work: Work, member_id: int, peers: Peers) -> Sight:
    """What a look at a member finds; reckoned outside the transaction that keeps it."""
    return sight_of(work, work.session.get_one(Member, member_id), peers)


def keep(work: Work, member_id: int, seen: Sight) -> Counter[Happened]:
    """Keep what was found of a member; the same again changes nothing and tells nobody."""
    if seen.look is not None:
        keep_look(work, seen.look)
    member = work.session.get_one(Member, member_id)
    rows = {_place(row): row for row in _rows(work.session, member_id)}
    ladder = ladder_of(work.session, member)
    changes = look(
        [kept_of(row) for row in rows.values()],
        seen.found,
        today=work.today,
        days=days_of(work.session, member.alliance_id),
        levels=len(ladder),
    )
    for change in changes:
        write(work, member, ladder, change, rows.get(change.place))
    counted = Counter(change.happened for change in changes)
    if counted:
        work.record(
            "warnings.watched",
            f"member/{member.uid}",
            on_behalf_of=member.code,
            detail={happened.value: count for happened, count in sorted(counted.items())},
        )
    return counted


def days_of(session: Session, alliance_id: int) -> Mapping[Weight, int]:
    """How long a warning may wait at a level, by its weight."""
    return programmes.in_force(session, alliance_id).programme.warning_days


def _rows(session: Session, member_id: int) -> Iterable[StandingWarning]:
    return session.scalars(
        select(StandingWarning).where(StandingWarning.member_id == member_id).with_for_update()
    )


def _place(row: StandingWarning) -> tuple[int, str, str]:
    return (row.year, row.code, row.subject)


def kept_of(row: StandingWarning) -> Kept:
    """A row as the rules of its life see it."""
    return Kept(
        _place(row),
        row.address,
        State(row.state),
        Weight(row.weight),
        row.level,
        row.turn,
        row.due_on,
        is_settled=row.settled_by is not None,
        values=row.values["values"],
        closed_on=None if row.settled_at is None else day_of(row.settled_at),
    )


def ladder_of(session: Session, member: Member) -> list[OrgUnit]:
    """The units that a member's warnings go up to, from its own to the root."""
    query = (
        select(OrgUnit)
        .join(OrgClosure, OrgClosure.ancestor_id == OrgUnit.id)
        .where(OrgClosure.descendant_id == member.unit_id)
        .order_by(OrgClosure.depth)
    )
    return list(session.scalars(query))


def write(
    work: Work,
    member: Member,
    ladder: Sequence[OrgUnit],
    change: Change,
    row: StandingWarning | None,
) -> StandingWarning:
    """Write one change, and note whoever is to be told of it."""
    if row is None:
        row = _opened(work, member, change)
    is_anew = row.turn != change.turn
    row.state, row.level, row.turn = change.state.value, change.level, change.turn
    row.unit_id = ladder[change.level - 1].id if change.level else None
    row.due_on = change.due_on
    if change.found is not None:
        _say(row, change.found)
    if change.happened is Happened.REOPENED:
        row.settled_at, row.settled_by, row.reason = None, None, ""
        row.opened_at = work.moment if is_anew else row.opened_at
    elif change.state is not State.OPEN:
        row.settled_at = work.moment
    if change.happened is Happened.EXPLAINED:
        row.reason = (
            ""  # the acknowledgement has it; what was said when it was passed on has had its answer
        )
    work.session.add(row)
    work.session.flush()
    if change.happened is Happened.ESCALATED:
        record_escalation(work, member, row, ladder[change.level - 1])
    if change.happened in _TOLD_OF and (change.level or row.code not in _REMINDED_OF):
        _note(work, row, _receivers(work, member, ladder, change.level))
    return row


def _opened(work: Work, member: Member, change: Change) -> StandingWarning:
    year, code, subject = change.place
    return StandingWarning(
        uid=work.new_uid(),
        member_id=member.id,
        year=year,
        code=code,
        subject=subject,
        opened_at=work.moment,
        settled_at=None,
        settled_by=None,
        reason="",
    )


def _say(row: StandingWarning, found: Found) -> None:
    row.address = found.address
    row.weight = int(found.warning.weight)
    row.values = {"values": dict(found.warning.values), "lines": list(found.warning.lines[:1])}


def record_escalation(work: Work, member: Member, row: StandingWarning, unit: OrgUnit) -> None:
    """Keep in the ledger that a warning went up, to which unit, and a digest of what was said with it."""
    work.record(
        "warning.escalated",
        f"warning/{row.uid}",
        on_behalf_of=member.code,
        after=digest(row.reason) if row.reason else "",
        detail={"code": row.code, "level": row.level, "unit": unit.code},
    )


def _receivers(
    work: Work, member: Member, ladder: Sequence[OrgUnit], level: int
) -> Sequence[Account]:
    """The member's people; further up whoever looks after the unit, or the nearest above that anybody looks after."""
    if not level:
        return notices.people_of(work, member.id, _WRITERS)
    for unit in ladder[level - 1 :]:
        people = _people_of_unit(work.session, unit)
        if people:
            return people
    return []


def _people_of_unit(session: Session, unit: OrgUnit) -> list[Account]:
    """Coordinators of a unit; those of no unit look after the whole alliance."""
    is_theirs = Account.unit_id == unit.id
    if unit.parent_id is None:
        is_theirs = is_theirs | Account.unit_id.is_(None)
    query = select(Account).where(
        is_theirs,
        Account.member_id.is_(None),
        Account.active.is_(True),
        Account.roles.any(RoleRow.name == Role.COORDINATOR.value),
    )
    return list(session.scalars(query.order_by(Account.id)).unique())


def _note(work: Work, row: StandingWarning, people: Sequence[Account]) -> None:
    """One row for each person, warning, turn and level; who was told of it at a level below isn't told again."""
    if not people or not work.writes_letters:
        return
    known = set(
        work.session.scalars(
            select(WarningNotice.account_id).where(
                WarningNotice.warning_id == row.id, WarningNotice.turn == row.turn
            )
        )
    )
    fresh = [
        {"warning_id": row.id, "account_id": each.id, "turn": row.turn, "level": row.level}
        for each in people
        if each.id not in known
    ]
    if fresh:
        work.session.execute(upserting(work.session)(WarningNotice).on_conflict_do_nothing(), fresh)
