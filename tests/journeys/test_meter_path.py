"""A meter from its page to a line: read by a program with curl and by a gateway through MQTT, a slip told before it counts."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from portal.services import inventories, members
from portal.services.line_saving import SubmittedLine, save_lines
from portal.store.base import Database
from portal.store.meters import MeterReading
from tests.databases import Databases
from tests.factories.suppliers import work_of
from tests.journeys.chromium import DESKTOP, PHONE, sideways_overflow, watched
from tests.journeys.world import World, environment_in, serving, settings_in
from tests.mosquitto import Broker, a_broker, portal_mqtt

PREFIX = "alliance/meters"
METERS = "/supplier/meters"
LINES = "/supplier/inventories/2025/lines"


@dataclass
class Grid(World):
    """A portal with a broker beside it."""

    broker: Broker | None = None

    def count(self, account: str) -> int:
        with self.database.reading() as session:
            member = self.people[account].member_id
            query = select(func.count()).where(MeterReading.member_id == member)
            return session.scalars(query).one()


@pytest.fixture(scope="module")
def world(_sqlite: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grid]:
    folder = tmp_path_factory.mktemp("meters")
    url = _sqlite.new()
    settings = settings_in(folder, url)
    made = Grid(settings, Database(settings.database_url))
    made.people_of_two_languages()
    for code in ("zh", "en"):
        _last_year(made, code)
    with a_broker(folder / "broker") as broker, serving(settings, made.database):
        made.broker = broker
        environ = environment_in(
            folder,
            url,
            PORTAL_MQTT_URL=f"mqtt://127.0.0.1:{broker.port}",
            PORTAL_MQTT_PREFIX=PREFIX,
        )
        with portal_mqtt(environ, folder / "mqtt.log"):
            yield made
    made.database.dispose()


def _last_year(world: Grid, language: str) -> None:
    """What the diesel of this year is held against."""
    with world.database.writing() as session:
        work = work_of(session, world.people[language])
        member = members.own_member(work)
        before = inventories.open_inventory(work, member, 2024)
        diesel = {"category": "stationary.diesel", "quantity": "5200", "unit": "L", "site": "S1"}
        rows = [SubmittedLine(0, {**diesel, "period": "2024"})]
        assert save_lines(work, before, rows, locale="zh", keep_unfinished=False).is_kept
        inventories.open_inventory(work, member, 2025)
        work.commit()


@pytest.mark.parametrize(
    ("language", "size", "has_scripts"), [("zh", DESKTOP, True), ("en", PHONE, False)]
)
def test_month_comes_by_curl_and_by_mqtt_and_becomes_a_line(
    world: Grid, chromium: Browser, language: str, size: dict, has_scripts: bool
) -> None:
    context = chromium.new_context(
        viewport=size, base_url=world.address, java_script_enabled=has_scripts
    )
    with context:
        context.add_cookies([world.cookie(language)])
        context.add_cookies([{"name": "language", "value": language, "url": world.address}])
        watch = watched(context)
        page = watch.page
        _add_the_meter(page)
        token = _make_a_token(page)
        _send_by_curl(world, token)
        _send_by_mqtt(world, language)
        _wait_for_readings(page, world, language)
        page.goto(METERS)
        page.get_by_role("link", name="Hall meter", exact=True).click()
        page.goto(f"{page.url}?year=2025")
        page.locator('input[name="months"][value="2025-01"]').check()
        page.locator("form button[type=submit].btn-primary").last.click()
        page.locator('a[href$="/trace"]').first.click()
        trace = page.locator("ol.trace").first
        expect(trace).to_contain_text("E-HALL")
        expect(page.locator("main")).to_contain_text("12000")
        if has_scripts:
            assert sideways_overflow(page) <= 0
        _slip_by_a_thousand(page)
        assert watch.complaints == []


def _add_the_meter(page: Page) -> None:
    page.goto(f"{METERS}/new")
    for name, value in {
        "name": "Hall meter",
        "code": "E-HALL",
        "serial": "SN-2025",
        "multiplier": "40",
        "zone": "Asia/Shanghai",
        "starts_on": "2025-01-01",
        "first": "1000",
    }.items():
        page.locator(f'[name="{name}"]').fill(value)
    page.locator('[name="site"]').select_option(index=1)
    for name, code in {
        "kind": "electricity",
        "category": "electricity.grid",
        "unit": "kWh",
        "counting": "cumulative",
    }.items():
        control = page.locator(f'[name="{name}"]').first
        if control.get_attribute("type") == "radio":
            page.locator(f'[name="{name}"][value="{code}"]').check()
        else:
            control.select_option(code)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url(f"**{METERS}/*-*")


def _make_a_token(page: Page) -> str:
    page.goto("/account/tokens")
    page.locator('[name="name"]').fill("ERP")
    page.locator('[name="scopes"][value="readings:write"]').check()
    page.locator('[name="days"]').first.check()
    page.locator("main form button[type=submit]").last.click()
    shown = page.locator("code").first
    expect(shown).to_be_visible()
    return shown.inner_text()


def _send_by_curl(world: Grid, token: str) -> None:
    """What the counter showed when the year began, as the guide's example sends it."""
    reading = {"meter": "E-HALL", "ts": "2025-01-01T00:00:00+08:00", "value": 1000, "unit": "kWh"}
    command = ["curl", "-sS", "--fail-with-body", "-H", f"Authorization: Bearer {token}"]
    command += ["-H", "Content-Type: application/json", f"{world.address}/api/v1/readings"]
    command += ["--data", json.dumps({"readings": [reading]})]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["kept"] == 1


def _send_by_mqtt(world: Grid, language: str) -> None:
    """What it showed at the end of the month."""
    moment = datetime(2025, 1, 31, 16, tzinfo=UTC)
    reading = {"ts": moment.isoformat(), "value": 1300, "unit": "kWh"}
    assert world.broker is not None
    world.broker.publish([(f"{PREFIX}/M-{language}/E-HALL/readings", reading)])


def _wait_for_readings(page: Page, world: Grid, language: str) -> None:
    for _ in range(200):
        if world.count(language) == 2:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the gateway's reading did not arrive")


def _slip_by_a_thousand(page: Page) -> None:
    """Tonnes taken for kilograms, or here kilolitres for litres: the year's page names the line and last year's figure."""
    page.goto(LINES)
    place = page.locator("[data-line]").last
    prefix = (place.locator("[name]").first.get_attribute("name") or "").rsplit("-", 1)[0]
    typed = {"category": "stationary.diesel", "unit": "kL", "site": "S1", "period": "2025"}
    for name, value in typed.items():
        control = page.locator(f'[name="{prefix}-{name}"]')
        if control.evaluate("each => each.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    page.locator(f'[name="{prefix}-quantity"]').fill("5300")
    page.locator('button.btn-primary[value="continue"]').click()
    page.wait_for_url("**/warnings?onwards=1")
    expect(page.locator("main")).to_contain_text("5.2 kL")
