"""Triggers that keep frozen rows frozen, in the words of both databases; migrations create them from here."""

from __future__ import annotations

APPEND_ONLY = (
    "ledger_entry",
    "ledger_node",
    "checkpoint",
    "submission_event",
    "certificate_document",
    "programme_version",
    "meter_reading",
)

SUBMISSION_FROZEN = (
    "uid",
    "inventory_id",
    "dossier_id",
    "member_id",
    "year",
    "kind",
    "number",
    "content",
    "digest",
    "kg_scope1",
    "kg_scope2_location",
    "kg_scope2_market",
    "kg_scope3",
    "kg_biogenic",
    "line_count",
    "evidenced_count",
    "warning_count",
    "quality",
    "edition",
    "gwp_set",
    "signed_name",
    "signed_post",
    "submitted_by",
    "submitted_at",
)
CERTIFICATE_FROZEN = (
    "uid",
    "number",
    "code",
    "submission_id",
    "member_id",
    "year",
    "kind",
    "level",
    "facts",
    "facts_digest",
    "template",
    "issued_at",
    "valid_until",
)
FROZEN_COLUMNS = {"submission": SUBMISSION_FROZEN, "certificate": CERTIFICATE_FROZEN}


def statements(dialect: str) -> list[str]:
    """The CREATE statements of every trigger for `sqlite` or `postgresql`."""
    return _sqlite() if dialect == "sqlite" else _postgresql()


def drop_statements(dialect: str) -> list[str]:
    """The statements that undo `statements`, for a migration's way down."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {table}_keeps_{what}" for table, what in _names()]
    drops = [
        f"DROP TRIGGER IF EXISTS {table}_keeps_{what} ON {table}"
        for table, what in (*_names(), *((table, "truncate") for table in _tables()))
    ]
    return [*drops, "DROP FUNCTION IF EXISTS refuse_change()"]


def _tables() -> list[str]:
    return [*APPEND_ONLY, *FROZEN_COLUMNS]


def _names() -> list[tuple[str, str]]:
    pairs = [(table, act) for table in APPEND_ONLY for act in ("update", "delete")]
    return pairs + [(table, act) for table in FROZEN_COLUMNS for act in ("update", "delete")]


def _sqlite() -> list[str]:
    made = []
    for table, act in _names():
        columns = (
            f" OF {', '.join(FROZEN_COLUMNS[table])}"
            if act == "update" and table in FROZEN_COLUMNS
            else ""
        )
        made.append(
            f"CREATE TRIGGER {table}_keeps_{act} BEFORE {act.upper()}{columns} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is frozen'); END"
        )
    return made


def _postgresql() -> list[str]:
    made = [
        """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            -- without a percent sign, which drivers take for a placeholder
            RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is frozen',
                ERRCODE = 'integrity_constraint_violation';
        END $$"""
    ]
    for table, act in _names():
        columns = (
            f" OF {', '.join(FROZEN_COLUMNS[table])}"
            if act == "update" and table in FROZEN_COLUMNS
            else ""
        )
        made.append(
            f"CREATE TRIGGER {table}_keeps_{act} BEFORE {act.upper()}{columns} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    # TRUNCATE asks no trigger of a row. SQLite has no such statement: there it is a DELETE.
    made.extend(
        f"CREATE TRIGGER {table}_keeps_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        for table in _tables()
    )
    return made
