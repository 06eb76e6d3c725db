"""Watches over the warnings of all members, each in a transaction of its own, and writes the letters of the day about them."""

from __future__ import annotations

import logging

from portal import logs
from portal.domain.words import N_
from portal.jobs.held import HeldJob, LeaseLost
from portal.services import warning_digests, warning_watch
from portal.store.outages import outage_behind


class NotAllWatched(Exception):
    """Some members could not be looked at; the job is tried again, and the log has the reason for each."""


def watch_warnings(held: HeldJob) -> None:
    """Look at each member; what another attempt has kept already changes nothing.

    A member that we stumble over does not keep the others from being looked at; the job fails for it at its end.
    """
    failed = 0
    with held.reading() as work:
        members = warning_watch.members_to_watch(work)
    for place, member_id in enumerate(members):
        held.show(100 * place // len(members), N_("Looking for what is odd"))
        try:
            _watch(held, member_id)
        except LeaseLost:
            raise
        except Exception as error:
            if outage_behind(error) is not None:
                raise
            failed += 1
            said = {"member_id": member_id, **logs.described(error)}
            logs.tell("warnings.member_failed", level=logging.ERROR, **said)
    if failed:
        raise NotAllWatched(f"{failed} of {len(members)} members could not be looked at")


def _watch(held: HeldJob, member_id: int) -> None:
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
