"""People who may log in with the tests' password, each in an alliance of their own."""

from __future__ import annotations

import pytest

from portal.domain.actors import Role
from portal.store.accounts import Account
from portal.store.base import Database
from tests.browsers import hashed
from tests.factories.suppliers import a_member, an_account, an_alliance


def person(database: Database, role: Role) -> Account:
    """Let somebody with a role come; a reporter has a member of its own."""
    with database.writing() as session:
        alliance = an_alliance(session, years=(2025,))
        is_supplier = role is Role.REPORTER
        member = a_member(session, alliance, "M001", sector="packaging") if is_supplier else None
        account = an_account(session, role, member)
        account.password = hashed()
        session.commit()
    return account


@pytest.fixture
def reporter(database: Database) -> Account:
    """Somebody who reports for a member."""
    return person(database, Role.REPORTER)
