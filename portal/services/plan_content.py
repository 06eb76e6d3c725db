"""A reduction plan as one plain document: targets, actions, warnings and what they come to; a page shows it, a submission freezes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal import data
from portal.calculation.effects import combine, cost_per_tonne
from portal.calculation.pathways import Kind, target_value
from portal.calculation.rounding import as_result
from portal.domain.actions import COUNTED, PlannedAction, Status, plan_warnings
from portal.domain.levers import Ledger
from portal.domain.submissions import Kind as Submitted
from portal.domain.targets import weaker_target
from portal.domain.warnings import RaisedWarning
from portal.services import programmes, sources
from portal.services.actions import ActionDetail, details_of
from portal.services.freezing import files_of, member_facts, site_facts
from portal.services.programmes import InForce
from portal.services.series import MemberSeries, series_of
from portal.services.sources import SourceBook
from portal.services.target_views import TargetView, view_of
from portal.services.targets import facts, targets_of
from portal.services.trajectories import day_in, effects_of, start_of, trajectory
from portal.services.work import Work
from portal.store.alliance import Alliance
from portal.store.dossiers import Dossier
from portal.store.members import Member

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """A plan as it stands now: the document that would be frozen, and what the member's own pages show beside it.

    `owners` names who is accountable by the key of the action; persons stand in no document.
    """

    content: dict[str, Any]
    views: Sequence[TargetView]
    programme: InForce
    owners: Mapping[str, str]


def content_of_plan(work: Work, plan: Dossier) -> dict[str, Any]:
    """Everything of a plan as it stands now, with exact numbers and no person's name."""
    return open_plan(work, plan).content


def open_plan(work: Work, plan: Dossier) -> OpenPlan:
    """Read a plan once, for its document and its page."""
    session = work.session
    member = session.get_one(Member, plan.member_id)
    alliance = session.get_one(Alliance, member.alliance_id)
    in_force = programmes.in_force(session, alliance.id)
    series = series_of(session, member.id)
    book = sources.source_book(session, member.id)
    views = [view_of(target, series, work.today) for target in targets_of(session, member.id)]
    details = details_of(session, member.id)
    rate = in_force.programme.discount_rate
    actions = [_action(place, each, book, rate) for place, each in enumerate(details, start=1)]
    content = {
        "schema": SCHEMA,
        "kind": Submitted.PLAN.value,
        "alliance": alliance.code,
        "year": plan.year,
        "member": member_facts(member),
        "sites": site_facts(session, member.id),
        "actions": actions,
        **worked_out(views, actions, series, book, in_force, year=plan.year, today=work.today),
        "evidence": files_of(each.files for each in details),
        "note": plan.note,
    }
    owners = {str(each.action.uid): each.action.owner_name for each in details}
    return OpenPlan(content, views, in_force, owners)


def worked_out(
    views: Sequence[TargetView],
    actions: Sequence[Mapping[str, Any]],
    series: MemberSeries,
    book: SourceBook | None,
    in_force: InForce,
    *,
    year: int,
    today: date,
) -> dict[str, Any]:
    """What follows from a plan's targets and actions on a day: what both come to against the approved years, and what is odd."""
    main = next((v for v in views if v.target.is_main and v.terms is not None), None)
    return {
        "programme": _programme(in_force),
        "basis": _basis(series, book),
        "targets": [_target(view) for view in views],
        "combined": _combined(actions, book, year),
        "trajectory": _trajectory(series, main, actions, book),
        "warnings": [*_target_warnings(main, in_force), *_warnings(actions, today)],
    }


def _programme(in_force: InForce) -> dict[str, Any]:
    return {
        "number": in_force.number,
        "discount_rate": in_force.programme.discount_rate,
        "restatement_percent": in_force.programme.restatement_percent,
    }


def _basis(series: MemberSeries, book: SourceBook | None) -> dict[str, Any]:
    """The approved year that estimates were compared with."""
    if book is None:
        return {"year": None, "kg_total": Decimal(0), "is_restated": False}
    return {
        "year": book.year,
        "kg_total": sum(book.kg.values(), Decimal(0)),
        "is_restated": series.is_restated,
        "sources": book.keyed,
        **{name: book.content["method"][name] for name in ("edition", "gwp_set")},
    }


def _target(view: TargetView) -> dict[str, Any]:
    terms = view.terms
    return facts(view.target) | {
        "unit": view.unit,
        "base": None if terms is None else terms.base,
        "goal": None if terms is None else target_value(terms),
        "is_near_term": view.is_near_term,
        "checks": [
            {
                "name": check.name,
                "needed_percent": check.needed_percent,
                "given_percent": check.given_percent,
                "meets": check.meets,
                "formula": check.formula,
            }
            for check in view.checks
        ],
    }


