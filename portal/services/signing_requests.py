"""Asking a member's signatories to hand in what somebody else has filled in."""

from __future__ import annotations

from datetime import timedelta

from portal.domain.actors import MemberId, Role
from portal.domain.inventories import EDITABLE
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, TooOften
from portal.services import notices
from portal.services.submissions import Subject
from portal.services.work import Work
from portal.store import throttle
from portal.store.inventories import Inventory
from portal.store.members import Member
from portal.store.throttle import Limit

# Once a day for each thing: the letter says all there is to say.
_AGAIN_AFTER = timedelta(hours=20)


def ask_to_sign(work: Work, subject: Subject) -> int:
    """Write to the member's signatories that a year or a report is ready; returns how many were written to."""
    is_year = isinstance(subject, Inventory)
    needed = Permission.MEMBER_INVENTORY_EDIT if is_year else Permission.MEMBER_PLAN_EDIT
    work.demand(needed, MemberId(subject.member_id))
    if subject.state not in EDITABLE:
        raise Conflict("inventory.state.moved_on", {"state": subject.state})
    if not notices.people_of(work, subject.member_id, (Role.SIGNATORY,)):
        raise Conflict("signature.nobody")
    limit = Limit(f"sign:{subject.uid}", 1, _AGAIN_AFTER)
    if throttle.reserve(work.session, [limit], work.moment) is not None:
        seconds = throttle.seconds_until_open(work.session, limit.key, work.moment)
        raise TooOften("signature.asked_already", seconds=seconds)
    told = notices.ready_to_sign(work, subject)
    member = work.session.get_one(Member, subject.member_id)
    kind = "inventory" if is_year else "dossier"
    work.record(
        "signature.asked",
        f"{kind}/{subject.uid}",
        on_behalf_of=member.code,
        detail={"receivers": told},
    )
    return told
