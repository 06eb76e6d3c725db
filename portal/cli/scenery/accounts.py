"""The accounts that are printed: one for every role, and a supplier for every state of the last year."""

from __future__ import annotations

from sqlalchemy import select

from portal.cli.scenery.cast import LAST_YEAR
from portal.cli.scenery.stage import ADMINISTRATOR, COORDINATORS, VERIFIER
from portal.store.accounts import Account
from portal.store.accounts import Role as RoleRow
from portal.store.base import Database
from portal.store.inventories import Inventory

STATES = {
    "draft": "still drafting",
    "submitted": "waiting for review",
    "returned": "returned with questions",
    "approved": "approved",
}


def demo_accounts(url: str) -> list[tuple[str, str]]:
    """(who, e-mail address) of the accounts worth trying."""
    staff = [
        ("administrator", ADMINISTRATOR.email),
        ("coordinator (Chinese)", COORDINATORS[0].email),
        ("coordinator (English)", COORDINATORS[1].email),
        ("verifier", VERIFIER.email),
    ]
    database = Database(url, pool_size=1)
    try:
        with database.reading() as session:
            return staff + [
                (f"supplier, {role}, {LAST_YEAR} {words}", email)
                for state, words in STATES.items()
                for role in ("reporter", "signatory")
                if (email := session.scalars(_of(state, role)).first()) is not None
            ]
    finally:
        database.dispose()


def _of(state: str, role: str):  # type: ignore[no-untyped-def]  # a SELECT of one address
    return (
        select(Account.email)
        .join(Inventory, Inventory.member_id == Account.member_id)
        .where(
            Inventory.year == LAST_YEAR,
            Inventory.state == state,
            Account.roles.any(RoleRow.name == role),
        )
        .order_by(Account.id)
        .limit(1)
    )
