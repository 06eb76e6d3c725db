"""Dossiers: beginning a plan, a progress report or a restatement, taking one for editing, throwing a draft away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.inventories import EDITABLE, State
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, NotFound
from portal.domain.submissions import Kind
from portal.services.work import Work
from portal.store.base import rows_changed
from portal.store.dossiers import ActionProgress, Adjustment, Dossier
from portal.store.members import Member
from portal.store.submissions import Submission

# Made once: putting it together costs more than running it.
_TAKE = (
    update(Dossier)
    .where(
        Dossier.id == bindparam("dossier"),
        # SQLite gives the number of one that was thrown away to a new one.
        Dossier.uid == bindparam("public"),
        Dossier.state.in_([state.value for state in EDITABLE]),
    )
    .values(changed_at=bindparam("moment"), version=Dossier.version + 1)
    .execution_options(synchronize_session=False)
)


def begin(work: Work, member: Member, kind: Kind, year: int, quarter: int = 0) -> Dossier:
    """Begin a dossier; one begun already is given back as it is."""
    work.demand(Permission.MEMBER_PLAN_EDIT, MemberId(member.id))
    begun = look_up(work, member, kind, year, quarter)
    if begun is not None:
        return begun
    dossier = Dossier(
        uid=work.new_uid(),
        member_id=member.id,
        kind=kind.value,
        year=year,
        quarter=quarter,
        detail={},
        created_at=work.moment,
        changed_at=work.moment,
    )
    try:
        with work.session.begin_nested():
            work.session.add(dossier)
    except IntegrityError:  # somebody else of the member began it at the same moment
        return find(work, member, kind, year, quarter)
    work.record(
        "dossier.opened",
        f"dossier/{dossier.uid}",
        on_behalf_of=member.code,
        detail={"kind": kind.value, "year": year, "quarter": quarter},
    )
    return dossier


def look_up(
    work: Work, member: Member, kind: Kind, year: int = 0, quarter: int = 0
) -> Dossier | None:
    """A member's dossier, None while it has not been begun; a plan is found whatever its year."""
    work.demand(Permission.MEMBER_PLAN_READ, MemberId(member.id))
    query = select(Dossier).where(Dossier.member_id == member.id, Dossier.kind == kind.value)
    if kind is not Kind.PLAN:
        query = query.where(Dossier.year == year, Dossier.quarter == quarter)
    return work.session.scalars(query).one_or_none()


def find(work: Work, member: Member, kind: Kind, year: int = 0, quarter: int = 0) -> Dossier:
    """A member's dossier; one not begun is answered like an unknown one."""
    found = look_up(work, member, kind, year, quarter)
    if found is None:
        raise NotFound()
    return found


def list_of(work: Work, member: Member, *kinds: Kind) -> list[Dossier]:
    """A member's dossiers of some kinds, latest first."""
    work.demand(Permission.MEMBER_PLAN_READ, MemberId(member.id))
    query = (
        select(Dossier)
        .where(Dossier.member_id == member.id, Dossier.kind.in_([kind.value for kind in kinds]))
        .order_by(Dossier.year.desc(), Dossier.quarter)
    )
    return list(work.session.scalars(query))


def begin_edit(work: Work, dossier: Dossier) -> Member:
    """Take the dossier for this transaction: only a draft or returned one can be edited, one writer after the other.

    The conditional UPDATE is what a submission races against: exactly one of editing and submitting wins.
    """
    work.demand(Permission.MEMBER_PLAN_EDIT, MemberId(dossier.member_id))
    named = {"dossier": dossier.id, "public": dossier.uid, "moment": work.moment}
    taken = rows_changed(work.session, _TAKE, named)
    if taken != 1:
        there = select(Dossier.id).where(Dossier.id == dossier.id, Dossier.uid == dossier.uid)
        if work.session.scalars(there).one_or_none() is None:
            raise NotFound()  # somebody else of the member threw it away meanwhile
    work.session.refresh(dossier)
    if taken != 1:
        raise Conflict("inventory.state.moved_on", {"state": dossier.state})
    return work.session.get_one(Member, dossier.member_id)


def why_it_stays(session: Session, dossier: Dossier) -> Conflict | None:
    """Why a dossier can't be thrown away; None for a report or restatement that was never handed in.

    The one plan of a member stays: it is begun once, and each of its parts can be removed.
    """
    if dossier.kind == Kind.PLAN:
        return Conflict("plan.stays")
    if dossier.state not in EDITABLE:
        return Conflict("inventory.state.moved_on", {"state": dossier.state})
    handed_in = select(Submission.id).where(Submission.dossier_id == dossier.id).limit(1)
    if session.scalars(handed_in).one_or_none() is not None:
        return Conflict("dossier.handed_in")
    return None


def discard(work: Work, dossier: Dossier) -> None:
    """Throw a draft away with all that was typed into it; files that prove something in it stay the member's."""
    member = begin_edit(work, dossier)
    if stays := why_it_stays(work.session, dossier):
        raise stays
    work.record(
        "dossier.discarded",
        f"dossier/{dossier.uid}",
        on_behalf_of=member.code,
        before=digest({"detail": dossier.detail, "note": dossier.note}),
        detail={"kind": dossier.kind, "year": dossier.year, "quarter": dossier.quarter},
    )
    for part in (ActionProgress, Adjustment):
        work.session.execute(delete(part).where(part.dossier_id == dossier.id))
    work.session.delete(dossier)
    work.session.flush()


def revise(work: Work, plan: Dossier) -> Dossier:
    """Open an approved plan for its next version: what was approved holds until that one is approved."""
    work.demand(Permission.MEMBER_PLAN_EDIT, MemberId(plan.member_id))
    member = work.session.get_one(Member, plan.member_id)
    moved = rows_changed(
        work.session,
        update(Dossier)
        .where(Dossier.id == plan.id, Dossier.state == State.APPROVED.value)
        .values(
            state=State.DRAFT.value,
            year=work.today.year,
            changed_at=work.moment,
            version=Dossier.version + 1,
        )
        .execution_options(synchronize_session=False),
    )
    work.session.refresh(plan)
    if moved != 1:
        raise Conflict("inventory.state.moved_on", {"state": plan.state})
    work.record("dossier.revised", f"dossier/{plan.uid}", on_behalf_of=member.code)
    return plan


def describe(work: Work, dossier: Dossier, detail: Mapping[str, Any], note: str) -> None:
    """Keep what a dossier says beside its targets, actions or adjustments; the same again changes nothing."""
    if dict(dossier.detail) == dict(detail) and dossier.note == note:
        return
    before = digest({"detail": dossier.detail, "note": dossier.note})
    member = begin_edit(work, dossier)
    dossier.detail, dossier.note = dict(detail), note
    work.session.flush()
    work.record(
        "dossier.described",
        f"dossier/{dossier.uid}",
        on_behalf_of=member.code,
        before=before,
        after=digest({"detail": detail, "note": note}),
    )
