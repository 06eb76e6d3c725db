"""Who acts: a person with roles, or the portal itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from portal.domain.words import N_

AccountId = NewType("AccountId", int)
MemberId = NewType("MemberId", int)


class Role(StrEnum):
    """What a person may be in the alliance."""

    REPORTER = "reporter"
    SIGNATORY = "signatory"
    VIEWER = "viewer"
    COORDINATOR = "coordinator"
    VERIFIER = "verifier"
    ADMINISTRATOR = "administrator"


SUPPLIER_ROLES = frozenset({Role.REPORTER, Role.SIGNATORY, Role.VIEWER})
ALLIANCE_ROLES = frozenset({Role.COORDINATOR, Role.VERIFIER, Role.ADMINISTRATOR})

ROLE_NAMES = {
    Role.REPORTER: N_("Reporter"),
    Role.SIGNATORY: N_("Signatory"),
    Role.VIEWER: N_("Viewer"),
    Role.COORDINATOR: N_("Coordinator"),
    Role.VERIFIER: N_("Verifier"),
    Role.ADMINISTRATOR: N_("Administrator"),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """The person (or the portal itself) on whose behalf something is done.

    `account_id` is None for the portal itself and for a stranger; `member_id` is set exactly for supplier people.
    `only` are the permissions that a program acting for the person was given; None for the person itself.
    """

    account_id: AccountId | None
    name: str
    roles: frozenset[Role]
    member_id: MemberId | None = None
    is_system: bool = False
    only: frozenset[str] | None = None

    @property
    def is_stranger(self) -> bool:
        """Nobody is logged in."""
        return self.account_id is None and not self.is_system


STRANGER = Actor(None, "", frozenset())
SYSTEM = Actor(None, "system", frozenset(), is_system=True)
