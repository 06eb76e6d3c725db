"""What follows from a progress report: the year against its path, why it changed, and what each action brought.

All from plain values and frozen content, so that an auditor's recomputation takes the same way as the report itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.calculation.decomposition import reconcile
from portal.calculation.effects import combine, ramp
from portal.calculation.lines import AssessmentContext
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
from portal.domain.progress import QUARTERS
from portal.services.explanations import Explained, explained
from portal.services.frozen_plans import Leading, frozen_target, leading_of
from portal.services.plan_content import frozen_warning
from portal.services.series import MemberSeries
from portal.services.sources import SourceBook, book_of
from portal.services.target_views import value_in
from portal.services.trajectories import effects_of, start_of, trajectory

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Reported:
    """An action as it is reported: what was typed and what was expected, kg CO2e. `bare` is all that is known of one that the
    approved plan no longer has; `reached` has the days of its milestones by `step_key`.
    """

    key: str
    status: str
    kg_expected: Decimal
    kg_measured: Decimal | None
    measured_how: str
    note: str
    evidence: Sequence[str]
    reached: Mapping[str, str]
    bare: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Approved:
    """The approved inventory that a report stands on, by its number and digest, with its frozen content."""

    number: int
    digest: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """All of a member's approved submissions that a report is held against.

    `years` are the inventories of the year and the one before, `last` the actions of the report of the year before by key;
    `old` is what the year before was worked out under, where it isn't to be taken from what is shipped.
    """

    series: MemberSeries
    planned: Mapping[str, Any] | None
    years: Mapping[int, Approved]
    last: Mapping[str, Mapping[str, Any]]
    old: AssessmentContext | None = None


def worked_out(
    year: int, quarter: int, reported: Sequence[Reported], standing: Standing
) -> dict[str, Any]:
    """What follows from reported actions and the member's approved submissions."""
    series, planned, years = standing.series, standing.planned, standing.years
    leading = None if planned is None else leading_of(planned, series)
    books = {at: book_of(found.content) for at, found in years.items()}
    book = books.get(year)
    actions = [_action(each, planned, books, standing.last, year) for each in reported]
    return {
        "basis": _basis(year, series, years.get(year)),
        "target": None if planned is None else frozen_target(planned),
        "standing": _standing(leading, series, year),
        "change": None if quarter else _change(year, standing, leading, actions),
        "actions": actions,
        "totals": _totals(actions),
        "combined": _combined(actions, book, year),
        "trajectory": _trajectory(series, leading, actions, book),
        "since": _since(actions, standing.last),
        "warnings": _warnings(actions),
    }


def expected_of(
    plan: Mapping[str, Any], book: SourceBook | None, year: int, quarter: int
) -> dict[str, Decimal]:
    """What a frozen plan had for a period, by action: the year's part of each after overlaps, for a quarter a fourth of it."""
    effects = effects_of(plan["actions"], book, statuses=COUNTED)
    found = combine({} if book is None else book.keyed, effects, year).by_effect
    avoided = {
        action["key"]: Decimal(action["kg_saving"])
        for action in plan["actions"]
        if action["ledger"] == Ledger.AVOIDED and Status(action["status"]) in COUNTED
    }
    parts = QUARTERS if quarter else 1
    return {key: as_result(kg / parts) for key, kg in ({**avoided, **found}).items()}


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


def _basis(year: int, series: MemberSeries, approved: Approved | None) -> dict[str, Any]:
    """The approved inventory that is reported against."""
    if approved is None:
        return {"year": None, "series": "reported"}
    content = approved.content
    return {
        "year": year,
        "number": approved.number,
        "digest": approved.digest,
        "edition": content["method"]["edition"],
        "gwp_set": content["method"]["gwp_set"],
        "series": "restated" if series.is_restated else "reported",
        "restated_years": sorted(series.restated),
        "kg_total": series.kg(year),
        "kg_reported": series.kg(year, as_reported=True),
        "scopes": list(series.by_scope(year)),
        "outputs": [
            {"product": product, "unit": made.unit, "quantity": made.quantity}
            for product, made in sorted(series.outputs.get(year, {}).items())
        ],
        "quality": series.quality[year],
        "line_count": len(content["lines"]),
        "evidenced_count": sum(1 for line in content["lines"] if line["evidence"]),
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
    each: Reported,
    planned: Mapping[str, Any] | None,
    books: Mapping[int, SourceBook],
    last: Mapping[str, Mapping[str, Any]],
    year: int,
) -> dict[str, Any]:
    frozen = next(
        (a for a in (planned or {"actions": ()})["actions"] if a["key"] == each.key), None
    )
    facts = dict(each.bare if frozen is None else frozen)
    now, before = (_kg_of_source(books.get(y), facts) for y in _two(books))
    earlier = last.get(facts["key"])
    return facts | {
        "milestones": _steps(facts["milestones"], each.reached),
        "status_before": None if earlier is None else earlier["status"],
        "kg_verified_before": _verified(earlier),
        "kg_claimed_before": _claimed(earlier, facts, year - 1),
        "status": each.status,
        "kg_expected": each.kg_expected,
        "kg_measured": each.kg_measured,
        "measured_how": each.measured_how,
        "progress_note": each.note,
        "evidence": list(each.evidence),
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


def _is_proven(each: Reported, facts: Mapping[str, Any], emitted: Sequence[Decimal | None]) -> bool:
    """Whether a file stands for a saving that can have come about: of an action under way, and no more than its source."""
    measured = each.kg_measured
    if measured is None or not each.evidence or Status(each.status) not in UNDER_WAY:
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


def _kg_of_source(book: SourceBook | None, action: Mapping[str, Any]) -> Decimal | None:
    return None if book is None else book.kg_of(action["category"], action["site"])


def _change(
    year: int,
    standing: Standing,
    leading: Leading | None,
    actions: Iterable[Mapping[str, Any]],
) -> dict[str, Any] | None:
    """Why the year differs from the one before; None where one of them isn't approved."""
    now, then = standing.years.get(year), standing.years.get(year - 1)
    if now is None or then is None:
        return None
    product = leading.target.product if leading else ""
    found = explained(then.content, now.content, standing.series, product, old=standing.old)
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
