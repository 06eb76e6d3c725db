"""Deciding on a trial of a factor edition: a member's years are restated beside the reported ones, or kept as they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import insert, literal, select, update
from sqlalchemy.orm import Session

from portal.calculation.quantities import text
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict
from portal.domain.trials import Decision
from portal.services import paths, portfolio
from portal.services.edition_trials import DECIDED, RUNNING, counts_of
from portal.services.restatements import next_layer
from portal.services.series import top_layers
from portal.services.work import Work
from portal.store import jobs
from portal.store.alliance import Alliance
from portal.store.asking import in_parts
from portal.store.base import table_of
from portal.store.members import Member
from portal.store.restatements import EditionTrial, MemberRestated, TrialDecision, TrialRow
from portal.store.summaries import MemberSummary, MemberYear

LAY_PATHS = "lay_paths"


@dataclass(frozen=True, slots=True)
class Settled:
    """What deciding for all that waited came to; `outdated` still wait, because their years changed since the trial."""

    restated: int
    kept: int
    outdated: int


def decide(
    work: Work, trial: EditionTrial, member: Member, decision: Decision, reason: str
) -> None:
    """Decide for one member. Of two decisions one wins; years that changed since the trial are not restated by it."""
    _begin(work, trial)
    if decision is Decision.RESTATE and member.id in _outdated(work.session, trial, [member.id]):
        raise Conflict("trial.outdated")
    proposed = work.session.get_one(TrialDecision, (trial.id, member.id))
    if _settle(work, trial, [member.id], decision, reason) != [member.id]:
        raise Conflict("trial.decided")
    if decision is Decision.RESTATE:
        _restate(work.session, trial, [member.id])
        paths.recompute(work.session, member.id)
    _record(work, trial, member.code, proposed, decision)
    _end(work, trial)


def decide_rest(work: Work, trial: EditionTrial, reason: str) -> Settled:
    """Decide for all members that wait, as proposed; those whose years changed since the trial go on waiting."""
    _begin(work, trial)
    waiting = select(TrialDecision, Member.code).join(Member, Member.id == TrialDecision.member_id)
    waiting = waiting.where(TrialDecision.trial_id == trial.id, TrialDecision.decision.is_(None))
    found = {row.member_id: (row, code) for row, code in work.session.execute(waiting)}
    outdated = 0
    counts = dict.fromkeys(Decision, 0)
    for decision in Decision:
        proposed = [m for m, (row, _) in found.items() if row.proposal == decision.value]
        for members in in_parts(proposed, 300):
            late = (
                _outdated(work.session, trial, members) if decision is Decision.RESTATE else set()
            )
            outdated += len(late)
            timely = [member for member in members if member not in late]
            settled = _settle(work, trial, timely, decision, reason)
            if decision is Decision.RESTATE:
                _restate(work.session, trial, settled)
            for member in settled:
                _record(work, trial, found[member][1], found[member][0], decision)
            counts[decision] += len(settled)
    _end(work, trial)
    if counts[Decision.RESTATE]:  # more than a request should wait for
        about = {"trial_id": trial.id}
        jobs.add(work.session, LAY_PATHS, about, moment=work.moment, unique_key=_key(trial))
    return Settled(counts[Decision.RESTATE], counts[Decision.KEEP], outdated)


def restated_members(session: Session, trial_id: int) -> list[int]:
    """The members whose years a trial has restated."""
    query = select(TrialDecision.member_id).where(
        TrialDecision.trial_id == trial_id, TrialDecision.decision == Decision.RESTATE.value
    )
    return sorted(session.scalars(query))


def _key(trial: EditionTrial) -> str:
    return f"{LAY_PATHS}:{trial.id}"


def _begin(work: Work, trial: EditionTrial) -> None:
    """An approval that would change what counts today waits until this is written, or this waits for it."""
    work.demand(Permission.ALLIANCE_EDITION_DECIDE)
    if trial.state == RUNNING:
        raise Conflict("trial.running")
    alliance = portfolio.the_alliance(work)
    work.session.execute(select(Alliance.id).where(Alliance.id == alliance.id).with_for_update())


def _settle(
    work: Work, trial: EditionTrial, members: Collection[int], decision: Decision, reason: str
) -> list[int]:
    """Write the decision where there is none yet; the members for whom this was the first."""
    if not members:
        return []
    statement = (
        update(TrialDecision)
        .where(
            TrialDecision.trial_id == trial.id,
            TrialDecision.member_id.in_(members),
            TrialDecision.decision.is_(None),
        )
        .values(
            decision=decision.value,
            reason=reason,
            decided_by=work.actor.account_id,
            decided_at=work.moment,
        )
        .returning(TrialDecision.member_id)
        .execution_options(synchronize_session=False)
    )
    return sorted(work.session.scalars(statement))


def _restate(session: Session, trial: EditionTrial, members: Collection[int]) -> None:
    """Lay the tried years of these members over what counted before."""
    if not members:
        return
    columns = ["member_id", "year", "layer", "category", "scope", "kg_co2e", "trial_id"]
    rows = select(
        TrialRow.member_id,
        TrialRow.year,
        literal(next_layer(session, members)),
        TrialRow.category,
        TrialRow.scope,
        TrialRow.kg_after,
        literal(trial.id),
    ).where(TrialRow.trial_id == trial.id, TrialRow.member_id.in_(members))
    session.execute(insert(table_of(MemberRestated)).from_select(columns, rows))


def _outdated(session: Session, trial: EditionTrial, members: Collection[int]) -> set[int]:
    """The members whose approved years no longer come to what the trial began from."""
    tried: dict[int, dict[tuple[int, str], Decimal]] = {}
    query = select(TrialRow.member_id, TrialRow.year, TrialRow.category, TrialRow.kg_before).where(
        TrialRow.trial_id == trial.id, TrialRow.member_id.in_(members)
    )
    for member, year, category, kg in session.execute(query):
        tried.setdefault(member, {})[year, category] = kg
    today = _today(session, members)
    return {m for m in members if _counted(tried.get(m, {})) != _counted(today.get(m, {}))}


def _counted(rows: dict[tuple[int, str], Decimal]) -> dict[tuple[int, str], Decimal]:
    """What comes to nothing is as good as absent."""
    return {key: kg for key, kg in rows.items() if kg}


def _today(session: Session, members: Collection[int]) -> dict[int, dict[tuple[int, str], Decimal]]:
    """What these members' approved years count today, by year and category: a restated year instead of the reported one."""
    found: dict[int, dict[int, dict[str, Decimal]]] = {}
    reported = select(
        MemberSummary.member_id, MemberSummary.year, MemberSummary.category, MemberSummary.kg_co2e
    ).where(MemberSummary.member_id.in_(members))
    for member, year, category, kg in session.execute(reported):
        found.setdefault(member, {}).setdefault(year, {})[category] = kg
    restated = select(
        MemberRestated.member_id,
        MemberRestated.year,
        MemberRestated.category,
        MemberRestated.kg_co2e,
        MemberRestated.layer,
    ).where(MemberRestated.member_id.in_(members))
    years: dict[tuple[int, int], dict[str, Decimal]] = {}
    rows = (((row[0], row[1]), *row[2:]) for row in session.execute(restated))
    for key, category, kg in top_layers(rows):
        years.setdefault(key, {})[category] = kg
    for (member, year), categories in years.items():
        found.setdefault(member, {})[year] = categories
    approved = select(MemberYear.member_id, MemberYear.year).where(
        MemberYear.member_id.in_(members)
    )
    return {
        member: {
            (year, category): kg
            for year, categories in found.get(member, {}).items()
            for category, kg in categories.items()
        }
        for member, _year in session.execute(approved)
    }


def _record(
    work: Work, trial: EditionTrial, code: str, row: TrialDecision, decision: Decision
) -> None:
    work.record(
        "trial.decided",
        f"trial/{trial.uid}",
        on_behalf_of=code,
        detail={
            "decision": decision.value,
            "proposal": row.proposal,
            "change_percent": text(row.change_percent),
            "edition": trial.edition,
            "gwp_set": trial.gwp_set,
        },
    )


def _end(work: Work, trial: EditionTrial) -> None:
    if not counts_of(work.session, trial).open:
        trial.state = DECIDED
        work.session.flush()
