"""Keep who of the alliance opened which figures, whose personal data was erased, and passkeys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_readings()
    op.create_table(
        "erasure",
        sa.Column("account_uid", sa.Uuid(), nullable=False),
        sa.Column("erased_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("account_uid", name=op.f("pk_erasure")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", KEY, nullable=False),
        sa.Column("transports", DOCUMENT, nullable=False),
        sa.Column("is_synced", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.CheckConstraint("sign_count >= 0", name=op.f("ck_passkey_counts_from_zero")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_passkey_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_passkey_account_id_name")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_passkey_uid")),
    )
    op.add_column("account", sa.Column("erasure_asked_at", MOMENT, nullable=True))


def downgrade() -> None:
    """Goes back to a portal that doesn't tell suppliers of readings and knows no passkeys; erased stays erased."""
    with op.batch_alter_table("account") as batch_op:
        batch_op.drop_column("erasure_asked_at")
    for table in ("passkey", "erasure", "reading"):
        op.drop_table(table)


def _create_readings() -> None:
    op.create_table(
        "reading",
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("thing", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("roles", sa.String(80), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind in ('member', 'submission', 'evidence', 'certificate', 'report', 'bundle')",
            name=op.f("ck_reading_kind_known"),
        ),
        sa.CheckConstraint(
            "count > 0 and first_at <= last_at", name=op.f("ck_reading_read_at_least_once")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_reading_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_reading_member_id_member")
        ),
        sa.PrimaryKeyConstraint(
            "member_id", "on", "account_id", "kind", "thing", name=op.f("pk_reading")
        ),
    )
    op.create_index("ix_reading_member_id_last_at", "reading", ["member_id", "last_at"])
    op.create_index("ix_reading_account_id", "reading", ["account_id"])
    op.create_index("ix_reading_on", "reading", ["on"])
