"""Watches over the warnings of all members, each in a transaction of its own, and writes the letters of the day about them."""

from __future__ import annotations

from portal.domain.words import N_
from portal.jobs.held import HeldJob
from portal.services import warning_digests, warning_watch


def watch_warnings(held: HeldJob) -> None:
    """Look at each member; what another attempt has kept already changes nothing."""
    with held.reading() as work:
        members = warning_watch.members_to_watch(work)
    for place, member_id in enumerate(members):
        held.show(100 * place // len(members), N_("Looking for what is odd"))
        with held.reading() as work:
            found = warning_watch.found_of(work, member_id)
        with held.writing() as work:
            warning_watch.keep(work, member_id, found)


def tell_warnings(held: HeldJob) -> None:
    """Write each person's letter of the day."""
    with held.reading() as work:
        people = warning_digests.people_to_tell(work)
    for account_id in people:
        with held.writing() as work:
            warning_digests.tell(work, account_id)
