"""Looks through, checks and keeps somebody's table where that takes longer than a page may; nothing is half kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

from portal.domain.refusals import Conflict, Forbidden, NotFound
from portal.domain.words import N_
from portal.intake.tables.mapping import TableMapping
from portal.jobs.file_ends import ending, tell_failure
from portal.jobs.held import HeldJob, Hopeless
from portal.services import imports
from portal.services.line_reading import Desk
from portal.services.tables import files
from portal.services.tables.checks import TableFile, check
from portal.services.tables.reading import RefusedTable, opened, path_in
from portal.services.tables.surveys import Survey, survey, survey_with
from portal.services.work import Work
from portal.store.blobs import Blobs
from portal.store.imports import ImportFile
from portal.store.inventories import Inventory
from portal.store.line_spool import LineSpool
from portal.store.members import Member


@dataclass(frozen=True, slots=True)
class _InHand:
    """A file as it was found when the job began, and what its lines are read against."""

    file: ImportFile
    desk: Desk


def look_through_table(held: HeldJob) -> None:
    """Find out what the table looks like, and then its page can ask what is doubtful."""
    found = _in_hand(held, imports.READING)
    if found is None:
        return
    with held.reading() as work:
        member = work.session.get_one(Member, found.file.member_id)
        known = files.known_mappings(work, member)
    try:
        mapping, looked = _looked_through(held, found, known)
    except RefusedTable as refused:
        _refuse(held, refused)
        return
    with ending(held, _file) as work:
        files.note_survey(work, _file(work, held), mapping, looked)


def _looked_through(
    held: HeldJob, found: _InHand, known: Mapping[str, TableMapping]
) -> tuple[TableMapping, Survey]:
    """For the first time, or again as somebody asked: under settled columns, or another sheet or row of titles."""
    asked = held.arguments
    path = path_in(Blobs(held.settings.storage), found.file.sha256)
    if asked.get("is_settled"):
        settled = files.table_of(found.file, path)
        with opened(path, settled.name, sheet=settled.sheet) as table:
            return survey_with(table, found.desk.rules, settled.mapping)
    if "titles_in" in asked:
        with opened(path, found.file.name, sheet=asked["sheet"]) as table:
            return survey(table, found.desk.rules, lambda _: None, asked["titles_in"])
    with opened(path, found.file.name) as table:
        return survey(table, found.desk.rules, known.get)


def check_table(held: HeldJob) -> None:
    """Judge every row, and then the preview shows what the table comes to."""
    found = _in_hand(held, imports.READING, files.desk_for_check)
    if found is None:
        return
    try:
        judgement, counts = check(
            found.desk,
            _table(held, found.file),
            new_uid=uuid4,
            each_thousand=_shower(held, found.file, N_("Checking the rows")),
        )
    except RefusedTable as refused:
        _refuse(held, refused)
        return
    with ending(held, _file) as work:
        files.note_check(work, _file(work, held), found.desk, judgement, counts.left_out)


def keep_table(held: HeldJob) -> None:
    """Judge every row once more and keep them all for whoever asked for it, in one short transaction at the end."""
    found = _in_hand(held, imports.APPLYING)
    if found is None:
        return
    with Blobs(held.settings.storage).spool() as room:
        spool = LineSpool(room, held.database.engine.dialect)
        judgement, _counts = check(
            found.desk,
            _table(held, found.file),
            new_uid=uuid4,
            take=spool.add,
            each_thousand=_shower(held, found.file, N_("Keeping the lines")),
        )
        try:
            with ending(held, _file) as work:
                acting = imports.acting_for(work, held.arguments["account_id"])
                files.keep(acting, _file(work, held), spool, judgement)
                acting.flush_ledger()
        except Conflict:
            _ask_again(held, "table.work.changed")
        except (Forbidden, NotFound):  # whoever asked for it has lost the role or the company since
            _ask_again(held, "table.work.not_allowed")


def _ask_again(held: HeldJob, code: str) -> None:
    with ending(held, _file) as work:
        files.back_to_columns(work, _file(work, held), code)


def gave_up(work: Work, arguments: Mapping[str, object], _error: str) -> None:
    """Let people go on when all attempts have failed."""
    file = work.session.get(ImportFile, arguments["file_id"])
    if file is not None and files.job_gave_up(work, file):
        tell_failure(work, file, arguments)


def _in_hand(
    held: HeldJob,
    state: str,
    desk_for: Callable[[Work, Inventory], Desk] = files.desk_for_file,
) -> _InHand | None:
    """The file and its desk; None where an earlier attempt did the work already."""
    with held.reading() as work:
        file = _file(work, held)
        if file.state != state:
            return None
        inventory = work.session.get_one(Inventory, file.inventory_id)
        return _InHand(file, desk_for(work, inventory))


def _file(work: Work, held: HeldJob) -> ImportFile:
    file = work.session.get(ImportFile, held.arguments["file_id"])
    if file is None:
        raise Hopeless(f"there is no file {held.arguments['file_id']}")
    return file


def _table(held: HeldJob, file: ImportFile) -> TableFile:
    return files.table_of(file, path_in(Blobs(held.settings.storage), file.sha256))


def _shower(held: HeldJob, file: ImportFile, message: str) -> Callable[[int], None]:
    rows = max(1, file.counts.get("rows", 1))
    return lambda done: held.show(min(99, 100 * done // rows), message)


def _refuse(held: HeldJob, refused: RefusedTable) -> None:
    with ending(held, _file) as work:
        files.note_refused(work, _file(work, held), refused.problem)
