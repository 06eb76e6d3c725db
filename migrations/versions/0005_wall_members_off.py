"""Wall members off from each other on PostgreSQL."""

from __future__ import annotations

from alembic import op

from portal.store import row_security

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in row_security.statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in row_security.drop_statements(op.get_bind().dialect.name):
        op.execute(statement)
