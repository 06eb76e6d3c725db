"""Reading a stranger's workbook: what stands in its cells, and what is refused before anything of it is read."""

from __future__ import annotations

import datetime
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from portal.domain.cells import EMPTY, Cell, SheetFacts, letters
from portal.store.sheets import SheetLimits, Unreadable, read_rows, read_sheets
from tests.corpus import CASES, CORPUS

IMPORTED = [each for each in CASES if each["slot"] == "import" and ".xls" in each["upload_name"]]
UNREADABLE = [each for each in IMPORTED if each["expect"] == "reject_file"]
READABLE = [each for each in IMPORTED if each["expect"] != "reject_file"]
# Two columns of one name are a question of what they mean, not of what stands in them.
SOUND = {"FI-006"}


def _file(folder: Path, fill) -> Path:
    path = folder / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        fill(book)
    return path


def _rewritten(path: Path, part: str, old: str, new: str) -> Path:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part].decode()
    parts[part] = parts[part].decode().replace(old, new).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    path.write_bytes(out.getvalue())
    return path


def test_every_kind_of_cell_is_told_apart(tmp_path):
    def fill(book):
        sheet = book.add_worksheet("Data")
        sheet.write_string(0, 0, " 007 ")
        sheet.write_number(0, 1, 0.1)
        sheet.write_number(0, 2, 123456789012345)
        sheet.write_boolean(0, 3, True)
        sheet.write_datetime(
            0, 4, datetime.date(2025, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"})
        )
        sheet.write_datetime(
            0,
            5,
            datetime.datetime(2025, 3, 1, 6),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        )
        sheet.write_formula(0, 6, "=1/0", None, "#DIV/0!")
        sheet.write_formula(0, 7, "=1+1", None, 2)
        sheet.write_formula(0, 8, "=1+1", None, "")
        sheet.write_number(0, 9, 0.12, book.add_format({"num_format": "0.0%"}))

    ((_, row),) = read_rows(_file(tmp_path, fill))
    assert row.number == 1
    assert row.cells == (
        Cell(" 007 "),
        Cell(Decimal("0.1")),
        Cell(Decimal("123456789012345.0")),
        Cell(True),
        Cell(datetime.date(2025, 3, 1)),
        Cell(datetime.datetime(2025, 3, 1, 6)),
        Cell(error="#DIV/0!", is_formula=True),
        Cell(Decimal("2.0"), is_formula=True),
        Cell(is_formula=True),
        Cell(Decimal("0.12"), is_percent=True),
    )
    assert row.cell(40) == EMPTY


def test_rows_keep_their_numbers_and_sheets_their_names(tmp_path):
    def fill(book):
        book.add_worksheet("空").write_string(4, 2, "x")
        hidden = book.add_worksheet("Hidden")
        hidden.very_hidden()
        hidden.write_string(0, 0, "y")
        book.add_worksheet("Nothing")

    with read_sheets(_file(tmp_path, fill)) as reading:
        rows = list(reading.rows())
        assert rows == list(reading.rows())
    assert reading.sheets == (
        SheetFacts("空"),
        SheetFacts("Hidden", is_hidden=True),
        SheetFacts("Nothing"),
    )
    assert [(row.sheet, row.number, row.cells) for row in rows] == [
        (0, 5, (EMPTY, EMPTY, Cell("x"))),
        (1, 1, (Cell("y"),)),
    ]


def test_cell_under_a_merged_one_is_nobodys(tmp_path):
    def fill(book):
        book.add_worksheet().merge_range(0, 0, 1, 1, "over four")

    rows = [row.cells for _, row in read_rows(_file(tmp_path, fill))]
    covered = Cell(is_covered=True)
    assert rows == [(Cell("over four"), covered), (covered, covered)]


def test_styled_but_empty_cells_down_to_the_last_row_do_not_count(tmp_path):
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "x")
        sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))

    assert len(list(read_rows(_file(tmp_path, fill)))) == 1


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [(10, 0, "sheets.too_many_rows"), (0, 5, "sheets.too_many_columns")],
)
def test_sheet_that_is_larger_than_what_is_read_is_refused_with_the_limits(
    tmp_path, row, column, code
):
    path = _file(tmp_path, lambda book: book.add_worksheet().write_number(row, column, 1))
    with pytest.raises(Unreadable) as refused:
        list(read_rows(path, SheetLimits(rows=10, columns=5)))
    found = refused.value.problem("file", "book.xlsx")
    assert found.code == code
    assert found.named_values == {"name": "book.xlsx", "rows": "10", "columns": "5"}


