"""Signs the head of the ledger when it has moved, and publishes the log up to there."""

from __future__ import annotations

from portal.jobs.held import HeldJob
from portal.jobs.signing import notary_of
from portal.services import publishing


def publish_log(held: HeldJob) -> None:
    """Sign and publish; what was published before is never touched, and a database that contradicts it stops here."""
    notary = notary_of(held.settings)
    with notary.published.locked():
        with held.writing() as work:
            signed = publishing.sign(work, notary)
        publishing.publish(held.database.reading, signed, notary)
