"""Keeps the lines of a judged table: all of them in one transaction, behind the lines that are there."""

from __future__ import annotations

from dataclasses import dataclass

from portal.domain.refusals import Conflict
from portal.services.inventories import begin_edit
from portal.services.line_reading import desk_of
from portal.services.lines import last_position
from portal.services.tables.judging import Judgement, mark_of
from portal.services.work import Work
from portal.store.inventories import Inventory
from portal.store.line_spool import LineSpool


@dataclass(frozen=True, slots=True)
class Source:
    """Which file the lines come from, what they were judged against (`judging.mark_of`), and whose lines they are."""

    sha256: str
    mark: str
    by: int | None


def keep_lines(
    work: Work, inventory: Inventory, spool: LineSpool, judgement: Judgement, source: Source
) -> int:
    """Write the spooled lines and note one fact for all of them; says the position of the first.

    They were judged outside of this transaction. When the inventory can't be edited any more, or a site or the alliance's
    choices have changed since, nothing is written: what was shown would not be what is kept.
    """
    if not judgement.is_sound or spool.count != judgement.lines:
        raise ValueError("only the lines of a sound table are kept, and all of them")
    member = begin_edit(work, inventory)
    if mark_of(desk_of(work, inventory, locale="en")) != source.mark:
        raise Conflict("table.changed_meanwhile")
    first = last_position(work.session, inventory.id) + 1
    spool.write(
        work.session,
        inventory_id=inventory.id,
        first=first,
        moment=work.moment,
        by=source.by,
    )
    work.record(
        "lines.imported",
        f"inventory/{inventory.uid}",
        on_behalf_of=member.code,
        after=spool.digest(),
        detail={"added": judgement.lines, "file": source.sha256},
    )
    return first
