"""Letting a new key sign the log: the old one signs what announces it, then goes."""

from __future__ import annotations

from portal.domain.canonical import digest_of_bytes
from portal.domain.ledger.keyring import KeyRing
from portal.services import checkpoints
from portal.services.checkpoints import Notary
from portal.services.work import Work
from portal.store.keys import new_log_key

ROTATED = "log.key_rotated"


def rotate(work: Work, notary: Notary) -> KeyRing:
    """Announce a new key in the log, have the old one sign the head that holds this, and replace it; raises NoKey.

    The ledger's head stays locked until the commit, so nobody signs with the old key what only the new one may.
    """
    keys = notary.keys
    newer = new_log_key(keys.log_key().name)
    work.record(ROTATED, "log/key", after=digest_of_bytes(newer.verifier.text().encode()))
    signed = checkpoints.sign_head(work, notary)
    return keys.replace_log_key(newer, signed.size)
