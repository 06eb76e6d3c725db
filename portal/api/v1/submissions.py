"""What was handed in: the member's own, or everybody's for people of the alliance."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from portal.api import cursors, schemas
from portal.api.answers import Answer
from portal.api.calls import Call
from portal.api.declarations import JSON, PAGED, YEAR, route
from portal.domain.permissions import Permission
from portal.domain.tokens import Scope
from portal.domain.words import N_
from portal.services import listings, members
from portal.services import submissions as verbs
from portal.store.submissions import Submission

READS = {
    "scopes": (Scope.SUBMISSIONS_READ, Scope.PORTFOLIO_READ),
    "permission": Permission.MEMBER_SUBMISSION_READ,
}
SUBMISSION = "/v1/submissions/<uuid:submission>"


@route(
    "GET",
    "/v1/submissions",
    N_("List what was handed in"),
    query=(*PAGED, YEAR),
    gives=schemas.SUBMISSIONS,
    **READS,
)
def listed(call: Call) -> Answer:
    """List submissions in the order in which they came."""
    piece = listings.submissions_after(
        call.work, call.after, call.limit, year=call.query.get("year")
    )
    owners = members.member_uids(call.work, (row.member_id for row in piece.rows))
    items = [plain(row, owners[row.member_id]) for row in piece.rows]
    return Answer({"items": items, "next": cursors.write(piece.next)})


@route(
    "GET",
    SUBMISSION,
    N_("Read a submission and what became of it"),
    gives=schemas.SUBMISSION_DETAIL,
    shows=("submission", "submission"),
    **READS,
)
def shown(call: Call, submission: UUID) -> Answer:
    """Show one submission with its history."""
    found = verbs.find(call.work, submission)
    owners = members.member_uids(call.work, [found.member_id])
    history = [
        {"kind": event.kind, "at": event.at, "reason": event.reason}
        for event in verbs.history(call.work.session, found)
    ]
    return Answer({"submission": plain(found, owners[found.member_id]), "history": history})


@route(
    "GET",
    f"{SUBMISSION}/content",
    N_("Fetch the frozen content, byte for byte, whose SHA-256 is the digest"),
    gives={"type": "object"},
    shows=("submission", "submission"),
    **READS,
)
def fetched(call: Call, submission: UUID) -> Answer:
    """Give the frozen content as it was digested."""
    found = verbs.find(call.work, submission)
    content = verbs.frozen_bytes(call.work.session, found)
    return Answer(response=Response(content, content_type=JSON))


def plain(row: Submission, member: UUID) -> dict[str, Any]:
    """A submission as it is given, without what was signed by whom."""
    return {
        "uid": row.uid,
        "member": member,
        "year": row.year,
        "kind": row.kind,
        "number": row.number,
        "state": row.state,
        "digest": row.digest,
        "submitted_at": row.submitted_at,
        "decided_at": row.decided_at,
        "line_count": row.line_count,
        "totals": {
            "kg_scope1": row.kg_scope1,
            "kg_scope2_location": row.kg_scope2_location,
            "kg_scope2_market": row.kg_scope2_market,
            "kg_scope3": row.kg_scope3,
        },
    }
