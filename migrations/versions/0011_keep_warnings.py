"""Keep warnings that stand: since when, what became of them, how far up they went, and who was told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.store import row_security

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
WALLED = ("standing_warning", "warning_notice")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "standing_warning",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("address", sa.String(140), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("values", DOCUMENT, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("unit_id", KEY, nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by", KEY, nullable=True),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state in ('open', 'explained', 'resolved')",
            name=op.f("ck_standing_warning_state_known"),
        ),
        sa.CheckConstraint("weight between 1 and 3", name=op.f("ck_standing_warning_weight_known")),
        sa.CheckConstraint(
            "(level = 0) = (unit_id is null)", name=op.f("ck_standing_warning_level_has_its_unit")
        ),
        sa.CheckConstraint(
            "settled_by is null or reason <> ''",
            name=op.f("ck_standing_warning_settled_with_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_standing_warning_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["account.id"], name=op.f("fk_standing_warning_settled_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_standing_warning_unit_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_warning")),
        sa.UniqueConstraint(
            "member_id",
            "year",
            "code",
            "subject",
            name=op.f("uq_standing_warning_member_id_year_code_subject"),
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_standing_warning_uid")),
    )
    op.create_index(
        "ix_standing_warning_state", "standing_warning", ["state", "weight", "opened_at", "id"]
    )
    op.create_index("ix_standing_warning_unit_id", "standing_warning", ["unit_id", "state"])
    op.create_table(
        "warning_notice",
        sa.Column("warning_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_warning_notice_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["warning_id"],
            ["standing_warning.id"],
            name=op.f("fk_warning_notice_warning_id_standing_warning"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "warning_id", "account_id", "turn", "level", name=op.f("pk_warning_notice")
        ),
    )
    op.create_index("ix_warning_notice_account_id", "warning_notice", ["account_id", "told_at"])
    # In this order: the wall of the one leans on the other.
    for statement in row_security.statements(op.get_bind().dialect.name, WALLED):
        op.execute(statement)


def downgrade() -> None:
    for table in ("warning_notice", "standing_warning"):
        op.drop_table(table)
