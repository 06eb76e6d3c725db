"""Mails the day's checkpoint of the ledger to the auditors."""

from __future__ import annotations

from portal.jobs.held import HeldJob
from portal.services import auditors


def mail_checkpoint(held: HeldJob) -> None:
    """Write the letters in the job's last transaction, so that each day's are sent once."""
    with held.finishing() as work:
        auditors.mail_checkpoint(work)
