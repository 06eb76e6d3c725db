"""A member's years: which are begun, where one stands, beginning one, and handing one in."""

from __future__ import annotations

from typing import Any

from portal.api import schemas
from portal.api.answers import Answer
from portal.api.calls import Call, say_place
from portal.api.declarations import route
from portal.api.refusals import Blocked, Found, Refused
from portal.api.v1 import submissions as submission_views
from portal.domain.permissions import Permission
from portal.domain.tokens import Scope
from portal.domain.words import N_
from portal.services import check_page, inventories, members, submissions
from portal.services.inventories import ScopeTotals
from portal.services.submissions import Declaration
from portal.store.inventories import Inventory

READS = {
    "scopes": (Scope.LINES_READ,),
    "permission": Permission.MEMBER_INVENTORY_READ,
    "is_own": True,
}


@route(
    "GET",
    "/v1/inventories",
    N_("List the years that are begun"),
    gives=schemas.INVENTORIES,
    **READS,
)
def listed(call: Call) -> Answer:
    """List the member's years, latest first."""
    member = members.own_member(call.work)
    found = inventories.inventories_of(call.work, member)
    return Answer({"items": [_plain(inventory) for inventory in found]})


@route(
    "GET",
    "/v1/inventories/<int:year>",
    N_("Read a year in numbers"),
    gives=schemas.INVENTORY_DETAIL,
    **READS,
)
def shown(call: Call, year: int) -> Answer:
    """Show one year: its state, its counts, its totals."""
    _member, inventory = inventories.own_year(call.work, year)
    return Answer(_detail(call, inventory))


@route(
    "PUT",
    "/v1/inventories/<int:year>",
    N_("Begin a year; one that is begun stays as it is"),
    scopes=(Scope.LINES_WRITE,),
    permission=Permission.MEMBER_INVENTORY_EDIT,
    is_own=True,
    gives=schemas.INVENTORY_DETAIL,
    may_run_dry=True,
)
def opened(call: Call, year: int) -> Answer:
    """Begin a year that the alliance has opened."""
    member = members.own_member(call.work)
    inventory = inventories.open_inventory(call.work, member, year)
    return Answer(_detail(call, inventory))


@route(
    "GET",
    "/v1/inventories/<int:year>/check",
    N_("Look a year over before it is handed in"),
    scopes=(Scope.SUBMISSIONS_READ,),
    permission=Permission.MEMBER_INVENTORY_READ,
    is_own=True,
    gives=schemas.CHECK,
)
def checked(call: Call, year: int) -> Answer:
    """Say what is missing, and give the mark that handing in asks for."""
    _member, inventory = inventories.own_year(call.work, year)
    page = check_page.check_page(call.work, inventory)
    return Answer(
        {
            "mark": page.mark,
            "may_be_submitted": not page.blocking,
            "blocking": [say_place(problem, "") for problem in page.blocking],
            "warning_count": page.warning_count,
            "unexplained_count": page.unexplained_count,
            "totals": totals_of(page.totals),
        }
    )


@route(
    "POST",
    "/v1/inventories/<int:year>/submissions",
    N_("Hand a year in, in the name of the person behind the token"),
    scopes=(Scope.SUBMISSIONS_SUBMIT,),
    permission=Permission.MEMBER_SUBMISSION_SUBMIT,
    is_own=True,
    takes=schemas.SUBMIT,
    gives=schemas.SUBMISSION,
    status=201,
    may_run_dry=True,
    effort="submit",
)
def handed_in(call: Call, year: int) -> Answer:
    """Sign and hand in what the check with this mark has shown."""
    member, inventory = inventories.own_year(call.work, year)
    submissions.hold(call.work, inventory)
    page = check_page.check_page(call.work, inventory)
    if page.blocking:
        raise Blocked([Found(problem, "") for problem in page.blocking])
    if call.body["mark"] != page.mark:
        raise Refused(409, "submission.mark.outdated")
    made = submissions.submit(
        call.work,
        inventory,
        Declaration(member.signatory_name or "", member.signatory_post or ""),
    )
    address = f"/api/v1/submissions/{made.uid}"
    return Answer(submission_views.plain(made, member.uid), 201, {"Location": address})


def totals_of(totals: ScopeTotals) -> dict[str, Any]:
    """kg CO2e by scope."""
    return {
        "kg_scope1": totals.scope1,
        "kg_scope2_location": totals.scope2_location,
        "kg_scope2_market": totals.scope2_market,
        "kg_scope3": totals.scope3,
    }


def _detail(call: Call, inventory: Inventory) -> dict[str, Any]:
    overview = inventories.overview(call.work, inventory)
    return {
        **_plain(inventory),
        "line_count": overview.line_count,
        "unfinished_count": overview.unfinished_count,
        "evidenced_count": overview.evidenced_count,
        "not_applicable_count": overview.not_applicable_count,
        "output_count": overview.output_count,
        "totals": totals_of(overview.totals),
    }


def _plain(inventory: Inventory) -> dict[str, Any]:
    return {
        "year": inventory.year,
        "uid": inventory.uid,
        "state": inventory.state,
        "version": inventory.version,
        "changed_at": inventory.changed_at,
    }
