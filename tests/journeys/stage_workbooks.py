"""A workbook that somebody filled in and that waits to be applied: with a conflict, a removal and a problem to show."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl

from portal.documents.facts import Language
from portal.intake.workbooks import Book
from portal.services import evidence, imports, workbook_imports, workbooks
from portal.services.line_saving import SubmittedLine, save_lines
from portal.services.workbook_imports import Changes
from portal.store.blobs import Blobs
from tests.journeys.cast import HAULIER
from tests.journeys.stage import Stage


def play_workbook(stage: Stage) -> None:
    """Download, change some cells there and one of them here, and bring it back."""
    work = stage.work(f"signatory-{HAULIER}", 3)
    inventory = stage.inventory(HAULIER, 2025)
    content = workbooks.workbook_bytes(work, inventory, Language.ZH, with_lines=True)
    first = workbooks.lines_of(stage.session, inventory)[0]
    here = SubmittedLine(0, {"quantity": "41"}, key=first.key, version=first.version)
    assert save_lines(work, inventory, [here], locale="zh", keep_unfinished=True).is_kept
    with TemporaryDirectory() as folder:
        path = Path(folder, "book.xlsx")
        path.write_bytes(_changed(content))
        book = workbook_imports.read_workbook(path, path.name)
        assert isinstance(book, Book), book
        blobs = Blobs(stage.world.settings.storage)
        with path.open("rb") as stream, evidence.inspected(blobs, stream, "车队数据.xlsx") as file:
            row, _problems = imports.begin(
                work, blobs, inventory, file, kind=imports.WORKBOOK, locale="zh"
            )
    assert row is not None
    changes = workbook_imports.find_changes(work, inventory, book, locale="zh")
    assert isinstance(changes, Changes), changes
    changes.show(row)
    stage.world.things["import"] = str(row.uid)
    work.flush_ledger()


def _changed(content: bytes) -> bytes:
    book = openpyxl.load_workbook(BytesIO(content))
    sheet = book["活动数据"]
    columns = {cell.value: cell.column for cell in sheet[1] if cell.value}
    sheet.cell(3, columns["lines.quantity"]).value = 42
    sheet.cell(4, columns["lines.quantity"]).value = 77.5
    sheet.cell(5, columns["lines.unit"]).value = "桶装"
    for column in columns.values():
        if column > 1:
            sheet.cell(6, column).value = None
    out = BytesIO()
    book.save(out)
    return out.getvalue()
