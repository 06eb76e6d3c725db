"""Find a member's registers by an index, for each batch of readings asks for them."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEX = "ix_meter_register_member_id"


def upgrade() -> None:
    op.create_index(INDEX, "meter_register", ["member_id"])


def downgrade() -> None:
    op.drop_index(INDEX, "meter_register")
