"""Meters as a supplier's browser meets them: added, read, uploaded, and months made into lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape
from io import BytesIO
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from lxml import html
from sqlalchemy import func, select

from portal.domain.actors import Role
from portal.services import inventories, submissions
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.lines import ActivityLine
from portal.store.members import Member, Site
from portal.store.meters import Meter, MeterReading, MeterRegister
from portal.web.supplier import meter_readings
from tests.browsers import Browser
from tests.factories.scenes import SIGNED, staff
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance, work_of

METERS = "/supplier/meters"


@dataclass
class Scene:
    database: Database
    browser: Browser
    viewer: Browser
    stranger: Browser
    site: str

    def one(self, table: type) -> object:
        with self.database.reading() as session:
            return session.scalars(select(table)).one()

    def count(self, table: type) -> int:
        with self.database.reading() as session:
            return session.scalars(select(func.count()).select_from(table)).one()

    def typed(self, **changed: str) -> dict[str, str]:
        return {
            "site": self.site, "name": "Main meter", "code": "E1", "kind": "electricity",
            "category": "electricity.grid", "unit": "kWh", "counting": "cumulative", "zone": "Asia/Shanghai",
            "starts_on": "2025-01-01", "ends_on": "", "serial": "SN-1", "digits": "6", "multiplier": "40",
            "first": "1000", **changed,
        }  # fmt: skip

    @property
    def page(self) -> str:
        """The page of the only meter, which is added where there is none yet."""
        if not self.count(Meter):
            assert self.browser.submit(f"{METERS}/new", self.typed()).status_code == 303
        meter = self.one(Meter)
        assert isinstance(meter, Meter)
        return f"{METERS}/{meter.uid}"

    def read(self, ts: str, value: str, **more: str) -> int:
        path = f"{self.page}/readings/new"
        return self.browser.submit(path, {"ts": ts, "value": value, **more}).status_code


@pytest.fixture
def scene(database: Database, log_in: Callable[[Account], Browser]) -> Scene:
    with database.writing() as session:
        alliance = an_alliance(session, years=(2025,))
        member = a_member(session, alliance, "M0001", sector="packaging")
        reporter = an_account(session, Role.REPORTER, member)
        viewer = an_account(session, Role.VIEWER, member)
        other = a_member(session, alliance, "M0002", sector="packaging")
        stranger = an_account(session, Role.REPORTER, other)
        site = str(a_site(session, member, "S1").uid)
        work = work_of(session, reporter)
        inventories.open_inventory(work, member, 2025)
        work.commit()
    return Scene(database, log_in(reporter), log_in(viewer), log_in(stranger), site)


def test_meter_is_added_and_changed(scene: Scene) -> None:
    assert "Main meter" in scene.browser.get(scene.page).text
    path = f"{scene.page}/particulars"
    assert 'value="SN-1"' in scene.browser.get(path).text
    answer = scene.browser.submit(path, scene.typed(name="Transformer 2", multiplier="80"))
    assert answer.status_code == 303
    meter, register = scene.one(Meter), scene.one(MeterRegister)
    assert isinstance(meter, Meter)
    assert isinstance(register, MeterRegister)
    assert (meter.name, register.multiplier) == ("Transformer 2", 80)
    assert "Transformer 2" in scene.browser.get(f"{METERS}/").text


def test_meter_refused_with_all_that_is_wrong(scene: Scene) -> None:
    wrong = scene.typed(unit="m³", zone="Mars", multiplier="0", starts_on="2030-01-01", code="!")
    answer = scene.browser.submit(f"{METERS}/new", wrong)
    assert answer.status_code == 422
    for words in ("not reported in", "not a time zone", "Enter what one unit of the register"):
        assert words in answer.text
    assert scene.count(Meter) == 0


def test_reading_is_entered_corrected_and_a_conflict_told(scene: Scene) -> None:
    assert scene.read("2025-02-01T00:00", "1100") == 303
    assert scene.read("2025-02-01T00:00", "1100") == 303
    assert scene.count(MeterReading) == 1
    path = f"{scene.page}/readings/new"
    conflict = scene.browser.submit(path, {"ts": "2025-02-01T00:00", "value": "1110"})
    assert conflict.status_code == 422
    assert "1100 kWh is kept already" in conflict.text
    assert scene.read("2025-02-01T00:00", "1110", reason="misread") == 303
    assert "misread" in scene.browser.get(scene.page).text
    ahead = scene.browser.submit(path, {"ts": "2099-01-01T00:00", "value": "1"})
    assert "lies ahead" in ahead.text


def test_reading_with_seconds_is_found_and_corrected_from_its_row(scene: Scene) -> None:
    assert upload(scene, b"meter,time,value\nE1,2025-02-01 08:00:07,1100\n").status_code == 303
    listed = scene.browser.get(f"{scene.page}/readings")
    (address,) = re.findall(r'href="([^"]+corrects=[^"]+)"', listed.text)
    assert "08:00:07" in listed.text
    form = scene.browser.get(unescape(address))
    assert "1,100 kWh" in form.text
    (ts,) = re.findall(r'name="ts"[^>]*value="([^"]+)"', form.text)
    sent = {"ts": ts, "value": "1200", "reason": "misread"}
    assert scene.browser.submit(unescape(address), sent).status_code == 303
    assert "misread" in scene.browser.get(f"{scene.page}/readings").text
    unknown = scene.browser.get(f"{scene.page}/readings/new?corrects=2025-02-02T00:00:00%2B00:00")
    assert unknown.status_code == 404
    for address in ("readings/new?corrects=x", "readings?until=x", "readings?before=2025-01-01"):
        assert scene.browser.get(f"{scene.page}/{address}").status_code == 400


def test_readings_are_leafed_through_to_the_first(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meter_readings, "ROWS_A_PAGE", 2)
    rows = "".join(f"E1,2025-01-0{day} 08:00,{1000 + day}\n" for day in range(1, 6))
    upload(scene, f"meter,time,value\n{rows}".encode())
    scene.read("2025-01-03T08:00", "2000", reason="misread")
    seen, address = [], f"{scene.page}/readings"
    while address:
        page = scene.browser.get(address).text
        seen += re.findall(r'data-label="Reading"[^>]*>([\d,]+)<', page)
        address = unescape("".join(re.findall(r'rel="next" href="([^"]+)"', page)))
    assert seen == ["1,005", "1,004", "2,000", "1,003", "1,002", "1,001"]
    until = scene.browser.get(f"{scene.page}/readings?until=2025-01-02").text
    assert re.findall(r'data-label="Reading"[^>]*>([\d,]+)<', until) == ["1,002", "1,001"]


def test_hour_that_a_clock_showed_twice_is_told_with_its_offset(scene: Scene) -> None:
    path = f"{scene.page}/readings/new"
    with scene.database.writing() as session:
        session.scalars(select(Meter)).one().zone = "Europe/Berlin"
        session.commit()
    twice = scene.browser.submit(path, {"ts": "2025-10-26T02:30", "value": "1100"})
    assert twice.status_code == 422
    assert re.search(r'type="text"[^>]*name="ts"|name="ts"[^>]*type="text"', twice.text)
    for offset, value in (("+02:00", "1100"), ("+01:00", "1105")):
        sent = {"ts": f"2025-10-26T02:30{offset}", "value": value}
        assert scene.browser.submit(path, sent).status_code == 303
    assert scene.count(MeterReading) == 2


def test_chosen_months_become_lines_whose_page_names_the_readings(scene: Scene) -> None:
    for ts, value in (("2025-02-01T00:00", "1100"), ("2025-03-01T00:00", "1350")):
        scene.read(ts, value)
    page = scene.browser.get(f"{scene.page}?year=2025").text
    assert 'value="2025-01"' in page
    assert "<svg" in page
    sent = {"months": ["2025-01", "2025-02"]}
    path = f"{scene.page}/months"
    assert scene.browser.submit(path, sent, page=f"{scene.page}?year=2025").status_code == 303
    with scene.database.reading() as session:
        rows = session.scalars(select(ActivityLine).order_by(ActivityLine.position)).all()
    assert [row.quantity for row in rows] == [4000, 10000]
    trace = scene.browser.get(f"/supplier/inventories/2025/lines/{rows[0].key}/trace").text
    assert "From the meter’s readings" in trace
    assert "SN-1" in trace
    scene.read("2025-02-01T00:00", "1200", reason="misread")
    assert "Differs from the meter" in scene.browser.get(f"{scene.page}?year=2025").text


def test_coordinator_reads_the_working_where_the_submitted_line_opens(
    scene: Scene, log_in: Callable[[Account], Browser]
) -> None:
    scene.read("2025-02-01T00:00", "1100")
    page = f"{scene.page}?year=2025"
    scene.browser.submit(f"{scene.page}/months", {"months": ["2025-01"]}, page=page)
    with scene.database.writing() as session:
        member = session.scalars(select(Member).where(Member.code == "M0001")).one()
        signatory = an_account(session, Role.SIGNATORY, member)
        coordinator = staff(session, Role.COORDINATOR)
        work = work_of(session, signatory)
        inventory = inventories.find_inventory(work, member, 2025)
        submitted = submissions.submit(work, inventory, SIGNED)
        work.commit()
        (line,) = session.scalars(select(ActivityLine))
        key, uid = line.key, submitted.uid
    seen = log_in(coordinator).get(f"/coordinator/submissions/{uid}/lines/{key}").text
    assert "From the meter’s readings" in seen
    assert "SN-1" in seen


def test_month_without_readings_is_not_taken_over(scene: Scene) -> None:
    sent = {"months": ["2025-05"]}
    answer = scene.browser.submit(f"{scene.page}/months", sent, page=scene.page)
    assert answer.status_code == 422
    assert "Nothing is known of this month" in answer.text
    assert scene.browser.submit(f"{scene.page}/months", {}, page=scene.page).status_code == 422
    assert scene.count(ActivityLine) == 0


def test_month_with_a_typed_line_says_so_before_it_counts_twice(scene: Scene) -> None:
    for ts, value in (("2025-03-01T00:00", "1000"), ("2025-04-01T00:00", "1600")):
        scene.browser.submit(f"{scene.page}/readings/new", {"ts": ts, "value": value})
    line = {
        "category": "electricity.grid",
        "quantity": "610",
        "unit": "kWh",
        "period": "2025-03",
        "site": "S1",
    }
    typed = {f"lines-0-{name}": value for name, value in line.items()}
    year = "/supplier/inventories/2025/lines"
    assert scene.browser.submit(year, {**typed, "act": "continue"}).status_code == 303
    assert "Line 1 says 610 kWh for this time already" in scene.browser.get(
        f"{scene.page}?year=2025"
    ).text.replace(",", "")


def test_register_is_replaced(scene: Scene) -> None:
    typed = {
        "at": "2025-06-01T12:00",
        "last": "5000",
        "serial": "SN-2",
        "multiplier": "1",
        "first": "0",
    }
    assert scene.browser.submit(f"{scene.page}/replace", typed).status_code == 303
    assert "SN-2" in scene.browser.get(scene.page).text
    early = scene.browser.submit(
        f"{scene.page}/replace", {**typed, "at": "2025-05-01T12:00", "serial": ""}
    )
    assert early.status_code == 422
    assert "must come after" in early.text


def test_replaced_register_is_put_right_on_its_page(scene: Scene) -> None:
    typed = {"at": "2025-06-01T12:00", "last": "5000", "multiplier": "1", "first": "0"}
    scene.browser.submit(f"{scene.page}/replace", {**typed, "serial": "SN-2"})
    address = f"{scene.page}/registers/1"
    assert address in scene.browser.get(scene.page).text
    form = html.fromstring(scene.browser.get(address).text)
    shown = {each.get("name"): each.get("value") for each in form.xpath("//form//input[@name]")}
    assert (shown["at"], shown["last"], shown["serial"]) == ("2025-06-01T12:00", "5000", "SN-1")
    right = {**shown, "last": "50000000", "digits": "6"}
    refused = scene.browser.submit(address, right)
    assert refused.status_code == 422
    assert "50000000" in refused.text
    assert scene.browser.submit(address, {**right, "last": "5100"}).status_code == 303
    with scene.database.reading() as session:
        registers = session.scalars(select(MeterRegister).order_by(MeterRegister.starts_at)).all()
        assert [(each.serial, each.digits, each.last) for each in registers] == [
            ("SN-1", 6, 5100),
            ("SN-2", None, None),
        ]
    for place in ("2", "0", "x"):
        assert scene.browser.get(f"{scene.page}/registers/{place}").status_code == 404


def upload(scene: Scene, content: bytes, name: str = "r.csv"):  # type: ignore[no-untyped-def]  # an answer of the test client
    assert scene.page
    data = {
        "csrf_token": scene.browser.token(f"{METERS}/upload"),
        "file": (BytesIO(content), name),
    }
    return scene.browser.post(f"{METERS}/upload", data, content_type="multipart/form-data")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_file_is_kept_whole_and_sent_again_without_harm(scene: Scene, encoding: str) -> None:
    rows = "".join(f"SN-1,2025-01-{day:02} 08:00,{1000 + day}\n" for day in range(1, 32))
    content = f"表号,时间,读数\n{rows}".encode(encoding)
    assert upload(scene, content).status_code == 303
    assert upload(scene, content).status_code == 303
    assert scene.count(MeterReading) == 31


def test_file_as_people_write_it_is_understood(scene: Scene) -> None:
    rows = ["2025/3/1", "2025-03-02", "2025年3月3日", "2025年3月4日 8:30", "2025.3.5 08:00:30"]
    lines = "".join(f"SN-1,{when},{2000 + n}\n" for n, when in enumerate(rows))
    answer = upload(scene, f"表号,抄表日期,读数（度）\n{lines}".encode())
    assert answer.status_code == 303, answer.text
    with scene.database.reading() as session:
        kept = session.scalars(select(MeterReading.moment).order_by(MeterReading.moment)).all()
    assert [
        each.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%d %H:%M:%S") for each in kept
    ] == [
        "01 00:00:00",
        "02 00:00:00",
        "03 00:00:00",
        "04 08:30:00",
        "05 08:00:30",
    ]


def test_day_and_time_in_two_columns_are_one_moment(scene: Scene) -> None:
    rows = "SN-1,2025/3/1,8:30,2001\nSN-1,2025-03-02,,2002\nSN-1,2025年3月3日,23:59:30,2003\n"
    assert upload(scene, f"电表,日期,时间,读数\n{rows}".encode()).status_code == 303
    with scene.database.reading() as session:
        kept = session.scalars(select(MeterReading.moment).order_by(MeterReading.moment)).all()
    zone = ZoneInfo("Asia/Shanghai")
    assert [each.astimezone(zone).strftime("%d %H:%M:%S") for each in kept] == [
        "01 08:30:00",
        "02 00:00:00",
        "03 23:59:30",
    ]
    bad = upload(scene, b"meter,date,time,value\nSN-1,2025-04-01,noon,2004\n")
    assert bad.status_code == 422
    assert scene.count(MeterReading) == 3


def test_title_that_says_another_clock_is_no_title_of_ours(scene: Scene) -> None:
    answer = upload(scene, b"meter,time (UTC),value\nSN-1,2025-04-01 10:00,2004\n")
    assert answer.status_code == 422
    assert upload(scene, b"meter,time,value\nSN-1,2025-3-110:00,2004\n").status_code == 422
    assert scene.count(MeterReading) == 0


def test_unit_of_a_title_is_held_against_the_meter(scene: Scene) -> None:
    answer = upload(scene, "meter,time,reading (m³)\nSN-1,2025-03-01,2\n".encode())
    assert answer.status_code == 422
    assert scene.count(MeterReading) == 0
    assert upload(scene, b"meter,time,reading (MWh)\nSN-1,2025-03-01,2\n").status_code == 303
    with scene.database.reading() as session:
        assert session.scalars(select(MeterReading.value)).one() == 2000


@pytest.mark.parametrize("when", ["2025-13-01", "2025年2月30日", "3/1/2025", "today"])
def test_day_that_is_none_is_refused_with_an_example_without_an_offset(
    scene: Scene, when: str
) -> None:
    answer = upload(scene, f"meter,time,value\nSN-1,{when},2\n".encode())
    assert answer.status_code == 422
    assert "+08:00" not in answer.text


def test_falling_reading_is_kept_and_its_month_says_so_at_once(scene: Scene) -> None:
    for ts, value in (("2025-03-01T00:00", "2290"), ("2025-03-20T00:00", "2100")):
        address = f"{scene.page}/readings/new"
        answer = scene.browser.submit(address, {"ts": ts, "value": value})
    assert answer.location.endswith("?year=2025&read=2025-03")
    shown = html.fromstring(scene.browser.get(answer.location).text)
    (notice,) = shown.xpath("//*[@role='alert']")
    assert "2025-03 · The register went back" in notice.text_content()


def test_correction_asks_for_its_reason_where_it_is_typed(scene: Scene) -> None:
    address = f"{scene.page}/readings/new"
    scene.browser.submit(address, {"ts": "2025-03-01T00:00", "value": "2290"})
    refused = scene.browser.submit(address, {"ts": "2025-03-01T00:00", "value": "2300"})
    assert refused.status_code == 422
    page = html.fromstring(refused.text)
    assert page.xpath("//a[@href='#reason']")
    right = {"ts": "2025-03-01T00:00", "value": "2300", "reason": "Misread"}
    assert scene.browser.submit(address, right).status_code == 303
    table = scene.browser.get(f"{scene.page}/readings").text
    assert table.count("Superseded") == 1


def test_file_with_one_bad_row_is_refused_naming_its_cell(scene: Scene) -> None:
    content = b"meter,time,value\nE1,2025-02-01 08:00,1\nE1,2025-02-02 08:00,-1\nE9,2025-02-02,2\n"
    answer = upload(scene, content)
    assert answer.status_code == 422
    for cell in ("C3", "A4"):
        assert f">{cell}<" in answer.text
    assert scene.count(MeterReading) == 0
    assert upload(scene, b"E1,2025-02-01 08:00,1\n").status_code == 422
    assert upload(scene, b"").status_code == 422


def test_workbook_of_readings_is_kept(scene: Scene) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["meter", "time", "value"])
    for day in range(1, 11):
        sheet.append(["E1", datetime(2025, 1, day, 8), 1000 + day / 2])
    content = BytesIO()
    book.save(content)
    assert upload(scene, content.getvalue(), "r.xlsx").status_code == 303
    with scene.database.reading() as session:
        query = select(MeterReading.moment, MeterReading.value).order_by(MeterReading.moment)
        first, *rest = session.execute(query).all()
    assert tuple(first) == (datetime(2025, 1, 1, tzinfo=UTC), Decimal("1000.5"))
    assert len(rest) == 9


def test_file_that_is_no_table_is_refused(scene: Scene) -> None:
    assert upload(scene, b"%PDF-1.7\n%%EOF", "r.pdf").status_code == 422
    assert upload(scene, b"\x00\x01\x02" * 100).status_code == 422
    assert scene.count(MeterReading) == 0


def test_viewer_reads_and_strangers_find_nothing(scene: Scene) -> None:
    page = scene.page
    seen = scene.viewer.get(page)
    assert seen.status_code == 200
    assert "readings/new" not in seen.text
    assert scene.viewer.get(f"{page}/readings/new").status_code == 403
    for path in (page, f"{page}/particulars", f"{page}/replace", f"{page}/readings/new"):
        assert scene.stranger.get(path).status_code == 404


def test_site_of_another_member_is_not_found(scene: Scene) -> None:
    answer = scene.stranger.submit(f"{METERS}/new", scene.typed())
    assert answer.status_code == 404
    assert scene.count(Meter) == 0
    assert scene.count(Site) == 1
