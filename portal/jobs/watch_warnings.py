"""Watches over the warnings of all members, each in a transaction of its own, and writes the letters of the day about them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from portal import logs
from portal.domain.words import N_
from portal.jobs.held import HeldJob, LeaseLost
from portal.services import warning_digests, warning_peers, warning_watch
from portal.services.warning_peers import Peers
from portal.store.outages import outage_behind


class NotAllWatched(Exception):
    """Some members could not be looked at; the job is tried again, and the log has the reason for each."""


class NotAllTold(Exception):
    """Some people's letters could not be written; the job is tried again, and the log has the reason for each."""


def watch_warnings(held: HeldJob) -> None:
    """Look at each member; what another attempt has kept already changes nothing.

    A member that we stumble over does not keep the others from being looked at; the job fails for it at its end.
    """
    failed = 0
    with held.reading() as work:
        members = warning_watch.members_to_watch(work)
        peers = warning_peers.peers_now(work)
    for place, member_id in enumerate(members):
        held.show(100 * place // len(members), N_("Looking for what is odd"))
        failed += not _is_done(
            partial(_watch, held, member_id, peers),
            "warnings.member_failed",
            member_id=member_id,
        )
    if failed:
        raise NotAllWatched(f"{failed} of {len(members)} members could not be looked at")


def _watch(held: HeldJob, member_id: int, peers: Peers) -> None:
    with held.reading() as work:
        seen = warning_watch.found_of(work, member_id, peers)
    with held.writing() as work:
        warning_watch.keep(work, member_id, seen)


def tell_warnings(held: HeldJob) -> None:
    """Write each person's letter of the day; one that can't be written keeps nobody else from theirs."""
    with held.reading() as work:
        people = warning_digests.people_to_tell(work)
    failed = 0
    for account_id in people:
        failed += not _is_done(
            partial(_tell, held, account_id), "warnings.letter_failed", account_id=account_id
        )
    if failed:
        raise NotAllTold(f"the letters of {failed} of {len(people)} people could not be written")


def _tell(held: HeldJob, account_id: int) -> None:
    with held.writing() as work:
        warning_digests.tell(work, account_id)


def _is_done(act: Callable[[], None], event: str, **about: int) -> bool:
    """Whether one of many is done; why it is not goes to the log, and an outage or a lost lease ends them all."""
    try:
        act()
    except LeaseLost:
        raise
    except Exception as error:
        if outage_behind(error) is not None:
            raise
        logs.tell(event, level=logging.ERROR, **about, **logs.described(error))
        return False
    return True
