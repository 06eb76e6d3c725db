"""Meters of a site, the registers that counted at them, the batches in which readings came, and the months taken over."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.base import Base, BigKey, Document

_OF_ONE_MEMBER = ("member_id", "meter_id"), ("meter.member_id", "meter.id")


class Meter(Base):
    """A point at a site where something is counted; its readings stay one series whichever register is there."""

    __tablename__ = "meter"
    __table_args__ = (
        UniqueConstraint("member_id", "code"),
        UniqueConstraint(
            "member_id", "id"
        ),  # what readings refer to, so that member and meter belong together
        CheckConstraint(
            "kind in ('electricity', 'gas', 'steam', 'water', 'diesel', 'other')", name="kind_known"
        ),
        CheckConstraint("counting in ('cumulative', 'interval')", name="counting_known"),
        CheckConstraint("ends_on is null or starts_on <= ends_on", name="ends_after_its_start"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    category: Mapped[str] = mapped_column(String(60))
    unit: Mapped[str] = mapped_column(String(20))
    counting: Mapped[str] = mapped_column(String(10))
    zone: Mapped[str] = mapped_column(String(40))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class MeterRegister(Base):
    """The device at a meter from a moment on; `first` and `last` are what it showed when it came and when it went."""

    __tablename__ = "meter_register"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_ONE_MEMBER),
        UniqueConstraint("meter_id", "starts_at"),
        CheckConstraint("multiplier > 0", name="multiplier_positive"),
        CheckConstraint("digits is null or digits between 3 and 12", name="digits_plausible"),
        CheckConstraint(
            "(first is null or first >= 0) and (last is null or last >= 0)", name="never_negative"
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    member_id: Mapped[int] = mapped_column(BigKey, index=True)
    meter_id: Mapped[int] = mapped_column(BigKey)
    starts_at: Mapped[datetime]
    serial: Mapped[str] = mapped_column(String(60))
    multiplier: Mapped[Decimal]
    digits: Mapped[int | None]
    first: Mapped[Decimal | None]
    last: Mapped[Decimal | None]


class MeterBatch(Base):
    """Readings that were accepted together: by which door, when, whose, and why where they correct earlier ones."""

    __tablename__ = "meter_batch"
    __table_args__ = (
        CheckConstraint("door in ('form', 'file', 'api', 'mqtt')", name="door_known"),
        CheckConstraint("count > 0", name="not_empty"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    door: Mapped[str] = mapped_column(String(10))
    count: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    entered_at: Mapped[datetime]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class MeterTrouble(Base):
    """A message that could not be taken, kept until the supplier has seen to it; the same one again is counted."""

    __tablename__ = "meter_trouble"
    __table_args__ = (UniqueConstraint("member_id", "digest"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    meter_id: Mapped[int | None] = mapped_column(ForeignKey("meter.id"), index=True)
    named: Mapped[str] = mapped_column(String(60))
    digest: Mapped[str] = mapped_column(String(64))
    problems: Mapped[list[Any]] = mapped_column(Document)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    count: Mapped[int]


class MeteredLine(Base):
    """A meter's month that a person made a line of: the line, and how its quantity came about, as it was then."""

    __tablename__ = "metered_line"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_ONE_MEMBER),
        UniqueConstraint("meter_id", "month"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
    )

    line_id: Mapped[int] = mapped_column(
        ForeignKey("activity_line.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[int] = mapped_column(BigKey)
    meter_id: Mapped[int] = mapped_column(BigKey)
    month: Mapped[date]
    amount: Mapped[Decimal]
    working: Mapped[dict[str, Any]] = mapped_column(Document)
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class MeterReading(Base):
    """What a meter showed at a moment, in its own unit; only added to, on PostgreSQL in partitions by month.

    `number` counts what was said about the moment: the highest is in force, the others it corrected. `reason` says
    why, and stands only there. Keys begin with the member, so that members can be spread over machines one day.
    """

    __tablename__ = "meter_reading"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_ONE_MEMBER),
        CheckConstraint("value >= 0", name="value_not_negative"),
        CheckConstraint("began_at is null or began_at < moment", name="begins_before_its_end"),
        CheckConstraint("(number = 1) = (reason is null)", name="correction_has_its_reason"),
        {"postgresql_partition_by": "RANGE (moment)"},
    )

    member_id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    meter_id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    moment: Mapped[datetime] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[Decimal]
    began_at: Mapped[datetime | None]
    batch_id: Mapped[int] = mapped_column(ForeignKey("meter_batch.id"))
    reason: Mapped[str | None] = mapped_column(Text)
