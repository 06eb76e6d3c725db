"""What the ledger keeps of one thing that happened, and what of it is published."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.domain.canonical import canonical_json
from portal.domain.ledger.merkle import leaf_hash

SALT_BYTES = 32

INTENDED = "certificate.intended"
REPORT_INTENDED = "report.intended"
REVOKED = "certificate.revoked"
SUPERSEDED = "certificate.superseded"
KEY_ROTATED = "log.key_rotated"

# Under which name any entry's detail says through which token a program acted.
THROUGH = "through"

# What is public anyway: that a certificate exists, which bytes it has, and how it ended. Of everything else the log
# shows a commitment only, because how busy a supplier is, and when, is its own affair.
PUBLISHED = frozenset(
    {
        INTENDED,
        REPORT_INTENDED,
        REVOKED,
        SUPERSEDED,
        "certificate.rendered",
        "report.rendered",
        KEY_ROTATED,
    }
)


def own_detail(detail: Mapping[str, Any]) -> dict[str, Any]:
    """What a kind of entry says in its detail, however the act came about: a program and a page say the same."""
    # Whoever changed the row may have put anything there; what is no object is no detail (TypeError, ValueError).
    return {name: value for name, value in dict(detail).items() if name != THROUGH}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened, as the ledger keeps it.

    `actor` names an account by its public id or the portal itself, never a person: names live outside the ledger
    so that they can be erased. `before` and `after` are SHA-256 digests (hex) of what was changed.
    """

    sequence: int
    at: datetime
    kind: str
    actor: str
    on_behalf_of: str
    subject: str
    before: str
    after: str
    detail: Mapping[str, object]

    def data(self) -> bytes:
        """The whole fact as canonical JSON, which stays in the portal."""
        return canonical_json(
            {
                "sequence": self.sequence,
                "at": self.at,
                "kind": self.kind,
                "actor": self.actor,
                "on_behalf_of": self.on_behalf_of,
                "subject": self.subject,
                "before": self.before,
                "after": self.after,
                "detail": dict(self.detail),
            }
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact with the random salt that keeps its published commitment from being guessed at."""

    fact: Fact
    salt: bytes

    def __post_init__(self) -> None:
        """Refuse a salt that somebody could try out."""
        if len(self.salt) != SALT_BYTES:
            raise ValueError(f"a salt has {SALT_BYTES} bytes")

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Entry:
        """The entry of a row as text: the moment in ISO 8601, the salt in hexadecimal digits, the detail as it is."""
        fact = Fact(
            raw["sequence"],
            datetime.fromisoformat(raw["at"]),
            raw["kind"],
            raw["actor"],
            raw["on_behalf_of"],
            raw["subject"],
            raw["before"],
            raw["after"],
            raw["detail"],
        )
        return cls(fact, bytes.fromhex(raw["salt"]))

    def data(self) -> bytes:
        """The published bytes, which the leaf is the hash of: a commitment to the fact, and what is public of it."""
        said: dict[str, object] = {
            "sequence": self.fact.sequence,
            "commitment": hashlib.sha256(self.salt + self.fact.data()).hexdigest(),
        }
        if self.fact.kind in PUBLISHED:
            said |= {
                "at": self.fact.at,
                "kind": self.fact.kind,
                "subject": self.fact.subject,
                "digest": self.fact.after,
            }
        return canonical_json(said)

    def leaf(self) -> bytes:
        """The leaf's hash."""
        return leaf_hash(self.data())
