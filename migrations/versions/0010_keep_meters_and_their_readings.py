"""Keep meters, their registers and readings, what could not be taken of them, and the months that became lines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.store import row_security

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
MOMENT = sa.DateTime(timezone=True)
MICRO = sa.BigInteger()
# In the order in which they refer to each other.
TABLES = (
    "meter",
    "meter_register",
    "meter_batch",
    "meter_trouble",
    "metered_line",
    "meter_reading",
)


def upgrade() -> None:
    _create_meter()
    _create_register()
    _create_batch_and_trouble()
    _create_metered_line()
    _create_reading()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TABLE meter_reading_rest PARTITION OF meter_reading DEFAULT")
        for table in (*TABLES, "meter_reading_rest"):
            for statement in row_security.wall_of(table):
                op.execute(statement)
    _guard_readings(op.get_bind().dialect.name)


def downgrade() -> None:
    """Goes back to a portal without meters; lines that were made of their months stay as they are."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_meter() -> None:
    op.create_table(
        "meter",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("site_id", KEY, nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("category", sa.String(60), nullable=False),
        sa.Column("unit", sa.String(20), nullable=False),
        sa.Column("counting", sa.String(10), nullable=False),
        sa.Column("zone", sa.String(40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind in ('electricity', 'gas', 'steam', 'water', 'diesel', 'other')",
            name=op.f("ck_meter_kind_known"),
        ),
        sa.CheckConstraint(
            "counting in ('cumulative', 'interval')", name=op.f("ck_meter_counting_known")
        ),
        sa.CheckConstraint(
            "ends_on is null or starts_on <= ends_on", name=op.f("ck_meter_ends_after_its_start")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_meter_member_id_member")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_meter_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meter")),
        sa.UniqueConstraint("member_id", "code", name=op.f("uq_meter_member_id_code")),
        sa.UniqueConstraint("member_id", "id", name=op.f("uq_meter_member_id_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_meter_uid")),
    )
    op.create_index(op.f("ix_meter_site_id"), "meter", ["site_id"])


def _create_register() -> None:
    op.create_table(
        "meter_register",
        sa.Column("id", KEY, nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("meter_id", KEY, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("serial", sa.String(60), nullable=False),
        sa.Column("multiplier", MICRO, nullable=False),
        sa.Column("digits", sa.Integer(), nullable=True),
        sa.Column("first", MICRO, nullable=True),
        sa.Column("last", MICRO, nullable=True),
        sa.CheckConstraint("multiplier > 0", name=op.f("ck_meter_register_multiplier_positive")),
        sa.CheckConstraint(
            "digits is null or digits between 3 and 12",
            name=op.f("ck_meter_register_digits_plausible"),
        ),
        sa.CheckConstraint(
            "(first is null or first >= 0) and (last is null or last >= 0)",
            name=op.f("ck_meter_register_never_negative"),
        ),
        _of_a_meter("meter_register"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meter_register")),
        sa.UniqueConstraint(
            "meter_id", "starts_at", name=op.f("uq_meter_register_meter_id_starts_at")
        ),
    )


def _create_batch_and_trouble() -> None:
    op.create_table(
        "meter_batch",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("door", sa.String(10), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("entered_by", KEY, nullable=True),
        sa.CheckConstraint(
            "door in ('form', 'file', 'api', 'mqtt')", name=op.f("ck_meter_batch_door_known")
        ),
        sa.CheckConstraint("count > 0", name=op.f("ck_meter_batch_not_empty")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_meter_batch_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["account.id"], name=op.f("fk_meter_batch_entered_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meter_batch")),
        sa.UniqueConstraint("uid", name=op.f("uq_meter_batch_uid")),
    )
    op.create_index(op.f("ix_meter_batch_member_id"), "meter_batch", ["member_id"])
    op.create_table(
        "meter_trouble",
        sa.Column("id", KEY, nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("meter_id", KEY, nullable=True),
        sa.Column("named", sa.String(60), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("problems", DOCUMENT, nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_meter_trouble_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["meter_id"], ["meter.id"], name=op.f("fk_meter_trouble_meter_id_meter")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meter_trouble")),
        sa.UniqueConstraint("member_id", "digest", name=op.f("uq_meter_trouble_member_id_digest")),
    )
    op.create_index(op.f("ix_meter_trouble_meter_id"), "meter_trouble", ["meter_id"])


def _create_metered_line() -> None:
    op.create_table(
        "metered_line",
        sa.Column("line_id", KEY, nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("meter_id", KEY, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("amount", MICRO, nullable=False),
        sa.Column("working", DOCUMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=False),
        sa.Column("confirmed_by", KEY, nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_metered_line_amount_not_negative")),
        _of_a_meter("metered_line"),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["activity_line.id"],
            name=op.f("fk_metered_line_line_id_activity_line"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["account.id"], name=op.f("fk_metered_line_confirmed_by_account")
        ),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_metered_line")),
        sa.UniqueConstraint("meter_id", "month", name=op.f("uq_metered_line_meter_id_month")),
    )


def _create_reading() -> None:
    op.create_table(
        "meter_reading",
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("meter_id", KEY, nullable=False),
        sa.Column("moment", MOMENT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("value", MICRO, nullable=False),
        sa.Column("began_at", MOMENT, nullable=True),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("value >= 0", name=op.f("ck_meter_reading_value_not_negative")),
        sa.CheckConstraint(
            "began_at is null or began_at < moment",
            name=op.f("ck_meter_reading_begins_before_its_end"),
        ),
        sa.CheckConstraint(
            "(number = 1) = (reason is null)",
            name=op.f("ck_meter_reading_correction_has_its_reason"),
        ),
        _of_a_meter("meter_reading"),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["meter_batch.id"], name=op.f("fk_meter_reading_batch_id_meter_batch")
        ),
        sa.PrimaryKeyConstraint(
            "member_id", "meter_id", "moment", "number", name=op.f("pk_meter_reading")
        ),
        postgresql_partition_by="RANGE (moment)",
    )


def _of_a_meter(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["member_id", "meter_id"],
        ["meter.member_id", "meter.id"],
        name=op.f(f"fk_{table}_member_id_meter_id_meter"),
    )


def _guard_readings(dialect: str) -> None:
    if dialect == "sqlite":
        for act in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER meter_reading_keeps_{act} BEFORE {act.upper()} ON meter_reading "
                "BEGIN SELECT RAISE(ABORT, 'meter_reading is frozen'); END"
            )
        return
    for act in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER meter_reading_keeps_{act} BEFORE {act.upper()} ON meter_reading "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE TRIGGER meter_reading_keeps_truncate BEFORE TRUNCATE ON meter_reading "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