def _action(
    place: int, detail: ActionDetail, book: SourceBook | None, rate: Decimal
) -> dict[str, Any]:
    action = detail.action
    stated = {
        "key": str(action.uid),
        "position": place,
        **{name: getattr(action, name) for name in _COPIED},
        "site": detail.site.code if detail.site else "",
        "start": action.start_on,
        "copied_from": action.copied_from_name,
        "has_owner": bool(action.owner_name or action.owner_post),
        "milestones": [
            {"name": each.name, "due": each.due_on, "done": each.done_on}
            for each in detail.milestones
        ],
        "evidence": sorted(file.sha256 for file in detail.files),
    }
    return stated | action_figures(stated, book, rate)


def action_figures(
    action: Mapping[str, Any], book: SourceBook | None, rate: Decimal
) -> dict[str, Any]:
    """What an action's source emits, and what a tonne of its saving costs."""
    return {
        "kg_source": None if book is None else book.kg_of(action["category"], action["site"]),
        "cost_per_t": _cost(action, rate),
    }


_COPIED = (
    "name",
    "lever",
    "area",
    "category",
    "ledger",
    "method",
    "kg_saving",
    "estimate",
    "basis_year",
    "ramp_months",
    "lifetime_years",
    "owner_post",
    "supervisor_post",
    "capex",
    "opex",
    "money_saved",
    "water_m3",
    "energy_kwh",
    "waste_t",
    "status",
    "stopped_reason",
    "note",
    "explanation",
)


def _cost(action: Mapping[str, Any], rate: Decimal) -> Decimal | None:
    capex, opex, saved = (Decimal(action[name]) for name in ("capex", "opex", "money_saved"))
    if not (capex or opex or saved):
        return None  # nothing was said about money, which is not the same as costing nothing
    cost = cost_per_tonne(
        capex=capex,
        rate=rate,
        lifetime_years=action["lifetime_years"],
        opex=opex,
        money_saved=saved,
        kg_per_year=Decimal(action["kg_saving"]),
    )
    return None if cost is None else as_result(cost)


def _combined(
    actions: Sequence[Mapping[str, Any]], book: SourceBook | None, year: int
) -> dict[str, Any]:
    """What all counted actions save together in full effect, and the ledger of what is avoided elsewhere."""
    full = [dict(action, start=f"{year}-01-01", ramp_months=0) for action in actions]
    keyed = {} if book is None else book.keyed
    found = combine(keyed, effects_of(full, book, statuses=COUNTED), year)
    avoided = (
        Decimal(action["kg_saving"])
        for action in actions
        if action["ledger"] == Ledger.AVOIDED and Status(action["status"]) in COUNTED
    )
    return {
        "kg_saving": found.total,
        "kg_overlap": found.overlap,
        "kg_avoided": sum(avoided, Decimal(0)),
        "by_action": dict(found.by_effect),
    }


def _trajectory(
    series: MemberSeries,
    main: TargetView | None,
    actions: Sequence[Mapping[str, Any]],
    book: SourceBook | None,
) -> list[dict[str, Any]]:
    leading = None if main is None or main.terms is None else (main.terms, main.target.product)
    return [each.content() for each in trajectory(series, leading, actions, book)]


def _target_warnings(main: TargetView | None, in_force: InForce) -> list[dict[str, Any]]:
    if main is None or Kind(main.target.kind) is not Kind.ABSOLUTE:
        return []
    target = main.target
    raised = weaker_target(
        str(target.uid),
        percent=target.percent,
        years=(target.base_year, target.target_year),
        scopes=tuple(target.scopes),
        default=in_force.programme.target,
    )
    return [frozen_warning(each, target.note) for each in raised]


def _warnings(actions: Sequence[Mapping[str, Any]], today: date) -> list[dict[str, Any]]:
    reasons = {f"action/{each['key']}": each["explanation"] for each in actions}
    raised = plan_warnings([_planned(each) for each in actions], today)
    return [frozen_warning(each, reasons.get(each.subject, "")) for each in raised]


def frozen_warning(warning: RaisedWarning, reason: str) -> dict[str, Any]:
    """A warning as it is frozen, with the reason that was given for it."""
    return {
        "code": warning.code,
        "subject": warning.subject,
        "weight": int(warning.weight),
        "values": dict(warning.values),
        "lines": list(warning.lines),
        "reason": reason,
    }


def _planned(action: Mapping[str, Any]) -> PlannedAction:
    lever = data.load_levers().get(action["lever"])
    source, steps = action["kg_source"], action["milestones"]
    return PlannedAction(
        key=action["key"],
        name=action["name"],
        status=Status(action["status"]),
        ledger=Ledger(action["ledger"]),
        source=f"{action['category']}@{action['site']}",
        source_kg=None if source is None else Decimal(source),
        kg=Decimal(action["kg_saving"]),
        start_on=start_of(action),
        has_owner=action["has_owner"],
        has_evidence=bool(action["evidence"]),
        milestone_dues=tuple(day_in(each["due"]) for each in steps),
        open_dues=tuple(day_in(each["due"]) for each in steps if each["done"] is None),
        usual_high=lever.high if lever else None,
        capex=Decimal(action["capex"]),
    )