def test_text_that_is_too_long_is_cut_and_marked_also_as_a_formulas_result(tmp_path):
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "x" * 11)
        sheet.write_string(0, 1, "x" * 10)
        sheet.write_formula(0, 2, "=A1", None, "x" * 11)

    ((_, row),) = read_rows(_file(tmp_path, fill), SheetLimits(text=10))
    assert [cell.value for cell in row.cells] == ["x" * 10] * 3
    assert [cell.is_cut for cell in row.cells] == [True, False, True]


def test_nul_that_a_sheet_spells_out_is_replaced(tmp_path):
    path = _file(tmp_path, lambda book: book.add_worksheet().write_string(0, 0, "aNULb"))
    _rewritten(path, "xl/sharedStrings.xml", "aNULb", "a_x0000_b")
    ((_, row),) = read_rows(path)
    assert row.cells[0].value == "a\ufffdb"


@pytest.mark.parametrize("limits", [SheetLimits(written=1_000_000), SheetLimits(cells=199)])
def test_one_text_in_many_cells_is_refused_by_what_it_comes_to(tmp_path, limits):
    def fill(book):
        sheet = book.add_worksheet()
        for row in range(200):
            sheet.write_string(row, 0, "量" * 5_000)

    path = _file(tmp_path, fill)
    assert path.stat().st_size < 20_000
    with pytest.raises(Unreadable) as refused, read_sheets(path, limits):
        pass
    assert refused.value.code == "sheets.too_much"
    with read_sheets(path, SheetLimits(written=4_000_000)) as reading:
        assert len(list(reading.rows())) == 200


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<row r="2"', '<row r="1"'),
        ('<c r="A2"', '<c r="A3"'),
        ('<c r="B1"', '<c r="A1"'),
        ('<c r="B1"', '<c r="1B"'),
        ('<c r="B1" ', '<c r="B1" s="x" '),
    ],
)
def test_addresses_that_two_readers_would_understand_differently_are_refused(tmp_path, old, new):
    def fill(book):
        sheet = book.add_worksheet()
        for row in range(2):
            sheet.write_string(row, 0, "a")
            sheet.write_string(row, 1, "b")

    path = _rewritten(_file(tmp_path, fill), "xl/worksheets/sheet1.xml", old, new)
    with pytest.raises(Unreadable) as refused:
        list(read_rows(path))
    assert refused.value.code == "evidence.damaged"


def test_sheet_whose_part_is_missing_is_refused(tmp_path):
    path = _file(tmp_path, lambda book: book.add_worksheet().write_string(0, 0, "x"))
    _rewritten(path, "xl/_rels/workbook.xml.rels", "worksheets/sheet1.xml", "worksheets/sheet9.xml")
    with pytest.raises(Unreadable) as refused:
        list(read_rows(path))
    assert refused.value.code == "evidence.damaged"


def test_child_that_takes_too_long_is_ended_and_said_so(tmp_path):
    path = _file(tmp_path, lambda book: book.add_worksheet().write_string(0, 0, "x"))
    with pytest.raises(Unreadable) as refused:
        list(read_rows(path, SheetLimits(wall_seconds=0.001)))
    assert refused.value.code == "evidence.too_costly"


@pytest.mark.parametrize("case", UNREADABLE, ids=lambda case: case["id"])
def test_unsound_file_of_the_corpus_is_refused_before_anything_is_given(case):
    path = CORPUS / case["file"]
    if case["id"] in SOUND:
        assert list(read_rows(path))
        return
    with pytest.raises(Unreadable):
        next(read_rows(path))


@pytest.mark.parametrize("case", READABLE, ids=lambda case: case["id"])
def test_readable_file_of_the_corpus_gives_its_rows_and_exact_values(case):
    rows = [row for sheet, row in read_rows(CORPUS / case["file"]) if not sheet.is_hidden]
    assert len(rows) > case.get("rows", 0)
    wanted = {(line[0], line[1], Decimal(line[3])) for line in case.get("values", [])}
    given = {_said(row.cells) for row in rows[1:]}
    if case["id"] not in {"FI-026", "FI-042"}:  # numbers as text and a day: their reader says
        assert wanted <= given


def _said(cells):
    site, period, _, quantity, *_ = [*(cell.value for cell in cells), None, None, None, None]
    return (site, period, quantity)


@pytest.mark.parametrize(("column", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ")])
def test_columns_are_named_as_sheets_name_them(column, name):
    assert letters(column) == name
