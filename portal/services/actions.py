"""Reduction actions of a member: adding them from the library or of one's own, changing, copying and removing them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from portal.calculation.problems import Problem, problem
from portal.domain.actions import Status
from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.levers import Ledger, Lever, Method
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, NotFound
from portal.intake.reading import Change
from portal.intake.typed import Typed
from portal.services import dossiers
from portal.services.action_estimates import Basis
from portal.services.action_reading import ReadAction, read_action
from portal.services.sources import SourceBook
from portal.services.work import Work
from portal.store.actions import Action, ActionEvidence, Milestone
from portal.store.base import rows_changed
from portal.store.dossiers import ActionProgress, Dossier
from portal.store.evidence import Evidence
from portal.store.members import Member, Site
from portal.store.sight import seeing_everybody
from portal.store.submissions import Submission

MOST_OFFERED_OF_A_MEMBER = 3
MOST_ACTIONS = 500  # of one member


@dataclass(frozen=True, slots=True)
class SavedAction:
    """What saving came to: the action and how typed values were read, or problems and nothing kept."""

    action: Action | None
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionDetail:
    """An action with its milestones and files."""

    action: Action
    site: Site | None
    milestones: Sequence[Milestone]
    files: Sequence[Evidence]


@dataclass(frozen=True, slots=True)
class LeverRow:
    """A lever with what it may save at a member's, kg CO2e a year; zero where its source is not reported."""

    lever: Lever
    low: Decimal
    high: Decimal


def potentials(levers: Iterable[Lever], book: SourceBook | None) -> list[LeverRow]:
    """Levers with what they may save of the latest approved year, the largest first; those without a source last.

    Of a switch or a smaller amount the range is one of what is replaced, and nobody knows yet how much that will be.
    """
    rows = []
    for lever in levers:
        kg = Decimal(0) if book is None else book.kg_of(lever.categories[0])
        is_share = lever.ledger is Ledger.INVENTORY and lever.method is Method.SHARE
        counts = kg if is_share else Decimal(0)
        rows.append(LeverRow(lever, counts * lever.low, counts * lever.high))
    return sorted(rows, key=lambda row: -(row.low + row.high))


def actions_of(session: Session, member_id: int) -> list[Action]:
    """A member's actions in the order of its list."""
    query = select(Action).where(Action.member_id == member_id).order_by(Action.position, Action.id)
    return list(session.scalars(query))


def details_of(
    session: Session, member_id: int, listed: Sequence[Action] | None = None
) -> list[ActionDetail]:
    """A member's actions, or those of them that are listed, with milestones and files, in four statements."""
    listed = actions_of(session, member_id) if listed is None else listed
    ids = [action.id for action in listed]
    sites = {s.id: s for s in session.scalars(select(Site).where(Site.member_id == member_id))}
    milestones: dict[int, list[Milestone]] = {}
    query = select(Milestone).where(Milestone.action_id.in_(ids))
    for each in session.scalars(query.order_by(Milestone.due_on, Milestone.id)):
        milestones.setdefault(each.action_id, []).append(each)
    files: dict[int, list[Evidence]] = {}
    linked = (
        select(ActionEvidence.action_id, Evidence)
        .join(Evidence, Evidence.id == ActionEvidence.evidence_id)
        .where(ActionEvidence.action_id.in_(ids))
        .order_by(Evidence.id)
    )
    for action_id, file in session.execute(linked):
        files.setdefault(action_id, []).append(file)
    return [
        ActionDetail(
            action,
            sites.get(action.site_id or 0),
            milestones.get(action.id, []),
            files.get(action.id, []),
        )
        for action in listed
    ]


