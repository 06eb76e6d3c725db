"""Keep frozen tables from being emptied at once, which asks no trigger of a row; only PostgreSQL has such a statement."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# As they were at this revision.
FROZEN = (
    "ledger_entry",
    "ledger_node",
    "checkpoint",
    "submission_event",
    "certificate_document",
    "programme_version",
    "submission",
    "certificate",
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in FROZEN:
        op.execute(
            f"CREATE TRIGGER {table}_keeps_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in FROZEN:
        op.execute(f"DROP TRIGGER {table}_keeps_truncate ON {table}")
