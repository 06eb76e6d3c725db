"""Dry runs of a factor edition over all approved years: asking for one, and reading what it came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from portal import data
from portal.calculation.gases import GwpSet
from portal.domain.permissions import Permission
from portal.domain.refusals import NotFound
from portal.domain.trials import Decision
from portal.services import portfolio, programmes
from portal.services.member_list import matches_member
from portal.services.pages import Page, page_of
from portal.services.work import Work
from portal.store import jobs
from portal.store.alliance import Alliance
from portal.store.base import AnySelect
from portal.store.jobs import Job
from portal.store.members import Member
from portal.store.restatements import EditionTrial, TrialDecision, TrialRow

TRY_EDITION = "try_edition"
RUNNING, READY, DECIDED = "running", "ready", "decided"


class Shown(StrEnum):
    """Which members of a trial a list shows."""

    ALL = "all"
    OPEN = "open"
    RESTATE = "restate"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class YearFigures:
    """What all tried members came to in a year and would come to, in kg CO2e."""

    year: int
    kg_before: Decimal
    kg_after: Decimal
    member_count: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many members a trial is about, how many of them it proposes to restate, and how many are decided."""

    members: int
    proposed: int
    decided: int
    restated: int

    @property
    def open(self) -> int:
        """How many wait for a decision."""
        return self.members - self.decided


def ask_for_trial(work: Work, edition: str, gwp_set: str) -> EditionTrial:
    """Have all approved years worked out under an edition and a GWP set; one that is running already is given back."""
    work.demand(Permission.ALLIANCE_EDITION_TRY)
    if edition not in data.editions() or gwp_set not in list(GwpSet):
        raise ValueError(f"there is no edition {edition} with the GWP set {gwp_set}")
    alliance = portfolio.the_alliance(work)
    # Two who ask at once must not both find none running.
    work.session.execute(select(Alliance.id).where(Alliance.id == alliance.id).with_for_update())
    wanted = {"edition": edition, "gwp_set": gwp_set, "state": RUNNING}
    running = work.session.scalars(select(EditionTrial).filter_by(**wanted).limit(1)).first()
    if running is not None:
        return running
    trial = EditionTrial(
        uid=work.new_uid(),
        **wanted,
        threshold_percent=programmes.in_force(
            work.session, alliance.id
        ).programme.restatement_percent,
        asked_by=work.actor.account_id,
        asked_at=work.moment,
    )
    work.session.add(trial)
    work.session.flush()
    about = {"trial_id": trial.id}
    jobs.add(
        work.session, TRY_EDITION, about, moment=work.moment, unique_key=_key(trial), priority=-1
    )
    work.record(
        "trial.asked", f"trial/{trial.uid}", detail={"edition": edition, "gwp_set": gwp_set}
    )
    return trial


def make_ready(work: Work, trial: EditionTrial) -> None:
    """The trial is worked out: it can be decided on, or there is nothing to decide."""
    trial.state = READY if counts_of(work.session, trial).members else DECIDED
    trial.ready_at = work.moment
    work.session.flush()
    work.record("trial.ready", f"trial/{trial.uid}")


def list_trials(work: Work) -> list[EditionTrial]:
    """All trials, newest first."""
    work.demand(Permission.ALLIANCE_PORTFOLIO_READ)
    query = select(EditionTrial).order_by(EditionTrial.asked_at.desc(), EditionTrial.id.desc())
    return list(work.session.scalars(query))


def find_trial(work: Work, uid: UUID) -> EditionTrial:
    """The trial with this public id, or NotFound."""
    work.demand(Permission.ALLIANCE_PORTFOLIO_READ)
    found = work.session.scalars(select(EditionTrial).where(EditionTrial.uid == uid)).one_or_none()
    if found is None:
        raise NotFound()
    return found


def find_decision(work: Work, trial: EditionTrial, uid: UUID) -> tuple[TrialDecision, Member]:
    """What a trial says of a member; NotFound for one that it is not about."""
    work.demand(Permission.ALLIANCE_PORTFOLIO_READ)
    query = (
        select(TrialDecision, Member)
        .join(Member, Member.id == TrialDecision.member_id)
        .where(TrialDecision.trial_id == trial.id, Member.uid == uid)
    )
    found = work.session.execute(query).one_or_none()
    if found is None:
        raise NotFound()
    return found[0], found[1]


def job_of(session: Session, trial: EditionTrial) -> Job | None:
    """The latest job that works a trial out."""
    query = select(Job).where(Job.unique_key == _key(trial)).order_by(Job.id.desc()).limit(1)
    return session.scalars(query).one_or_none()


def counts_of(session: Session, trial: EditionTrial) -> Counts:
    """How many members a trial is about, and how they stand."""
    row = session.execute(
        select(
            func.count(),
            func.count(case((TrialDecision.proposal == Decision.RESTATE.value, 1))),
            func.count(TrialDecision.decision),
            func.count(case((TrialDecision.decision == Decision.RESTATE.value, 1))),
        ).where(TrialDecision.trial_id == trial.id)
    ).one()
    return Counts(*row)


def years_of(session: Session, trial: EditionTrial) -> list[YearFigures]:
    """What the trial comes to for all members together, year by year."""
    query = (
        select(
            TrialRow.year,
            func.sum(TrialRow.kg_before),
            func.sum(TrialRow.kg_after),
            func.count(TrialRow.member_id.distinct()),
        )
        .where(TrialRow.trial_id == trial.id)
        .group_by(TrialRow.year)
        .order_by(TrialRow.year)
    )
    return [YearFigures(*row) for row in session.execute(query)]


def rows_of(session: Session, trial: EditionTrial, member: Member) -> Sequence[TrialRow]:
    """What a member's years and categories come to, largest change of a year first."""
    query = (
        select(TrialRow)
        .where(TrialRow.trial_id == trial.id, TrialRow.member_id == member.id)
        .order_by(
            TrialRow.year,
            func.abs(TrialRow.kg_after - TrialRow.kg_before).desc(),
            TrialRow.category,
        )
    )
    return session.scalars(query).all()


def list_decisions(
    work: Work, trial: EditionTrial, shown: Shown, search: str = "", page: int = 1
) -> Page[tuple[TrialDecision, Member]]:
    """One page of members, largest change of the base year first, whether up or down."""
    work.demand(Permission.ALLIANCE_PORTFOLIO_READ)
    query: AnySelect = (
        select(TrialDecision, Member)
        .join(Member, Member.id == TrialDecision.member_id)
        .where(TrialDecision.trial_id == trial.id)
        .order_by(func.abs(TrialDecision.change_percent).desc(), Member.code)
    )
    if shown is Shown.OPEN:
        query = query.where(TrialDecision.decision.is_(None))
    elif shown is not Shown.ALL:
        counts = func.coalesce(TrialDecision.decision, TrialDecision.proposal)
        query = query.where(counts == shown.value)
    if search:
        query = query.where(matches_member(search))
    return page_of(work.session, query, page)


def _key(trial: EditionTrial) -> str:
    return f"{TRY_EDITION}:{trial.id}"
