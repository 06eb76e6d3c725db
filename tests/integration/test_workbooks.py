"""A year as a workbook: what it says, that it comes back without a difference, and that it opens elsewhere."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy.orm import Session

from portal import data
from portal.calculation.categories import ParameterKind
from portal.documents.facts import Language
from portal.domain.actors import Role
from portal.domain.merging import Merge
from portal.domain.workbooks import HIDDEN_SHEET, SheetCode
from portal.intake.workbooks import Book
from portal.services import inventories, outputs, workbooks
from portal.services.line_saving import SubmittedLine, save_lines
from portal.services.outputs import RawOutput
from portal.services.work import Work
from portal.services.workbook_imports import read_workbook
from portal.services.workbook_merging import Comparison, compare
from portal.store.inventories import Inventory
from portal.store.members import Member
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance, work_of
from tests.libreoffice import saved_elsewhere

YEAR = 2025
# What people and machines put into notes and names, and what programs make of it.
TEXTS = (
    "=1+1",
    "+86 10 1234",
    "-5",
    "@SUM(A1)",
    "'quoted",
    "2025-03",
    "007",
    "1E5",
    "TRUE",
    "#N/A",
    "<b>&amp;</b>",
    "_x0041_",
    "line one\nline two",
    "𠮷野家 · ‱ · e\u0301",
    "a\ttab",
    "https://example.com/?a=1&b=2",
    "mailto:someone@example.com",
)


@dataclass
class Scene:
    session: Session
    work: Work
    member: Member
    inventory: Inventory
    folder: Path
    names: dict[str, Any] = field(default_factory=dict)

    def line(self, **values: str) -> None:
        row = SubmittedLine(0, {name.replace("__", "."): value for name, value in values.items()})
        save_lines(self.work, self.inventory, [row], locale="zh", keep_unfinished=True)

    def product(self, product: str, quantity: str, unit: str) -> None:
        raw = RawOutput(product, quantity, unit, "zh", {})
        assert outputs.add_output(self.work, self.inventory, raw).output is not None

    def write(self, language: str = "zh", *, with_lines: bool = True) -> Path:
        content = workbooks.workbook_bytes(
            self.work, self.inventory, Language(language), with_lines=with_lines
        )
        path = self.folder / f"book-{language}.xlsx"
        path.write_bytes(content)
        return path

    def compared(self, path: Path) -> Comparison:
        book = read_workbook(path, path.name)
        assert isinstance(book, Book), book
        return compare(self.work, self.inventory, book, locale="zh")


@pytest.fixture
def scene(session: Session, tmp_path: Path) -> Scene:
    return a_scene(session, tmp_path, "packaging")


def a_scene(session: Session, folder: Path, sector: str) -> Scene:
    alliance = an_alliance(session, years=(YEAR - 1, YEAR))
    member = a_member(session, alliance, "M001", sector=sector)
    a_site(session, member, "S1")
    a_site(session, member, "场所-2", province="CN-JS")
    work = work_of(session, an_account(session, Role.REPORTER, member))
    inventory = inventories.open_inventory(work, member, YEAR)
    return Scene(session, work, member, inventory, folder)


def untouched(comparison: Comparison) -> bool:
    """Whether the file changes nothing, and has both sheets that come back."""
    merges: dict[SheetCode, Merge] = dict(comparison.merges)
    assert merges.keys() == {SheetCode.LINES, SheetCode.OUTPUTS}
    return all(not merge.rows for merge in merges.values()) and not comparison.book.problems


def fill_with_every_category(scene: Scene) -> int:
    """A line of each category with each of its parameters, some in odd units, some unfinished."""
    rows = []
    for place, category in enumerate(data.load_categories().values()):
        values = {
            "category": category.id,
            "quantity": f"{place}.{place:03}1",
            "unit": category.units[-1],
            "site": "S1" if place % 2 else "场所-2",
            "period": (str(YEAR), f"{YEAR}-Q2", f"{YEAR}-03", f"{YEAR}-03-02/{YEAR}-03-15")[
                place % 4
            ],
            "note": TEXTS[place % len(TEXTS)],
        }
        for parameter in category.parameters:
            name = f"parameters.{parameter.name}"
            if parameter.kind is ParameterKind.CHOICE:
                values[name] = parameter.options[place % len(parameter.options)].code
            else:
                values[name] = str(parameter.least or "0.25")
        rows.append(SubmittedLine(place, values))
    for text in TEXTS:
        rows.append(SubmittedLine(len(rows), {"quantity": text, "unit": text, "period": text}))
        rows.append(SubmittedLine(len(rows), {"category": text, "site": text, "note": text}))
    for digits in ("123456789012.123456", "0.000001", "1234567890.12345", "999999999999999", "0"):
        values = {"category": "electricity.grid", "quantity": digits, "unit": "kWh"}
        rows.append(SubmittedLine(len(rows), values | {"site": "S1", "period": str(YEAR)}))
    saved = save_lines(scene.work, scene.inventory, rows, locale="zh", keep_unfinished=True)
    for product, quantity in (("=牛奶", "123456789012.5"), ("Paper", "0.1"), ("@x", "7")):
        scene.product(product, quantity, "t")
    return len(saved.outcomes)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("sector", list(data.load_sectors()))
def test_workbook_that_comes_back_as_it_went_out_changes_nothing(
    session, tmp_path, sector, language
):
    scene = a_scene(session, tmp_path, sector)
    count = fill_with_every_category(scene)
    comparison = scene.compared(scene.write(language))
    for merge in comparison.merges.values():
        assert merge.rows == ()
    assert untouched(comparison)
    assert comparison.counts["unchanged"] == count + 3


def test_same_data_give_the_same_bytes(scene):
    fill_with_every_category(scene)
    assert scene.write("zh").read_bytes() == scene.write("zh").read_bytes()


def test_file_holds_no_formula_and_no_link_of_data(scene):
    fill_with_every_category(scene)
    for language in ("zh", "en"):
        book = openpyxl.load_workbook(io.BytesIO(scene.write(language).read_bytes()))
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f", (sheet.title, cell.coordinate, cell.value)
                    assert cell.hyperlink is None


def test_numbers_are_numbers_unless_a_double_would_lose_a_digit(scene):
    for digits in ("1234.5", "123456789012.123456"):
        scene.line(
            category="electricity.grid", quantity=digits, unit="kWh", site="S1", period="2025"
        )
    sheet = openpyxl.load_workbook(scene.write("en"))["Activity data"]
    column = next(cell.column_letter for cell in sheet[1] if cell.value == "lines.quantity")
    assert [sheet[f"{column}{row}"].value for row in (3, 4)] == [1234.5, "123456789012.123456"]


def test_keys_and_last_years_values_are_locked_and_cells_to_fill_in_are_not(scene):
    scene.line(category="electricity.grid", quantity="5", unit="kWh", site="S1", period="2025")
    book = openpyxl.load_workbook(scene.write("en"))
    sheet = book["Activity data"]
    named = {cell.value: cell.column_letter for cell in sheet[1] if cell.value}
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    locked = {name for name, at in named.items() if _is_locked(sheet, at)}
    assert locked == {"lines.key", "lines.last_quantity", "lines.last_unit"}
    assert sheet[f"{named['lines.key']}3"].protection.locked
    assert not sheet[f"{named['lines.quantity']}3"].protection.locked
    assert book[HIDDEN_SHEET].sheet_state == "veryHidden"


def test_empty_workbook_has_no_lines_and_adds_what_is_typed(scene):
    scene.line(category="electricity.grid", quantity="5", unit="kWh", site="S1", period="2025")
    comparison = scene.compared(scene.write("en", with_lines=False))
    assert untouched(comparison)
    assert comparison.counts["unchanged"] == 0


def test_last_years_quantity_stands_beside_the_box(scene):
    before = inventories.open_inventory(scene.work, scene.member, YEAR - 1)
    scene.inventory, this_year = before, scene.inventory
    scene.line(
        category="electricity.grid", quantity="77.5", unit="MWh", site="S1", period="2024-03"
    )
    scene.inventory = this_year
    scene.line(category="electricity.grid", quantity="80", unit="kWh", site="S1", period="2025-03")
    sheet = openpyxl.load_workbook(scene.write("en"))["Activity data"]
    named = {cell.value: cell.column_letter for cell in sheet[1] if cell.value}
    assert sheet[f"{named['lines.last_quantity']}3"].value == 77.5
    assert sheet[f"{named['lines.last_unit']}3"].value == "MWh"


def _is_locked(sheet, letter: str) -> bool:
    """Whether cells of a column that nobody has written yet are locked; columns of one layout are told as a range."""
    place = openpyxl.utils.column_index_from_string(letter)
    (of_it,) = [each for each in sheet.column_dimensions.values() if each.min <= place <= each.max]
    return of_it.protection.locked


def test_submitted_year_can_be_looked_up_only(scene):
    scene.line(category="electricity.grid", quantity="5", unit="kWh", site="S1", period="2025")
    scene.inventory.state = "submitted"
    scene.session.flush()
    sheet = openpyxl.load_workbook(scene.write("en"))["Activity data"]
    assert all(each.protection.locked for each in sheet.column_dimensions.values())
    assert all(cell.protection.locked for cell in sheet[3])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_workbook_that_another_program_saved_changes_nothing(scene, language):
    count = fill_with_every_category(scene)
    comparison = scene.compared(saved_elsewhere(scene.write(language)))
    for merge in comparison.merges.values():
        assert merge.rows == ()
    assert untouched(comparison)
    assert comparison.counts["unchanged"] == count + 3
