"""What a page does itself with a table, while no transaction is open: looking through it, and judging a short one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID

from portal.intake.tables.mapping import NAMED, TableMapping
from portal.services.line_reading import Desk
from portal.services.tables import files
from portal.services.tables.checks import TableFile, check
from portal.services.tables.judging import Judgement
from portal.services.tables.reading import OF_A_PAGE, RefusedTable, opened
from portal.services.tables.surveys import Survey, survey, survey_with
from portal.store.blobs import Received
from portal.store.line_spool import LineSpool

Known = Mapping[str, TableMapping]


def look_through(
    desk: Desk, known: Known, name: str, received: Received
) -> tuple[TableMapping, Survey] | None:
    """Look through a file that was just received; None for one that takes longer than a page may."""
    if received.size > files.MOST_BYTES_AT_ONCE:
        return None
    try:
        with opened(received.path, name, OF_A_PAGE) as table:
            return survey(table, desk.rules, known.get)
    except RefusedTable as refused:
        if refused.is_too_long:
            return None
        raise


def look_again(
    desk: Desk, path: Path, name: str, *, sheet: str, titles_in: int
) -> tuple[TableMapping, Survey]:
    """Look through another sheet, or with the titles in another row."""
    with opened(path, name, sheet=sheet) as table:
        return survey(table, desk.rules, _nothing, titles_in)


def _nothing(_shape: str) -> None:
    return None


def resettle(
    desk: Desk,
    path: Path,
    name: str,
    *,
    mapping: TableMapping,
    before: TableMapping,
    looked: Survey,
) -> tuple[TableMapping, Survey]:
    """The answers with the texts of columns that were not read as names before; the file is read again for these only."""
    if not reads_again(mapping, before):
        return mapping, looked
    with opened(path, name, sheet=looked.sheet) as table:
        return survey_with(table, desk.rules, mapping)


def reads_again(mapping: TableMapping, before: TableMapping) -> bool:
    """Whether other columns than before hold names, so that the file has to be read again for their texts."""
    return _named(mapping) != _named(before)


def _named(mapping: TableMapping) -> tuple[object, ...]:
    return tuple(mapping.places(kind) for kind in NAMED)


def asks_more(before: Survey, now: Survey) -> bool:
    """Whether there are texts to be asked about that nobody was asked about yet."""
    return any(
        text not in before.offers.get(kind, {})
        for kind, texts in now.offers.items()
        for text in texts
    )


def judge_all(
    desk: Desk, file: TableFile, new_uid: Callable[[], UUID], spool: LineSpool | None = None
) -> tuple[Judgement, int]:
    """Judge a short table; says how many rows were left out on somebody's word."""
    take = None if spool is None else spool.add
    judgement, counts = check(desk, file, new_uid=new_uid, take=take)
    return judgement, counts.left_out
