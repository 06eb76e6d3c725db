"""A member's files: uploaded, fetched, and attached to the lines that they support."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from flask import request

from portal.api import cursors, schemas
from portal.api.answers import Answer, file_answer
from portal.api.calls import Call, wiring
from portal.api.declarations import BYTES, PAGED, Parameter, route
from portal.api.refusals import Blocked, Found, Refused
from portal.domain.actors import MemberId
from portal.domain.permissions import Permission
from portal.domain.tokens import Scope
from portal.domain.words import N_
from portal.http import events
from portal.services import evidence as verbs
from portal.services import inventories, lines, listings, members
from portal.services.listings import Piece
from portal.store.blobs import Blobs
from portal.store.evidence import Evidence

READS = {
    "scopes": (Scope.EVIDENCE_READ,),
    "permission": Permission.MEMBER_EVIDENCE_READ,
    "is_own": True,
}
WRITES = {
    "scopes": (Scope.EVIDENCE_WRITE,),
    "permission": Permission.MEMBER_EVIDENCE_EDIT,
    "is_own": True,
}
NAME = Parameter(
    "name",
    {"type": "string"},
    N_("the name of the file, with its ending"),
    N_("The name under which the file is kept."),
    is_required=True,
)
ATTACHED = "/v1/inventories/<int:year>/lines/<uuid:key>/evidence"
LINK = f"{ATTACHED}/<uuid:evidence>"


@route(
    "GET", "/v1/evidence", N_("List the files"), query=PAGED, gives=schemas.EVIDENCE_PAGE, **READS
)
def listed(call: Call) -> Answer:
    """List the member's files in the order in which they were uploaded."""
    member = members.own_member(call.work)
    return _page(listings.evidence_after(call.work, MemberId(member.id), call.after, call.limit))


@route(
    "POST",
    "/v1/evidence",
    N_("Upload a file; the same bytes again are the same file"),
    query=(NAME,),
    takes_bytes=True,
    gives=schemas.EVIDENCE,
    status=201,
    may_run_dry=True,
    **WRITES,
)
def uploaded(call: Call) -> Answer:
    """Take a file in and look into it before it is kept."""
    member = members.own_member(call.work)
    if too_many := verbs.count_looks(call.work, member, 1):
        raise Blocked([Found(problem, "") for problem in too_many])
    settings = wiring().settings
    blobs = Blobs(settings.storage)
    call.work.release()
    with verbs.inspected(
        blobs, request.stream, call.query["name"], scanner=settings.scanner
    ) as file:
        row, problems = verbs.keep(call.work, None if call.is_dry else blobs, member, file)
        if row is None:
            raise Blocked([Found(problem, "") for problem in problems])
        address = f"/api/v1/evidence/{row.uid}"
        return Answer(_plain(row), 201, {"Location": address})


@route(
    "GET",
    "/v1/evidence/<uuid:evidence>",
    N_("Read what is known of a file"),
    gives=schemas.EVIDENCE,
    **READS,
)
def shown(call: Call, evidence: UUID) -> Answer:
    """Show one file."""
    return Answer(_plain(verbs.find_evidence(call.work, evidence)))


@route(
    "GET",
    "/v1/evidence/<uuid:evidence>/content",
    N_("Fetch a file, byte for byte"),
    media_type=BYTES,
    more_statuses=(410,),
    **READS,
)
def fetched(call: Call, evidence: UUID) -> Answer:
    """Give a file back as it was uploaded."""
    row = verbs.find_evidence(call.work, evidence)
    blobs = Blobs(wiring().settings.storage)
    if not blobs.holds(row.sha256):
        events.log("evidence.missing", level=logging.ERROR, sha256=row.sha256)
        raise Refused(410, "evidence.missing")
    return file_answer(blobs.open(row.sha256), BYTES, row.name, row.size)


@route(
    "DELETE",
    "/v1/evidence/<uuid:evidence>",
    N_("Remove a file that nothing needs"),
    status=204,
    may_run_dry=True,
    **WRITES,
)
def removed(call: Call, evidence: UUID) -> Answer:
    """Remove a file."""
    verbs.remove_evidence(call.work, verbs.find_evidence(call.work, evidence))
    return Answer(status=204)


@route(
    "GET",
    ATTACHED,
    N_("List the files that support a line"),
    query=PAGED,
    gives=schemas.EVIDENCE_PAGE,
    **READS,
)
def attached(call: Call, year: int, key: UUID) -> Answer:
    """List the files of a line in the order in which they were uploaded."""
    member, inventory = inventories.own_year(call.work, year)
    line = lines.find_line(call.work, inventory, key)
    piece = listings.evidence_of_line_after(
        call.work, line, MemberId(member.id), call.after, call.limit
    )
    return _page(piece)


@route("PUT", LINK, N_("Let a file support a line"), status=204, may_run_dry=True, **WRITES)
def linked(call: Call, year: int, key: UUID, evidence: UUID) -> Answer:
    """Attach a file to a line; a link that is there already stays."""
    _member, inventory = inventories.own_year(call.work, year)
    row = verbs.find_evidence(call.work, evidence)
    verbs.link(call.work, inventory, [key], row)
    return Answer(status=204)


@route("DELETE", LINK, N_("Take a file away from a line"), status=204, may_run_dry=True, **WRITES)
def unlinked(call: Call, year: int, key: UUID, evidence: UUID) -> Answer:
    """Detach a file from a line; it stays among the member's files."""
    _member, inventory = inventories.own_year(call.work, year)
    row = verbs.find_evidence(call.work, evidence)
    verbs.unlink(call.work, inventory, key, row)
    return Answer(status=204)


def _page(piece: Piece[Evidence]) -> Answer:
    return Answer({"items": [_plain(row) for row in piece.rows], "next": cursors.write(piece.next)})


def _plain(row: Evidence) -> dict[str, Any]:
    return {
        "uid": row.uid,
        "name": row.name,
        "size": row.size,
        "media_type": row.media_type,
        "sha256": row.sha256,
        "flags": list(row.flags),
        "uploaded_at": row.uploaded_at,
    }
