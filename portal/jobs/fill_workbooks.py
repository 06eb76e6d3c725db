"""Reads large workbooks, and applies those that change many rows: as the person who asked for it, all or nothing, once."""

from __future__ import annotations

from collections.abc import Mapping

from portal.calculation.problems import Problem, problem
from portal.domain.refusals import Conflict
from portal.domain.words import N_
from portal.intake.workbooks import Book
from portal.jobs.file_ends import ending, tell_failure
from portal.jobs.held import HeldJob, Hopeless
from portal.services import imports
from portal.services import workbook_imports as workbooks
from portal.services.evidence import FIELD
from portal.services.work import Work
from portal.services.workbook_imports import Applied, Changes
from portal.store.blobs import Blobs
from portal.store.imports import ImportFile
from portal.store.inventories import Inventory


def read_workbook(held: HeldJob) -> None:
    """Read the file and keep what it would change, unless that was done before."""
    row = _row(held)
    if row.state != imports.READING:
        return
    held.show(10, N_("Reading the file"))
    book = _book(held, row)
    held.show(60, N_("Comparing it with what stands in the portal"))
    with ending(held, _file) as work:
        row, inventory = _found(work, held)
        if row.state != imports.READING:
            return
        found = book if isinstance(book, tuple) else _changes(work, inventory, row, book)
        if isinstance(found, tuple):
            imports.refuse(work, row, found)
        else:
            found.show(row)


def _changes(
    work: Work, inventory: Inventory, row: ImportFile, book: Book
) -> Changes | tuple[Problem, ...]:
    wrong = workbooks.not_of(work, inventory, book, row.name)
    return wrong or workbooks.find_changes(work, inventory, book, locale=row.locale)


class _NotKept(Exception):
    """Throws a transaction away whose rows could not all be kept; carries why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__()
        self.problems = problems


def apply_workbook(held: HeldJob) -> None:
    """Apply the file for the person who asked for it; when it can't be applied any more, show again what it would do."""
    row = _row(held)
    if row.state != imports.APPLYING:
        return
    held.show(10, N_("Reading the file"))
    book = _book(held, row)
    if isinstance(book, tuple):
        with ending(held, _file) as work:
            imports.refuse(work, _file(work, held), book)
        return
    held.show(40, N_("Keeping the changes"))
    try:
        problems = _apply(held, book)
    except Conflict:
        with ending(held, _file) as work:
            row = _file(work, held)
            imports.refuse(work, row, (problem("import.year_closed", FIELD, name=row.name),))
        return
    if problems is not None:
        with ending(held, _file) as work:
            row, inventory = _found(work, held)
            workbooks.show_again(work, inventory, row, book, problems)


def _apply(held: HeldJob, book: Book) -> tuple[Problem, ...] | None:
    """None when everything is kept; otherwise the problems, with nothing kept."""
    try:
        with ending(held, _file) as work:
            row, inventory = _found(work, held)
            acting = imports.acting_for(work, held.arguments["account_id"])
            done = workbooks.apply_workbook(
                acting,
                inventory,
                row,
                book,
                workbooks.chosen(row),
                with_removals=held.arguments["with_removals"],
                expected=(imports.APPLYING,),
            )
            _throw_away_unless_kept(done)
            acting.flush_ledger()
    except _NotKept as refused:
        return refused.problems
    return None


def _throw_away_unless_kept(done: Applied) -> None:
    if done.counts is None:
        raise _NotKept(done.problems)


def give_up(work: Work, arguments: Mapping[str, object], error: str) -> None:
    """Say with the file that it could not be worked through, in the transaction that parks the job."""
    row = work.session.get(ImportFile, arguments["import_id"])
    if row is not None:
        failed = problem("import.failed", FIELD, name=row.name)
        if imports.refuse(work, row, (failed,)):
            tell_failure(work, row, arguments)


def _row(held: HeldJob) -> ImportFile:
    with held.reading() as work:
        return _file(work, held)


def _file(work: Work, held: HeldJob) -> ImportFile:
    return _found(work, held)[0]


def _found(work: Work, held: HeldJob) -> tuple[ImportFile, Inventory]:
    row = work.session.get(ImportFile, held.arguments["import_id"])
    if row is None:
        raise Hopeless(f"there is no import {held.arguments['import_id']}")
    return row, work.session.get_one(Inventory, row.inventory_id)


def _book(held: HeldJob, row: ImportFile) -> Book | tuple[Problem, ...]:
    """Read the stored file while no transaction is open."""
    try:
        path = Blobs(held.settings.storage).path_of(row.sha256)
    except FileNotFoundError:
        return (problem("import.file_gone", FIELD, name=row.name),)
    return workbooks.read_workbook(path, row.name)
