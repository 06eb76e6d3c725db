"""Publish the ledger: salted entries that show no member's affairs, signed checkpoints, and seals of documents.

No head of the ledger was ever signed or shown before this revision, so its leaves may be made anew: each is now the
hash of what is published of an entry, which is a commitment to the whole of it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = "kind in ('certificate', 'report_zh', 'report_en')"

# As they were at this revision.
PUBLISHED = (
    "certificate.intended",
    "report.intended",
    "certificate.revoked",
    "certificate.superseded",
    "certificate.rendered",
    "report.rendered",
    "log.key_rotated",
)
ENTRY = sa.table(
    "ledger_entry",
    sa.column("sequence", KEY),
    sa.column("at", sa.DateTime(timezone=True)),
    *(sa.column(name) for name in ("kind", "actor", "on_behalf_of", "subject", "before", "after")),
    sa.column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")),
    sa.column("salt", sa.LargeBinary()),
    sa.column("leaf", sa.LargeBinary()),
)
NODE = sa.table(
    "ledger_node",
    sa.column("level", sa.Integer()),
    sa.column("position", KEY),
    sa.column("digest", sa.LargeBinary()),
)
HEAD = sa.table("ledger_head", sa.column("id", KEY), sa.column("root", sa.LargeBinary()))


def upgrade() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("size", KEY, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "document_seal",
        sa.Column("certificate_id", KEY, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("facts_digest", sa.String(64), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_document_seal_kind_known")),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_document_seal_certificate_id_certificate"),
        ),
        sa.PrimaryKeyConstraint("certificate_id", "kind", name=op.f("pk_document_seal")),
    )
    _release("ledger_entry", "ledger_node", "certificate_document")
    op.add_column(
        "certificate_document", sa.Column("unsigned_sha256", sa.String(64), nullable=True)
    )
    op.execute("UPDATE certificate_document SET unsigned_sha256 = sha256")
    _require("certificate_document", "unsigned_sha256", sa.String(64))
    op.add_column("ledger_entry", sa.Column("salt", sa.LargeBinary(), nullable=True))
    _plant_anew(_published)
    _require("ledger_entry", "salt", sa.LargeBinary())
    _keep("ledger_entry", "ledger_node", "certificate_document", "checkpoint")


def downgrade() -> None:
    """Goes back to a ledger that is not published; proofs and checkpoints given out until then lead nowhere."""
    op.drop_table("document_seal")
    op.drop_table("checkpoint")
    _release("ledger_entry", "ledger_node", "certificate_document")
    _plant_anew(lambda fact, salt: _json(fact))
    with op.batch_alter_table("ledger_entry") as batch_op:
        batch_op.drop_column("salt")
    with op.batch_alter_table("certificate_document") as batch_op:
        batch_op.drop_column("unsigned_sha256")
    _keep("ledger_entry", "ledger_node", "certificate_document")


def _require(table: str, column: str, kind: sa.types.TypeEngine[Any]) -> None:
    with op.batch_alter_table(table) as batch_op:
        batch_op.alter_column(column, existing_type=kind, nullable=False)


def _plant_anew(entry_of: Callable[[Mapping[str, object], bytes], bytes]) -> None:
    """Make every leaf from what is published of its entry, and the whole tree from the leaves."""
    connection = op.get_bind()
    connection.execute(sa.delete(NODE))
    size, subtrees, nodes = 0, [], []
    while rows := connection.execute(
        sa.select(ENTRY).where(ENTRY.c.sequence >= size).order_by(ENTRY.c.sequence).limit(5000)
    ).all():
        changed = []
        for row in rows:
            salt = secrets.token_bytes(32)
            leaf = hashlib.sha256(b"\x00" + entry_of(_fact(row), salt)).digest()
            changed.append({"key": row.sequence, "salt": salt, "leaf": leaf})
            nodes += _grown(subtrees, row.sequence, leaf)
        connection.execute(
            sa.update(ENTRY)
            .where(ENTRY.c.sequence == sa.bindparam("key"))
            .values(salt=sa.bindparam("salt"), leaf=sa.bindparam("leaf")),
            changed,
        )
        connection.execute(sa.insert(NODE), nodes)
        size, nodes = rows[-1].sequence + 1, []
    root = _folded(subtrees) if size else hashlib.sha256(b"").digest()
    connection.execute(sa.update(HEAD).values(root=root))


def _fact(row: sa.Row[Any]) -> dict[str, object]:
    at = row.at.replace(tzinfo=UTC) if row.at.tzinfo is None else row.at.astimezone(UTC)
    names = ("kind", "actor", "on_behalf_of", "subject", "before", "after", "detail")
    return {"sequence": row.sequence, "at": _moment(at)} | {
        name: getattr(row, name) for name in names
    }


def _published(fact: Mapping[str, object], salt: bytes) -> bytes:
    commitment = hashlib.sha256(salt + _json(fact)).hexdigest()
    said = {"sequence": fact["sequence"], "commitment": commitment}
    if fact["kind"] in PUBLISHED:
        said |= {name: fact[name] for name in ("at", "kind", "subject")}
        said["digest"] = fact["after"]
    return _json(said)


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _grown(
    subtrees: list[tuple[int, int, bytes]], position: int, leaf: bytes
) -> list[dict[str, object]]:
    """Add a leaf to the complete subtrees of a tree; give the nodes that this completes."""
    level, made = 0, [{"level": 0, "position": position, "digest": leaf}]
    digest = leaf
    while subtrees and subtrees[-1][0] == level:
        _, left_position, left = subtrees.pop()
        level, position = level + 1, left_position >> 1
        digest = hashlib.sha256(b"\x01" + left + digest).digest()
        made.append({"level": level, "position": position, "digest": digest})
    subtrees.append((level, position, digest))
    return made


def _folded(subtrees: list[tuple[int, int, bytes]]) -> bytes:
    digest = subtrees[-1][2]
    for _, _, left in reversed(subtrees[:-1]):
        digest = hashlib.sha256(b"\x01" + left + digest).digest()
    return digest


def _release(*tables: str) -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in tables:
        for act in ("update", "delete"):
            on = "" if is_sqlite else f" ON {table}"
            op.execute(f"DROP TRIGGER {table}_keeps_{act}{on}")


def _keep(*tables: str) -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in tables:
        does = (
            f"BEGIN SELECT RAISE(ABORT, '{table} is frozen'); END"
            if is_sqlite
            else "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        for act in ("update", "delete"):
            op.execute(f"CREATE TRIGGER {table}_keeps_{act} BEFORE {act.upper()} ON {table} {does}")
