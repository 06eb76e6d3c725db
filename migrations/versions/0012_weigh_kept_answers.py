"""Weigh the answers that are kept for repeated requests, so that no account fills the disk with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.store import row_security

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INDEX = "ix_kept_answer_room"


def upgrade() -> None:
    op.add_column("kept_answer", sa.Column("size", sa.Integer(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SELECT set_config('{row_security.EVERYBODY}', 'on', true)")
    op.execute("UPDATE kept_answer SET size = length(body)")
    with op.batch_alter_table("kept_answer") as batch:
        batch.alter_column("size", existing_type=sa.Integer(), nullable=False)
    op.create_index(INDEX, "kept_answer", ["token_id", "size", "expires_at"])


def downgrade() -> None:
    op.drop_index(INDEX, "kept_answer")
    with op.batch_alter_table("kept_answer") as batch:
        batch.drop_column("size")
