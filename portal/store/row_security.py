"""PostgreSQL's own wall between members: which rows of which table a transaction may see and write.

The services ask for the rows of one member wherever they may show only these. This wall stands behind them: were one
of them to forget it, the database would still keep the rows of others back. What a transaction sees is said by
`portal.store.sight`; one that says nothing sees nothing. The policies are forced on the owner of the tables, so the
portal needs one role only, which must be neither a superuser nor one with BYPASSRLS.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

EVERYBODY = "portal.everybody"
MEMBERS = "portal.members"

# Tables with the key of their member, and that key.
OF_MEMBERS = {
    "member": "id",
    "action": "member_id",
    "certificate": "member_id",
    "dossier": "member_id",
    "evidence": "member_id",
    "import_file": "member_id",
    "import_mapping": "member_id",
    "inventory": "member_id",
    "member_lever": "member_id",
    "member_output": "member_id",
    "member_path": "member_id",
    "member_plan": "member_id",
    "member_progress": "member_id",
    "member_restated": "member_id",
    "member_summary": "member_id",
    "member_year": "member_id",
    "reading": "member_id",
    "site": "member_id",
    "submission": "member_id",
    "target": "member_id",
    "trial_decision": "member_id",
    "trial_row": "member_id",
}
# Tables whose rows belong to a row of another table: (their key of it, that table). Where several are named, the row
# has one of them.
OF_PARENTS = {
    "acknowledgement": (("inventory_id", "inventory"),),
    "action_evidence": (("action_id", "action"),),
    "action_progress": (("dossier_id", "dossier"),),
    "activity_line": (("inventory_id", "inventory"),),
    "adjustment": (("dossier_id", "dossier"),),
    "certificate_document": (("certificate_id", "certificate"),),
    "document_seal": (("certificate_id", "certificate"),),
    "finding": (("inventory_id", "inventory"), ("dossier_id", "dossier")),
    "line_evidence": (("line_id", "activity_line"),),
    "milestone": (("action_id", "action"),),
    "not_applicable": (("inventory_id", "inventory"),),
    "output": (("inventory_id", "inventory"),),
    "progress_evidence": (("progress_id", "action_progress"),),
    "submission_event": (("submission_id", "submission"),),
}
# Why the other tables have no such wall.
OPEN = {
    "account": "read before anybody is known, by address",
    "account_role": "read with the account",
    "alliance": "everybody's",
    "attempts": "counts attempts of anybody, under keyed digests",
    "checkpoint": "published",
    "edition_trial": "a question about all members; its rows are walled",
    "erasure": "names nobody and nothing",
    "invitation": "read by the link in a letter, before anybody is known",
    "job": "the portal's own errands",
    "ledger_entry": "one chain over all members, which each writer carries on",
    "ledger_head": "the end of that chain",
    "ledger_node": "hashes, published",
    "like_for_like": "sums over a division",
    "message": "written by one for another; read by the worker alone",
    "number_series": "counters",
    "org_closure": "the alliance's divisions",
    "org_unit": "the alliance's divisions",
    "passkey": "read before anybody is known",
    "password_reset": "read by the link in a letter, before anybody is known",
    "programme_version": "everybody's",
    "reporting_year": "everybody's",
    "role": "everybody's",
    "scheduled_run": "the portal's own errands",
    "unit_lever": "sums over a division",
    "unit_path": "sums over a division",
    "unit_progress": "sums over a division",
    "unit_summary": "sums over a division",
    "web_session": "read by a cookie, before anybody is known",
}

_POLICY = "rows_of_members"
# Each setting stands in a subquery, so that it is read once a statement and not once a row. After its first use in a
# connection a setting that a transaction made for itself is '' and not NULL.
_SEES_EVERYBODY = f"(SELECT current_setting('{EVERYBODY}', true) = 'on')"
_SEEN_MEMBERS = (
    f"(SELECT coalesce(nullif(current_setting('{MEMBERS}', true), ''), '{{}}'))::bigint[]"
)


def protected() -> list[str]:
    """The tables behind the wall."""
    return sorted([*OF_MEMBERS, *OF_PARENTS])


def statements(dialect: str, tables: Sequence[str] | None = None) -> list[str]:
    """The statements that build the wall on `postgresql`; none on `sqlite`, which has nothing of the kind.

    A migration names the tables that are new with it: those of later ones aren't there yet.
    """
    if dialect != "postgresql":
        return []
    made = []
    for table in protected() if tables is None else tables:
        made.append(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        made.append(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        made.append(f"CREATE POLICY {_POLICY} ON {table} USING ({_condition(table)})")
    return made


def drop_statements(dialect: str, tables: Sequence[str] | None = None) -> list[str]:
    """The statements that undo `statements`, for a migration's way down."""
    if dialect != "postgresql":
        return []
    made = []
    for table in protected() if tables is None else tables:
        made.append(f"DROP POLICY {_POLICY} ON {table}")
        made.append(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        made.append(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    return made


def _condition(table: str) -> str:
    # Everybody comes first: PostgreSQL then never looks at what follows, and sums over all members cost what they did.
    if table in OF_MEMBERS:
        return f"{_SEES_EVERYBODY} OR {OF_MEMBERS[table]} = ANY ({_SEEN_MEMBERS})"
    found = [
        # The parent has a wall of its own, which holds for this question too.
        f"EXISTS (SELECT 1 FROM {parent} WHERE {parent}.id = {table}.{key})"  # noqa: S608 -- names of ours
        for key, parent in OF_PARENTS[table]
    ]
    return " OR ".join([_SEES_EVERYBODY, *found])


def weaknesses(connection: Connection) -> list[str]:
    """Say what is wrong with the wall of a PostgreSQL database: the role that passes it, the tables that lack it."""
    if connection.dialect.name != "postgresql":
        return []
    said = []
    passes = connection.scalar(
        text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    )
    if passes:
        said.append("the portal's role is a superuser or has BYPASSRLS, so no wall holds it")
    forced = set(
        connection.scalars(
            text(
                "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
                " AND relnamespace = current_schema()::regnamespace"
            )
        )
    )
    if missing := [table for table in protected() if table not in forced]:
        said.append(f"not walled off: {', '.join(missing)}")
    return said
