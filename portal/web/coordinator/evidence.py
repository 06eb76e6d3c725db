"""Evidence as reviewers read it."""

from __future__ import annotations

from uuid import UUID

from flask.typing import ResponseReturnValue

from portal.domain.refusals import NotFound
from portal.services import evidence as files
from portal.services import members
from portal.web.coordinator import blueprint
from portal.web.downloads import evidence_answer
from portal.web.requests import current_work


@blueprint.get("/members/<uuid:member>/evidence/<uuid:evidence>")
def evidence_file(member: UUID, evidence: UUID) -> ResponseReturnValue:
    """Send a member's file as it was uploaded."""
    work = current_work()
    owner = members.find_member(work, member)
    row = files.find_evidence(work, evidence)
    if row.member_id != owner.id:
        raise NotFound()
    return evidence_answer(row)
