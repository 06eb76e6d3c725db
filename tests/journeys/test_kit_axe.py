"""Every layout and macro, looked at by axe and by the browser: in Chinese on a phone, in English at a desk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests.journeys.chromium import DESKTOP, PHONE, axe_violations, sideways_overflow, watched
from tests.journeys.kit_app import SHEETS, create_kit, serving

STATES = (
    *(f"/kit/{sheet}" for sheet in SHEETS),
    "/kit/forms?bad=1",
    "/kit/lines?bad=1",
    "/kit/account?bad=1",
)


@pytest.fixture(scope="module")
def kit() -> Iterator[str]:
    with serving(create_kit()) as address:
        yield address


@pytest.mark.parametrize(
    ("language", "size"), [("zh", PHONE), ("en", DESKTOP)], ids=["zh-phone", "en-desk"]
)
def test_every_sheet_is_accessible_fits_and_runs_clean(
    chromium: Browser, kit: str, language: str, size: ViewportSize
) -> None:
    found: list[str] = []
    with chromium.new_context(viewport=size) as context:
        for state in STATES:
            watch = watched(context, for_axe=True)
            joint = "&" if "?" in state else "?"
            watch.page.goto(f"{kit}{state}{joint}lang={language}")
            found += [f"{state} {line}" for line in watch.complaints + watch.refused()]
            found += [f"{state} {line}" for line in axe_violations(watch.page)]
            if sideways_overflow(watch.page):
                found.append(f"{state} is wider than the window")
            watch.page.close()
    assert found == []


def test_axe_and_the_watch_see_what_is_wrong(chromium: Browser, kit: str) -> None:
    with chromium.new_context(viewport=DESKTOP) as context:
        watch = watched(context, for_axe=True)
        watch.page.goto(f"{kit}/kit/forms?lang=en")
        watch.page.evaluate("document.querySelector('label').remove()")
        watch.page.evaluate("document.body.setAttribute('style', 'width: 3000px')")
        assert any(line.startswith("label:") for line in axe_violations(watch.page))
        assert watch.refused() != []


@pytest.mark.parametrize(("language", "html"), [("zh", "zh-Hans"), ("en", "en")])
def test_every_page_names_its_language_and_leads_to_the_other(
    chromium: Browser, kit: str, language: str, html: str
) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"{kit}/kit/dashboard?lang={language}")
        assert page.locator("html").get_attribute("lang") == html
        assert page.locator("h1").count() == 1
        page.goto(f"{kit}/kit/dashboard?sort=-kg")
        switch = page.locator(".language-link")
        wanted = switch.get_attribute("hreflang")
        switch.click()
        assert page.url.endswith("/kit/dashboard?sort=-kg")
        assert page.locator("html").get_attribute("lang") == wanted


def test_a_public_page_sets_no_cookie_and_loads_no_script(chromium: Browser, kit: str) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"{kit}/kit/public")
        assert context.cookies() == []
        assert page.locator("script").count() == 0
        page.locator(".language-link").click()
        assert "lang=" in page.url
        assert context.cookies() == []
