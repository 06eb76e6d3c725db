"""Keep files that somebody brought to fill a year with, until they are settled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.store import row_security

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
MOMENT = sa.DateTime(timezone=True)
TABLES = ("import_file",)


def upgrade() -> None:
    op.create_table(
        "import_file",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("inventory_id", KEY, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("locale", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("counts", DOCUMENT, nullable=False),
        sa.Column("mapping", DOCUMENT, nullable=True),
        sa.Column("preview", DOCUMENT, nullable=True),
        sa.Column("choices", DOCUMENT, nullable=True),
        sa.Column("problems", DOCUMENT, nullable=True),
        sa.Column("uploaded_by", KEY, nullable=True),
        sa.Column("uploaded_at", MOMENT, nullable=False),
        sa.Column("settled_by", KEY, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.CheckConstraint("kind in ('workbook', 'free')", name=op.f("ck_import_file_kind_known")),
        sa.CheckConstraint(
            "state in ('reading', 'ready', 'applying', 'applied', 'refused', 'abandoned')",
            name=op.f("ck_import_file_state_known"),
        ),
        sa.CheckConstraint("size >= 0", name=op.f("ck_import_file_size_not_negative")),
        sa.CheckConstraint(
            "(settled_at is null) = (state in ('reading', 'ready', 'applying'))",
            name=op.f("ck_import_file_settled_when_ended"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_import_file_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["inventory_id"], ["inventory.id"], name=op.f("fk_import_file_inventory_id_inventory")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["account.id"], name=op.f("fk_import_file_uploaded_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["account.id"], name=op.f("fk_import_file_settled_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
        sa.UniqueConstraint("uid", name=op.f("uq_import_file_uid")),
    )
    for column in ("member_id", "sha256", "uploaded_by"):
        op.create_index(op.f(f"ix_import_file_{column}"), "import_file", [column])
    op.create_index("ix_import_file_inventory_state", "import_file", ["inventory_id", "state"])
    for statement in row_security.statements(op.get_bind().dialect.name, TABLES):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("import_file")
