"""Wall members off from each other on PostgreSQL."""

from __future__ import annotations

from alembic import op

from portal.store import row_security

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# As they were at this revision.
TABLES = (
    "acknowledgement",
    "action",
    "action_evidence",
    "action_progress",
    "activity_line",
    "adjustment",
    "certificate",
    "certificate_document",
    "document_seal",
    "dossier",
    "evidence",
    "finding",
    "inventory",
    "line_evidence",
    "member",
    "member_lever",
    "member_output",
    "member_path",
    "member_plan",
    "member_progress",
    "member_restated",
    "member_summary",
    "member_year",
    "milestone",
    "not_applicable",
    "output",
    "progress_evidence",
    "reading",
    "site",
    "submission",
    "submission_event",
    "target",
    "trial_decision",
    "trial_row",
)


def upgrade() -> None:
    for statement in row_security.statements(op.get_bind().dialect.name, TABLES):
        op.execute(statement)


def downgrade() -> None:
    for statement in row_security.drop_statements(op.get_bind().dialect.name, TABLES):
        op.execute(statement)
