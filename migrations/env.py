"""Runs the migrations on the connection that `portal.store.migration` hands over, on both databases alike."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB

from portal.store.meter_partitions import is_partition
from portal.store.tables import metadata


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write plain column types, so that an old migration doesn't change with today's code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    if kind == "type" and isinstance(item, JSONB):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return "postgresql.JSONB(none_as_null=True)"
    return False


def is_described(name: str | None, kind: str, _parents: object) -> bool:
    """Leave partitions out: the store describes the table that they are parts of."""
    return kind != "table" or not is_partition(name or "")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
    compare_server_default=True,
    include_name=is_described,
)
with context.begin_transaction():
    context.run_migrations()
