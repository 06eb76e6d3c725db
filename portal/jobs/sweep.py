"""Deletes what nobody needs any more: old jobs and runs, sessions, readings, counters, links, and files that no row needs."""

from __future__ import annotations

from datetime import timedelta

from portal.jobs.held import HeldJob
from portal.jobs.lay_partitions import lay_partitions
from portal.services import evidence, imports, meter_troubles
from portal.services.places import day_of
from portal.store import jobs, password_resets, readings, schedules, sessions, throttle, tokens
from portal.store.blobs import Blobs

AT_ONCE = 1000
JOBS_KEPT = timedelta(days=90)
# A device is known for as long as the sessions that were begun on it are kept.
SESSIONS_KEPT = timedelta(days=365)
TOKENS_KEPT = timedelta(days=365)  # after their end
LINKS_KEPT = timedelta(days=30)
READINGS_KEPT = timedelta(days=731)  # 24 months, as the page says that shows them
RUNS_KEPT = timedelta(days=30)  # the log alone is published 288 times a day
UPLOADS_KEPT = timedelta(days=1)


def sweep(held: HeldJob) -> None:
    """Delete in short transactions, so that nobody waits for the sweep; jobs that failed stay until somebody looked."""
    now = held.now()
    with held.writing() as work:
        sessions.purge(work.session, now - SESSIONS_KEPT)
        readings.purge(work.session, day_of(now - READINGS_KEPT))
    with held.writing() as work:
        meter_troubles.purge_troubles(work.session, now - meter_troubles.TROUBLE_KEPT)
        throttle.purge(work.session, now)
        tokens.purge_answers(work.session, now)
        tokens.purge(work.session, now - TOKENS_KEPT)
        password_resets.purge(work.session, now - LINKS_KEPT)
        schedules.purge(work.session, now - RUNS_KEPT)
    with held.writing() as work:
        imports.abandon_old(work)
    deleted = AT_ONCE
    while deleted == AT_ONCE:
        with held.writing() as work:
            deleted = jobs.delete_done(work.session, now - JOBS_KEPT, limit=AT_ONCE)
    lay_partitions(held)
    blobs = Blobs(held.settings.storage)
    blobs.sweep(now - UPLOADS_KEPT)
    with held.reading() as work:
        unnamed = evidence.orphans(work.session, blobs)
    for sha256 in unnamed:
        blobs.remove_if_older(sha256, now - UPLOADS_KEPT)
