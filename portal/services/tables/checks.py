"""Checks a whole file by what was settled about it: opened, read through, judged, and spooled where it is to be kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from portal.intake.tables.mapping import TableMapping
from portal.intake.tables.rows import Counts, read_through
from portal.services.line_reading import Desk
from portal.services.tables.judging import Judgement, Take, judge_table
from portal.services.tables.reading import OpenTable, opened
from portal.store.text_tables import TableLimits


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file with a table in it, which of its sheets, and what was settled about it."""

    path: Path
    name: str
    sheet: str
    mapping: TableMapping
    limits: TableLimits | None = None


def check(
    desk: Desk,
    file: TableFile,
    *,
    new_uid: Callable[[], UUID],
    take: Take | None = None,
    each_thousand: Callable[[int], None] | None = None,
) -> tuple[Judgement, Counts]:
    """Judge every row of the file; raises RefusedTable where it can't be read to its end. No transaction is needed."""
    with opened(file.path, file.name, file.limits, file.sheet) as table:
        return check_open(
            desk, table, file.mapping, new_uid=new_uid, take=take, each_thousand=each_thousand
        )


def check_open(
    desk: Desk,
    table: OpenTable,
    mapping: TableMapping,
    *,
    new_uid: Callable[[], UUID],
    take: Take | None = None,
    each_thousand: Callable[[int], None] | None = None,
) -> tuple[Judgement, Counts]:
    """Judge every row of a table that is open already."""
    counts = Counts()
    judgement = judge_table(
        desk,
        read_through(mapping, table.rows(), table.sheet, counts),
        mapping.numbers,
        new_uid=new_uid,
        take=take,
        each_thousand=each_thousand,
    )
    return judgement, counts
