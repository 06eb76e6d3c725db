"""Let two members state one credit code: refusing the second told it that the first is a member."""

from __future__ import annotations

from alembic import op

from portal.store import row_security

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UNIQUE, INDEX = "uq_member_credit_code", "ix_member_credit_code"


def upgrade() -> None:
    with op.batch_alter_table("member") as batch_op:
        batch_op.drop_constraint(UNIQUE, type_="unique")
    op.create_index(INDEX, "member", ["credit_code"])


def downgrade() -> None:
    """Goes back to one member for a code: of several who state it, the first keeps it."""
    op.drop_index(INDEX, "member")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SELECT set_config('{row_security.EVERYBODY}', 'on', true)")
    op.execute(
        "UPDATE member SET credit_code = NULL WHERE id NOT IN "
        "(SELECT min(id) FROM member WHERE credit_code IS NOT NULL GROUP BY credit_code)"
    )
    with op.batch_alter_table("member") as batch_op:
        batch_op.create_unique_constraint(UNIQUE, ["credit_code"])
