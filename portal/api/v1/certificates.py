"""Certificates: the member's own, or everybody's for people of the alliance."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from portal.api import cursors, schemas
from portal.api.answers import Answer, file_answer
from portal.api.calls import Call
from portal.api.declarations import PAGED, PDF, YEAR, route
from portal.api.refusals import Refused
from portal.domain.permissions import Permission
from portal.domain.tokens import Scope
from portal.domain.words import N_
from portal.services import certificate_list, listings, members
from portal.services import certificates as verbs
from portal.store.certificates import Certificate

READS = {
    "scopes": (Scope.CERTIFICATES_READ, Scope.PORTFOLIO_READ),
    "permission": Permission.MEMBER_CERTIFICATE_READ,
}
CERTIFICATE = "/v1/certificates/<uuid:certificate>"


@route(
    "GET",
    "/v1/certificates",
    N_("List certificates"),
    query=(*PAGED, YEAR),
    gives=schemas.CERTIFICATES,
    **READS,
)
def listed(call: Call) -> Answer:
    """List certificates in the order of their issue."""
    piece = listings.certificates_after(
        call.work, call.after, call.limit, year=call.query.get("year")
    )
    owners = members.member_uids(call.work, (row.member_id for row in piece.rows))
    items = [_plain(call, row, owners[row.member_id]) for row in piece.rows]
    return Answer({"items": items, "next": cursors.write(piece.next)})


@route(
    "GET",
    CERTIFICATE,
    N_("Read a certificate"),
    gives=schemas.CERTIFICATE,
    shows=("certificate", "certificate"),
    **READS,
)
def shown(call: Call, certificate: UUID) -> Answer:
    """Show one certificate."""
    found = verbs.find(call.work, certificate)
    owners = members.member_uids(call.work, [found.member_id])
    return Answer(_plain(call, found, owners[found.member_id]))


@route(
    "GET",
    f"{CERTIFICATE}/document",
    N_("Fetch the signed PDF"),
    media_type=PDF,
    shows=("certificate", "certificate"),
    **READS,
)
def fetched(call: Call, certificate: UUID) -> Answer:
    """Give the certificate as it was rendered once; 404 while it is still being made."""
    found = verbs.find(call.work, certificate)
    document = verbs.document(call.work.session, found, verbs.CERTIFICATE)
    if document is None:
        raise Refused(404, "document.not_ready")
    return file_answer(BytesIO(document.content), PDF, f"{found.number}.pdf", document.size)


def _plain(call: Call, row: Certificate, member: UUID) -> dict[str, Any]:
    return {
        "uid": row.uid,
        "number": row.number,
        "member": member,
        "year": row.year,
        "kind": row.kind,
        "level": row.level,
        "standing": certificate_list.standing_of(row, call.work.today),
        "issued_at": row.issued_at,
        "valid_until": row.valid_until,
        "facts_digest": row.facts_digest,
    }
