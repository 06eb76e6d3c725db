"""Keep targets, actions, progress, restatements and programmes; let submissions be about dossiers too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations.base import BatchOperations
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# What keeps frozen rows frozen, as it was before and as it is from now on, with the columns of an UPDATE.
_SUBMISSION = "uid, inventory_id, member_id, year, kind, number, content, digest, kg_scope1, kg_scope2_location, kg_scope2_market, kg_scope3, kg_biogenic, line_count, evidenced_count, warning_count, quality, edition, gwp_set, signed_name, signed_post, submitted_by, submitted_at"
_CERTIFICATE = "uid, number, code, submission_id, member_id, year, facts, facts_digest, template, issued_at, valid_until"
FROZEN_BEFORE = {"submission": _SUBMISSION, "certificate": _CERTIFICATE}
FROZEN = {
    "submission": _SUBMISSION.replace("inventory_id,", "inventory_id, dossier_id,"),
    "certificate": _CERTIFICATE.replace("year,", "year, kind, level,"),
}

# The CHECKs that are changed or new, by table and short name.
CHECKS_BEFORE: dict[str, dict[str, str]] = {
    "submission": {"kind_known": "kind in ('baseline', 'plan', 'progress')"},
    "finding": {},
    "certificate": {},
}
CHECKS = {
    "submission": {
        "kind_known": "kind in ('baseline', 'plan', 'progress', 'restatement')",
        "about_one_thing": "(kind = 'baseline') = (inventory_id is not null) and (inventory_id is null) <> (dossier_id is null)",
    },
    "finding": {"about_one_thing": "(inventory_id is null) <> (dossier_id is null)"},
    "certificate": {
        "kind_known": "kind in ('inventory', 'progress')",
        "level_of_progress": "kind = 'progress' or level = ''",
    },
}
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_tables()
    _drop_triggers()
    with _changing("submission", CHECKS_BEFORE, CHECKS) as batch_op:
        batch_op.add_column(sa.Column("dossier_id", KEY, nullable=True))
        batch_op.alter_column("inventory_id", existing_type=KEY, nullable=True)
        batch_op.alter_column(
            "kind", existing_type=sa.String(10), type_=sa.String(12), existing_nullable=False
        )
        batch_op.create_unique_constraint(
            op.f("uq_submission_dossier_id_number"), ["dossier_id", "number"]
        )
        batch_op.create_foreign_key(
            op.f("fk_submission_dossier_id_dossier"), "dossier", ["dossier_id"], ["id"]
        )
    with _changing("finding", CHECKS_BEFORE, CHECKS) as batch_op:
        batch_op.add_column(sa.Column("dossier_id", KEY, nullable=True))
        batch_op.alter_column("inventory_id", existing_type=KEY, nullable=True)
        batch_op.create_index(op.f("ix_finding_dossier_id"), ["dossier_id"])
        batch_op.create_foreign_key(
            op.f("fk_finding_dossier_id_dossier"), "dossier", ["dossier_id"], ["id"]
        )
    op.add_column("certificate", sa.Column("kind", sa.String(10), nullable=True))
    op.add_column("certificate", sa.Column("level", sa.String(40), nullable=True))
    op.execute("UPDATE certificate SET kind = 'inventory', level = ''")
    with _changing("certificate", CHECKS_BEFORE, CHECKS) as batch_op:
        batch_op.alter_column("kind", existing_type=sa.String(10), nullable=False)
        batch_op.alter_column("level", existing_type=sa.String(40), nullable=False)
    for column in ("kwh_power", "kwh_renewable"):
        op.add_column("member_year", sa.Column(column, sa.BigInteger(), nullable=True))
    _create_triggers(FROZEN)
    _keep("programme_version")


def downgrade() -> None:
    """Goes back while nothing but inventories has been handed in; what was would have no place."""
    _drop_triggers()
    with op.batch_alter_table("member_year") as batch_op:
        batch_op.drop_column("kwh_renewable")
        batch_op.drop_column("kwh_power")
    with _changing("certificate", CHECKS, CHECKS_BEFORE) as batch_op:
        batch_op.drop_column("level")
        batch_op.drop_column("kind")
    with _changing("finding", CHECKS, CHECKS_BEFORE) as batch_op:
        batch_op.drop_constraint(op.f("fk_finding_dossier_id_dossier"), type_="foreignkey")
        batch_op.drop_index(op.f("ix_finding_dossier_id"))
        batch_op.alter_column("inventory_id", existing_type=KEY, nullable=False)
        batch_op.drop_column("dossier_id")
    with _changing("submission", CHECKS, CHECKS_BEFORE) as batch_op:
        batch_op.drop_constraint(op.f("fk_submission_dossier_id_dossier"), type_="foreignkey")
        batch_op.drop_constraint(op.f("uq_submission_dossier_id_number"), type_="unique")
        batch_op.alter_column(
            "kind", existing_type=sa.String(12), type_=sa.String(10), existing_nullable=False
        )
        batch_op.alter_column("inventory_id", existing_type=KEY, nullable=False)
        batch_op.drop_column("dossier_id")
    _create_triggers(FROZEN_BEFORE)
    _drop_tables()


@contextmanager
def _changing(
    table: str, before: dict[str, dict[str, str]], after: dict[str, dict[str, str]]
) -> Iterator[BatchOperations]:
    """Change a table and its CHECKs: in place on PostgreSQL, as a new table with the same rows on SQLite."""
    with op.batch_alter_table(table) as batch_op:
        for name, text in before[table].items():
            if after[table].get(name) != text:
                batch_op.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        yield batch_op
        for name, text in after[table].items():
            if before[table].get(name) != text:
                batch_op.create_check_constraint(op.f(f"ck_{table}_{name}"), sa.text(text))


def _drop_triggers() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in FROZEN:
        for act in ("update", "delete"):
            on = "" if is_sqlite else f" ON {table}"
            op.execute(f"DROP TRIGGER {table}_keeps_{act}{on}")


def _create_triggers(frozen: dict[str, str]) -> None:
    for table, columns in frozen.items():
        _keep(table, f" OF {columns}")


def _keep(table: str, columns: str = "") -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    does = (
        f"BEGIN SELECT RAISE(ABORT, '{table} is frozen'); END"
        if is_sqlite
        else "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    for act, of in (("update", columns), ("delete", "")):
        op.execute(f"CREATE TRIGGER {table}_keeps_{act} BEFORE {act.upper()}{of} ON {table} {does}")


def _create_tables() -> None:
    op.create_table(
        "member_output",
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_member_output_member_id_member")
        ),
        sa.PrimaryKeyConstraint("member_id", "year", "product", name=op.f("pk_member_output")),
    )
    op.create_table(
        "unit_lever",
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lever", sa.String(length=60), nullable=False),
        sa.Column("kg_saving", sa.BigInteger(), nullable=False),
        sa.Column("annual_cost", sa.BigInteger(), nullable=False),
        sa.Column("capex", sa.BigInteger(), nullable=False),
        sa.Column("action_count", sa.Integer(), nullable=False),
        sa.Column("member_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_unit_lever_unit_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("unit_id", "lever", name=op.f("pk_unit_lever")),
    )
    op.create_table(
        "unit_path",
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kg_target", sa.BigInteger(), nullable=False),
        sa.Column("kg_low", sa.BigInteger(), nullable=False),
        sa.Column("kg_high", sa.BigInteger(), nullable=False),
        sa.Column("member_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_unit_path_unit_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("unit_id", "year", name=op.f("pk_unit_path")),
    )
    op.create_table(
        "unit_progress",
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("member_count", sa.Integer(), nullable=False),
        sa.Column("on_path_count", sa.Integer(), nullable=False),
        sa.Column("systematic_count", sa.Integer(), nullable=False),
        sa.Column("kg_verified", sa.BigInteger(), nullable=False),
        sa.Column("kg_expected", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_unit_progress_unit_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("unit_id", "year", name=op.f("pk_unit_progress")),
    )
    op.create_table(
        "dossier",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "detail",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind in ('plan', 'progress', 'restatement')", name=op.f("ck_dossier_kind_known")
        ),
        sa.CheckConstraint(
            "quarter = 0 or (kind = 'progress' and quarter between 1 and 4)",
            name=op.f("ck_dossier_quarter_of_progress"),
        ),
        sa.CheckConstraint(
            "state in ('draft', 'submitted', 'returned', 'approved')",
            name=op.f("ck_dossier_state_known"),
        ),
        sa.CheckConstraint("year between 2000 and 2100", name=op.f("ck_dossier_year_plausible")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_dossier_member_id_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier")),
        sa.UniqueConstraint(
            "member_id",
            "kind",
            "year",
            "quarter",
            name=op.f("uq_dossier_member_id_kind_year_quarter"),
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_dossier_uid")),
    )
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.create_index(
            "ix_dossier_kind_year_state", ["kind", "year", "state", "member_id"], unique=False
        )
        batch_op.create_index(
            "uq_dossier_plan",
            ["member_id"],
            unique=True,
            sqlite_where=sa.text("kind = 'plan'"),
            postgresql_where=sa.text("kind = 'plan'"),
        )

    op.create_table(
        "member_lever",
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("lever", sa.String(length=60), nullable=False),
        sa.Column("kg_saving", sa.BigInteger(), nullable=False),
        sa.Column("annual_cost", sa.BigInteger(), nullable=False),
        sa.Column("capex", sa.BigInteger(), nullable=False),
        sa.Column("action_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_member_lever_member_id_member")
        ),
        sa.PrimaryKeyConstraint("member_id", "lever", name=op.f("pk_member_lever")),
    )
    op.create_table(
        "member_path",
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kg_target", sa.BigInteger(), nullable=False),
        sa.Column("kg_low", sa.BigInteger(), nullable=False),
        sa.Column("kg_high", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_member_path_member_id_member")
        ),
        sa.PrimaryKeyConstraint("member_id", "year", name=op.f("pk_member_path")),
    )
    with op.batch_alter_table("member_path", schema=None) as batch_op:
        batch_op.create_index("ix_member_path_year", ["year", "member_id"], unique=False)

    op.create_table(
        "target",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column(
            "scopes",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("base_year", sa.Integer(), nullable=False),
        sa.Column("target_year", sa.Integer(), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.Column("pathway", sa.String(length=10), nullable=False),
        sa.Column("product", sa.String(length=200), nullable=False),
        sa.Column("stated_base", sa.BigInteger(), nullable=True),
        sa.Column("stated_now", sa.BigInteger(), nullable=True),
        sa.Column("net_zero_year", sa.Integer(), nullable=True),
        sa.Column("is_main", sa.Boolean(), nullable=False),
        sa.Column("adopted_version", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "raw",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind in ('absolute', 'physical_intensity', 'economic_intensity', 'renewable_share', 'supplier_engagement')",
            name=op.f("ck_target_kind_known"),
        ),
        sa.CheckConstraint(
            "part in ('all', 'flag', 'non_flag')", name=op.f("ck_target_part_known")
        ),
        sa.CheckConstraint(
            "pathway in ('linear', 'compound', 'sbti_15', 'sbti_wb2c', 'flag')",
            name=op.f("ck_target_pathway_known"),
        ),
        sa.CheckConstraint("base_year < target_year", name=op.f("ck_target_target_after_base")),
        sa.CheckConstraint(
            "percent >= 0 and percent <= 100000000", name=op.f("ck_target_percent_plausible")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_target_member_id_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
        sa.UniqueConstraint("uid", name=op.f("uq_target_uid")),
    )
    with op.batch_alter_table("target", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_target_member_id"), ["member_id"], unique=False)
        batch_op.create_index(
            "uq_target_main",
            ["member_id"],
            unique=True,
            sqlite_where=sa.text("is_main"),
            postgresql_where=sa.text("is_main"),
        )

    op.create_table(
        "action",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("lever", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("area", sa.String(length=12), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("ledger", sa.String(length=10), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("kg_saving", sa.BigInteger(), nullable=False),
        sa.Column(
            "estimate",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("basis_year", sa.Integer(), nullable=True),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("ramp_months", sa.Integer(), nullable=False),
        sa.Column("lifetime_years", sa.Integer(), nullable=False),
        sa.Column("owner_name", sa.String(length=200), nullable=False),
        sa.Column("owner_post", sa.String(length=200), nullable=False),
        sa.Column("supervisor_name", sa.String(length=200), nullable=False),
        sa.Column("supervisor_post", sa.String(length=200), nullable=False),
        sa.Column("capex", sa.BigInteger(), nullable=False),
        sa.Column("opex", sa.BigInteger(), nullable=False),
        sa.Column("money_saved", sa.BigInteger(), nullable=False),
        sa.Column("water_m3", sa.BigInteger(), nullable=False),
        sa.Column("energy_kwh", sa.BigInteger(), nullable=False),
        sa.Column("waste_t", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("stopped_reason", sa.String(length=1000), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("explanation", sa.String(length=1000), nullable=False),
        sa.Column("may_be_copied", sa.Boolean(), nullable=False),
        sa.Column("copied_from", sa.Uuid(), nullable=True),
        sa.Column("copied_from_name", sa.String(length=200), nullable=False),
        sa.Column(
            "raw",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "area in ('production', 'purchasing', 'storage', 'logistics', 'farm')",
            name=op.f("ck_action_area_known"),
        ),
        sa.CheckConstraint(
            "ledger in ('inventory', 'avoided')", name=op.f("ck_action_ledger_known")
        ),
        sa.CheckConstraint(
            "method in ('share', 'quantity', 'switch', 'stated')",
            name=op.f("ck_action_method_known"),
        ),
        sa.CheckConstraint(
            "status <> 'stopped' or stopped_reason <> ''",
            name=op.f("ck_action_stopped_with_a_reason"),
        ),
        sa.CheckConstraint(
            "status in ('idea', 'planned', 'in_progress', 'done', 'stopped')",
            name=op.f("ck_action_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_action_member_id_member")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_action_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action")),
        sa.UniqueConstraint("uid", name=op.f("uq_action_uid")),
    )
    with op.batch_alter_table("action", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_action_lever"), ["lever"], unique=False)
        batch_op.create_index(
            "ix_action_member_position", ["member_id", "position", "id"], unique=False
        )

    op.create_table(
        "adjustment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column(
            "dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("kg_change", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column(
            "raw",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_adjustment_dossier_id_dossier")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment")),
        sa.UniqueConstraint(
            "dossier_id", "year", "category", name=op.f("uq_adjustment_dossier_id_year_category")
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_adjustment_uid")),
    )
    op.create_table(
        "edition_trial",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.String(length=20), nullable=False),
        sa.Column("gwp_set", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("threshold_percent", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('running', 'ready', 'decided')", name=op.f("ck_edition_trial_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["account.id"], name=op.f("fk_edition_trial_asked_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_trial")),
        sa.UniqueConstraint("uid", name=op.f("uq_edition_trial_uid")),
    )
    op.create_table(
        "programme_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "alliance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "content",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"], ["alliance.id"], name=op.f("fk_programme_version_alliance_id_alliance")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["account.id"], name=op.f("fk_programme_version_made_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_version")),
        sa.UniqueConstraint(
            "alliance_id", "number", name=op.f("uq_programme_version_alliance_id_number")
        ),
    )
    op.create_table(
        "action_evidence",
        sa.Column(
            "action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "evidence_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["action_id"],
            ["action.id"],
            name=op.f("fk_action_evidence_action_id_action"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_action_evidence_evidence_id_evidence")
        ),
        sa.PrimaryKeyConstraint("action_id", "evidence_id", name=op.f("pk_action_evidence")),
    )
    with op.batch_alter_table("action_evidence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_action_evidence_evidence_id"), ["evidence_id"], unique=False
        )

    op.create_table(
        "action_progress",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("kg_expected", sa.BigInteger(), nullable=False),
        sa.Column("kg_measured", sa.BigInteger(), nullable=True),
        sa.Column("measured_how", sa.String(length=1000), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column(
            "reached",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column(
            "raw",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status <> 'stopped' or note <> ''",
            name=op.f("ck_action_progress_stopped_with_a_reason"),
        ),
        sa.CheckConstraint(
            "status in ('idea', 'planned', 'in_progress', 'done', 'stopped')",
            name=op.f("ck_action_progress_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["action_id"],
            ["action.id"],
            name=op.f("fk_action_progress_action_id_action"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_action_progress_dossier_id_dossier")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_progress")),
        sa.UniqueConstraint(
            "dossier_id", "action_id", name=op.f("uq_action_progress_dossier_id_action_id")
        ),
    )
    with op.batch_alter_table("action_progress", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_action_progress_action_id"), ["action_id"], unique=False
        )

    op.create_table(
        "member_plan",
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("base_year", sa.Integer(), nullable=False),
        sa.Column("target_year", sa.Integer(), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("action_count", sa.Integer(), nullable=False),
        sa.Column("underway_count", sa.Integer(), nullable=False),
        sa.Column("kg_saving", sa.BigInteger(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_member_plan_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_member_plan_submission_id_submission"),
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_member_plan")),
    )
    op.create_table(
        "member_progress",
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column(
            "submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kg_base", sa.BigInteger(), nullable=False),
        sa.Column("kg_actual", sa.BigInteger(), nullable=False),
        sa.Column("kg_target", sa.BigInteger(), nullable=False),
        sa.Column("cut_percent", sa.BigInteger(), nullable=False),
        sa.Column("is_on_path", sa.Boolean(), nullable=False),
        sa.Column("quality", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("underway_count", sa.Integer(), nullable=False),
        sa.Column("overdue_count", sa.Integer(), nullable=False),
        sa.Column("kg_expected", sa.BigInteger(), nullable=False),
        sa.Column("kg_verified", sa.BigInteger(), nullable=False),
        sa.Column("kg_structure", sa.BigInteger(), nullable=True),
        sa.Column("kg_factor", sa.BigInteger(), nullable=True),
        sa.Column("kg_activity", sa.BigInteger(), nullable=True),
        sa.Column("kg_intensity", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_member_progress_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_member_progress_submission_id_submission"),
        ),
        sa.PrimaryKeyConstraint("member_id", "year", name=op.f("pk_member_progress")),
    )
    with op.batch_alter_table("member_progress", schema=None) as batch_op:
        batch_op.create_index("ix_member_progress_year", ["year", "member_id"], unique=False)

    op.create_table(
        "member_restated",
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.Column("kg_co2e", sa.BigInteger(), nullable=False),
        sa.Column(
            "submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("trial_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(submission_id is null) <> (trial_id is null)",
            name=op.f("ck_member_restated_rests_on_one_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_member_restated_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_member_restated_submission_id_submission"),
        ),
        sa.ForeignKeyConstraint(
            ["trial_id"],
            ["edition_trial.id"],
            name=op.f("fk_member_restated_trial_id_edition_trial"),
        ),
        sa.PrimaryKeyConstraint(
            "member_id", "year", "layer", "category", name=op.f("pk_member_restated")
        ),
    )
    op.create_table(
        "milestone",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column(
            "action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["action_id"],
            ["action.id"],
            name=op.f("fk_milestone_action_id_action"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
        sa.UniqueConstraint("uid", name=op.f("uq_milestone_uid")),
    )
    with op.batch_alter_table("milestone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_milestone_action_id"), ["action_id"], unique=False)

    op.create_table(
        "trial_decision",
        sa.Column("trial_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("base_year", sa.Integer(), nullable=False),
        sa.Column("change_percent", sa.BigInteger(), nullable=False),
        sa.Column("kg_change", sa.BigInteger(), nullable=False),
        sa.Column("proposal", sa.String(length=10), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "decision is null or decision in ('restate', 'keep')",
            name=op.f("ck_trial_decision_decision_known"),
        ),
        sa.CheckConstraint(
            "proposal in ('restate', 'keep')", name=op.f("ck_trial_decision_proposal_known")
        ),
        sa.CheckConstraint(
            "(decision is null) = (decided_at is null)",
            name=op.f("ck_trial_decision_decided_when_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_trial_decision_decided_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_trial_decision_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["trial_id"],
            ["edition_trial.id"],
            name=op.f("fk_trial_decision_trial_id_edition_trial"),
        ),
        sa.PrimaryKeyConstraint("trial_id", "member_id", name=op.f("pk_trial_decision")),
    )
    op.create_table(
        "trial_row",
        sa.Column("trial_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.Column("kg_before", sa.BigInteger(), nullable=False),
        sa.Column("kg_after", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_trial_row_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["edition_trial.id"], name=op.f("fk_trial_row_trial_id_edition_trial")
        ),
        sa.PrimaryKeyConstraint(
            "trial_id", "member_id", "year", "category", name=op.f("pk_trial_row")
        ),
    )
    op.create_table(
        "progress_evidence",
        sa.Column(
            "progress_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "evidence_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_progress_evidence_evidence_id_evidence")
        ),
        sa.ForeignKeyConstraint(
            ["progress_id"],
            ["action_progress.id"],
            name=op.f("fk_progress_evidence_progress_id_action_progress"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("progress_id", "evidence_id", name=op.f("pk_progress_evidence")),
    )
    with op.batch_alter_table("progress_evidence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_progress_evidence_evidence_id"), ["evidence_id"], unique=False
        )


def _drop_tables() -> None:
    op.drop_table("member_output")
    with op.batch_alter_table("progress_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_progress_evidence_evidence_id"))

    op.drop_table("progress_evidence")
    op.drop_table("trial_row")
    op.drop_table("trial_decision")
    with op.batch_alter_table("milestone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_milestone_action_id"))

    op.drop_table("milestone")
    op.drop_table("member_restated")
    with op.batch_alter_table("member_progress", schema=None) as batch_op:
        batch_op.drop_index("ix_member_progress_year")

    op.drop_table("member_progress")
    op.drop_table("member_plan")
    with op.batch_alter_table("action_progress", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_action_progress_action_id"))

    op.drop_table("action_progress")
    with op.batch_alter_table("action_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_action_evidence_evidence_id"))

    op.drop_table("action_evidence")
    op.drop_table("programme_version")
    op.drop_table("edition_trial")
    op.drop_table("adjustment")
    with op.batch_alter_table("action", schema=None) as batch_op:
        batch_op.drop_index("ix_action_member_position")
        batch_op.drop_index(batch_op.f("ix_action_lever"))

    op.drop_table("action")
    with op.batch_alter_table("target", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_target_main", sqlite_where=sa.text("is_main"), postgresql_where=sa.text("is_main")
        )
        batch_op.drop_index(batch_op.f("ix_target_member_id"))

    op.drop_table("target")
    with op.batch_alter_table("member_path", schema=None) as batch_op:
        batch_op.drop_index("ix_member_path_year")

    op.drop_table("member_path")
    op.drop_table("member_lever")
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_dossier_plan",
            sqlite_where=sa.text("kind = 'plan'"),
            postgresql_where=sa.text("kind = 'plan'"),
        )
        batch_op.drop_index("ix_dossier_kind_year_state")

    op.drop_table("dossier")
    op.drop_table("unit_progress")
    op.drop_table("unit_path")
    op.drop_table("unit_lever")
