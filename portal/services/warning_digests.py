"""Letters about warnings: one a day for each person with what is new to them, and never twice about the same."""

from __future__ import annotations

from datetime import UTC, datetime, time

from sqlalchemy import delete, func, select, update

from portal.domain.members import shown_name
from portal.domain.standing import State
from portal.domain.warnings import Weight
from portal.mail.kinds import MessageKind
from portal.services.outbox import send_message
from portal.services.work import Work
from portal.store import schedules
from portal.store.accounts import Account
from portal.store.members import Member
from portal.store.standing_warnings import StandingWarning, WarningNotice

_WAITS = WarningNotice.told_at.is_(None)


def people_to_tell(work: Work) -> list[int]:
    """The ids of the accounts that something waits for."""
    query = select(WarningNotice.account_id).where(_WAITS).distinct()
    return sorted(work.session.scalars(query))


def tell(work: Work, account_id: int) -> bool:
    """Write a person's letter of the day; False when there is nothing to tell, or today's has been written."""
    account = work.session.get_one(Account, account_id)
    day = datetime.combine(work.today, time(), UTC)
    name = f"warning-digest:{account_id}"
    if not schedules.take(work.session, name, day, moment=work.moment):
        return False
    mine = (WarningNotice.account_id == account_id) & _WAITS
    open_now = StandingWarning.state == State.OPEN.value
    is_serious = StandingWarning.weight == int(Weight.SERIOUS)
    counted = (
        select(
            func.count(),
            func.count().filter(is_serious),
            func.count(func.distinct(StandingWarning.member_id)),
        )
        .select_from(WarningNotice)
        .join(StandingWarning, StandingWarning.id == WarningNotice.warning_id)
        .where(mine, open_now, StandingWarning.turn == WarningNotice.turn)
    )
    count, serious, members = work.session.execute(counted).one()
    if not count or not account.active:
        # What was settled before anybody was told needs no letter; should it come back, nobody has been told of it.
        work.session.execute(delete(WarningNotice).where(mine))
        return False
    settled = mine & WarningNotice.warning_id.in_(select(StandingWarning.id).where(~open_now))
    work.session.execute(delete(WarningNotice).where(settled))
    work.session.execute(update(WarningNotice).where(mine).values(told_at=work.moment))
    _send(work, account, {"count": count, "serious": serious, "members": members})
    return True


def _send(work: Work, account: Account, counted: dict[str, int]) -> None:
    member = None if account.member_id is None else work.session.get_one(Member, account.member_id)
    name = "" if member is None else shown_name(member.name_zh, member.name_en, account.language)
    send_message(
        work,
        MessageKind.WARNING_DIGEST,
        to_email=account.email,
        to_name=account.name,
        language=account.language,
        values={
            **counted,
            "member": name,
            "path": "/supplier/warnings/" if member else "/coordinator/warnings/",
        },
        member_id=account.member_id,
    )
