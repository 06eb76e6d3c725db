"""Lay the first tables, the triggers that keep frozen rows frozen, and the ledger's one head row."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# As they were at this revision: portal.store.triggers may have moved on.
TRIGGERS = {
    "sqlite": (
        "CREATE TRIGGER ledger_entry_keeps_update BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is frozen'); END",
        "CREATE TRIGGER ledger_entry_keeps_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is frozen'); END",
        "CREATE TRIGGER ledger_node_keeps_update BEFORE UPDATE ON ledger_node BEGIN SELECT RAISE(ABORT, 'ledger_node is frozen'); END",
        "CREATE TRIGGER ledger_node_keeps_delete BEFORE DELETE ON ledger_node BEGIN SELECT RAISE(ABORT, 'ledger_node is frozen'); END",
        "CREATE TRIGGER submission_event_keeps_update BEFORE UPDATE ON submission_event BEGIN SELECT RAISE(ABORT, 'submission_event is frozen'); END",
        "CREATE TRIGGER submission_event_keeps_delete BEFORE DELETE ON submission_event BEGIN SELECT RAISE(ABORT, 'submission_event is frozen'); END",
        "CREATE TRIGGER certificate_document_keeps_update BEFORE UPDATE ON certificate_document BEGIN SELECT RAISE(ABORT, 'certificate_document is frozen'); END",
        "CREATE TRIGGER certificate_document_keeps_delete BEFORE DELETE ON certificate_document BEGIN SELECT RAISE(ABORT, 'certificate_document is frozen'); END",
        "CREATE TRIGGER submission_keeps_update BEFORE UPDATE OF uid, inventory_id, member_id, year, kind, number, content, digest, kg_scope1, kg_scope2_location, kg_scope2_market, kg_scope3, kg_biogenic, line_count, evidenced_count, warning_count, quality, edition, gwp_set, signed_name, signed_post, submitted_by, submitted_at ON submission BEGIN SELECT RAISE(ABORT, 'submission is frozen'); END",
        "CREATE TRIGGER submission_keeps_delete BEFORE DELETE ON submission BEGIN SELECT RAISE(ABORT, 'submission is frozen'); END",
        "CREATE TRIGGER certificate_keeps_update BEFORE UPDATE OF uid, number, code, submission_id, member_id, year, facts, facts_digest, template, issued_at, valid_until ON certificate BEGIN SELECT RAISE(ABORT, 'certificate is frozen'); END",
        "CREATE TRIGGER certificate_keeps_delete BEFORE DELETE ON certificate BEGIN SELECT RAISE(ABORT, 'certificate is frozen'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$\n        BEGIN\n            -- without a percent sign, which drivers take for a placeholder\n            RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is frozen',\n                ERRCODE = 'integrity_constraint_violation';\n        END $$",
        "CREATE TRIGGER ledger_entry_keeps_update BEFORE UPDATE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER ledger_entry_keeps_delete BEFORE DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER ledger_node_keeps_update BEFORE UPDATE ON ledger_node FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER ledger_node_keeps_delete BEFORE DELETE ON ledger_node FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER submission_event_keeps_update BEFORE UPDATE ON submission_event FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER submission_event_keeps_delete BEFORE DELETE ON submission_event FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER certificate_document_keeps_update BEFORE UPDATE ON certificate_document FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER certificate_document_keeps_delete BEFORE DELETE ON certificate_document FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER submission_keeps_update BEFORE UPDATE OF uid, inventory_id, member_id, year, kind, number, content, digest, kg_scope1, kg_scope2_location, kg_scope2_market, kg_scope3, kg_biogenic, line_count, evidenced_count, warning_count, quality, edition, gwp_set, signed_name, signed_post, submitted_by, submitted_at ON submission FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER submission_keeps_delete BEFORE DELETE ON submission FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER certificate_keeps_update BEFORE UPDATE OF uid, number, code, submission_id, member_id, year, facts, facts_digest, template, issued_at, valid_until ON certificate FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER certificate_keeps_delete BEFORE DELETE ON certificate FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "alliance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("leader_zh", sa.String(length=200), nullable=False),
        sa.Column("leader_en", sa.String(length=200), nullable=False),
        sa.Column("net_zero_year", sa.Integer(), nullable=False),
        sa.Column("certificate_months", sa.Integer(), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alliance")),
        sa.UniqueConstraint("code", name=op.f("uq_alliance_code")),
    )
    op.create_table(
        "attempts",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attempts")),
    )
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempts_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column(
            "arguments",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("lease_seconds", sa.Integer(), nullable=False),
        sa.Column("beats", sa.Integer(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.String(length=64), nullable=True),
        sa.Column("token", sa.String(length=32), nullable=True),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=200), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("unique_key", sa.String(length=120), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'running') = (token is not null)", name=op.f("ck_job_held_when_running")
        ),
        sa.CheckConstraint(
            "state in ('ready', 'running', 'done', 'dead')", name=op.f("ck_job_state_known")
        ),
        sa.CheckConstraint("progress between 0 and 100", name=op.f("ck_job_progress_in_percent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(
            "ix_job_ready",
            [sa.literal_column("priority DESC"), "run_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'ready'"),
            postgresql_where=sa.text("state = 'ready'"),
        )
        batch_op.create_index(
            "ix_job_running",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        )
        batch_op.create_index("ix_job_state_kind", ["state", "kind", "id"], unique=False)
        batch_op.create_index(
            "uq_job_unique_key",
            ["unique_key"],
            unique=True,
            sqlite_where=sa.text("unique_key IS NOT NULL AND state IN ('ready', 'running')"),
            postgresql_where=sa.text("unique_key IS NOT NULL AND state IN ('ready', 'running')"),
        )

    op.create_table(
        "ledger_entry",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=False),
        sa.Column("after", sa.String(length=64), nullable=False),
        sa.Column(
            "detail",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_ledger_entry")),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_entry_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_entry_kind"), ["kind"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_ledger_entry_on_behalf_of"), ["on_behalf_of"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_ledger_entry_subject"), ["subject"], unique=False)

    op.create_table(
        "ledger_head",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_ledger_head_only_one_head")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_head")),
    )
    op.create_table(
        "ledger_node",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_ledger_node")),
    )
    op.create_table(
        "number_series",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_number_series")),
    )
    op.create_table(
        "role",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("name", name=op.f("uq_role_name")),
    )
    op.create_table(
        "scheduled_run",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "due_at", name=op.f("pk_scheduled_run")),
    )
    op.create_table(
        "org_unit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column(
            "alliance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"], ["alliance.id"], name=op.f("fk_org_unit_alliance_id_alliance")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["org_unit.id"], name=op.f("fk_org_unit_parent_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_org_unit_code")),
        sa.UniqueConstraint("uid", name=op.f("uq_org_unit_uid")),
    )
    with op.batch_alter_table("org_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_org_unit_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(
            "uq_org_unit_root",
            ["alliance_id"],
            unique=True,
            sqlite_where=sa.text("parent_id IS NULL"),
            postgresql_where=sa.text("parent_id IS NULL"),
        )

    op.create_table(
        "reporting_year",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "alliance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("edition", sa.String(length=20), nullable=False),
        sa.Column("gwp_set", sa.String(length=10), nullable=False),
        sa.Column(
            "options",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"], ["alliance.id"], name=op.f("fk_reporting_year_alliance_id_alliance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporting_year")),
        sa.UniqueConstraint("alliance_id", "year", name=op.f("uq_reporting_year_alliance_id_year")),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column(
            "alliance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=True),
        sa.Column("sector", sa.String(length=40), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("base_year", sa.Integer(), nullable=True),
        sa.Column("boundary", sa.String(length=30), nullable=True),
        sa.Column("signatory_name", sa.String(length=200), nullable=True),
        sa.Column("signatory_post", sa.String(length=200), nullable=True),
        sa.Column("set_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("name_zh <> '' or name_en <> ''", name=op.f("ck_member_has_a_name")),
        sa.CheckConstraint(
            "status in ('invited', 'active', 'left')", name=op.f("ck_member_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id"], ["alliance.id"], name=op.f("fk_member_alliance_id_alliance")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_member_unit_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("code", name=op.f("uq_member_code")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_member_credit_code")),
        sa.UniqueConstraint("uid", name=op.f("uq_member_uid")),
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_sector"), ["sector"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "org_closure",
        sa.Column(
            "ancestor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "descendant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.CheckConstraint("depth >= 0", name=op.f("ck_org_closure_depth_not_negative")),
        sa.ForeignKeyConstraint(
            ["ancestor_id"], ["org_unit.id"], name=op.f("fk_org_closure_ancestor_id_org_unit")
        ),
        sa.ForeignKeyConstraint(
            ["descendant_id"], ["org_unit.id"], name=op.f("fk_org_closure_descendant_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("ancestor_id", "descendant_id", name=op.f("pk_org_closure")),
    )
    with op.batch_alter_table("org_closure", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_org_closure_descendant_id"), ["descendant_id"], unique=False
        )

    op.create_table(
        "unit_summary",
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.Column("kg_co2e", sa.BigInteger(), nullable=False),
        sa.Column("kg_co2e_market", sa.BigInteger(), nullable=False),
        sa.Column("kg_co2_biogenic", sa.BigInteger(), nullable=False),
        sa.Column("member_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_unit_summary_unit_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("unit_id", "year", "category", name=op.f("pk_unit_summary")),
    )
    op.create_table(
        "like_for_like",
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("member_count", sa.Integer(), nullable=False),
        sa.Column("kg_co2e", sa.BigInteger(), nullable=False),
        sa.Column("kg_co2e_before", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_like_for_like_unit_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("unit_id", "year", name=op.f("pk_like_for_like")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column(
            "tf_last_counter", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "mf_recovery_codes",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=True,
        ),
        sa.Column("fs_webauthn_user_handle", sa.LargeBinary(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_account_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_account_unit_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_account_fs_uniquifier")),
        sa.UniqueConstraint(
            "fs_webauthn_user_handle", name=op.f("uq_account_fs_webauthn_user_handle")
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_account_uid")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_member_id"), ["member_id"], unique=False)

    op.create_table(
        "inventory",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state in ('draft', 'submitted', 'returned', 'approved')",
            name=op.f("ck_inventory_state_known"),
        ),
        sa.CheckConstraint("year between 2000 and 2100", name=op.f("ck_inventory_year_plausible")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_inventory_member_id_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory")),
        sa.UniqueConstraint("member_id", "year", name=op.f("uq_inventory_member_id_year")),
        sa.UniqueConstraint("uid", name=op.f("uq_inventory_uid")),
    )
    with op.batch_alter_table("inventory", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inventory_year_state", ["year", "state", "member_id"], unique=False
        )

    op.create_table(
        "member_summary",
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.Column("kg_co2e", sa.BigInteger(), nullable=False),
        sa.Column("kg_co2e_market", sa.BigInteger(), nullable=False),
        sa.Column("kg_co2_biogenic", sa.BigInteger(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_member_summary_member_id_member")
        ),
        sa.PrimaryKeyConstraint("member_id", "year", "category", name=op.f("pk_member_summary")),
    )
    with op.batch_alter_table("member_summary", schema=None) as batch_op:
        batch_op.create_index(
            "ix_member_summary_year_category", ["year", "category", "member_id"], unique=False
        )

    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("to_email", sa.String(length=254), nullable=False),
        sa.Column("to_name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column(
            "values",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at is not null)", name=op.f("ck_message_sent_when_sent")
        ),
        sa.CheckConstraint(
            "state in ('waiting', 'sent', 'failed', 'bounced')", name=op.f("ck_message_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_message_member_id_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("uid", name=op.f("uq_message_uid")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_state"), ["state"], unique=False)
        batch_op.create_index("ix_message_to_email_kind", ["to_email", "kind", "id"], unique=False)

    op.create_table(
        "site",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("province", sa.String(length=6), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_site_member_id_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("member_id", "code", name=op.f("uq_site_member_id_code")),
        sa.UniqueConstraint("uid", name=op.f("uq_site_uid")),
    )
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_site_member_id"), ["member_id"], unique=False)

    op.create_table(
        "account_role",
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("role_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_role_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["role.id"], name=op.f("fk_account_role_role_id_role")
        ),
        sa.PrimaryKeyConstraint("account_id", "role_id", name=op.f("pk_account_role")),
    )
    with op.batch_alter_table("account_role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_role_role_id"), ["role_id"], unique=False)

    op.create_table(
        "acknowledgement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "inventory_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_acknowledgement_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["inventory_id"],
            ["inventory.id"],
            name=op.f("fk_acknowledgement_inventory_id_inventory"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgement")),
        sa.UniqueConstraint(
            "inventory_id",
            "code",
            "subject",
            name=op.f("uq_acknowledgement_inventory_id_code_subject"),
        ),
    )
    with op.batch_alter_table("acknowledgement", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_acknowledgement_inventory_id"), ["inventory_id"], unique=False
        )

    op.create_table(
        "activity_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column(
            "inventory_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "raw",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column(
            "problems",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=True,
        ),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column(
            "parameters",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("scope", sa.Integer(), nullable=True),
        sa.Column("kg_co2e", sa.BigInteger(), nullable=True),
        sa.Column("kg_co2e_market", sa.BigInteger(), nullable=True),
        sa.Column("kg_co2_biogenic", sa.BigInteger(), nullable=True),
        sa.Column("quality", sa.Integer(), nullable=True),
        sa.Column("factor", sa.String(length=200), nullable=True),
        sa.Column(
            "assessment",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=True,
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "changed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "not is_complete or (category is not null and quantity is not null and unit is not null and site_id is not null and start_on is not null and end_on is not null and scope is not null and kg_co2e is not null)",
            name=op.f("ck_activity_line_complete_line_has_its_values"),
        ),
        sa.CheckConstraint(
            "quantity is null or quantity >= 0", name=op.f("ck_activity_line_quantity_not_negative")
        ),
        sa.CheckConstraint(
            "start_on is null or end_on is null or start_on < end_on",
            name=op.f("ck_activity_line_period_not_empty"),
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["account.id"], name=op.f("fk_activity_line_changed_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["inventory_id"], ["inventory.id"], name=op.f("fk_activity_line_inventory_id_inventory")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_activity_line_site_id_site")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_line")),
        sa.UniqueConstraint("key", name=op.f("uq_activity_line_key")),
    )
    with op.batch_alter_table("activity_line", schema=None) as batch_op:
        batch_op.create_index(
            "ix_activity_line_inventory_position", ["inventory_id", "position", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_activity_line_site_id"), ["site_id"], unique=False)

    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column(
            "flags",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column(
            "uploaded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size >= 0", name=op.f("ck_evidence_size_not_negative")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_evidence_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["account.id"], name=op.f("fk_evidence_uploaded_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("member_id", "sha256", name=op.f("uq_evidence_member_id_sha256")),
        sa.UniqueConstraint("uid", name=op.f("uq_evidence_uid")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_sha256"), ["sha256"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column(
            "roles",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column(
            "inviter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint(
            "(accepted_at is null) = (account_id is null)",
            name=op.f("ck_invitation_accepted_by_an_account"),
        ),
        sa.CheckConstraint(
            "accepted_at is null or revoked_at is null",
            name=op.f("ck_invitation_accepted_or_revoked_not_both"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_invitation_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["inviter_id"], ["account.id"], name=op.f("fk_invitation_inviter_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_invitation_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_invitation_message_id_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("digest", name=op.f("uq_invitation_digest")),
        sa.UniqueConstraint("uid", name=op.f("uq_invitation_uid")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_email"), ["email"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_member_id"), ["member_id"], unique=False)

    op.create_table(
        "not_applicable",
        sa.Column(
            "inventory_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_not_applicable_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["inventory_id"],
            ["inventory.id"],
            name=op.f("fk_not_applicable_inventory_id_inventory"),
        ),
        sa.PrimaryKeyConstraint("inventory_id", "category", name=op.f("pk_not_applicable")),
    )
    op.create_table(
        "output",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column(
            "inventory_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("product", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column(
            "raw",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_output_quantity_not_negative")),
        sa.ForeignKeyConstraint(
            ["inventory_id"], ["inventory.id"], name=op.f("fk_output_inventory_id_inventory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_output")),
        sa.UniqueConstraint("uid", name=op.f("uq_output_uid")),
    )
    with op.batch_alter_table("output", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_output_inventory_id"), ["inventory_id"], unique=False)

    op.create_table(
        "password_reset",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_password_reset_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_reset")),
        sa.UniqueConstraint("digest", name=op.f("uq_password_reset_digest")),
    )
    with op.batch_alter_table("password_reset", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_password_reset_account_id"), ["account_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_password_reset_expires_at"), ["expires_at"], unique=False
        )

    op.create_table(
        "submission",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column(
            "inventory_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kg_scope1", sa.BigInteger(), nullable=False),
        sa.Column("kg_scope2_location", sa.BigInteger(), nullable=False),
        sa.Column("kg_scope2_market", sa.BigInteger(), nullable=False),
        sa.Column("kg_scope3", sa.BigInteger(), nullable=False),
        sa.Column("kg_biogenic", sa.BigInteger(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("evidenced_count", sa.Integer(), nullable=False),
        sa.Column("warning_count", sa.Integer(), nullable=False),
        sa.Column("quality", sa.BigInteger(), nullable=False),
        sa.Column("edition", sa.String(length=20), nullable=False),
        sa.Column("gwp_set", sa.String(length=10), nullable=False),
        sa.Column("signed_name", sa.String(length=200), nullable=False),
        sa.Column("signed_post", sa.String(length=200), nullable=False),
        sa.Column(
            "submitted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state in ('returned', 'approved', 'outdated')) = (decided_at is not null)",
            name=op.f("ck_submission_decided_when_decided"),
        ),
        sa.CheckConstraint(
            "kind in ('baseline', 'plan', 'progress')", name=op.f("ck_submission_kind_known")
        ),
        sa.CheckConstraint(
            "state in ('submitted', 'returned', 'approved', 'withdrawn', 'outdated')",
            name=op.f("ck_submission_state_known"),
        ),
        sa.CheckConstraint(
            "decided_by is null or submitted_by is null or decided_by <> submitted_by",
            name=op.f("ck_submission_decider_is_not_the_submitter"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_submission_decided_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["inventory_id"], ["inventory.id"], name=op.f("fk_submission_inventory_id_inventory")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_submission_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["account.id"], name=op.f("fk_submission_submitted_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint(
            "inventory_id", "number", name=op.f("uq_submission_inventory_id_number")
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_submission_uid")),
    )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.create_index(
            "ix_submission_member_year", ["member_id", "year", "number"], unique=False
        )
        batch_op.create_index(
            "ix_submission_state_submitted_at", ["state", "submitted_at", "id"], unique=False
        )

    op.create_table(
        "web_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("device", sa.String(length=120), nullable=False),
        sa.Column("idle_minutes", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_web_session_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_web_session_digest")),
        sa.UniqueConstraint("uid", name=op.f("uq_web_session_uid")),
    )
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.create_index(
            "ix_web_session_account_id_ended_at", ["account_id", "ended_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_web_session_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "certificate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column(
            "submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("facts_digest", sa.String(length=64), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column(
            "superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'revoked') = (revoked_at is not null)",
            name=op.f("ck_certificate_revoked_when_revoked"),
        ),
        sa.CheckConstraint(
            "state in ('issuing', 'valid', 'superseded', 'revoked')",
            name=op.f("ck_certificate_state_known"),
        ),
        sa.CheckConstraint(
            "state not in ('superseded', 'revoked') or reason <> ''",
            name=op.f("ck_certificate_ended_with_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_certificate_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_certificate_submission_id_submission"),
        ),
        sa.ForeignKeyConstraint(
            ["superseded_by"],
            ["certificate.id"],
            name=op.f("fk_certificate_superseded_by_certificate"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_certificate_submission_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_certificate_uid")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_state"), ["state"], unique=False)

    op.create_table(
        "finding",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column(
            "submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "inventory_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("line_key", sa.Uuid(), nullable=True),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column(
            "answered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'answered' or answer <> ''", name=op.f("ck_finding_answered_has_an_answer")
        ),
        sa.CheckConstraint(
            "state in ('open', 'answered', 'settled')", name=op.f("ck_finding_state_known")
        ),
        sa.CheckConstraint(
            "visibility in ('internal', 'supplier')", name=op.f("ck_finding_visibility_known")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["account.id"], name=op.f("fk_finding_answered_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["account.id"], name=op.f("fk_finding_author_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["inventory_id"], ["inventory.id"], name=op.f("fk_finding_inventory_id_inventory")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_finding_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("uid", name=op.f("uq_finding_uid")),
    )
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finding_inventory_id"), ["inventory_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_finding_submission_id"), ["submission_id"], unique=False
        )

    op.create_table(
        "line_evidence",
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "evidence_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_line_evidence_evidence_id_evidence")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["activity_line.id"],
            name=op.f("fk_line_evidence_line_id_activity_line"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("line_id", "evidence_id", name=op.f("pk_line_evidence")),
    )
    with op.batch_alter_table("line_evidence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_line_evidence_evidence_id"), ["evidence_id"], unique=False
        )

    op.create_table(
        "member_year",
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column(
            "submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kg_scope1", sa.BigInteger(), nullable=False),
        sa.Column("kg_scope2_location", sa.BigInteger(), nullable=False),
        sa.Column("kg_scope2_market", sa.BigInteger(), nullable=False),
        sa.Column("kg_scope3", sa.BigInteger(), nullable=False),
        sa.Column("kg_biogenic", sa.BigInteger(), nullable=False),
        sa.Column("quality", sa.BigInteger(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_member_year_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_member_year_submission_id_submission"),
        ),
        sa.PrimaryKeyConstraint("member_id", "year", name=op.f("pk_member_year")),
    )
    with op.batch_alter_table("member_year", schema=None) as batch_op:
        batch_op.create_index("ix_member_year_year", ["year", "member_id"], unique=False)

    op.create_table(
        "submission_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "detail",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_submission_event_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_submission_event_submission_id_submission"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_event")),
        sa.UniqueConstraint(
            "submission_id", "position", name=op.f("uq_submission_event_submission_id_position")
        ),
    )
    op.create_table(
        "certificate_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "certificate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("rendered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind in ('certificate', 'report_zh', 'report_en')",
            name=op.f("ck_certificate_document_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_certificate_document_certificate_id_certificate"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_document")),
        sa.UniqueConstraint(
            "certificate_id", "kind", name=op.f("uq_certificate_document_certificate_id_kind")
        ),
    )
    with op.batch_alter_table("certificate_document", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certificate_document_sha256"), ["sha256"], unique=False
        )
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)
    op.execute(
        sa.text("INSERT INTO ledger_head (id, size, root) VALUES (1, 0, :root)").bindparams(
            root=b""
        )
    )


def downgrade() -> None:
    with op.batch_alter_table("certificate_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_document_sha256"))

    op.drop_table("certificate_document")
    op.drop_table("submission_event")
    with op.batch_alter_table("member_year", schema=None) as batch_op:
        batch_op.drop_index("ix_member_year_year")

    op.drop_table("member_year")
    with op.batch_alter_table("line_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_line_evidence_evidence_id"))

    op.drop_table("line_evidence")
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finding_submission_id"))
        batch_op.drop_index(batch_op.f("ix_finding_inventory_id"))

    op.drop_table("finding")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_state"))
        batch_op.drop_index(batch_op.f("ix_certificate_member_id"))

    op.drop_table("certificate")
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_web_session_expires_at"))
        batch_op.drop_index("ix_web_session_account_id_ended_at")

    op.drop_table("web_session")
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_index("ix_submission_state_submitted_at")
        batch_op.drop_index("ix_submission_member_year")

    op.drop_table("submission")
    with op.batch_alter_table("password_reset", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_password_reset_expires_at"))
        batch_op.drop_index(batch_op.f("ix_password_reset_account_id"))

    op.drop_table("password_reset")
    with op.batch_alter_table("output", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_output_inventory_id"))

    op.drop_table("output")
    op.drop_table("not_applicable")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_member_id"))
        batch_op.drop_index(batch_op.f("ix_invitation_email"))

    op.drop_table("invitation")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_sha256"))
        batch_op.drop_index(batch_op.f("ix_evidence_member_id"))

    op.drop_table("evidence")
    with op.batch_alter_table("activity_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_line_site_id"))
        batch_op.drop_index("ix_activity_line_inventory_position")

    op.drop_table("activity_line")
    with op.batch_alter_table("acknowledgement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_acknowledgement_inventory_id"))

    op.drop_table("acknowledgement")
    with op.batch_alter_table("account_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_role_role_id"))

    op.drop_table("account_role")
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_site_member_id"))

    op.drop_table("site")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_to_email_kind")
        batch_op.drop_index(batch_op.f("ix_message_state"))
        batch_op.drop_index(batch_op.f("ix_message_member_id"))

    op.drop_table("message")
    with op.batch_alter_table("member_summary", schema=None) as batch_op:
        batch_op.drop_index("ix_member_summary_year_category")

    op.drop_table("member_summary")
    with op.batch_alter_table("inventory", schema=None) as batch_op:
        batch_op.drop_index("ix_inventory_year_state")

    op.drop_table("inventory")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_member_id"))

    op.drop_table("account")
    op.drop_table("like_for_like")
    op.drop_table("unit_summary")
    with op.batch_alter_table("org_closure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_org_closure_descendant_id"))

    op.drop_table("org_closure")
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_unit_id"))
        batch_op.drop_index(batch_op.f("ix_member_status"))
        batch_op.drop_index(batch_op.f("ix_member_sector"))

    op.drop_table("member")
    op.drop_table("reporting_year")
    with op.batch_alter_table("org_unit", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_org_unit_root",
            sqlite_where=sa.text("parent_id IS NULL"),
            postgresql_where=sa.text("parent_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_org_unit_parent_id"))

    op.drop_table("org_unit")
    op.drop_table("scheduled_run")
    op.drop_table("role")
    op.drop_table("number_series")
    op.drop_table("ledger_node")
    op.drop_table("ledger_head")
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_entry_subject"))
        batch_op.drop_index(batch_op.f("ix_ledger_entry_on_behalf_of"))
        batch_op.drop_index(batch_op.f("ix_ledger_entry_kind"))
        batch_op.drop_index(batch_op.f("ix_ledger_entry_at"))

    op.drop_table("ledger_entry")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_job_unique_key",
            sqlite_where=sa.text("unique_key IS NOT NULL AND state IN ('ready', 'running')"),
            postgresql_where=sa.text("unique_key IS NOT NULL AND state IN ('ready', 'running')"),
        )
        batch_op.drop_index("ix_job_state_kind")
        batch_op.drop_index(
            "ix_job_running",
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        )
        batch_op.drop_index(
            "ix_job_ready",
            sqlite_where=sa.text("state = 'ready'"),
            postgresql_where=sa.text("state = 'ready'"),
        )

    op.drop_table("job")
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempts_expires_at"))

    op.drop_table("attempts")
    op.drop_table("alliance")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
