"""Remember what a member said its own tables mean."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.store import row_security

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
TABLES = ("import_mapping",)


def upgrade() -> None:
    op.create_table(
        "import_mapping",
        sa.Column("id", KEY, nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("shape", sa.String(64), nullable=False),
        sa.Column("mapping", DOCUMENT, nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_import_mapping_member_id_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
        sa.UniqueConstraint("member_id", "shape", name=op.f("uq_import_mapping_member_id_shape")),
    )
    for statement in row_security.statements(op.get_bind().dialect.name, TABLES):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("import_mapping")
