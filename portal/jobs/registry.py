"""Which handler does which kind of job; a kind that stands here nowhere is parked with an error that says so."""

from __future__ import annotations

from datetime import timedelta

from portal.jobs.queue import Kind
from portal.jobs.send_messages import give_up, send_message
from portal.jobs.sweep_jobs import sweep_jobs
from portal.services.outbox import SEND_MESSAGE

KINDS: dict[str, Kind] = {
    # Mail servers that put off a stranger's first letter take it some minutes later.
    SEND_MESSAGE: Kind(send_message, first_pause=timedelta(minutes=1), when_dead=give_up),
    "sweep_jobs": Kind(sweep_jobs),
}
