"""Accounts of people and the roles they hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.store.base import Base, BigKey, Document

# No mail can be sent there: the name is reserved for addresses that must not exist (RFC 2606).
ERASED_DOMAIN = "erased.invalid"

account_role = Table(
    "account_role",
    Base.metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("role_id", ForeignKey("role.id"), primary_key=True, index=True),
)


class Role(Base, RoleMixin):
    """One of the six roles of domain.actors."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)


class Account(Base, UserMixin):
    """A person who may log in; supplier people belong to exactly one member."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(10))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool]
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[datetime | None]
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_last_counter: Mapped[int | None] = mapped_column(BigKey)
    mf_recovery_codes: Mapped[Any | None] = mapped_column(Document)
    fs_webauthn_user_handle: Mapped[bytes | None] = mapped_column(  # type: ignore[assignment]  # the library means bytes too
        LargeBinary(64), unique=True
    )
    created_at: Mapped[datetime]
    erasure_asked_at: Mapped[datetime | None]

    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]  # our roles are more than the library's
        secondary=account_role, lazy="selectin"
    )

    @property
    def is_erased(self) -> bool:
        """Whether the person behind it was erased: only the public id is left, which the ledger names."""
        return is_erased(self.email)


def is_erased(email: str) -> bool:
    """Whether an account's address is the one that is put in the place of an erased person's."""
    return email.endswith(f"@{ERASED_DOMAIN}")
