"""Which key signs the log now: a rotation that was announced is brought to its end before anything is signed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.canonical import digest_of_bytes
from portal.domain.ledger.facts import KEY_ROTATED
from portal.domain.ledger.notes import SigningKey, VerifierKey
from portal.store.keys import KeyFolder
from portal.store.ledger import LedgerEntry


def key_digest(key: VerifierKey) -> str:
    """What the log says of a new key."""
    return digest_of_bytes(key.text().encode())


def key_in_use(session: Session, keys: KeyFolder) -> SigningKey:
    """The key that signs now; raises NoKey. Asked with the ledger's head locked.

    An announced key takes over when the log speaks of it, and is dropped when that was never committed: so a crash
    at any moment of a rotation leaves one key, and a list that knows it.
    """
    newer = keys.announced()
    if newer is not None:
        query = select(LedgerEntry.sequence).where(
            LedgerEntry.kind == KEY_ROTATED, LedgerEntry.after == key_digest(newer.verifier)
        )
        announced = session.scalars(query).one_or_none()
        if announced is None:
            keys.forget_announced()
        else:
            keys.take_over(newer, announced + 1)
    return keys.log_key()
