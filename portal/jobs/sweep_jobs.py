"""Deletes jobs that were done long ago; what failed stays until a person has looked at it."""

from __future__ import annotations

from datetime import timedelta

from portal.jobs.held import HeldJob
from portal.store import jobs

KEPT_FOR = timedelta(days=90)
AT_ONCE = 1000


def sweep_jobs(held: HeldJob) -> None:
    """Delete in short transactions, so that nobody waits for the sweep."""
    before = held.now() - KEPT_FOR
    while True:
        with held.writing() as work:
            deleted = jobs.delete_done(work.session, before, limit=AT_ONCE)
        if deleted < AT_ONCE:
            return