def find_action(work: Work, member: Member, uid: UUID) -> Action:
    """One of the member's own actions; any other is answered like an unknown one."""
    work.demand(Permission.MEMBER_PLAN_READ, MemberId(member.id))
    found = work.session.scalars(
        select(Action).where(Action.uid == uid, Action.member_id == member.id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def add_action(work: Work, plan: Dossier, typed: Typed, basis: Basis | None = None) -> SavedAction:
    """Add an action, from a lever or of the member's own; `basis` where many are added together."""
    member = dossiers.begin_edit(work, plan)
    read = read_action(work, member, typed, basis)
    if _count(work.session, member.id) >= MOST_ACTIONS:
        many = problem("action.many", "name", most=MOST_ACTIONS)
        return SavedAction(None, (*read.problems, many))
    if read.columns is None:
        return SavedAction(None, read.problems)
    action = Action(
        uid=work.new_uid(),
        member_id=member.id,
        position=_next_position(work.session, member.id),
        created_at=work.moment,
    )
    work.session.add(action)
    _fill(work, action, read)
    _record(work, member, action, "action.added", "")
    return SavedAction(action, read.problems, read.changes)


def change_action(work: Work, plan: Dossier, action: Action, typed: Typed) -> SavedAction:
    """Change an action, its estimate and its milestones."""
    member = dossiers.begin_edit(work, plan)
    read = read_action(work, member, typed)
    if read.columns is None:
        return SavedAction(None, read.problems)
    before = digest(facts(work.session, action))
    _fill(work, action, read)
    _record(work, member, action, "action.changed", before)
    return SavedAction(action, read.problems, read.changes)


def remove_action(work: Work, plan: Dossier, action: Action) -> None:
    """Remove an action that no report that was handed in speaks of; one that was reported is stopped, not removed."""
    member = dossiers.begin_edit(work, plan)
    reported = (
        select(ActionProgress.id)
        .join(Dossier, Dossier.id == ActionProgress.dossier_id)
        .where(ActionProgress.action_id == action.id)
        .where(select(Submission.id).where(Submission.dossier_id == Dossier.id).exists())
    )
    if work.session.scalars(reported.limit(1)).one_or_none() is not None:
        raise Conflict("action.reported")
    before = digest(facts(work.session, action))
    work.record("action.removed", f"action/{action.uid}", on_behalf_of=member.code, before=before)
    work.session.delete(action)
    work.session.flush()


def copy_to_sites(work: Work, plan: Dossier, action: Action, sites: Sequence[Site]) -> list[Action]:
    """Copy a proven action to other sites of the member: as an idea, its estimate to be made anew there."""
    member = dossiers.begin_edit(work, plan)
    return [_copied(work, member, action, site, action.name) for site in sites]


def copy_from(work: Work, plan: Dossier, action: Action, owner: Member) -> Action:
    """Copy another member's action that it lets others copy: what is done and why, none of its amounts or people."""
    member = dossiers.begin_edit(work, plan)
    if not action.may_be_copied or action.status not in (Status.IN_PROGRESS, Status.DONE):
        raise NotFound()
    return _copied(work, member, action, None, owner.name_zh or owner.name_en, is_foreign=True)


def offered_actions(work: Work, member: Member, *, most: int = 50) -> list[tuple[Action, Member]]:
    """Actions under way or done that other members let others copy, those of the same sector first.

    Of each member only a few are shown, so that nobody fills the list for all others.
    """
    work.demand(Permission.MEMBER_PLAN_READ, MemberId(member.id))
    place = (
        func.row_number()
        .over(partition_by=Action.member_id, order_by=(Action.status, Action.id))
        .label("place")
    )
    placed = _offered_to(member).add_columns(place).subquery()
    shown = select(placed.c.id).where(placed.c.place <= MOST_OFFERED_OF_A_MEMBER)
    query = (
        select(Action, Member)
        .join(Member, Member.id == Action.member_id)
        .where(Action.id.in_(shown))
        .order_by((Member.sector != member.sector), Action.status, Action.id)
        .limit(most)
    )
    with seeing_everybody(work.session):
        return [(action, owner) for action, owner in work.session.execute(query)]


def _offered_to(member: Member) -> Select[Any]:
    """The query for the keys of what other members of the alliance let others copy."""
    return (
        select(Action.id)
        .join(Member, Member.id == Action.member_id)
        .where(
            Action.may_be_copied.is_(True),
            Action.member_id != member.id,
            Action.status.in_([Status.IN_PROGRESS.value, Status.DONE.value]),
            Member.alliance_id == member.alliance_id,
        )
    )


def find_offered(work: Work, member: Member, uid: UUID) -> tuple[Action, Member]:
    """An action that another member lets others copy; any other is answered like an unknown one."""
    work.demand(Permission.MEMBER_PLAN_READ, MemberId(member.id))
    query = (
        select(Action, Member)
        .join(Member, Member.id == Action.member_id)
        .where(Action.uid == uid, Action.id.in_(_offered_to(member)))
    )
    with seeing_everybody(work.session):
        found = work.session.execute(query).one_or_none()
    if found is None:
        raise NotFound()
    return found[0], found[1]


def link(work: Work, plan: Dossier, action: Action, file: Evidence) -> None:
    """Let a file of the member prove an action; a link that is there already stays as it is."""
    member = dossiers.begin_edit(work, plan)
    if file.member_id != member.id:
        raise NotFound()
    if work.session.get(ActionEvidence, (action.id, file.id)) is not None:
        return
    work.session.add(ActionEvidence(action_id=action.id, evidence_id=file.id))
    _record_link(work, member, action, file, "evidence.linked", after=file.sha256)


def unlink(work: Work, plan: Dossier, action: Action, file: Evidence) -> None:
    """Take a file away from an action; it stays among the member's files."""
    member = dossiers.begin_edit(work, plan)
    gone = rows_changed(
        work.session,
        delete(ActionEvidence).where(
            ActionEvidence.action_id == action.id, ActionEvidence.evidence_id == file.id
        ),
    )
    if gone == 0:
        raise NotFound()
    _record_link(work, member, action, file, "evidence.unlinked", before=file.sha256)


def facts(session: Session, action: Action) -> dict[str, Any]:
    """An action as plain values without a person's name: what the ledger's digest is made from."""
    names = (
        "lever name area category ledger method kg_saving estimate basis_year start_on"
        " ramp_months lifetime_years owner_post supervisor_post capex opex money_saved water_m3"
        " energy_kwh waste_t status stopped_reason note explanation may_be_copied copied_from_name"
    )
    steps = session.scalars(
        select(Milestone).where(Milestone.action_id == action.id).order_by(Milestone.due_on)
    )
    return {
        **{name: getattr(action, name) for name in names.split()},
        "site": action.site_id,
        "milestones": [[each.name, each.due_on, each.done_on] for each in steps],
    }


def _fill(work: Work, action: Action, read: ReadAction) -> None:
    for name, value in (read.columns or {}).items():
        setattr(action, name, value)
    action.changed_at = work.moment
    work.session.flush()
    work.session.execute(delete(Milestone).where(Milestone.action_id == action.id))
    work.session.add_all(
        Milestone(uid=work.new_uid(), action_id=action.id, name=name, due_on=due, done_on=done)
        for name, due, done in read.milestones
    )
    work.session.flush()


def _copied(
    work: Work,
    member: Member,
    action: Action,
    site: Site | None,
    source_name: str,
    *,
    is_foreign: bool = False,
) -> Action:
    if _count(work.session, member.id) >= MOST_ACTIONS:
        raise Conflict("action.many", {"most": MOST_ACTIONS})
    same = (
        "lever name area category ledger lifetime_years ramp_months"
        if is_foreign
        else "lever name area category ledger lifetime_years ramp_months capex opex money_saved"
        " water_m3 energy_kwh waste_t owner_name owner_post supervisor_name supervisor_post"
    )
    none = Decimal(0)
    blank = dict.fromkeys(
        ("capex", "opex", "money_saved", "water_m3", "energy_kwh", "waste_t"), none
    )
    copy = Action(
        uid=work.new_uid(),
        member_id=member.id,
        position=_next_position(work.session, member.id),
        created_at=work.moment,
        changed_at=work.moment,
        site_id=None if site is None else site.id,
        method=Method.STATED.value,
        kg_saving=none,
        estimate={"method": "none"},
        start_on=date(work.today.year + 1, 1, 1),
        status=Status.IDEA.value,
        copied_from=action.uid,
        copied_from_name=source_name,
        raw={},
        **(blank | {name: getattr(action, name) for name in same.split()}),
    )
    work.session.add(copy)
    work.session.flush()
    _record(work, member, copy, "action.copied", "")
    return copy


def _count(session: Session, member_id: int) -> int:
    return session.scalars(select(func.count()).where(Action.member_id == member_id)).one()


def _next_position(session: Session, member_id: int) -> int:
    query = select(func.max(Action.position)).where(Action.member_id == member_id)
    return (session.scalars(query).one() or 0) + 1


def _record(work: Work, member: Member, action: Action, kind: str, before: str) -> None:
    work.record(
        kind,
        f"action/{action.uid}",
        on_behalf_of=member.code,
        before=before,
        after=digest(facts(work.session, action)),
    )


def _record_link(
    work: Work, member: Member, action: Action, file: Evidence, kind: str, **digests: str
) -> None:
    work.session.flush()
    work.record(
        kind,
        f"evidence/{file.uid}",
        on_behalf_of=member.code,
        detail={"action": str(action.uid)},
        **digests,
    )
