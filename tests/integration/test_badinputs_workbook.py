"""The corpus of bad inputs, written into the cells of a year's workbook: previewed, then applied.

All cases of a field and language stand in one workbook, a row for each. A row that can't count is kept unfinished, as
typed and pasted ones are; a cell or a product that nothing can be made of stops the file, so the rest comes once more
without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import openpyxl
import pytest
import xlsxwriter
from sqlalchemy import delete, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from portal.config.settings import Settings
from portal.domain.actors import Role
from portal.domain.workbooks import LONGEST_TEXT, ROWS_ABOVE, SheetCode
from portal.jobs import worker
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.imports import ImportFile
from portal.store.inventories import Output
from portal.store.lines import ActivityLine
from tests.badinputs import FIELDS, PRODUCT, Came, Case, differences
from tests.browsers import Browser
from tests.corpus import CORPUS
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance

pytestmark = pytest.mark.skipif(
    not CORPUS.exists(), reason="the corpus is not beside this checkout"
)
SHEETS = {SheetCode.LINES: "Activity data", SheetCode.OUTPUTS: "Production"}
# A workbook has no columns for a first and a last day: its period says both.
OF_A_WORKBOOK = tuple(each for each in FIELDS if each != "date")
# No XML may hold it, so a file with it is damaged; the writer would spell it otherwise.
_NO_XML = "\ufffe"

Rows = Mapping[int, Mapping[str, str]]


@dataclass(frozen=True)
class Told:
    """What the preview says of a row: the codes of its grave problems by column, and whether readings are offered."""

    codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    asks: bool = False

    @property
    def stops(self) -> bool:
        """Whether a cell holds nothing that could be kept as typed."""
        return any(code.startswith("cell.") for codes in self.codes.values() for code in codes)


@dataclass
class Door:
    database: Database
    settings: Settings
    browser: Browser
    channels = frozenset({"form"})

    def tries(self, field: str, cases: Sequence[Case]) -> Iterator[Came]:
        """Send the cases of each year and language in one workbook."""
        code = SheetCode.OUTPUTS if field == "text_short" else SheetCode.LINES
        found: dict[str, Came] = {}
        for year, language in sorted({(case.year, case.language) for case in cases}):
            sent = [case for case in cases if (case.year, case.language) == (year, language)]
            for case in [case for case in sent if _NO_XML in case.value]:
                sent.remove(case)
                alone = {ROWS_ABOVE + 1: _typed(case)}
                status = self.upload(year, language, code, alone).status_code
                found[case.id] = Came(status, status != 422, None)
            rows = dict(enumerate(sent, start=ROWS_ABOVE + 1))
            found |= self.by_workbook(year, language, code, rows)
        return (found[case.id] for case in cases)

    def by_workbook(
        self, year: int, language: str, code: SheetCode, cases: Mapping[int, Case]
    ) -> Iterator[tuple[str, Came]]:
        """Look at the preview with all cases, then apply a workbook with those that can be kept."""
        self.empty()
        address = self.uploaded(year, language, code, {n: _typed(c) for n, c in cases.items()})
        told = self.told(cases)
        self.post(f"{address}/discard", {})
        stops = {
            number
            for number, each in told.items()
            if each.stops or (code is SheetCode.OUTPUTS and each.codes)
        }
        sound = {n: _typed(c) for n, c in cases.items() if n not in stops}
        address = self.uploaded(year, language, code, sound)
        assert self.post(f"{address}/apply", {"act": "apply"}).status_code == 303
        kept = dict(zip(sound, self.stored(code), strict=True))
        for number, case in cases.items():
            yield case.id, _came(case, told[number], kept.get(number))

    def uploaded(self, year: int, language: str, code: SheetCode, rows: Rows) -> str:
        """Where the uploaded workbook is shown, once it was read."""
        answer = self.upload(year, language, code, rows)
        assert answer.status_code == 303, answer.text
        worker.drain(self.settings)
        return answer.headers["Location"]

    def upload(self, year: int, language: str, code: SheetCode, rows: Rows) -> TestResponse:
        path = f"/supplier/inventories/{year}/workbook"
        book = openpyxl.load_workbook(
            BytesIO(self.browser.get(f"{path}/file?language=en&empty=1").data)
        )
        file = FileStorage(BytesIO(_filled(book, SHEETS[code], rows)), "book.xlsx")
        return self.post(path, {"file": file}, language)

    def post(self, path: str, data: dict[str, Any], language: str = "en") -> TestResponse:
        boundary, body = encode_multipart({**data, "csrf_token": self.browser.token("/account/")})
        sent = f'multipart/form-data; boundary="{boundary}"'
        headers = {"Accept-Language": language}
        return self.browser.post(path, body, content_type=sent, headers=headers)

    def told(self, cases: Mapping[int, Case]) -> dict[int, Told]:
        """What the preview of the latest file says of each row."""
        with self.database.reading() as session:
            row = session.scalars(select(ImportFile).order_by(ImportFile.id.desc()).limit(1)).one()
            assert row.state == "ready", row.problems
            shown, file = row.preview or {}, row.preview or {}
        every = [*file["problems"], *(each for row in shown["rows"] for each in row["problems"])]
        return {number: _told(number, every) for number in cases}

    def stored(self, code: SheetCode) -> list[Any]:
        """The lines or products in the order of their rows."""
        kind: Any = ActivityLine if code is SheetCode.LINES else Output
        order = kind.position if code is SheetCode.LINES else kind.id
        with self.database.reading() as session:
            return list(session.scalars(select(kind).order_by(order)))

    def empty(self) -> None:
        with self.database.writing() as session:
            for table in (ActivityLine, Output):
                session.execute(delete(table))
            session.commit()


def _typed(case: Case) -> dict[str, str]:
    return {**PRODUCT, "product": case.value} if case.field == "text_short" else dict(case.line)


def _filled(book: Any, title: str, rows: Rows) -> bytes:
    """The workbook with texts in its rows, whatever these hold: each is written as the strings of a sheet are."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as new:
        for sheet in book:
            made = new.add_worksheet(sheet.title)
            made.xls_strmax = 2 << 20  # programs of others write more than a cell may hold
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.value is not None:
                        made.write(cell.row - 1, cell.column - 1, cell.value)
            if sheet.title == title:
                places = {cell.value.partition(".")[2]: cell.column - 1 for cell in sheet[1]}
                for number, values in rows.items():
                    for column, text in values.items():
                        made.write_string(number - 1, places[column], text)
    return _unpacked(out)


