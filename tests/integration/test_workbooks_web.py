"""A workbook as a supplier's browser meets it: downloaded, filled in, uploaded, looked at, applied or refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import inspect, select, update
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from portal import data
from portal.calculation.quantities import text
from portal.config.settings import Settings
from portal.domain.actors import Role
from portal.http import clock
from portal.intake.workbooks import _digest_of
from portal.jobs import worker
from portal.services import imports, workbook_imports, workbook_merging, workbooks
from portal.store import jobs
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.imports import ImportFile
from portal.store.inventories import Inventory, Output
from portal.store.ledger import LedgerEntry
from portal.store.lines import ActivityLine
from portal.store.members import Member
from portal.store.sessions import WebSession
from tests.browsers import Browser
from tests.corpus import CASES, CORPUS
from tests.factories.suppliers import MOMENT, a_member, a_site, an_account, an_alliance, work_of

YEAR = "/supplier/inventories/2025"
BOOK = f"{YEAR}/workbook"


@dataclass
class Scene:
    database: Database
    settings: Settings
    browser: Browser
    stranger: Browser
    viewer: Browser
    member: Member
    folder: Path

    def lines(self) -> list[ActivityLine]:
        query = (
            select(ActivityLine)
            .join(Inventory, Inventory.id == ActivityLine.inventory_id)
            .where(Inventory.member_id == self.member.id, Inventory.year == 2025)
            .order_by(ActivityLine.position)
        )
        with self.database.reading() as session:
            return list(session.scalars(query))

    def quantities(self) -> list[str]:
        return [text(line.quantity) for line in self.lines() if line.quantity is not None]

    def imports(self) -> list[ImportFile]:
        with self.database.reading() as session:
            return list(session.scalars(select(ImportFile).order_by(ImportFile.id)))

    def blobs(self) -> list[str]:
        return list(Blobs(self.settings.storage).digests())

    def book(self, year: str = YEAR, browser: Browser | None = None, query: str = "") -> Any:
        answer = (browser or self.browser).get(f"{year}/workbook/file?language=en{query}")
        assert answer.status_code == 200
        return openpyxl.load_workbook(BytesIO(answer.data))

    def upload(
        self,
        book: Any,
        name: str = "book.xlsx",
        *,
        browser: Browser | None = None,
        script: bool = False,
        at: str = BOOK,
    ) -> TestResponse:
        browser = browser or self.browser
        file = FileStorage(BytesIO(content_of(book)), name)
        data = {"file": file, "csrf_token": browser.token("/account/")}
        headers = {"Accept": "application/json"} if script else {}
        boundary, body = encode_multipart(
            data
        )  # the client would leave a file open for a large one
        sent = f'multipart/form-data; boundary="{boundary}"'
        return browser.post(at, body, content_type=sent, headers=headers)

    def apply(self, address: str, **more: str) -> TestResponse:
        data = {"act": "apply", "csrf_token": self.browser.token("/account/"), **more}
        return self.browser.post(f"{address}/apply", data)


def content_of(book: Any) -> bytes:
    if isinstance(book, bytes):
        return book
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def cells_of(book: Any, sheet: str = "Activity data") -> dict[str, Any]:
    """The cells of the sheet's rows by column: `cells["quantity"][0]` is the first line's quantity."""
    found = book[sheet]
    return {
        cell.value.partition(".")[2]: [found.cell(row, cell.column) for row in range(3, 60)]
        for cell in found[1]
        if cell.value
    }


@pytest.fixture
def scene(
    database: Database,
    settings: Settings,
    log_in: Callable[[Account], Browser],
    tmp_path: Path,
) -> Scene:
    with database.writing() as session:
        alliance = an_alliance(session, years=(2024, 2025))
        member = a_member(session, alliance, "M001", sector="packaging")
        other = a_member(session, alliance, "M002", sector="packaging")
        a_site(session, member, "S1")
        a_site(session, other, "STRANGE-SITE")
        people = [an_account(session, Role.REPORTER, owner) for owner in (member, other)]
        people.append(an_account(session, Role.VIEWER, member))
        for person in people:
            person.language = "en"
        session.commit()
    browsers = [log_in(person) for person in people]
    made = Scene(database, settings, *browsers, member, tmp_path)
    for browser, site in ((made.browser, "S1"), (made.stranger, "STRANGE-SITE")):
        for year in (2024, 2025):
            browser.submit(f"/supplier/inventories/{year}/open", {}, page="/account/")
        months = {
            f"lines-{month}-{name}": value
            for month in range(3)
            for name, value in {
                "category": "electricity.grid",
                "quantity": str(100 + month),
                "unit": "kWh",
                "period": f"2025-{month + 1:02d}",
                "site": site,
            }.items()
        }
        saved = browser.submit(f"{YEAR}/lines", {**months, "act": "continue"})
        assert saved.status_code == 303
    return made


def test_workbook_that_was_filled_in_is_shown_and_then_applied_once(scene: Scene) -> None:
    book = scene.book()
    cells = cells_of(book)
    cells["quantity"][0].value = 250.5
    for column, value in {
        "category": data.load_categories()["stationary.natural_gas"].name_en,
        "site": "S1",
        "period": "2025",
        "quantity": 1200,
        "unit": "m³",
    }.items():
        cells[column][3].value = value
    for column in ("category", "site", "period", "quantity", "unit"):
        cells[column][2].value = None
    shown = scene.upload(book)
    assert shown.status_code == 303, shown.text
    address = shown.headers["Location"]
    page = scene.browser.get(address).text
    assert "250.5" in page
    assert "Not in the file any more" in page
    assert scene.quantities() == ["100", "101", "102"]
    (row,) = scene.imports()
    assert (row.state, row.counts["added"], row.counts["changed"], row.counts["removed"]) == (
        "ready",
        1,
        1,
        1,
    )
    assert scene.apply(address, removals="y").status_code == 303
    assert scene.quantities() == ["250.5", "101", "1200"]
    (row,) = scene.imports()
    assert row.state == "applied"
    assert row.counts == {"added": 1, "changed": 1, "removed": 1, "unfinished": 0}
    assert "Applied" in scene.browser.get(address).text
    again = scene.apply(address, removals="y")
    assert again.status_code == 303
    assert len(scene.lines()) == 3
    with scene.database.reading() as session:
        kinds = [entry.kind for entry in session.scalars(select(LedgerEntry))]
    assert kinds.count("import.applied") == kinds.count("import.uploaded") == 1


def test_rows_left_out_stay_unless_somebody_says_so(scene: Scene) -> None:
    book = scene.book()
    book["Activity data"].delete_rows(5)
    cells_of(book)["quantity"][0].value = 7
    address = scene.upload(book).headers["Location"]
    scene.apply(address)
    assert scene.quantities() == ["7", "101", "102"]


def test_what_both_sides_changed_waits_for_a_choice(scene: Scene) -> None:
    book = scene.book()
    cells = cells_of(book)
    cells["quantity"][0].value, cells["quantity"][1].value = 555, 777
    line = scene.lines()[0]
    scene.browser.submit(
        f"{YEAR}/lines",
        {
            "lines-0-key": str(line.key),
            "lines-0-version": str(line.version),
            "lines-0-quantity": "333",
            "act": "continue",
        },
    )
    address = scene.upload(book).headers["Location"]
    assert "Which value counts?" in scene.browser.get(address).text
    answer = scene.apply(address)
    assert answer.status_code == 303
    assert scene.quantities() == ["333", "101", "102"]
    assert "Nothing is kept yet" in scene.browser.get(address).text
    scene.apply(address, **{f"choose.{line.key}.quantity": "portal"})
    assert scene.quantities() == ["333", "777", "102"]


def test_no_choice_is_kept_for_whoever_was_logged_out_while_the_workbook_was_read(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = scene.book()
    cells_of(book)["quantity"][0].value = 555
    address = scene.upload(book).headers["Location"]
    line = scene.lines()[0]
    sent = {"lines-0-key": str(line.key), "lines-0-version": str(line.version)}
    scene.browser.submit(f"{YEAR}/lines", {**sent, "lines-0-quantity": "333", "act": "continue"})
    read = workbook_imports.read_workbook

    def slowly(*arguments: Any) -> Any:
        with scene.database.writing() as session:
            session.execute(update(WebSession).values(ended_at=clock.now()))
            session.commit()
        return read(*arguments)

    monkeypatch.setattr(workbook_imports, "read_workbook", slowly)
    answer = scene.apply(address, **{f"choose.{line.key}.note": "file"})
    assert answer.status_code == 401
    with scene.database.reading() as session:
        row = session.scalars(select(ImportFile)).one()
        assert (row.state, row.choices) == ("ready", None)


def test_change_since_the_preview_that_makes_a_conflict_is_shown_before_anything_is_kept(
    scene: Scene,
) -> None:
    book = scene.book()
    cells_of(book)["quantity"][0].value = 555
    address = scene.upload(book).headers["Location"]
    line = scene.lines()[0]
    sent = {"lines-0-key": str(line.key), "lines-0-version": str(line.version)}
    scene.browser.submit(f"{YEAR}/lines", {**sent, "lines-0-quantity": "333", "act": "continue"})
    scene.apply(address)
    assert scene.quantities()[0] == "333"
    page = scene.browser.get(address).text
    assert "333" in page
    assert "555" in page
    scene.apply(address, rest="file")
    assert scene.quantities()[0] == "555"


def test_products_come_back_too_and_one_that_can_not_be_kept_stops_everything(scene: Scene) -> None:
    book = scene.book()
    cells = cells_of(book, "Production")
    for column, value in {"product": "Cartons", "quantity": 12.5, "unit": "t"}.items():
        cells[column][0].value = value
    cells["product"][1].value = "Film"
    cells_of(book)["quantity"][0].value = 9
    address = scene.upload(book).headers["Location"]
    page = scene.browser.get(address).text
    assert "This keeps the file from being applied" in page
    scene.apply(address)
    assert scene.quantities()[0] == "100"
    for column, value in {"quantity": 3, "unit": "t"}.items():
        cells[column][1].value = value
    scene.apply(scene.upload(book).headers["Location"])
    assert scene.quantities()[0] == "9"
    with scene.database.reading() as session:
        assert set(session.scalars(select(Output.product))) == {"Cartons", "Film"}


def test_problems_are_told_at_once_with_their_cells_and_handed_back_marked(scene: Scene) -> None:
    book = scene.book()
    cells = cells_of(book)
    cells["quantity"][0].value = "a lot"
    cells["unit"][1].value = "parsec"
    cells["note"][2].value = True
    address = scene.upload(book).headers["Location"]
    page = scene.browser.get(address).text
    for cell in (cells["quantity"][0], cells["unit"][1], cells["note"][2]):
        assert f"Activity data!{cell.coordinate}" in page
    assert "This keeps the file from being applied" in page
    scene.apply(address)
    assert scene.quantities() == ["100", "101", "102"]
    marked = openpyxl.load_workbook(BytesIO(scene.browser.get(f"{address}/workbook").data))
    again = cells_of(marked)
    assert again["quantity"][0].value == "a lot"
    assert "a lot" in again["quantity"][0].comment.text
    assert again["unit"][1].value == "parsec"
    assert again["quantity"][1].comment is None
    assert marked["Problems"].max_row == 4
    again["quantity"][0].value, again["unit"][1].value, again["note"][2].value = 8, "MWh", "fine"
    scene.apply(scene.upload(marked).headers["Location"])
    assert [(text(line.quantity), line.unit) for line in scene.lines()] == [
        ("8", "kWh"),
        ("101", "MWh"),
        ("102", "kWh"),
    ]


def test_lines_that_need_attention_are_kept_unfinished_like_typed_ones(scene: Scene) -> None:
    book = scene.book()
    cells_of(book)["quantity"][0].value = "a lot"
    address = scene.upload(book).headers["Location"]
    scene.apply(address)
    line = scene.lines()[0]
    assert not line.is_complete
    assert line.raw["quantity"] == "a lot"
    assert scene.imports()[0].counts["unfinished"] == 1


def _formulas(book: Any) -> None:
    cells_of(book)["quantity"][0].value = "=1+1"


def _merged(book: Any) -> None:
    cell = cells_of(book)["quantity"][0]
    book["Activity data"].merge_cells(f"{cell.coordinate}:{cell.column_letter}{cell.row + 1}")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [(_formulas, "holds a formula without a result"), (_merged, "lies under a merged cell")],
)
def test_cell_without_a_value_of_its_own_is_named_and_nothing_is_guessed(
    scene: Scene, spoil: Callable[[Any], None], said: str
) -> None:
    book = scene.book()
    spoil(book)
    address = scene.upload(book).headers["Location"]
    assert said in scene.browser.get(address).text
    scene.apply(address)
    assert scene.quantities() == ["100", "101", "102"]


def _moved(book: Any) -> None:
    sheet = book["Activity data"]
    sheet.move_range(f"B1:B{sheet.max_row}", cols=40)
    sheet.delete_cols(2)


def _renamed(book: Any) -> None:
    book["Activity data"].title = "My own name"


def _without_names(book: Any) -> None:
    book["Activity data"].delete_rows(1)


def _without_a_column(book: Any) -> None:
    column = cells_of(book)["note"][0].column
    book["Activity data"].delete_cols(column)


def _with_a_line_above(book: Any) -> None:
    book["Activity data"].insert_rows(1)
    book["Activity data"]["A1"] = "Filled in by Anna"


def _without_sites(book: Any) -> None:
    del book["Sites"]
    del book["Instructions"]


@pytest.mark.parametrize(
    "change",
    [_moved, _renamed, _without_names, _without_a_column, _with_a_line_above, _without_sites],
)
def test_sheet_that_somebody_rearranged_is_still_understood(
    scene: Scene, change: Callable[[Any], None]
) -> None:
    book = scene.book()
    change(book)
    address = scene.upload(book).headers["Location"]
    assert "The file changes nothing" in scene.browser.get(address).text


def test_sheet_that_is_not_in_the_file_changes_nothing_and_is_said_to_be_missing(
    scene: Scene,
) -> None:
    book = scene.book()
    del book["Activity data"]
    address = scene.upload(book).headers["Location"]
    page = scene.browser.get(address).text
    assert "so nothing of it changes: Activity data" in page
    assert scene.imports()[0].counts["removed"] == 0


def test_copied_row_is_a_new_line(scene: Scene) -> None:
    book = scene.book()
    cells = cells_of(book)
    for column in cells.values():
        column[3].value = column[0].value
    scene.apply(scene.upload(book).headers["Location"])
    assert scene.quantities() == ["100", "101", "102", "100"]
    assert len({line.key for line in scene.lines()}) == 4


def _older(book: Any) -> None:
    for row in book["_base"].iter_rows():
        if [cell.value for cell in row[:2]] == ["stamp", "version"]:
            row[2].value = "0"


def _tampered(book: Any) -> None:
    next(row for row in book["_base"].iter_rows() if row[0].value == "row")[3].value = "x"


def _forged(*row: str) -> Callable[[Any], None]:
    """Adds a row to the hidden sheet, and a digest that fits."""

    def spoil(book: Any) -> None:
        hidden = book["_base"]
        rows = [[cell.value or "" for cell in each] for each in hidden.iter_rows()][:-1]
        hidden.delete_rows(hidden.max_row)
        hidden.append(row)
        hidden.append(["digest", _digest_of([*rows, [*row]])])

    return spoil


def _without_hidden(book: Any) -> None:
    del book["_base"]


def _without_keys(book: Any) -> None:
    book["Activity data"].delete_cols(1)


def _twice(book: Any) -> None:
    sheet = book["Activity data"]
    sheet["ZZ1"] = "lines.quantity"
    sheet["ZZ1"].value = None
    sheet["AZ1"] = "lines.quantity"


def _copied_sheet(book: Any) -> None:
    book.copy_worksheet(book["Activity data"])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_older, "made by another release"),
        (_tampered, "The hidden part"),
        (_forged("columns", "lines", "key", "confirmed"), "The hidden part"),
        (_forged("columns", "sites", "key"), "The hidden part"),
        (_forged("stamp", "year", "soon"), "The hidden part"),
        (_forged("stamp", "language", "fr"), "The hidden part"),
        (_forged("row", "nothing", "x"), "The hidden part"),
        (_forged("row", "lines"), "The hidden part"),
        (_forged("offer", "nothing", "x"), "The hidden part"),
        (_without_hidden, "not a workbook that was downloaded here"),
        (_without_keys, "has lost its first column"),
        (_twice, "twice"),
        (_copied_sheet, "copies of each other"),
    ],
)
def test_workbook_that_can_not_be_compared_is_refused_with_a_cure(
    scene: Scene, spoil: Callable[[Any], None], said: str
) -> None:
    book = scene.book()
    spoil(book)
    answer = scene.upload(book)
    assert answer.status_code == 422
    assert said in answer.text
    assert (scene.imports(), scene.blobs()) == ([], [])


def test_workbook_of_another_member_is_refused_by_what_it_says_itself(scene: Scene) -> None:
    answer = scene.upload(scene.book(browser=scene.stranger))
    assert answer.status_code == 422
    assert "M002" in answer.text
    assert "STRANGE-SITE" not in answer.text
    assert scene.imports() == []


def test_workbook_of_another_year_is_refused_with_both_years(scene: Scene) -> None:
    answer = scene.upload(scene.book(year="/supplier/inventories/2024"))
    assert answer.status_code == 422
    assert "of the year 2024, and this is 2025" in answer.text


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "book.xlsx"),
        (b"a,b\n1,2\n", "book.csv"),
        (b"a,b\n1,2\n", "book.xlsx"),
        (b"<table><tr><td>1</td></tr></table>", "book.xls"),
        (b"%PDF-1.4\n", "book.pdf"),
        (b"PK\x03\x04broken", "book.xlsx"),
    ],
)
def test_other_kinds_of_file_are_refused_in_plain_words(
    scene: Scene, content: bytes, name: str
) -> None:
    answer = scene.upload(content, name)
    assert answer.status_code == 422
    assert name in answer.text
    assert (scene.imports(), scene.blobs()) == ([], [])


@pytest.mark.parametrize(
    "case",
    [each for each in CASES if each["slot"] == "import"],
    ids=lambda case: case["id"],
)
def test_file_of_the_corpus_is_refused_here_and_keeps_nothing(
    scene: Scene, case: dict[str, Any]
) -> None:
    """None of them was downloaded here: those that a free import takes are told apart from unsound ones elsewhere."""
    answer = scene.upload((CORPUS / case["file"]).read_bytes(), case["upload_name"])
    if answer.status_code == 303:  # a large one is read in the background
        worker.drain(scene.settings)
        assert [row.state for row in scene.imports()] == ["refused"]
        return
    assert answer.status_code == 422
    assert scene.imports() == []


def test_too_large_file_is_413_with_the_limit(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.services.evidence.LARGEST_FILE", 1000)
    answer = scene.upload(scene.book(), script=True)
    assert answer.status_code == 413
    assert "MiB" in json.loads(answer.text)["message"]


def test_text_that_is_too_long_is_named_with_its_cell(scene: Scene) -> None:
    book = scene.book()
    cell = cells_of(book)["note"][0]
    cell.value = "x" * 5_001
    address = scene.upload(book).headers["Location"]
    page = scene.browser.get(address).text
    assert f"Activity data!{cell.coordinate} holds a text of more than 5000 characters" in page
    assert "This keeps the file from being applied" in page


def test_long_text_of_the_portal_comes_back_unchanged(scene: Scene) -> None:
    with scene.database.writing() as session:
        line = session.get_one(ActivityLine, scene.lines()[0].id)
        line.raw = {**line.raw, "note": "x" * 6_000}
        session.commit()
    scene.upload(scene.book())
    (row,) = scene.imports()
    assert (row.counts["changed"], row.counts["unchanged"]) == (0, 3)


def _wide(book: Any) -> None:
    book["Activity data"].cell(5, 150).value = "x"


def _heavy(book: Any) -> None:
    own = book.create_sheet("Own")
    for row in range(10):
        own.append([" ".join(map(str, range(row, 1_000)))[:3_000]] * 20)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [(_wide, "columns in a sheet"), (_heavy, "holds more than can be read at once")],
)
def test_workbook_that_comes_to_too_much_is_refused_with_a_cure(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Any], None], said: str
) -> None:
    monkeypatch.setattr(workbook_imports, "_MOST_WRITTEN", 500_000)
    book = scene.book()
    spoil(book)
    answer = scene.upload(book)
    assert answer.status_code == 422
    assert said in answer.text
    assert (scene.imports(), scene.blobs()) == ([], [])


@pytest.mark.parametrize("most_at_once", [1_000, 512 * 1024])
def test_workbook_that_changes_more_than_can_be_shown_is_refused(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, most_at_once: int
) -> None:
    monkeypatch.setattr(workbook_imports, "MOST_BYTES_AT_ONCE", most_at_once)
    monkeypatch.setattr(workbook_merging, "MOST_SHOWN", 5_000)
    book = scene.book()
    cells = cells_of(book)
    for cell in cells["note"][:3]:
        cell.value = "x" * 2_000
    answer = scene.upload(book)
    worker.drain(scene.settings)
    page = answer.text if answer.status_code == 422 else scene.browser.get(answer.location).text
    assert "changes more than can be shown at once" in page
    assert {row.state for row in scene.imports()} <= {"refused"}
    cells["note"][2].value = cells["note"][1].value = None
    scene.upload(book)
    worker.drain(scene.settings)
    assert scene.imports()[-1].state == "ready"


def test_workbook_whose_changes_have_become_too_many_meanwhile_is_refused(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = scene.book()
    cells_of(book)["quantity"][0].value = 9
    address = scene.upload(book).headers["Location"]
    line = scene.lines()[0]
    sent = {"lines-0-key": str(line.key), "lines-0-version": str(line.version)}
    scene.browser.submit(f"{YEAR}/lines", {**sent, "lines-0-quantity": "333", "act": "continue"})
    monkeypatch.setattr(workbook_merging, "MOST_SHOWN", 10)
    assert scene.apply(address).status_code == 303
    assert scene.imports()[0].state == "refused"
    assert "changes more than can be shown at once" in scene.browser.get(address).text
    assert scene.quantities()[0] == "333"


def test_lists_of_files_do_not_read_what_they_change(scene: Scene) -> None:
    book = scene.book()
    cells_of(book)["quantity"][0].value = 9
    scene.upload(book)
    (row,) = scene.imports()
    with scene.database.reading() as session:
        work = work_of(session, session.get_one(Account, row.uploaded_by))
        (listed,) = imports.imports_of(work, session.get_one(Inventory, row.inventory_id))
        assert {"preview", "mapping", "choices"} <= inspect(listed).unloaded
        assert listed.preview is not None


def test_year_that_no_workbook_holds_is_offered_without_its_lines(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MOST_LINES", -1)
    page = f"{YEAR}/workbook?lang=en"
    shown = scene.browser.get(page).text
    assert "more lines than a workbook takes" in shown
    assert "with the lines of the year" not in shown
    refused = scene.browser.get(f"{YEAR}/workbook/file?language=en")
    assert refused.status_code == 409
    assert scene.browser.get(f"{YEAR}/workbook/file?language=en&empty=1").status_code == 200


def test_too_many_files_an_hour_are_429(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST_AN_HOUR", 1)
    assert scene.upload(scene.book()).status_code == 303
    assert scene.upload(scene.book()).status_code == 429
    assert len(scene.imports()) == 1


def test_refused_files_are_counted_and_those_beyond_the_limit_are_not_looked_into(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "MOST_AN_HOUR", 2)
    for _ in range(2):
        assert scene.upload(b"PK\x03\x04broken").status_code == 422
    monkeypatch.setattr("portal.services.evidence.inspect", None)
    assert scene.upload(scene.book()).status_code == 429
    assert scene.upload(scene.book(browser=scene.stranger), browser=scene.viewer).status_code == 403


def test_no_file_is_asked_for(scene: Scene) -> None:
    answer = scene.upload(b"", "")
    assert answer.status_code == 422
    assert "Choose a file first" in answer.text


def test_script_is_told_where_to_go_on(scene: Scene) -> None:
    answer = scene.upload(scene.book(), script=True)
    assert json.loads(answer.text)["next"].startswith(f"{YEAR}/imports/")


def test_upload_without_a_token_is_refused(scene: Scene) -> None:
    data = {"file": (BytesIO(content_of(scene.book())), "book.xlsx")}
    answer = scene.browser.post(BOOK, data, content_type="multipart/form-data")
    assert answer.status_code == 400
    assert scene.imports() == []


def test_who_may_only_read_may_download_and_no_more(scene: Scene) -> None:
    book = scene.book(browser=scene.viewer)
    page = scene.viewer.get(BOOK)
    assert page.status_code == 200
    assert "Look at what it changes" not in page.text
    assert scene.upload(book, browser=scene.viewer).status_code == 403


def test_strangers_file_is_answered_like_none(scene: Scene) -> None:
    address = scene.upload(scene.book()).headers["Location"]
    for path in (address, f"{address}/workbook"):
        assert scene.stranger.get(path).status_code == 404
    token = scene.stranger.token("/account/")
    for act in ("apply", "discard"):
        answer = scene.stranger.post(f"{address}/{act}", {"csrf_token": token, "act": "apply"})
        assert answer.status_code == 404
    assert scene.imports()[0].state == "ready"


def test_year_that_was_submitted_meanwhile_keeps_nothing(scene: Scene) -> None:
    book = scene.book()
    cells_of(book)["quantity"][0].value = 9
    address = scene.upload(book).headers["Location"]
    with scene.database.writing() as session:
        session.execute(update(Inventory).values(state="submitted"))
        session.commit()
    assert scene.apply(address).status_code == 409
    assert scene.quantities()[0] == "100"
    assert scene.imports()[0].state == "ready"
    assert scene.upload(book).status_code == 409


def test_file_that_nobody_wants_is_let_go(scene: Scene) -> None:
    address = scene.upload(scene.book()).headers["Location"]
    token = scene.browser.token("/account/")
    assert scene.browser.post(f"{address}/discard", {"csrf_token": token}).status_code == 303
    (row,) = scene.imports()
    assert (row.state, row.preview) == ("abandoned", None)
    assert "Not kept" in scene.browser.get(address).text
    scene.apply(address)
    assert scene.imports()[0].state == "abandoned"


@pytest.mark.parametrize("state", ["applied", "applying"])
def test_file_that_was_applied_meanwhile_is_not_said_to_be_let_go(scene: Scene, state: str) -> None:
    address = scene.upload(scene.book()).headers["Location"]
    token = scene.browser.token("/account/")
    with scene.database.writing() as session:
        settled_at = MOMENT if state == "applied" else None
        session.execute(update(ImportFile).values(state=state, settled_at=settled_at))
        session.commit()
    answer = scene.browser.post(f"{address}/discard", {"csrf_token": token})
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    page = scene.browser.get(address).text
    assert "too late" in page
    assert "Nothing of the file is kept" not in page
    assert scene.imports()[0].state == state


def test_file_that_was_lost_is_asked_for_again(scene: Scene) -> None:
    book = scene.book()
    cells_of(book)["quantity"][0].value = 9
    address = scene.upload(book).headers["Location"]
    Blobs(scene.settings.storage).remove(scene.imports()[0].sha256)
    answer = scene.apply(address)
    assert answer.status_code == 422
    assert "no longer here" in answer.text


def test_large_file_is_read_and_applied_in_the_background(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_imports, "MOST_BYTES_AT_ONCE", 1000)
    monkeypatch.setattr(workbook_imports, "MOST_ROWS_AT_ONCE", 0)
    book = scene.book()
    cells_of(book)["quantity"][0].value = 9
    address = scene.upload(book).headers["Location"]
    page = scene.browser.get(address).text
    assert "<progress" in page
    assert "Refresh" in page
    assert 'hx-trigger="every 2s"' in page
    assert "Being read" in scene.browser.get(address, headers={"HX-Request": "true"}).text
    worker.drain(scene.settings)
    polled = scene.browser.get(address, headers={"HX-Request": "true"})
    assert (polled.text, polled.headers["HX-Refresh"]) == ("", "true")
    assert "Apply" in scene.browser.get(address).text
    scene.apply(address)
    assert scene.imports()[0].state == "applying"
    scene.apply(address)
    worker.drain(scene.settings)
    assert scene.quantities()[0] == "9"
    (row,) = scene.imports()
    assert row.state == "applied"
    with scene.database.reading() as session:
        (entry,) = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "import.applied"))
        person = session.scalars(select(Account).where(Account.id == row.uploaded_by)).one()
    assert UUID(entry.actor) == person.uid
    assert (
        scene.browser.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    )


def test_conflict_that_a_job_finds_is_shown_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_imports, "MOST_ROWS_AT_ONCE", 0)
    book = scene.book()
    cells_of(book)["quantity"][0].value = 9
    address = scene.upload(book).headers["Location"]
    scene.apply(address)
    line = scene.lines()[0]
    sent = {"lines-0-key": str(line.key), "lines-0-version": str(line.version)}
    scene.browser.submit(f"{YEAR}/lines", {**sent, "lines-0-quantity": "333", "act": "continue"})
    worker.drain(scene.settings)
    assert scene.quantities()[0] == "333"
    assert scene.imports()[0].state == "ready"
    assert "Which value counts?" in scene.browser.get(address).text


def test_large_file_of_another_year_is_refused_in_the_background(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_imports, "MOST_BYTES_AT_ONCE", 1000)
    address = scene.upload(scene.book(year="/supplier/inventories/2024")).headers["Location"]
    worker.drain(scene.settings)
    page = scene.browser.get(address).text
    assert "Refused" in page
    assert "of the year 2024" in page


def test_file_that_nobody_came_back_to_is_swept_with_its_bytes(scene: Scene) -> None:
    scene.upload(scene.book())
    (row,) = scene.imports()
    assert scene.blobs() == [row.sha256]
    later = row.uploaded_at + imports.KEPT_WAITING + timedelta(days=2)
    with scene.database.writing() as session:
        jobs.add(session, "sweep", {}, moment=later)
        session.commit()
    worker.drain(scene.settings, now=lambda: later)
    assert (scene.imports()[0].state, scene.blobs()) == ("abandoned", [])


def test_two_who_apply_at_once_apply_once(scene: Scene) -> None:
    book = scene.book()
    cells = cells_of(book)
    for column in cells.values():
        column[3].value = column[0].value
    scene.upload(book)
    (row,) = scene.imports()
    read = workbook_imports.read_workbook(
        Blobs(scene.settings.storage).path_of(row.sha256), row.name
    )
    barrier = Barrier(2)
    outcomes: list[Any] = []

    def apply() -> None:
        barrier.wait(timeout=120)
        with scene.database.writing() as session:
            work = work_of(session, session.get_one(Account, row.uploaded_by))
            inventory = session.get_one(Inventory, row.inventory_id)
            file = session.get_one(ImportFile, row.id)
            done = workbook_imports.apply_workbook(
                work, inventory, file, read, {}, with_removals=False
            )
            outcomes.append(done.counts)
            work.commit()

    threads = [Thread(target=apply) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [{"added": 1, "changed": 0, "removed": 0, "unfinished": 0}] * 2
    assert scene.quantities() == ["100", "101", "102", "100"]
