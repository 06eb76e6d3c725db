"""Every page of every role with something to show: accessible, clean, fits a phone; and what it says when it refuses.

A page is looked at at a desk's width, then in the same window at a phone's. A page that is added later has to be named
in `pages.py`: `test_every_page_is_named` finds it in the application.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.exceptions import NotFound
from werkzeug.routing import RequestRedirect

from portal.app import create_app
from tests.databases import Databases
from tests.journeys.chromium import (
    DESKTOP,
    PHONE,
    Watched,
    axe_violations,
    sideways_overflow,
    watched,
)
from tests.journeys.pages import FORMS, NO_PAGES, NOBODY, PAGES, REFUSALS, Form
from tests.journeys.stage import Stage, furnished
from tests.journeys.stage_own_data import play_own_data
from tests.journeys.stage_reductions import play_reductions
from tests.journeys.stage_workbooks import play_workbook
from tests.journeys.world import World, serving, settings_in

LANGUAGES = ("zh", "en")
# axe is what takes the time: it sees each page in both languages and at both widths, but not each language at each.
SEEN_BY_AXE = {"zh-Hans": PHONE, "en": DESKTOP}


@pytest.fixture(scope="module")
def world(_sqlite: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    settings = settings_in(tmp_path_factory.mktemp("world"), _sqlite.new())
    made = furnished(settings, then=_play_all)
    made.things["reporter"] = str(made.people["reporter-M-0001"].uid)
    with serving(settings, made.database):
        yield made
    made.database.dispose()


def _play_all(stage: Stage) -> None:
    play_reductions(stage)
    play_workbook(stage)
    play_own_data(stage)


@contextmanager
def visiting(
    chromium: Browser, world: World, person: str, language: str
) -> Iterator[BrowserContext]:
    """A browser in which a person is logged in and has chosen a language."""
    with chromium.new_context(viewport=DESKTOP, base_url=world.address) as context:
        context.add_cookies([{"name": "language", "value": language, "url": world.address}])
        if person != NOBODY:
            context.add_cookies([world.cookie(person)])
        yield context


def status_of(watch: Watched, address: str) -> int:
    """Open the next page in the same window, at a desk's width; the status of the answer."""
    watch.complaints.clear()
    watch.page.set_viewport_size(DESKTOP)
    answer = watch.page.goto(address)
    assert answer is not None
    return answer.status


def faults(watch: Watched, status: int, wanted: int = 200) -> list[str]:
    """What is wrong with the page that is open, at both widths."""
    found = [] if status == wanted else [f"answered {status}, not {wanted}"]
    found += [
        line for line in watch.complaints if wanted == 200 or "Failed to load" not in line
    ] + watch.refused()
    page = watch.page
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} main headings")
    if not page.title().partition("–")[0].strip():
        found.append("no title")
    seen = SEEN_BY_AXE[page.locator("html").get_attribute("lang") or ""]
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        if size == seen:
            found += [f"at {size['width']}: {line}" for line in axe_violations(page)]
        if sideways_overflow(page):
            found.append(f"{sideways_overflow(page)} pixels too wide at {size['width']}")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("person", PAGES)
def test_every_page_is_accessible_fits_and_runs_clean(
    chromium: Browser, world: World, person: str, language: str
) -> None:
    found = []
    with visiting(chromium, world, person, language) as context:
        watch = watched(context, for_axe=True)
        for path in PAGES[person]:
            address = path.format_map(world.things)
            answered = status_of(watch, address)
            if watch.page.url != world.address + address:
                found.append(f"{path} leads to {watch.page.url}")
            found += [f"{path}: {line}" for line in faults(watch, answered)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("person", REFUSALS)
def test_every_refusal_is_a_page_of_the_same_kind(
    chromium: Browser, world: World, person: str, language: str
) -> None:
    found = []
    with visiting(chromium, world, person, language) as context:
        watch = watched(context, for_axe=True)
        for path, status in REFUSALS[person]:
            answered = status_of(watch, path.format_map(world.things))
            found += [f"{path}: {line}" for line in faults(watch, answered, status)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("person", FORMS)
def test_every_form_says_what_is_wrong_above_and_beside_the_field(
    chromium: Browser, world: World, person: str, language: str
) -> None:
    found = []
    with visiting(chromium, world, person, language) as context:
        for form in FORMS[person]:
            watch = watched(context, for_axe=True)
            status = send(watch.page, form, world)
            found += [f"{form.page}: {line}" for line in faults(watch, status, 422)]
            found += [f"{form.page}: {line}" for line in summary_faults(watch.page)]
            watch.page.close()
    assert not found, "\n".join(found)


def send(page: Page, form: Form, world: World) -> int:
    """Fill in a form and press its button; the status of the answer."""
    page.goto(form.page.format_map(world.things))
    for name, value in form.typed.items():
        field = page.locator(name if name.startswith("[") else f'main [name="{name}"]').first
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    with page.expect_response(lambda answer: answer.request.method == "POST") as answers:
        page.locator(form.button).first.click()
    page.wait_for_load_state()
    return answers.value.status


def summary_faults(page: Page) -> list[str]:
    """What is wrong with the summary of errors: it stands there, has the focus, and leads to each field."""
    summary = page.locator(".error-summary")
    if summary.count() != 1:
        return ["no summary of errors"]
    found = []
    if not summary.evaluate("element => element === document.activeElement"):
        found.append("the summary of errors has no focus")
    for link in summary.locator("a").all():
        target = page.locator(f"[id='{(link.get_attribute('href') or '').removeprefix('#')}']")
        if target.count() != 1:
            found.append(f"“{link.inner_text()}” leads nowhere")
        elif not target.evaluate(
            "element => element.matches('[aria-invalid=true], fieldset, :has([aria-invalid=true])')"
        ):
            found.append(f"the field of “{link.inner_text()}” is not marked")
    return found


def test_every_page_is_named(world: World) -> None:
    app = create_app(world.settings, world.database)
    found = app.url_map.bind("127.0.0.1")
    named = set()
    for paths in PAGES.values():
        for path in paths:
            named.add(_endpoint(found, path.format_map(world.things).partition("?")[0]))
    for refused in REFUSALS.values():
        named |= {
            _endpoint(found, path.format_map(world.things).partition("?")[0]) for path, _ in refused
        }
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert pages - named - NO_PAGES == set()


def _endpoint(adapter, path: str) -> str | None:  # type: ignore[no-untyped-def]  # werkzeug's MapAdapter
    try:
        return str(adapter.match(path)[0])
    except (NotFound, RequestRedirect):
        return None