def _unpacked(file: BytesIO) -> bytes:
    """The same file without compression: a long text of one letter would shrink as only bombs do."""
    out = BytesIO()
    with ZipFile(file) as packed, ZipFile(out, "w", ZIP_STORED) as plain:
        for part in packed.infolist():
            content = packed.read(part).replace(b"_xFFFE_", _NO_XML.encode())
            plain.writestr(part.filename, content)
    return out.getvalue()


def _told(number: int, every: Iterable[Mapping[str, Any]]) -> Told:
    """What is said of the cells of a row, by their letters."""
    own = re.compile(rf".*!([A-Z]+){number}")
    found: dict[str, set[str]] = {}
    asks = False
    for each in every:
        at = own.fullmatch(each["field"])
        if at is not None and each["severity"] != "warning":
            found.setdefault(at[1], set()).add(each["code"])
            asks = asks or bool(each["readings"])
    return Told({letter: frozenset(codes) for letter, codes in found.items()}, asks)


def _came(case: Case, told: Told, kept: Any) -> Came:
    """What became of a row: a finished line or a product is taken; else its own cell, and no other, is named."""
    if case.field == "text_short":
        is_taken, stored = kept is not None, None if kept is None else kept.product
    else:
        is_taken, stored = kept is not None and kept.is_complete, case.kept(kept)
    if is_taken:
        return Came(303, not told.codes, stored)
    if len(told.codes) != 1:
        return Came(303, False, stored, complaint=f"not its own cell alone is named: {told.codes}")
    (codes,) = told.codes.values()
    is_too_long = "cell.too_long" in codes and len(case.value) > LONGEST_TEXT
    return Came(303, False, stored, told.asks, None if is_too_long else codes)


@pytest.fixture
def door(database: Database, settings: Settings, log_in: Callable[[Account], Browser]) -> Door:
    with database.writing() as session:
        alliance = an_alliance(session, years=(2024, 2025, 2026))
        member = a_member(session, alliance, "M001", sector="dairy_farm")
        a_site(session, member, "S1")
        account = an_account(session, Role.REPORTER, member)
        account.language = "en"
        session.commit()
    browser = log_in(account)
    for year in (2025, 2026):
        browser.submit(f"/supplier/inventories/{year}/open", {}, page="/account/")
    return Door(database, settings, browser)


@pytest.mark.parametrize("field", OF_A_WORKBOOK)
def test_cases_through_the_workbook(door: Door, field: str) -> None:
    assert differences(door, field) == []
