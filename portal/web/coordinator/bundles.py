"""Evidence bundles: what a reviewer, a verifier or an administrator takes along."""

from __future__ import annotations

from uuid import UUID

from flask.typing import ResponseReturnValue

from portal.web.coordinator import blueprint
from portal.web.downloads import bundle_answer


@blueprint.post("/submissions/<uuid:submission>/bundle")
def submission_bundle(submission: UUID) -> ResponseReturnValue:
    """Send the bundle; not a GET, since taking it is written down."""
    return bundle_answer(submission)
