"""Certificates, their documents, and the series that gives out their numbers."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.base import Base, BigKey, Bytes


class NumberSeries(Base):
    """The last number given out in a series, moved by one statement."""

    __tablename__ = "number_series"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int]


class Certificate(Base):
    """Issued from one approved submission; number and facts are committed before anything is rendered.

    It certifies an inventory, or a member's progress with the `level` that the alliance's rules give it.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint(
            "state in ('issuing', 'valid', 'superseded', 'revoked')", name="state_known"
        ),
        CheckConstraint("kind in ('inventory', 'progress')", name="kind_known"),
        CheckConstraint("kind = 'progress' or level = ''", name="level_of_progress"),
        CheckConstraint(
            "state not in ('superseded', 'revoked') or reason <> ''", name="ended_with_a_reason"
        ),
        CheckConstraint(
            "(state = 'revoked') = (revoked_at is not null)", name="revoked_when_revoked"
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    code: Mapped[str] = mapped_column(String(40))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    year: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10), default="inventory")
    level: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[str] = mapped_column(String(10), index=True)
    facts: Mapped[bytes] = mapped_column(Bytes, deferred=True)
    facts_digest: Mapped[str] = mapped_column(String(64))
    template: Mapped[str] = mapped_column(String(40))
    issued_at: Mapped[datetime]
    valid_until: Mapped[date]
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))
    revoked_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")


class DocumentSeal(Base):
    """What ties a document to the log before it is rendered: the proof that its facts stand there, and its statement."""

    __tablename__ = "document_seal"
    __table_args__ = (
        CheckConstraint("kind in ('certificate', 'report_zh', 'report_en')", name="kind_known"),
    )

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    facts_digest: Mapped[str] = mapped_column(String(64))
    proof: Mapped[str] = mapped_column(Text)
    statement: Mapped[str] = mapped_column(Text)
    sealed_at: Mapped[datetime]


class CertificateDocument(Base):
    """The bytes of a certificate or of the inventory report beside it, as rendered once and for all."""

    __tablename__ = "certificate_document"
    __table_args__ = (
        UniqueConstraint("certificate_id", "kind"),
        CheckConstraint("kind in ('certificate', 'report_zh', 'report_en')", name="kind_known"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"))
    kind: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    # Of the same document before it was signed: rendering again gives these bytes, a signature has a time in it.
    unsigned_sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(Bytes, deferred=True)
    rendered_at: Mapped[datetime]
