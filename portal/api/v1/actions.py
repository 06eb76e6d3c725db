"""Reduction actions of a member's plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from portal.api import cursors, schemas
from portal.api.answers import Answer, etag_of_version, tagged
from portal.api.calls import Call
from portal.api.declarations import PAGED, Match, route
from portal.api.refusals import Blocked, Found
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict
from portal.domain.tokens import Scope
from portal.domain.words import N_
from portal.intake.typed import Typed
from portal.services import actions as verbs
from portal.services import listings, members, plans, submissions
from portal.services.action_reading import MILESTONE_FIELDS
from portal.services.actions import ActionDetail, SavedAction
from portal.store.actions import Action
from portal.store.dossiers import Dossier

READS = {
    "scopes": (Scope.ACTIONS_READ,),
    "permission": Permission.MEMBER_PLAN_READ,
    "is_own": True,
}
WRITES = {
    "scopes": (Scope.ACTIONS_WRITE,),
    "permission": Permission.MEMBER_PLAN_EDIT,
    "is_own": True,
    "may_run_dry": True,
}
ACTION = "/v1/actions/<uuid:action>"
_SAME = [
    "lever",
    "name",
    "area",
    "category",
    "ledger",
    "method",
    "kg_saving",
    "basis_year",
    "start_on",
    "ramp_months",
    "lifetime_years",
    "owner_name",
    "owner_post",
    "supervisor_name",
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
    "may_be_copied",
]


@route(
    "GET",
    "/v1/actions",
    N_("List the reduction actions"),
    query=PAGED,
    gives=schemas.ACTIONS,
    **READS,
)
def listed(call: Call) -> Answer:
    """List the member's actions in the order in which they were added."""
    piece = listings.actions_after(call.work, members.own_member(call.work), call.after, call.limit)
    items = [_plain(detail) for detail in piece.rows]
    return Answer({"items": items, "next": cursors.write(piece.next)})


@route(
    "POST",
    "/v1/actions",
    N_("Add a reduction action to the plan"),
    takes=schemas.ACTION_INPUT,
    gives=schemas.ACTION,
    status=201,
    has_etag=True,
    **WRITES,
)
def added(call: Call) -> Answer:
    """Add an action to the plan."""
    plan = _plan(call)
    return _kept(call, plan, verbs.add_action(call.work, plan, _typed(call)), 201)


@route("GET", ACTION, N_("Read a reduction action"), gives=schemas.ACTION, has_etag=True, **READS)
def shown(call: Call, action: UUID) -> Answer:
    """Show one action."""
    member = members.own_member(call.work)
    found = verbs.find_action(call.work, member, action)
    return _tagged(call, found, 200)


@route(
    "PUT",
    ACTION,
    N_("Change a reduction action: all of it, as it is sent"),
    takes=schemas.ACTION_INPUT,
    gives=schemas.ACTION,
    match=Match.NEEDED,
    has_etag=True,
    **WRITES,
)
def changed(call: Call, action: UUID) -> Answer:
    """Change an action that nobody else has changed meanwhile."""
    plan, found = _held(call, action)
    return _kept(call, plan, verbs.change_action(call.work, plan, found, _typed(call)), 200)


@route("DELETE", ACTION, N_("Remove a reduction action"), status=204, match=Match.NEEDED, **WRITES)
def removed(call: Call, action: UUID) -> Answer:
    """Remove an action that no report speaks of."""
    plan, found = _held(call, action)
    verbs.remove_action(call.work, plan, found)
    return Answer(status=204)


def _plan(call: Call) -> Dossier:
    """The plan, held so that nobody else changes it until this is done."""
    plan = plans.own_plan(call.work, members.own_member(call.work))
    if plan is None:
        raise Conflict("plan.not_begun")
    submissions.hold(call.work, plan)
    return plan


def _held(call: Call, uid: UUID) -> tuple[Dossier, Action]:
    member = members.own_member(call.work)
    verbs.find_action(call.work, member, uid)
    plan = _plan(call)
    found = verbs.find_action(call.work, member, uid)
    call.work.session.refresh(found)
    call.demand_match(etag_of_version(found.version))
    return plan, found


def _typed(call: Call) -> Typed:
    """What was sent, by the names that the reader of actions knows; milestones by their places."""
    values: dict[str, object] = {}
    for name, value in call.body.items():
        if name == "milestones":
            values |= _milestones(value)
        elif name == "may_be_copied":
            values[name] = "y" if value else ""
        elif name != "confirmed" and value is not None:
            values[name] = value
    return Typed(values, call.locale, call.body.get("confirmed", {}))


def _milestones(sent: list[Mapping[str, Any]]) -> dict[str, object]:
    return {
        f"milestones-{place}-{field}": each[field]
        for place, each in enumerate(sent)
        for field in MILESTONE_FIELDS
        if each.get(field) is not None
    }


def _kept(call: Call, plan: Dossier, saved: SavedAction, status: int) -> Answer:
    if saved.action is None:
        raise Blocked([Found(problem, _pointer(problem.field)) for problem in saved.problems])
    return _tagged(call, saved.action, status)


def _pointer(field: str) -> str:
    return "/" + field.replace("-", "/") if field.startswith("milestones-") else f"/{field}"


def _tagged(call: Call, action: Action, status: int) -> Answer:
    """The action with its ETag, as it stands now."""
    call.work.session.flush()
    (detail,) = verbs.details_of(call.work.session, action.member_id, [action])
    answer = tagged(_plain(detail), etag_of_version(action.version), status)
    if status == 201:
        headers = {**answer.headers, "Location": f"/api/v1/actions/{action.uid}"}
        return Answer(answer.content, status, headers)
    return answer


def _plain(detail: ActionDetail) -> dict[str, Any]:
    action = detail.action
    return {
        "uid": action.uid,
        "version": action.version,
        **{name: getattr(action, name) for name in _SAME},
        "site": None if detail.site is None else detail.site.code,
        "milestones": [
            {"name": each.name, "due_on": each.due_on, "done_on": each.done_on}
            for each in detail.milestones
        ],
        "evidence": [file.uid for file in detail.files],
    }
