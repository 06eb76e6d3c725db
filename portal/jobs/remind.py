"""Writes the reminders of the day, one short transaction each, so that none is lost and none sent twice."""

from __future__ import annotations

from portal.jobs.held import HeldJob
from portal.services import reminders


def remind_late(held: HeldJob) -> None:
    """Remind the members whose year is due or late."""
    with held.reading() as work:
        found = reminders.due_reminders(work)
    for place, reminder in enumerate(found):
        with held.writing() as work:
            reminders.remind_late(work, reminder)
        held.show(100 * place // len(found))


def announce_ends(held: HeldJob) -> None:
    """Tell members whose certificate ends soon."""
    with held.reading() as work:
        found = reminders.ending_certificates(work)
    for certificate_id, began in found:
        with held.writing() as work:
            reminders.announce_end(work, certificate_id, began)
