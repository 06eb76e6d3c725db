"""A workbook in a real browser: downloaded, changed and saved by LibreOffice, uploaded, chosen for, applied; with scripts at a desk, without on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from portal.calculation.quantities import text
from portal.services import inventories, members
from portal.services.line_saving import SubmittedLine, save_lines
from portal.store.base import Database
from portal.store.lines import ActivityLine
from tests.databases import Databases
from tests.factories.suppliers import work_of
from tests.journeys.chromium import DESKTOP, PHONE, sideways_overflow, watched
from tests.journeys.world import World, serving, settings_in
from tests.libreoffice import saved_elsewhere

YEAR = "/supplier/inventories/2025"


@pytest.fixture(scope="module")
def world(_sqlite: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    settings = settings_in(tmp_path_factory.mktemp("workbook"), _sqlite.new())
    made = World(settings, Database(settings.database_url))
    made.people_of_two_languages()
    with serving(settings, made.database):
        yield made
    made.database.dispose()


def _year(world: World, language: str) -> None:
    with world.database.writing() as session:
        work = work_of(session, world.people[language])
        member = members.own_member(work)
        inventory = inventories.open_inventory(work, member, 2025)
        rows = [
            SubmittedLine(
                month,
                {
                    "category": "electricity.grid",
                    "quantity": str(100 + month),
                    "unit": "kWh",
                    "period": f"2025-{month + 1:02d}",
                    "site": "S1",
                },
            )
            for month in range(3)
        ]
        assert save_lines(work, inventory, rows, locale="zh", keep_unfinished=False).is_kept
        work.commit()


@pytest.mark.parametrize(
    ("language", "size", "has_scripts"), [("zh", DESKTOP, True), ("en", PHONE, False)]
)
def test_workbook_is_taken_along_filled_in_and_brought_back(
    world: World, chromium: Browser, tmp_path: Path, language: str, size: dict, has_scripts: bool
) -> None:
    _year(world, language)
    context = chromium.new_context(
        viewport=size,
        base_url=world.address,
        java_script_enabled=has_scripts,
        accept_downloads=True,
    )
    with context:
        context.add_cookies([world.cookie(language)])
        context.add_cookies([{"name": "language", "value": language, "url": world.address}])
        watch = watched(context)
        page = watch.page
        page.goto(f"{YEAR}/lines")
        page.locator(f'a[href="{YEAR}/workbook"]').click()
        with page.expect_download() as taken:
            page.locator(f'a[href*="workbook/file"][href$="language={language}"]').click()
        file = tmp_path / "book.xlsx"
        taken.value.save_as(file)
        _fill_in(file)
        _change_here(world, language)
        if has_scripts:  # at a desk it is filled in with a program of its own
            file = saved_elsewhere(file)
        page.locator("input[type=file]").set_input_files(file)
        page.locator("form[enctype] button[type=submit]").click()
        page.wait_for_url("**/imports/*")
        assert "250.5" in page.content()
        assert page.locator("fieldset.choice").count() == 1
        if has_scripts:
            assert sideways_overflow(page) <= 0
        before = _quantities(world, language)
        page.locator('fieldset.choice input[value="file"]').check()
        page.locator('input[name="removals"]').check()
        page.locator('button[value="apply"]').click()
        page.wait_for_load_state()
        assert before == ["333", "101", "102"]
        assert _quantities(world, language) == ["250.5", "88", "5"]
        assert watch.complaints == []


def _fill_in(file: Path) -> None:
    """One quantity that is changed in the portal too, one that is not, a row emptied, and a row below the last."""
    book = openpyxl.load_workbook(file)
    sheet = next(each for each in book if str(each.cell(1, 1).value).startswith("lines."))
    columns = {cell.value.partition(".")[2]: cell.column for cell in sheet[1] if cell.value}
    sheet.cell(3, columns["quantity"]).value = 250.5
    sheet.cell(4, columns["quantity"]).value = 88
    for name in ("category", "site", "period", "quantity", "unit"):
        sheet.cell(6, columns[name]).value = sheet.cell(5, columns[name]).value
        sheet.cell(5, columns[name]).value = None
    sheet.cell(6, columns["quantity"]).value = 5
    book.save(file)


def _change_here(world: World, language: str) -> None:
    with world.database.writing() as session:
        work = work_of(session, world.people[language])
        _member, inventory = inventories.own_year(work, 2025)
        line = _lines(session, inventory.id)[0]
        row = SubmittedLine(0, {"quantity": "333"}, key=line.key, version=line.version)
        assert save_lines(work, inventory, [row], locale="zh", keep_unfinished=False).is_kept
        work.commit()


def _lines(session, inventory_id: int) -> list[ActivityLine]:
    query = select(ActivityLine).where(ActivityLine.inventory_id == inventory_id)
    return list(session.scalars(query.order_by(ActivityLine.position)))


def _quantities(world: World, language: str) -> list[str]:
    with world.database.reading() as session:
        work = work_of(session, world.people[language])
        _member, inventory = inventories.own_year(work, 2025)
        return [text(line.quantity) for line in _lines(session, inventory.id)]
