"""Evidence bundles: what a member's people take along of their own approved submissions."""

from __future__ import annotations

from uuid import UUID

from flask.typing import ResponseReturnValue

from portal.web.downloads import bundle_answer
from portal.web.supplier import blueprint


@blueprint.post("/submissions/<uuid:submission>/bundle")
def submission_bundle(submission: UUID) -> ResponseReturnValue:
    """Send the bundle; not a GET, since taking it is written down."""
    return bundle_answer(submission)
