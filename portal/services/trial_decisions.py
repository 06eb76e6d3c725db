"""Deciding on a trial of a factor edition: a member's years are restated beside the reported ones, or kept as they are."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.orm import Session

from portal.calculation.quantities import text
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict
from portal.domain.trials import Decision
from portal.services import portfolio
from portal.services.edition_trials import DECIDED, RUNNING, counts_of
from portal.services.work import Work
from portal.store.alliance import Alliance
from portal.store.members import Member
from portal.store.restatements import EditionTrial, MemberRestated, TrialDecision, TrialRow
from portal.store.summaries import MemberSummary, MemberYear

# So many members' figures are compared and restated at a time, as every database takes so many parameters.
_AT_ONCE = 300


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
        for members in _batches(proposed):
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
    return Settled(counts[Decision.RESTATE], counts[Decision.KEEP], outdated)


def _batches(members: list[int]) -> Iterator[list[int]]:
    for first in range(0, len(members), _AT_ONCE):
        yield members[first : first + _AT_ONCE]


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
    """Keep the tried years of these members beside the reported ones."""
    if not members:
        return
    tried = select(TrialRow.member_id, TrialRow.year).where(
        TrialRow.trial_id == trial.id, TrialRow.member_id.in_(members)
    )
    years: dict[int, set[int]] = {}
    for member, year in session.execute(tried.distinct()):
        years.setdefault(year, set()).add(member)
    for year, of_year in years.items():
        session.execute(
            delete(MemberRestated).where(
                MemberRestated.year == year, MemberRestated.member_id.in_(of_year)
            )
        )
    columns = ["member_id", "year", "category", "scope", "kg_co2e", "trial_id"]
    rows = select(
        TrialRow.member_id,
        TrialRow.year,
        TrialRow.category,
        TrialRow.scope,
        TrialRow.kg_after,
        literal(trial.id),
    ).where(TrialRow.trial_id == trial.id, TrialRow.member_id.in_(members))
    session.execute(insert(MemberRestated.__table__).from_select(columns, rows))


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
    for table in (MemberSummary, MemberRestated):
        rows: dict[tuple[int, int], dict[str, Decimal]] = {}
        query = select(table.member_id, table.year, table.category, table.kg_co2e)
        for member, year, category, kg in session.execute(
            query.where(table.member_id.in_(members))
        ):
            rows.setdefault((member, year), {})[category] = kg
        for (member, year), categories in rows.items():
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
