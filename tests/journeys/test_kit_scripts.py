"""What the page's scripts add to the forms, in a real browser: paste, add, remove, save, upload, leave."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.journeys.chromium import Watched, watched
from tests.journeys.kit_app import Received, create_kit, serving

SAVED = "Saved 14:02"


@pytest.fixture(scope="module")
def kit_app() -> Flask:
    return create_kit()


@pytest.fixture(scope="module")
def kit(kit_app: Flask) -> Iterator[str]:
    with serving(kit_app) as address:
        yield address


@pytest.fixture
def received(kit_app: Flask) -> Received:
    kit_app.extensions["received"] = Received()
    fresh: Received = kit_app.extensions["received"]
    return fresh


@pytest.fixture
def watch(chromium: Browser) -> Iterator[Watched]:
    with chromium.new_context(
        locale="en", permissions=["clipboard-read", "clipboard-write"]
    ) as context:
        watch = watched(context)
        yield watch
        assert watch.refused() == []
        assert [line for line in watch.complaints if "status of" not in line] == []


@pytest.fixture
def lines(watch: Watched, kit: str, received: Received) -> Page:
    watch.page.goto(f"{kit}/kit/lines?lang=en")
    return watch.page


def paste(page: Page, control: str, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.locator(control).focus()
    page.keyboard.press("Control+V")


def value(page: Page, name: str) -> str:
    return page.locator(f"[name='{name}']").input_value()


def lines_status(page: Page) -> str:
    return page.locator("[data-lines-status]").inner_text()


def test_a_block_from_a_workbook_fills_the_table_from_the_focused_cell(lines: Page) -> None:
    paste(
        lines,
        "#lines-0-category",
        "Purchased electricity\t1,290.5\t兆瓦时\t2025 年 1 月\tSuzhou plant 1\r\n天然气\t86300\tm³\t2025\t无锡仓库\r\n",
    )
    assert value(lines, "lines-0-quantity") == "1,290.5"
    assert value(lines, "lines-0-unit") == "MWh"
    assert value(lines, "lines-0-site") == "s1"
    assert value(lines, "lines-1-category") == "stationary.natural_gas"
    assert value(lines, "lines-1-unit") == "m³"
    assert value(lines, "lines-1-site") == "s2"
    assert lines_status(lines).startswith("2 rows pasted.")


def test_a_paste_adds_rows_flags_what_fits_no_list_and_can_be_undone(lines: Page) -> None:
    before = lines.locator("[data-line]").count()
    block = "Category\tQuantity\tUnit\n" + "mobile.diesel\t5\tL\n" * 2 + "Unobtainium\t7\tkg\n"
    paste(lines, f"#lines-{before - 1}-category", block)
    assert lines.locator("[data-line]").count() == before + 2
    assert "3 rows pasted. 1 cell needs attention." in lines_status(lines)
    misfit = lines.locator(f"#lines-{before + 1}-category")
    assert misfit.input_value() == ""
    assert misfit.get_attribute("aria-invalid") == "true"
    assert "Unobtainium" in lines.locator(f"#lines-{before + 1}-category-error").inner_text()
    assert value(lines, f"lines-{before + 1}-quantity") == "7"
    lines.get_by_role("button", name="Undo").click()
    assert lines.locator("[data-line]").count() == before
    assert value(lines, f"lines-{before - 1}-category") == "freight.road"


def test_a_paste_longer_than_the_page_says_what_did_not_fit(lines: Page) -> None:
    paste(lines, "#lines-0-quantity", "1\n" * 53)
    assert lines.locator("[data-line]").count() == 50
    assert "50 rows pasted." in lines_status(lines)
    assert "3 rows did not fit" in lines_status(lines)


def test_a_single_value_is_pasted_by_the_browser_as_usual(lines: Page) -> None:
    lines.locator("#lines-0-quantity").fill("")
    paste(lines, "#lines-0-quantity", "77")
    assert value(lines, "lines-0-quantity") == "77"
    assert lines_status(lines) == ""


def test_units_follow_the_category_and_the_quantity_stays(lines: Page) -> None:
    lines.select_option("#lines-5-category", "electricity.grid")
    assert value(lines, "lines-5-unit") == "kWh"
    lines.select_option("#lines-5-category", "refrigerant.top_up")
    assert value(lines, "lines-5-unit") == "kg"
    lines.select_option("#lines-5-category", "mobile.diesel")
    assert value(lines, "lines-5-unit") == ""
    offered = lines.locator("#lines-5-unit option").all_inner_texts()
    assert offered == ["–", "L", "t"]
    assert value(lines, "lines-5-quantity") == "6120"


def test_an_added_line_has_names_of_its_own_and_the_focus(lines: Page) -> None:
    lines.get_by_role("button", name="Add a line").click()
    added = lines.locator("[data-line]").last
    assert added.get_attribute("id") == "lines-9"
    expect(lines.locator("#lines-9-category")).to_be_focused()
    assert lines.get_by_label("Quantity line 10").get_attribute("name") == "lines-9-quantity"
    ids = lines.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)")
    assert len(ids) == len(set(ids))


def test_a_removed_line_can_be_brought_back_before_and_is_told_to_the_server(
    lines: Page, received: Received
) -> None:
    row = lines.locator("#lines-1")
    lines.get_by_role("button", name="Remove line 2").click()
    expect(row).to_be_hidden()
    expect(lines.get_by_role("button", name="Undo")).to_be_focused()
    expect(lines.locator("[data-save-status]")).to_have_text(SAVED)
    assert received.forms[-1]["lines-1-removed"] == "1"
    lines.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    lines.wait_for_timeout(1500)
    assert "lines-1-removed" not in received.forms[-1]
    assert received.forms[-1]["lines-1-quantity"] == "1310.2"


def test_a_pause_saves_once_and_brings_the_answer_into_the_page(
    lines: Page, received: Received
) -> None:
    received.answer = {
        "saved": "14:02",
        "fields": {"version": "8", "lines-0-version": "2"},
        "texts": {"lines-0-result": "800.1", "total-2": "1,547.3"},
        "errors": {"lines-2-quantity": "Enter a quantity"},
    }
    lines.locator("#lines-0-quantity").press_sequentially("9")
    expect(lines.locator("[data-save-status]")).to_have_text(SAVED)
    assert len(received.forms) == 1
    assert received.forms[0]["act"] == "autosave"
    assert received.forms[0]["lines-0-quantity"] == value(lines, "lines-0-quantity")
    assert value(lines, "version") == "8"
    assert lines.locator("#lines-0-result").inner_text() == "800.1"
    assert lines.locator("#total-2").inner_text() == "1,547.3"
    marked = lines.locator("#lines-2-quantity")
    assert marked.get_attribute("aria-invalid") == "true"
    assert "lines-2-quantity-error" in (marked.get_attribute("aria-describedby") or "")
    received.answer = {"saved": "14:03"}
    lines.locator("#lines-2-quantity").fill("12")
    expect(lines.locator("[data-save-status]")).to_have_text("Saved 14:03")
    assert marked.get_attribute("aria-invalid") is None


def test_what_a_category_needs_appears_under_the_line_after_a_save(
    lines: Page, received: Received
) -> None:
    below = '<tr role="row" class="line-notes" id="lines-3-more"><td role="cell"><input name="lines-3-parameters-gas"></td></tr>'
    received.answer = {"saved": "14:02", "more": {"lines-3": below, "lines-4": ""}}
    lines.select_option("#lines-3-category", "refrigerant.top_up")
    expect(lines.locator("#lines-3 + #lines-3-more input")).to_be_visible()
    expect(lines.locator("#lines-4-more")).to_have_count(0)
    lines.locator("[name='lines-3-parameters-gas']").fill("r-410a")
    lines.wait_for_timeout(1500)
    assert received.forms[-1]["lines-3-parameters-gas"] == "r-410a"
    assert value(lines, "lines-3-parameters-gas") == "r-410a"


def test_a_failed_save_says_so_keeps_the_text_and_tries_again(
    lines: Page, received: Received
) -> None:
    received.status, received.answer = 500, {}
    lines.locator("#lines-0-quantity").fill("4321")
    expect(lines.locator("[data-save-status]")).to_contain_text("Not saved.")
    received.status, received.answer = 200, {"saved": "14:02"}
    lines.get_by_role("button", name="Try again").click()
    expect(lines.locator("[data-save-status]")).to_have_text(SAVED)
    assert received.forms[-1]["lines-0-quantity"] == "4321"


def test_a_conflict_stops_saving_and_says_why(lines: Page, received: Received) -> None:
    received.status, received.answer = 409, {"message": "Li Wei changed this at 14:01."}
    lines.locator("#lines-0-quantity").fill("4321")
    expect(lines.locator("[data-save-status]")).to_have_text("Li Wei changed this at 14:01.")
    lines.locator("#lines-0-quantity").fill("4322")
    lines.wait_for_timeout(1500)
    assert len(received.forms) == 1
    assert value(lines, "lines-0-quantity") == "4322"


def test_leaving_with_unsaved_answers_asks_first(watch: Watched, kit: str) -> None:
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    watch.page.on("dialog", leave)
    watch.page.goto(f"{kit}/kit/forms?lang=en")
    watch.page.locator("#name").press_sequentially("A")
    watch.page.goto(f"{kit}/kit/home?lang=en")
    assert asked == ["beforeunload"]
    watch.page.goto(f"{kit}/kit/forms?lang=en")
    watch.page.goto(f"{kit}/kit/home?lang=en")
    assert asked == ["beforeunload"]


def test_files_are_sent_with_progress_and_the_answer_says_where_to_go(
    watch: Watched, kit: str, received: Received, tmp_path: Path
) -> None:
    bill = tmp_path / "账单.pdf"
    bill.write_bytes(b"%PDF-1.7\n" + b"0" * 300_000)
    watch.page.goto(f"{kit}/kit/forms?lang=en")
    watch.page.set_input_files("#files", bill)
    watch.page.get_by_role("button", name="Upload").click()
    watch.page.wait_for_url("**/kit/home?uploaded=1")
    assert received.forms[-1]["files"] == "账单.pdf"


def test_a_file_that_is_too_large_is_named_before_it_is_sent(
    watch: Watched, kit: str, received: Received, tmp_path: Path
) -> None:
    film = tmp_path / "film.pdf"
    with film.open("wb") as file:
        file.truncate(26 * 1024 * 1024)
    watch.page.goto(f"{kit}/kit/forms?lang=en")
    watch.page.set_input_files("#files", film)
    watch.page.get_by_role("button", name="Upload").click()
    expect(watch.page.locator("[data-upload-status]")).to_have_text(
        "“film.pdf” is larger than allowed."
    )
    assert received.forms == []


def test_errors_take_the_focus_and_each_link_leads_to_its_control(watch: Watched, kit: str) -> None:
    watch.page.goto(f"{kit}/kit/lines?bad=1&lang=en")
    expect(watch.page.locator("[data-error-summary]")).to_be_focused()
    assert watch.page.title().startswith("Error: ")
    for link in watch.page.locator("[data-error-summary] a").all():
        target = (link.get_attribute("href") or "#")[1:]
        link.click()
        expect(watch.page.locator(f"[id='{target}']")).to_be_focused()


def test_a_password_is_shown_on_request_and_sent_as_a_password(watch: Watched, kit: str) -> None:
    watch.page.goto(f"{kit}/kit/account?lang=en")
    watch.page.locator("#password").fill("correct horse battery")
    button = watch.page.locator("[data-show-password]")
    button.click()
    assert watch.page.locator("#password").get_attribute("type") == "text"
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert watch.page.locator("#password").get_attribute("type") == "password"


def test_the_account_menu_opens_and_closes_by_key(watch: Watched, kit: str) -> None:
    watch.page.goto(f"{kit}/kit/home?lang=en")
    menu = watch.page.locator("[data-menu]")
    menu.locator("summary").press("Enter")
    expect(menu.get_by_role("button", name="Log out")).to_be_visible()
    watch.page.keyboard.press("Escape")
    expect(menu.get_by_role("button", name="Log out")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


def test_without_scripts_the_table_is_a_form_like_any_other(
    chromium: Browser, kit: str, received: Received
) -> None:
    with chromium.new_context(java_script_enabled=False, locale="en") as context:
        page = context.new_page()
        page.goto(f"{kit}/kit/lines?lang=en")
        remove = page.get_by_role("button", name="Remove line 2")
        assert (remove.get_attribute("name"), remove.get_attribute("value")) == ("remove", "1")
        page.goto(f"{kit}/kit/account?lang=en")
        assert page.locator("[data-show-password]").is_hidden()
        page.locator("#email").fill("anna@example.com")
        page.get_by_role("button", name="Log in").click()
        assert page.locator("h1").inner_text() == "Log in"
