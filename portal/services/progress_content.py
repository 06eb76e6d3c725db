"""A progress report as one plain document: the year against its path, why it changed, and what each action brought."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.calculation.decomposition import reconcile
from portal.calculation.effects import combine, ramp
from portal.calculation.pathways import allowed, cut_percent, is_on_path
from portal.calculation.rounding import as_result
from portal.domain.actions import (
    COUNTED,
    UNDER_WAY,
    ReportedAction,
    Status,
    progress_warnings,
    step_key,
)
from portal.domain.levers import Ledger
from portal.domain.submissions import Kind
from portal.services import programmes
from portal.services.explanations import Explained, explained
from portal.services.freezing import files_of, member_facts, site_facts
from portal.services.frozen_plans import Leading, frozen_target, leading_of
from portal.services.plan_content import frozen_warning
from portal.services.series import MemberSeries, series_of
from portal.services.sources import SourceBook, book_of
from portal.services.submissions import content_of
from portal.services.target_views import value_in
from portal.services.trajectories import effects_of, start_of, trajectory
from portal.services.work import Work
from portal.store.alliance import Alliance
from portal.store.dossiers import Dossier
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.summaries import MemberProgress, MemberYear

if TYPE_CHECKING:
    from portal.services.progress import ProgressRow

SCHEMA = 1
_ZERO = Decimal(0)


def content_of_progress(
    work: Work, report: Dossier, rows: Sequence[ProgressRow], plan: Submission | None
) -> dict[str, Any]:
    """Everything of a report as it stands now, with exact numbers and no person's name."""
    session = work.session
    member = session.get_one(Member, report.member_id)
    alliance = session.get_one(Alliance, member.alliance_id)
    in_force = programmes.in_force(session, alliance.id)
    series = series_of(session, member.id)
    planned = None if plan is None else content_of(session, plan)
    years = _contents(session, member.id, report.year)
    leading = None if planned is None else leading_of(planned, series)
    last = {} if report.quarter else _last_report(session, member.id, report.year - 1)
    books = {year: book_of(found) for year, found in years.items()}
    actions = [_action(each, planned, books, last, report.year) for each in rows]
    book = books.get(report.year)
    change = _change(report, series, years, leading, actions)
    return {
        "schema": SCHEMA,
        "kind": Kind.PROGRESS.value,
        "alliance": alliance.code,
        "year": report.year,
        "quarter": report.quarter,
        "member": member_facts(member),
        "sites": site_facts(session, member.id),
        "programme": {
            "number": in_force.number,
            "discount_rate": in_force.programme.discount_rate,
            "content": dict(in_force.content),
        },
        "plan": _plan_mark(plan),
        "basis": _basis(session, member.id, report.year, series, book),
        "target": None if planned is None else frozen_target(planned),
        "standing": _standing(leading, series, report.year),
        "change": change,
        "actions": actions,
        "totals": _totals(actions),
        "combined": _combined(actions, book, report.year),
        "trajectory": _trajectory(series, leading, actions, book),
        "since": _since(actions, last),
        "detail": dict(report.detail),
        "warnings": _warnings(actions),
        "evidence": files_of(each.files for each in rows),
        "note": report.note,
    }


def _contents(session: Session, member_id: int, year: int) -> dict[int, Mapping[str, Any]]:
    """The frozen approved inventories of the year and the one before."""
    query = (
        select(MemberYear.year, Submission)
        .join(Submission, Submission.id == MemberYear.submission_id)
        .where(MemberYear.member_id == member_id, MemberYear.year.in_([year, year - 1]))
    )
    return {found: content_of(session, submission) for found, submission in session.execute(query)}


def _last_report(session: Session, member_id: int, year: int) -> dict[str, Mapping[str, Any]]:
    """The actions of the approved report of the year before, by key."""
    query = (
        select(Submission)
        .join(MemberProgress, MemberProgress.submission_id == Submission.id)
        .where(MemberProgress.member_id == member_id, MemberProgress.year == year)
    )
    submission = session.scalars(query).one_or_none()
    actions = () if submission is None else content_of(session, submission)["actions"]
    return {action["key"]: action for action in actions}


def _since(
    actions: Iterable[Mapping[str, Any]], last: Mapping[str, Mapping[str, Any]]
) -> dict[str, list[Any]]:
    """What changed since the report of the year before: actions that came, went, or stand otherwise."""
    now = {action["key"]: action for action in actions}
    return {
        "added": [a["name"] for key, a in now.items() if key not in last] if last else [],
        "gone": [a["name"] for key, a in last.items() if key not in now],
        "changed": [
            {"name": a["name"], "from": last[key]["status"], "to": a["status"]}
            for key, a in now.items()
            if key in last and last[key]["status"] != a["status"]
        ],
    }


