"""Letting a new key sign the log: the old one signs what announces it, then goes."""

from __future__ import annotations

from portal.domain.ledger.facts import KEY_ROTATED
from portal.domain.ledger.keyring import KeyRing
from portal.services import checkpoints
from portal.services.checkpoints import Notary
from portal.services.log_keys import key_digest
from portal.services.work import Work
from portal.store.keys import new_log_key


def announce(work: Work, notary: Notary) -> None:
    """Announce a new key in the log and have the old one sign the head that holds this; raises NoKey or LogForked.

    The new key lies beside the old one from now on, and takes over when somebody signs after the commit. It is kept
    last, since it must not take over within this transaction, which may still fail.
    """
    keys = notary.keys
    newer = new_log_key(keys.log_key().name)
    work.record(KEY_ROTATED, "log/key", after=key_digest(newer.verifier))
    checkpoints.sign_head(work, notary)
    keys.announce(newer)


def complete(work: Work, notary: Notary) -> KeyRing:
    """Let the announced key take over, in a transaction after that of `announce`; returns the ring with it."""
    checkpoints.sign_head(work, notary)
    return notary.keys.ring()
