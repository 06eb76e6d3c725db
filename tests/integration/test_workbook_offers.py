"""A year that nobody has begun: its workbook offers last year's rows, and only those that are filled in become lines."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import select

from portal.domain.merging import FileRow
from portal.domain.workbooks import SheetCode
from portal.intake.workbooks import Book
from portal.services import inventories, members, outputs, workbook_marking
from portal.services.line_copies import copy_last_year
from portal.services.workbook_imports import read_workbook
from portal.services.workbook_merging import Comparison, NotApplied, apply, compare
from portal.store.lines import ActivityLine
from tests.integration.test_workbooks import YEAR, Scene, a_scene, saved_elsewhere

LINES = "Activity data"
COOLING = {"category": "refrigerants.top_up", "quantity": "5", "unit": "kg", "period": "2024"}


@pytest.fixture
def scene(session: Any, tmp_path: Path) -> Scene:
    """Last year has three lines, this year none."""
    made = a_scene(session, tmp_path, "packaging")
    this_year = made.inventory
    made.inventory = inventories.open_inventory(made.work, made.member, YEAR - 1)
    made.line(**_power("77.5", "2024-01"))
    made.line(**_power("80", "2024-02"))
    made.line(**COOLING, site="场所-2", parameters__gas="r-404a", note="chiller")
    made.line(**{**_power("9", "2024-03"), "unit": "furlong"})
    made.inventory = this_year
    return made


def _power(quantity: str, period: str) -> dict[str, str]:
    said = {"category": "electricity.grid", "quantity": quantity, "unit": "MWh"}
    return {**said, "site": "S1", "period": period}


def _sheet(path: Path) -> tuple[Any, Any, dict[str, str]]:
    book = openpyxl.load_workbook(path)
    sheet = book[LINES]
    named = {cell.value: cell.column_letter for cell in sheet[1] if cell.value}
    return book, sheet, {name.removeprefix("lines."): at for name, at in named.items()}


def _filled(path: Path, **cells: object) -> Path:
    """The workbook with values by column and row: `quantity3=5`."""
    book, sheet, at = _sheet(path)
    for place, value in cells.items():
        sheet[f"{at[place[:-1]]}{place[-1]}"].value = value
    book.save(path)
    return path


def _keep(scene: Scene, comparison: Comparison) -> dict[str, int]:
    done = apply(scene.work, scene.inventory, comparison, {}, locale="zh", with_removals=True)
    assert not isinstance(done, NotApplied), done
    return done


def _lines(scene: Scene) -> list[tuple[str, Decimal | None, bool]]:
    query = select(ActivityLine).where(ActivityLine.inventory_id == scene.inventory.id)
    found = scene.session.scalars(query.order_by(ActivityLine.position))
    return [(line.raw["period"], line.quantity, line.is_complete) for line in found]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_last_years_rows_are_offered_without_their_quantities(scene: Scene, language: str) -> None:
    path = scene.write(language)
    book = openpyxl.load_workbook(path)
    sheet = book[LINES if language == "en" else "活动数据"]
    named = {cell.value: cell.column_letter for cell in sheet[1] if cell.value}

    def shown(name: str) -> list[object]:
        return [sheet[f"{named[f'lines.{name}']}{row}"].value for row in (3, 4, 5, 6)]

    assert shown("quantity") == [None] * 4
    assert shown("last_quantity") == [77.5, 80, 5, None]
    assert shown("period") == ["2025-01", "2025-02", "2025", None]
    assert shown("unit") == ["MWh", "MWh", "kg", None]
    assert shown("site") == ["S1", "S1", "场所-2", None]
    assert shown("note")[2] == "chiller"
    assert str(shown("parameters.gas")[2]).startswith("R-404A")
    said = "Last year’s row" if language == "en" else "去年的行"
    assert [str(text).startswith(said) for text in shown("origin")] == [True, True, True, False]
    how_to = [row[1].value for row in book.worksheets[0].iter_rows() if row[1].value]
    assert ("pale yellow" if language == "en" else "浅黄色") in how_to[-1]
    quantity = sheet[f"{named['lines.quantity']}3"]
    assert (quantity.protection.locked, quantity.fill.fgColor.rgb) == (False, "FFFFF6DB")


@pytest.mark.parametrize("is_saved_elsewhere", [False, True])
def test_offers_that_nobody_filled_in_say_nothing(scene: Scene, is_saved_elsewhere: bool) -> None:
    path = scene.write("en")
    comparison = scene.compared(saved_elsewhere(path) if is_saved_elsewhere else path)
    assert comparison.merges[SheetCode.LINES].rows == ()
    assert comparison.book.problems == ()
    assert set(comparison.counts.values()) == {0}
    assert _keep(scene, comparison)["added"] == 0
    assert _lines(scene) == []


def test_offer_that_was_filled_in_is_a_line_and_the_same_file_adds_it_once(scene: Scene) -> None:
    path = _filled(scene.write("en"), quantity3=90.25, quantity5=4)
    comparison = scene.compared(path)
    assert comparison.counts["added"] == 2
    assert _keep(scene, comparison) == {"added": 2, "changed": 0, "removed": 0, "unfinished": 0}
    kept = [("2025-01", Decimal("90.25"), True), ("2025", Decimal(4), True)]
    assert _lines(scene) == kept
    again = scene.compared(path)
    assert (again.counts["added"], again.counts["unchanged"]) == (0, 2)
    _keep(scene, again)
    assert _lines(scene) == kept


def test_last_years_products_are_offered_too_and_the_same_file_adds_one_once(
    scene: Scene,
) -> None:
    this_year = scene.inventory
    scene.inventory = inventories.open_inventory(scene.work, scene.member, YEAR - 1)
    scene.product("Cartons", "8600", "t")
    scene.product("Trays", "120", "t")
    scene.inventory = this_year
    path = scene.write("en")
    untouched = scene.compared(path)
    assert untouched.merges[SheetCode.OUTPUTS].rows == ()
    assert _keep(scene, untouched)["added"] == 0

    book = openpyxl.load_workbook(path)
    sheet = book["Production"]
    at = {cell.value: cell.column_letter for cell in sheet[1] if cell.value}
    rows = {sheet[f"{at['outputs.product']}{row}"].value: row for row in (3, 4)}
    assert sheet[f"{at['outputs.last_quantity']}{rows['Cartons']}"].value == 8600
    assert sheet[f"{at['outputs.quantity']}{rows['Cartons']}"].value is None
    sheet[f"{at['outputs.quantity']}{rows['Cartons']}"].value = 9000
    book.save(path)

    filled = scene.compared(path)
    assert _keep(scene, filled)["added"] == 1
    (made,) = outputs.outputs_of(scene.work, this_year)
    assert (made.product, made.quantity, made.unit) == ("Cartons", 9000, "t")
    assert _keep(scene, scene.compared(path))["added"] == 0


def test_offer_with_another_cell_changed_is_not_lost(scene: Scene) -> None:
    comparison = scene.compared(_filled(scene.write("en"), note4="read in June"))
    (row,) = comparison.merges[SheetCode.LINES].rows
    assert [cell.file for cell in row.cells if cell.column == "note"] == ["read in June"]
    assert _keep(scene, comparison)["unfinished"] == 1


def test_emptied_offer_and_a_copy_of_one_say_nothing_and_a_filled_copy_is_a_line(
    scene: Scene,
) -> None:
    path = scene.write("en")
    book, sheet, at = _sheet(path)
    for name in ("category", "site", "period", "unit"):
        sheet[f"{at[name]}3"].value = None
    for row in (6, 7):  # two copies of the second row, one of them filled in
        for name in ("key", "category", "site", "period", "unit"):
            sheet[f"{at[name]}{row}"].value = sheet[f"{at[name]}4"].value
    sheet[f"{at['quantity']}4"].value = 1
    sheet[f"{at['quantity']}7"].value = 2
    book.save(path)
    comparison = scene.compared(path)
    assert _keep(scene, comparison)["added"] == 2
    assert [quantity for _, quantity, _ in _lines(scene)] == [Decimal(1), Decimal(2)]


def test_year_that_was_begun_meanwhile_is_held_against_the_offers(scene: Scene) -> None:
    path = scene.write("en")
    assert copy_last_year(scene.work, scene.inventory) == 3
    comparison = scene.compared(_filled(path, quantity3=90))
    assert comparison.counts["added"] == 0
    assert comparison.counts["changed"] == 1
    assert comparison.counts["unchanged"] == 2
    _keep(scene, comparison)
    assert _lines(scene)[0] == ("2025-01", Decimal(90), True)
    left_out = scene.compared(_without_rows(path))
    assert left_out.counts["removed"] == left_out.counts["gone_there"] == 0


def _without_rows(path: Path) -> Path:
    book, sheet, _ = _sheet(path)
    sheet.delete_rows(3, 10)
    book.save(path)
    return path


def test_nothing_is_offered_in_a_year_with_lines_nor_in_an_empty_workbook(scene: Scene) -> None:
    _, sheet, at = _sheet(scene.write("en", with_lines=False))
    assert ("origin" in at, sheet.max_row) == (False, 2)
    scene.line(**_power("1", "2025-01"))
    _, sheet, at = _sheet(scene.write("en"))
    assert ("origin" in at, sheet.max_row) == (False, 3)


def test_rows_of_a_closed_site_are_not_offered(scene: Scene) -> None:
    site = next(each for each in members.sites_of(scene.work, scene.member) if each.code == "S1")
    members.close_site(scene.work, scene.member, site)
    _, sheet, at = _sheet(scene.write("en"))
    assert [sheet[f"{at['site']}{row}"].value for row in (3, 4)] == ["场所-2", None]


def test_offers_stand_in_the_workbook_that_is_handed_back_marked(scene: Scene) -> None:
    path = _filled(scene.write("en"), quantity3="much")
    book = read_workbook(path, path.name)
    content = workbook_marking.marked_bytes(
        scene.work, scene.inventory, book, [(f"{LINES}!E3", "Type a number.")]
    )
    path.write_bytes(content)
    _, sheet, at = _sheet(path)
    assert sheet[f"{at['quantity']}3"].comment.text == "Type a number."
    assert sheet[f"{at['last_quantity']}4"].value == 80
    assert str(sheet[f"{at['origin']}4"].value).startswith("Last year’s row")
    comparison = scene.compared(_filled(path, quantity3=3))
    assert comparison.counts["added"] == 1


def test_key_that_a_line_elsewhere_has_is_not_taken(scene: Scene) -> None:
    """Whoever forges the hidden part may name any key: the row becomes a line under a key of its own."""
    comparison = scene.compared(_filled(scene.write("en"), quantity3=1))
    (row,) = comparison.merges[SheetCode.LINES].rows
    line = scene.session.scalars(select(ActivityLine).limit(1)).one()
    assert line.inventory_id != scene.inventory.id
    line.key = UUID(row.key)
    scene.session.flush()
    assert _keep(scene, comparison)["added"] == 1
    assert len(_lines(scene)) == 1


@pytest.mark.parametrize("key", ["", "no key at all", "5"])
def test_offer_under_a_key_that_is_none_is_a_line_all_the_same(scene: Scene, key: str) -> None:
    path = scene.write("en")
    book = read_workbook(path, path.name)
    assert isinstance(book, Book)
    sheet = book.sheets[SheetCode.LINES]
    values = {**sheet.rows[0].values, "quantity": "7"}
    forged = replace(
        book,
        base={SheetCode.LINES: {key: sheet.rows[0].values}},
        offered=frozenset({key}),
        sheets={SheetCode.LINES: replace(sheet, rows=(FileRow(3, key, values),))},
    )
    comparison = compare(scene.work, scene.inventory, forged, locale="zh")
    assert _keep(scene, comparison)["added"] == 1
