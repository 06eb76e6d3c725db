"""Where Flask-Security finds accounts: in the session of the request, which somebody else commits."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask_security import SQLAlchemyUserDatastore
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from portal.services.addresses import comparable
from portal.store.accounts import Account, Role
from portal.web.requests import database_session


class _RequestDatabase:
    """Looks to Flask-Security like its usual database object."""

    @property
    def session(self) -> Session:
        return database_session()


@cache
def _by(name: str) -> Any:
    """The question for the account with one attribute; every request asks it, so it is put together once."""
    return (
        select(Account)
        .where(getattr(Account, name) == bindparam("value"))
        .options(joinedload(Account.roles))
    )


class RequestDatastore(SQLAlchemyUserDatastore):  # type: ignore[misc]  # the library has no types
    """Accounts as seen by this request's one transaction."""

    def __init__(self) -> None:
        super().__init__(_RequestDatabase(), Account, Role)

    def commit(self) -> None:
        """Send what is pending to the database; the owner of the request commits it, with everything else."""
        database_session().flush()

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Account | None:
        """Find one account by the one attribute that is given."""
        name, value = kwargs.popitem()
        if name == "email":
            value = comparable(value)
        found = database_session().scalars(_by(name), {"value": value})
        return found.unique().one_or_none()