def _plan_mark(plan: Submission | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    return {"number": plan.number, "year": plan.year, "digest": plan.digest}


def _basis(
    session: Session, member_id: int, year: int, series: MemberSeries, book: SourceBook | None
) -> dict[str, Any]:
    """The approved inventory that is reported against."""
    row = session.get(MemberYear, (member_id, year))
    if row is None or book is None:
        return {"year": None, "series": "reported"}
    submission = session.get_one(Submission, row.submission_id)
    return {
        "year": year,
        "number": submission.number,
        "digest": submission.digest,
        "edition": submission.edition,
        "gwp_set": submission.gwp_set,
        "series": "restated" if series.is_restated else "reported",
        "restated_years": sorted(series.restated),
        "kg_total": series.kg(year),
        "kg_reported": series.kg(year, as_reported=True),
        "scopes": list(series.by_scope(year)),
        "outputs": [
            {"product": product, "unit": made.unit, "quantity": made.quantity}
            for product, made in series.outputs.get(year, {}).items()
        ],
        "quality": row.quality,
        "line_count": submission.line_count,
        "evidenced_count": submission.evidenced_count,
    }


def _standing(leading: Leading | None, series: MemberSeries, year: int) -> dict[str, Any] | None:
    """Where the year stands against the leading target, in the unit of its base."""
    if leading is None or leading.terms is None or year not in series.reported:
        return None
    main = leading.terms
    if year < main.base_year:
        return None
    actual = value_in(leading.target, series, year)
    if actual is None:
        return None
    return {
        "base_year": main.base_year,
        "base": main.base,
        "actual": actual,
        "allowed": allowed(main, year),
        "goal": allowed(main, main.target_year),
        "cut_percent": cut_percent(main.base, actual),
        "is_on_path": is_on_path(main, year, actual),
    }


def _action(
    each: ProgressRow,
    planned: Mapping[str, Any] | None,
    books: Mapping[int, SourceBook],
    last: Mapping[str, Mapping[str, Any]],
    year: int,
) -> dict[str, Any]:
    frozen = next(
        (a for a in (planned or {"actions": ()})["actions"] if a["key"] == str(each.action.uid)),
        None,
    )
    row = each.row
    facts = dict(frozen) if frozen is not None else _bare(each)
    now, before = (_kg_of_source(books.get(y), facts) for y in _two(books))
    earlier = last.get(facts["key"])
    return facts | {
        "milestones": _steps(facts["milestones"], each.done),
        "status_before": None if earlier is None else earlier["status"],
        "kg_verified_before": _verified(earlier),
        "kg_claimed_before": _claimed(earlier, facts, year - 1),
        "status": row.status,
        "kg_expected": row.kg_expected,
        "kg_measured": row.kg_measured,
        "measured_how": row.measured_how,
        "progress_note": row.note,
        "evidence": sorted(file.sha256 for file in each.files),
        "is_verified": _is_proven(each, facts, (now, before)),
        "source_now": now,
        "source_before": before,
    }


def _steps(planned: Iterable[Mapping[str, Any]], done: Mapping[str, str]) -> list[dict[str, Any]]:
    """The milestones of the plan, with the days on which they were reached since."""
    return [
        {**step, "done": step["done"] or done.get(step_key(step["name"], step["due"]))}
        for step in planned
    ]


def _is_proven(
    each: ProgressRow, facts: Mapping[str, Any], emitted: Sequence[Decimal | None]
) -> bool:
    """Whether a file stands for a saving that can have come about: of an action under way, and no more than its source."""
    measured = each.row.kg_measured
    if measured is None or not each.files or Status(each.row.status) not in UNDER_WAY:
        return False
    if facts["ledger"] != Ledger.INVENTORY:
        return measured >= 0
    known = [Decimal(kg) for kg in (*emitted, facts.get("kg_source")) if kg is not None]
    return measured >= 0 and (not known or measured <= max(known))


def _verified(earlier: Mapping[str, Any] | None) -> Decimal:
    """What evidence proved of the action in the year before."""
    return (
        _ZERO if earlier is None or not earlier["is_verified"] else Decimal(earlier["kg_measured"])
    )


def _claimed(earlier: Mapping[str, Any] | None, facts: Mapping[str, Any], year: int) -> Decimal:
    """What the action counted with in the year before: as it was reported then, else as the plan expects."""
    if earlier is not None:
        measured = earlier["kg_measured"]
        return Decimal(earlier["kg_expected"] if measured is None else measured)
    share = ramp(start_of(facts), facts["ramp_months"], None, year)
    return as_result(Decimal(facts["kg_saving"]) * share)


def _two(books: Mapping[int, SourceBook]) -> tuple[int, int]:
    latest = max(books, default=0)
    return latest, latest - 1


def _bare(each: ProgressRow) -> dict[str, Any]:
    """An action that the approved plan no longer has, by its name alone."""
    action = each.action
    return {
        "key": str(action.uid),
        "position": action.position,
        "name": action.name,
        "lever": action.lever,
        "site": "",
        "area": action.area,
        "category": action.category,
        "ledger": action.ledger,
        "kg_saving": action.kg_saving,
        "start": action.start_on,
        "ramp_months": action.ramp_months,
        "lifetime_years": action.lifetime_years,
        "status": action.status,
        "milestones": [],
        "cost_per_t": None,
    }


def _kg_of_source(book: SourceBook | None, action: Mapping[str, Any]) -> Decimal | None:
    return None if book is None else book.kg_of(action["category"], action["site"])


def _change(
    report: Dossier,
    series: MemberSeries,
    years: Mapping[int, Mapping[str, Any]],
    leading: Leading | None,
    actions: Iterable[Mapping[str, Any]],
) -> dict[str, Any] | None:
    """Why the year differs from the one before; None for a quarter, and where the year before isn't approved."""
    now, then = years.get(report.year), years.get(report.year - 1)
    if report.quarter or now is None or then is None:
        return None
    found = explained(then, now, series, leading.target.product if leading else "")
    return _frozen_change(found, _newly_verified(actions))


def _newly_verified(actions: Iterable[Mapping[str, Any]]) -> Decimal:
    """What proven savings add to those of the year before: what they grew by while they ramp up or begin."""
    return sum(
        (
            action["kg_measured"] - action["kg_verified_before"]
            for action in actions
            if action["is_verified"] and action["ledger"] == Ledger.INVENTORY
        ),
        _ZERO,
    )


def _frozen_change(found: Explained, verified: Decimal) -> dict[str, Any]:
    parts = found.parts
    laid = None if parts.intensity is None else reconcile(parts.intensity, verified)
    return {
        "year_before": found.year_before,
        "delta": parts.delta,
        "structure": parts.structure,
        "factor": parts.factor,
        "activity": parts.activity,
        "intensity": parts.intensity,
        "undivided": parts.undivided,
        "product": found.product,
        "unit": found.unit,
        "output_before": found.output_before,
        "output_after": found.output_after,
        "came": list(found.came),
        "went": list(found.went),
        "verified": verified,
        "remainder": None if laid is None else laid.remainder,
    }


def _totals(actions: Iterable[Mapping[str, Any]]) -> dict[str, Decimal]:
    """What was expected, measured and proven of the inventory, and what was avoided elsewhere; kg CO2e of the period."""
    listed = list(actions)
    own = [a for a in listed if a["ledger"] == Ledger.INVENTORY]
    return {
        "expected": sum((a["kg_expected"] for a in own), _ZERO),
        "measured": sum((a["kg_measured"] or _ZERO for a in own), _ZERO),
        "verified": sum((a["kg_measured"] for a in own if a["is_verified"]), _ZERO),
        "avoided": sum(
            (a["kg_measured"] or _ZERO for a in listed if a["ledger"] == Ledger.AVOIDED), _ZERO
        ),
        "underway": Decimal(sum(1 for a in listed if Status(a["status"]) in UNDER_WAY)),
    }


def _combined(
    actions: Sequence[Mapping[str, Any]], book: SourceBook | None, year: int
) -> dict[str, Decimal]:
    """What each action that counts saves in full effect beside the others, kg CO2e by its key."""
    full = [dict(action, start=f"{year}-01-01", ramp_months=0) for action in actions]
    keyed = {} if book is None else book.keyed
    return dict(combine(keyed, effects_of(full, book, statuses=COUNTED), year).by_effect)


def _trajectory(
    series: MemberSeries,
    leading: Leading | None,
    actions: Sequence[Mapping[str, Any]],
    book: SourceBook | None,
) -> list[dict[str, Any]]:
    against = None if leading is None else leading.held_against
    return [each.content() for each in trajectory(series, against, actions, book)]


def _warnings(actions: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    listed = list(actions)
    reported = [
        ReportedAction(
            key=a["key"],
            name=a["name"],
            status=Status(a["status"]),
            ledger=Ledger(a["ledger"]),
            expected=a["kg_expected"],
            measured=a["kg_measured"],
            has_evidence=bool(a["evidence"]),
            source_before=a["source_before"],
            source_now=a["source_now"],
            claimed_before=a["kg_claimed_before"],
            evidence=tuple(a["evidence"]),
        )
        for a in listed
    ]
    reasons = {f"action/{a['key']}": a["progress_note"] for a in listed}
    return [frozen_warning(w, reasons.get(w.subject, "")) for w in progress_warnings(reported)]
