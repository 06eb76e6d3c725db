"""Tokens of programs, and the answers that repeated requests get again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.accounts import Account
from portal.store.base import Base, BigKey, Bytes, Document, rows_changed, upserting

# Last use is shown to the day's hour only: a row that every request writes would make them queue.
TOUCH_EVERY = timedelta(hours=1)


class ApiToken(Base):
    """A token of one account; of the token itself only the SHA-256 and its last characters are kept."""

    __tablename__ = "api_token"
    __table_args__ = (Index("ix_api_token_account_id", "account_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(60))
    hint: Mapped[str] = mapped_column(String(8))
    digest: Mapped[bytes] = mapped_column(Bytes, unique=True)
    scopes: Mapped[list[str]] = mapped_column(Document)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    def is_alive(self, moment: datetime) -> bool:
        """Whether it opens anything at that moment."""
        return self.revoked_at is None and moment < self.expires_at


class KeptAnswer(Base):
    """What a request with a key of its own was answered; the same key gets the same answer for seven days."""

    __tablename__ = "kept_answer"
    __table_args__ = (
        UniqueConstraint("token_id", "key"),
        # What an account has kept is summed up from this alone.
        Index("ix_kept_answer_room", "token_id", "size", "expires_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("api_token.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    key: Mapped[str] = mapped_column(String(255))
    fingerprint: Mapped[bytes] = mapped_column(Bytes)
    status: Mapped[int]
    headers: Mapped[dict[str, Any]] = mapped_column(Document)
    body: Mapped[bytes] = mapped_column(Bytes)
    size: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Room:
    """How many answers are kept for an account, how many bytes they have, and when the first of them goes."""

    count: int
    size: int
    next_free_at: datetime


def by_digest(session: Session, digest: bytes) -> tuple[ApiToken, Account] | None:
    """The token with this digest and its account, dead or alive."""
    query = (
        select(ApiToken, Account)
        .join(Account, Account.id == ApiToken.account_id)
        .where(ApiToken.digest == digest)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


def of_account(session: Session, account_id: int) -> Sequence[ApiToken]:
    """The tokens of an account that were not revoked, newest first."""
    query = (
        select(ApiToken)
        .where(ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.id.desc())
    )
    return session.scalars(query).all()


def opens_still(session: Session, token_id: int, moment: datetime) -> bool:
    """Whether a token that was let in opens anything yet, as this transaction sees it."""
    query = select(ApiToken.id).where(
        ApiToken.id == token_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > moment
    )
    return session.scalars(query).first() is not None


def count_of(session: Session, account_id: int, moment: datetime) -> int:
    """How many tokens of an account open something."""
    query = select(func.count()).where(
        ApiToken.account_id == account_id,
        ApiToken.revoked_at.is_(None),
        ApiToken.expires_at > moment,
    )
    return session.scalars(query).one()


def touch(session: Session, token: ApiToken, moment: datetime) -> None:
    """Note that a token was used, unless that was noted within the hour."""
    if token.used_at is None or moment - token.used_at >= TOUCH_EVERY:
        session.execute(
            update(ApiToken)
            .where(ApiToken.id == token.id)
            .values(used_at=moment)
            .execution_options(synchronize_session=False)
        )


def revoke(session: Session, account_id: int, moment: datetime, *, uid: UUID | None = None) -> int:
    """Revoke one token of an account, or all; returns how many were alive. The answers that they got go with them."""
    mine = ApiToken.account_id == account_id
    one = mine if uid is None else mine & (ApiToken.uid == uid)
    session.execute(
        delete(KeptAnswer)
        .where(KeptAnswer.token_id.in_(select(ApiToken.id).where(one)))
        .execution_options(synchronize_session=False)
    )
    revoked = rows_changed(
        session,
        update(ApiToken)
        .where(one, ApiToken.revoked_at.is_(None))
        .values(revoked_at=moment)
        .execution_options(synchronize_session=False),
    )
    return revoked


def take_key(session: Session, row: dict[str, Any]) -> KeptAnswer | None:
    """Take a key for a request: None when it is taken now, else what the first request under it was answered.

    Of two at once the second waits here until the first is committed or gone. What was taken is told by the returned
    key: the count of rows means nothing on PostgreSQL after ON CONFLICT.
    """
    insert = upserting(session)
    taking = (
        insert(KeptAnswer)
        .values(**row)
        .on_conflict_do_nothing(index_elements=[KeptAnswer.token_id, KeptAnswer.key])
        .returning(KeptAnswer.id)
    )
    if session.scalars(taking).first() is not None:
        return None
    query = select(KeptAnswer).where(
        KeptAnswer.token_id == row["token_id"], KeptAnswer.key == row["key"]
    )
    return session.scalars(query).one()


def keep_answer(
    session: Session, token_id: int, key: str, *, status: int, headers: dict[str, Any], body: bytes
) -> None:
    """Keep what the request that took the key is answered."""
    session.execute(
        update(KeptAnswer)
        .where(KeptAnswer.token_id == token_id, KeptAnswer.key == key)
        .values(status=status, headers=headers, body=body, size=len(body))
        .execution_options(synchronize_session=False)
    )


def room_taken(session: Session, account_id: int) -> Room:
    """What is kept for all tokens of an account that has kept something."""
    query = (
        select(func.count(), func.sum(KeptAnswer.size), func.min(KeptAnswer.expires_at))
        .select_from(KeptAnswer)
        .join(ApiToken, ApiToken.id == KeptAnswer.token_id)
        .where(ApiToken.account_id == account_id)
    )
    return Room(*session.execute(query).one())


def forget_key(session: Session, token_id: int, key: str, moment: datetime) -> None:
    """Let a key go whose time is over."""
    session.execute(
        delete(KeptAnswer)
        .where(
            KeptAnswer.token_id == token_id, KeptAnswer.key == key, KeptAnswer.expires_at <= moment
        )
        .execution_options(synchronize_session=False)
    )


def purge(session: Session, before: datetime) -> int:
    """Delete tokens that were over before the given moment; returns how many. Their answers went long ago."""
    gone = rows_changed(
        session,
        delete(ApiToken).where(or_(ApiToken.expires_at < before, ApiToken.revoked_at < before)),
    )
    return gone


def delete_of(session: Session, account_id: int) -> None:
    """Delete all that is kept of an account's tokens."""
    mine = select(ApiToken.id).where(ApiToken.account_id == account_id)
    session.execute(delete(KeptAnswer).where(KeptAnswer.token_id.in_(mine)))
    session.execute(delete(ApiToken).where(ApiToken.account_id == account_id))


def purge_answers(session: Session, moment: datetime) -> int:
    """Delete answers whose time is over, and those that a token got which opens nothing any more; returns how many."""
    dead = select(ApiToken.id).where(
        or_(ApiToken.expires_at <= moment, ApiToken.revoked_at.is_not(None))
    )
    gone = rows_changed(
        session,
        delete(KeptAnswer)
        .where(or_(KeptAnswer.expires_at <= moment, KeptAnswer.token_id.in_(dead)))
        .execution_options(synchronize_session=False),
    )
    return gone
