"""What a member produced in a year."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from portal.api import cursors, schemas
from portal.api.answers import Answer, etag_of, tagged
from portal.api.calls import Call
from portal.api.declarations import PAGED, Match, route
from portal.api.refusals import Blocked, Found
from portal.domain.permissions import Permission
from portal.domain.tokens import Scope
from portal.domain.words import N_
from portal.services import inventories, listings, submissions
from portal.services import outputs as verbs
from portal.services.outputs import RawOutput, SavedOutput
from portal.store.inventories import Output

READS = {
    "scopes": (Scope.LINES_READ,),
    "permission": Permission.MEMBER_INVENTORY_READ,
    "is_own": True,
}
WRITES = {
    "scopes": (Scope.LINES_WRITE,),
    "permission": Permission.MEMBER_INVENTORY_EDIT,
    "is_own": True,
    "may_run_dry": True,
}
OUTPUTS = "/v1/inventories/<int:year>/outputs"
OUTPUT = f"{OUTPUTS}/<uuid:output>"


@route(
    "GET",
    OUTPUTS,
    N_("List the outputs of a year"),
    query=PAGED,
    gives=schemas.OUTPUTS,
    **READS,
)
def listed(call: Call, year: int) -> Answer:
    """List what was produced, in the order in which it was added."""
    _member, inventory = inventories.own_year(call.work, year)
    piece = listings.outputs_after(call.work, inventory, call.after, call.limit)
    items = [_plain(output) for output in piece.rows]
    return Answer({"items": items, "next": cursors.write(piece.next)})


@route(
    "POST",
    OUTPUTS,
    N_("Add an output"),
    takes=schemas.OUTPUT_INPUT,
    gives=schemas.OUTPUT_SAVED,
    status=201,
    has_etag=True,
    **WRITES,
)
def added(call: Call, year: int) -> Answer:
    """Add a product with its quantity."""
    _member, inventory = inventories.own_year(call.work, year)
    return _kept(verbs.add_output(call.work, inventory, _raw(call)), 201)


@route("GET", OUTPUT, N_("Read an output"), gives=schemas.OUTPUT, has_etag=True, **READS)
def shown(call: Call, year: int, output: UUID) -> Answer:
    """Show one product."""
    _member, inventory = inventories.own_year(call.work, year)
    content = _plain(verbs.find_output(call.work, inventory, output))
    return tagged(content, etag_of(content))


@route(
    "PUT",
    OUTPUT,
    N_("Change an output"),
    takes=schemas.OUTPUT_INPUT,
    gives=schemas.OUTPUT_SAVED,
    match=Match.NEEDED,
    has_etag=True,
    **WRITES,
)
def changed(call: Call, year: int, output: UUID) -> Answer:
    """Change a product that nobody else has changed meanwhile."""
    inventory, found = _held(call, year, output)
    return _kept(verbs.change_output(call.work, inventory, found, _raw(call)), 200)


@route("DELETE", OUTPUT, N_("Remove an output"), status=204, match=Match.NEEDED, **WRITES)
def removed(call: Call, year: int, output: UUID) -> Answer:
    """Remove a product that nobody else has changed meanwhile."""
    inventory, found = _held(call, year, output)
    verbs.remove_output(call.work, inventory, found)
    return Answer(status=204)


def _held(call: Call, year: int, uid: UUID) -> tuple[Any, Output]:
    """The product as it is once nobody else can change the year any more."""
    _member, inventory = inventories.own_year(call.work, year)
    submissions.hold(call.work, inventory)
    found = verbs.find_output(call.work, inventory, uid)
    call.demand_match(etag_of(_plain(found)))
    return inventory, found


def _raw(call: Call) -> RawOutput:
    sent = call.body
    return RawOutput(
        sent["product"] or "",
        "" if sent["quantity"] is None else sent["quantity"],
        sent["unit"] or "",
        call.locale,
        sent.get("confirmed", {}),
    )


def _kept(saved: SavedOutput, status: int) -> Answer:
    if saved.output is None:
        raise Blocked([Found(problem, f"/{problem.field}") for problem in saved.problems])
    content = _plain(saved.output)
    changes = [
        {"column": each.field, "typed": each.typed, "read": each.read} for each in saved.changes
    ]
    return tagged({**content, "changes": changes}, etag_of(content), status)


def _plain(output: Output) -> dict[str, Any]:
    return {
        "uid": output.uid,
        "product": output.product,
        "quantity": output.quantity,
        "unit": output.unit,
    }
