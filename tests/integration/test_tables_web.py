"""A table of the supplier's own as its browser brings it: uploaded, settled, looked at, kept whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from lxml import html
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.config.settings import Settings
from portal.domain.actors import Role
from portal.domain.refusals import Forbidden
from portal.jobs.queue import Queue
from portal.jobs.registry import KINDS
from portal.services import evidence, imports
from portal.services.tables import files, short
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.import_mappings import ImportMapping
from portal.store.imports import ImportFile
from portal.store.jobs import Job
from portal.store.ledger import LedgerEntry
from portal.store.lines import ActivityLine
from portal.store.members import Member, Site
from tests.browsers import Browser
from tests.factories.suppliers import MOMENT, a_member, a_site, an_account, an_alliance, work_of
from tests.integration.test_jobs_certificates import StubRenderer, StubSignatory

UPLOAD = "/supplier/inventories/2025/tables"
GOOD = """site_code,period,activity,quantity,unit
S1,2025-01,electricity,1234.5,kWh
S2,2025-02,natural_gas,20,m3
"""


@dataclass
class Scene:
    database: Database
    settings: Settings
    browser: Browser
    stranger: Browser
    colleague: Browser
    member: Member

    def upload(
        self, content: bytes | str, name: str = "table.csv", *, script: bool = False
    ) -> TestResponse:
        raw = content.encode() if isinstance(content, str) else content
        data: dict[str, Any] = {
            "file": (BytesIO(raw), name),
            "csrf_token": self.browser.token(UPLOAD),
        }
        headers = {"Accept": "application/json"} if script else {}
        return self.browser.post(UPLOAD, data, content_type="multipart/form-data", headers=headers)

    def settle(self, address: str, **answers: str) -> TestResponse:
        """Send the page of columns with what it offers, and some answers."""
        data = _filled(self.browser.get(address).text) | {"act": "go"} | answers
        return self.browser.submit(address, data, page=address)

    def come_to(self, content: bytes | str, name: str = "table.csv", **answers: str) -> str:
        """Upload, settle, and give the address of the preview."""
        uploaded = self.upload(content, name)
        assert uploaded.status_code == 303, uploaded.text
        settled = self.settle(uploaded.location, **answers)
        assert settled.status_code == 303, settled.text
        return str(settled.location)

    def keep(self, address: str) -> TestResponse:
        return self.browser.submit(address, {}, page=address)

    def lines(self) -> list[ActivityLine]:
        with self.database.reading() as session:
            return list(session.scalars(select(ActivityLine).order_by(ActivityLine.position)))

    def file(self) -> ImportFile:
        with self.database.reading() as session:
            query = select(ImportFile).order_by(ImportFile.id.desc()).limit(1)
            return session.scalars(query).one()

    def work(self) -> None:
        """Let a worker do all jobs."""
        queue = Queue(self.database, self.settings, StubRenderer(), StubSignatory(), KINDS, lambda: MOMENT, 60, "one")  # fmt: skip
        while held := queue.take():
            queue.run(held)


def _filled(page: str) -> dict[str, str]:
    """What a browser would send of the page's form if nobody touched it."""
    (form,) = html.fromstring(page).xpath('//form[.//*[@name="role-0"]]')
    sent = {}
    for control in form.xpath(".//select"):
        chosen = control.xpath(".//option[@selected]") or control.xpath(".//option")[:1]
        sent[control.get("name")] = chosen[0].get("value", chosen[0].text)
    for control in form.xpath('.//input[@type="text"]'):
        sent[control.get("name")] = control.get("value") or ""
    return sent


@pytest.fixture
def scene(database: Database, settings: Settings, log_in: Callable[[Account], Browser]) -> Scene:
    with database.writing() as session:
        alliance = an_alliance(session, years=(2025,))
        member = a_member(session, alliance, "M001", sector="packaging")
        other = a_member(session, alliance, "M002", sector="packaging")
        for owner, code in ((member, "S1"), (member, "S2"), (other, "X1")):
            a_site(session, owner, code)
        people = [an_account(session, Role.REPORTER, owner) for owner in (member, other, member)]
        session.commit()
    made = Scene(database, settings, *(log_in(each) for each in people), member)
    for browser in (made.browser, made.stranger):
        answer = browser.submit("/supplier/inventories/2025/open", {}, page="/account/")
        assert answer.status_code == 303
    return made


def test_table_is_uploaded_settled_shown_and_kept(scene: Scene):
    preview = scene.come_to(GOOD)
    page = scene.browser.get(preview).text
    assert "Add these lines" in page
    assert scene.lines() == []
    kept = scene.keep(preview)
    assert kept.status_code == 303
    first, second = scene.lines()
    assert (first.category, first.unit, str(first.quantity)) == (
        "electricity.grid",
        "kWh",
        "1234.500000",
    )
    assert (second.category, second.unit, second.is_complete) == (
        "stationary.natural_gas",
        "m³",
        True,
    )
    assert first.changed_by is not None
    assert scene.file().state == "applied"
    assert scene.browser.get(kept.location).status_code == 200


def test_kept_lines_are_one_fact_of_the_ledger_with_the_file(scene: Scene):
    scene.keep(scene.come_to(GOOD))
    with scene.database.reading() as session:
        query = select(LedgerEntry).where(LedgerEntry.kind == "lines.imported")
        (entry,) = session.scalars(query)
    assert entry.detail == {"added": 2, "file": scene.file().sha256}
    assert entry.on_behalf_of == "M001"
    assert re.fullmatch("[0-9a-f]{64}", entry.after)


def test_bad_rows_are_all_shown_with_their_cells_and_nothing_is_kept(scene: Scene):
    bad = GOOD + "S9,2025-01,electricity,1,kWh\nS1,2031-01,electricity,x,kWh\n"
    preview = scene.come_to(bad)
    page = scene.browser.get(preview).text
    assert [cell for cell in ("A4", "B5", "D5") if f">{cell}<" in page] == ["A4", "B5", "D5"]
    assert "Add these lines" not in page
    assert scene.keep(preview).status_code == 422
    assert scene.lines() == []


def test_text_that_is_not_known_is_asked_about_and_its_answer_is_remembered(scene: Scene):
    table = GOOD.replace("electricity", "diesel").replace("kWh", "L")
    uploaded = scene.upload(table)
    page = scene.browser.get(uploaded.location).text
    (question,) = html.fromstring(page).xpath('//select[starts-with(@name, "text-category")]')
    offered = question.xpath("./optgroup[1]/option/@value")
    assert offered == ["mobile.diesel", "stationary.diesel"]
    settled = scene.settle(uploaded.location, **{question.get("name"): "mobile.diesel"})
    assert scene.keep(settled.location).status_code == 303
    again = scene.browser.get(scene.upload(table).location).text
    assert "same titles before" in again
    assert not html.fromstring(again).xpath('//select[starts-with(@name, "text-category")]')
    with scene.database.reading() as session:
        (known,) = session.scalars(select(ImportMapping))
    assert known.mapping["texts"]["category"]["diesel"] == "mobile.diesel"


def test_missing_column_is_named_and_one_value_for_all_rows_mends_it(scene: Scene):
    table = "period,activity,quantity,unit\n2025-01,electricity,1,kWh\n"
    uploaded = scene.upload(table)
    refused = scene.settle(uploaded.location)
    assert refused.status_code == 422
    assert "No column says this: Site" in refused.text
    settled = scene.settle(uploaded.location, **{"fixed-site": "S2"})
    assert scene.keep(settled.location).status_code == 303
    (line,) = scene.lines()
    with scene.database.reading() as session:
        assert session.get_one(Site, line.site_id or 0).code == "S2"


def test_months_as_columns_of_a_workbook_become_lines(scene: Scene):
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("能耗")
        sheet.write_row(0, 0, ["2025年能耗"])
        sheet.write_row(1, 0, ["场所", "能源品种", "单位", "1月", "2月", "合计"])
        sheet.write_row(2, 0, ["S1", "外购电力", "kWh", 10.5, 11, 21.5])
    scene.keep(scene.come_to(out.getvalue(), "能耗.xlsx"))
    assert [(str(line.quantity), str(line.start_on)) for line in scene.lines()] == [
        ("10.500000", "2025-01-01"),
        ("11.000000", "2025-02-01"),
    ]


def test_decimal_commas_are_kept_so_that_everybody_reads_them_alike(scene: Scene):
    table = GOOD.replace(",", ";").replace("1234.5", "1.234,5")
    scene.keep(scene.come_to(table))
    first = scene.lines()[0]
    assert (str(first.quantity), first.raw["quantity"]) == ("1234.500000", "1234.5")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "table.csv", "is empty"),
        (b"<html><table></table>", "table.csv", "web page"),
        (b"site,quantity,Quantity\n1,2,3\n", "table.csv", "same title"),
        (b"site,period,activity,quantity,unit\n", "table.csv", "no rows below"),
        (b"%PDF-1.4\n1 0 obj <<>> endobj\n", "table.pdf", ""),
    ],
)
def test_file_that_is_no_table_is_refused_and_leaves_nothing(scene: Scene, content, name, words):
    answer = scene.upload(content, name)
    assert answer.status_code == 422
    assert words in answer.text
    assert list(Blobs(scene.settings.storage).digests()) == []
    assert scene.browser.get(UPLOAD).status_code == 200


def test_long_table_is_read_checked_and_kept_by_jobs(scene: Scene, monkeypatch):
    monkeypatch.setattr(files, "MOST_BYTES_AT_ONCE", 10)
    uploaded = scene.upload(GOOD)
    assert "Being read" in scene.browser.get(uploaded.location).text
    scene.work()
    columns = scene.browser.get(uploaded.location).location
    preview = scene.settle(columns).location
    assert "Being read" in scene.browser.get(preview).text
    scene.work()
    assert "Add these lines" in scene.browser.get(preview).text
    assert scene.keep(preview).status_code == 303
    assert "Being applied" in scene.browser.get(preview).text
    assert scene.lines() == []
    scene.work()
    assert "The table was taken over" in scene.browser.get(preview).text
    assert len(scene.lines()) == 2


def test_page_of_a_long_table_asks_by_itself_how_far_it_is(scene: Scene, monkeypatch):
    monkeypatch.setattr(files, "MOST_BYTES_AT_ONCE", 10)
    address = scene.upload(GOOD).location
    page = scene.browser.get(address).text
    assert f'hx-get="{address}" hx-trigger="every 2s"' in page
    assert "vendor/htmx" in page
    script = {"HX-Request": "true"}
    part = scene.browser.get(address, headers=script)
    assert "Being read" in part.text
    assert "<html" not in part.text
    scene.work()
    polled = scene.browser.get(address, headers=script)
    assert (polled.text, polled.headers["HX-Refresh"]) == ("", "true")


def test_upload_by_the_page_s_script_is_told_where_to_go_or_why_not(scene: Scene):
    taken = scene.upload(GOOD, script=True)
    assert taken.status_code == 200
    assert taken.json == {"next": f"{UPLOAD}/{scene.file().uid}/columns"}
    refused = scene.upload(b"no table", "table.pdf", script=True)
    assert refused.status_code == 422
    assert set(refused.json) == {"message"}
    assert "table.pdf" in refused.json["message"]


def _colleague(scene: Scene, session: Session) -> Account:
    query = select(Account).where(Account.member_id == scene.member.id).order_by(Account.id.desc())
    return session.scalars(query.limit(1)).one()


@pytest.mark.parametrize("most_rows", [0, 2000])
def test_lines_are_those_of_whoever_kept_them(scene: Scene, monkeypatch, most_rows):
    monkeypatch.setattr(files, "MOST_ROWS_AT_ONCE", most_rows)
    preview = scene.come_to(GOOD)
    scene.work()
    assert scene.colleague.submit(preview, {}, page=preview).status_code == 303
    scene.work()
    with scene.database.reading() as session:
        person = _colleague(scene, session)
        (entry,) = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "lines.imported"))
    assert entry.actor == str(person.uid)
    assert {line.changed_by for line in scene.lines()} == {person.id}
    assert scene.file().settled_by == person.id
    assert scene.file().uploaded_by != person.id


def test_nothing_is_kept_for_somebody_who_lost_the_role_meanwhile(scene: Scene, monkeypatch):
    monkeypatch.setattr(files, "MOST_ROWS_AT_ONCE", 0)
    preview = scene.come_to(GOOD)
    scene.work()
    scene.colleague.submit(preview, {}, page=preview)
    with scene.database.writing() as session:
        person = _colleague(scene, session)
        person.roles.clear()
        session.commit()
    scene.work()
    assert scene.lines() == []
    assert scene.file().state == "ready"
    assert "may not change this year any more" in scene.browser.get(f"{preview}/columns").text


@pytest.mark.parametrize("verb", [files.begin_keeping, files.begin_check])
def test_table_is_not_worked_on_for_somebody_who_may_only_read(scene: Scene, verb):
    scene.come_to(GOOD)
    with scene.database.writing() as session:
        person = _colleague(scene, session)
        work = work_of(session, person)
        work.actor = replace(work.actor, roles=frozenset({Role.VIEWER}))
        with pytest.raises(Forbidden):
            verb(work, session.get_one(ImportFile, scene.file().id))


def test_nothing_is_kept_when_a_site_was_changed_since_the_check(scene: Scene, monkeypatch):
    monkeypatch.setattr(files, "MOST_ROWS_AT_ONCE", 0)
    preview = scene.come_to(GOOD)
    scene.work()
    scene.keep(preview)
    with scene.database.writing() as session:
        session.execute(update(Site).values(province="CN-SH"))
        session.commit()
    scene.work()
    assert scene.lines() == []
    assert scene.file().state == "ready"
    assert "were changed meanwhile" in scene.browser.get(f"{preview}/columns").text


def test_second_click_leads_to_what_became_of_the_first(scene: Scene):
    preview = scene.come_to(GOOD)
    scene.keep(preview)
    token = {"csrf_token": scene.browser.token(UPLOAD)}
    again = scene.browser.post(preview, token)
    assert (again.status_code, again.location) == (303, preview)
    assert "The table was taken over" in scene.browser.get(preview).text
    assert len(scene.lines()) == 2


def test_two_clicks_at_the_same_moment_are_one(scene: Scene, monkeypatch):
    preview = scene.come_to(GOOD)
    judge_all = short.judge_all

    def judge_until_the_other_click(*arguments: Any) -> Any:
        with scene.database.writing() as session:
            session.execute(update(ImportFile).values(state="applying"))
            session.commit()
        return judge_all(*arguments)

    monkeypatch.setattr(short, "judge_all", judge_until_the_other_click)
    again = scene.browser.submit(preview, {}, page=UPLOAD)
    assert (again.status_code, again.location) == (303, preview)
    assert scene.lines() == []


def _of_many_sites(count: int) -> str:
    rows = [f"Hall {place:03},2025-01,electricity,{place + 1},kWh" for place in range(count)]
    return "\n".join([GOOD.splitlines()[0], *rows])


def _questions(page: str) -> list[str]:
    return re.findall(r'name="(text-site-[0-9]+)"', page)


def test_texts_are_asked_about_a_hundred_at_a_time_until_all_are_answered(scene: Scene):
    columns = scene.upload(_of_many_sites(230)).location
    shown = scene.browser.get(columns).text
    for first, last in ((0, 100), (100, 200), (200, 230)):
        asked = _questions(shown)
        assert asked == [f"text-site-{number}" for number in range(first, last)]
        answers = dict.fromkeys(asked, "S1") | {"act": "go", "asked": str(first // 100 + 1)}
        answer = scene.browser.submit(columns, _filled(shown) | answers, page=columns)
        assert answer.status_code == (200 if last < 230 else 303)
        shown = answer.text
    assert "Add these lines" in scene.browser.get(answer.location).text
    texts = (scene.file().mapping or {})["texts"]["site"]
    assert set(texts.values()) == {"S1"}
    assert len(texts) == 230
    assert _questions(scene.browser.get(columns).text) == [f"text-site-{n}" for n in range(100)]
    assert _questions(scene.browser.get(f"{columns}?page=3").text)[0] == "text-site-200"


def test_texts_that_are_left_open_are_not_asked_about_for_ever(scene: Scene):
    columns = scene.upload(_of_many_sites(130)).location
    answer = scene.settle(columns, asked="1")
    assert answer.status_code == 303
    assert "can’t be added yet" in scene.browser.get(answer.location).text
    second = scene.browser.get(f"{columns}?page=2").text
    assert len(_questions(second)) == 30


def test_table_that_was_put_aside_is_gone_from_the_list(scene: Scene):
    preview = scene.come_to(GOOD)
    assert "table.csv" in scene.browser.get(UPLOAD).text
    scene.browser.submit(f"{preview}/remove", {}, page=preview)
    assert "table.csv" not in scene.browser.get(UPLOAD).text
    assert scene.file().state == "abandoned"


def test_table_of_another_member_is_answered_like_an_unknown_one(scene: Scene):
    preview = scene.come_to(GOOD)
    assert scene.stranger.get(preview).status_code == 404
    assert scene.stranger.get(f"{preview}/columns").status_code == 404


def test_titles_in_another_row_are_taken_when_somebody_says_so(scene: Scene):
    table = "a,b,c,d,e\nS1,2025-01,electricity,1,kWh\nS2,2025-02,electricity,2,kWh\n"
    uploaded = scene.upload(table)
    shown = scene.settle(uploaded.location, act="titles", titles="1")
    assert shown.status_code == 200
    roles = [_filled(shown.text)[f"role-{place}"] for place in range(5)]
    assert roles == ["site", "period", "category", "quantity", "unit"]
    settled = scene.settle(uploaded.location)
    scene.keep(settled.location)
    assert len(scene.lines()) == 2


@pytest.mark.parametrize("step", ["", "/workbook"])
def test_table_has_no_page_among_the_workbooks(scene: Scene, step):
    scene.come_to(GOOD)
    address = f"/supplier/inventories/2025/imports/{scene.file().uid}"
    assert scene.browser.get(f"{address}{step}").status_code == 404
    assert "table.csv" not in scene.browser.get("/supplier/inventories/2025/workbook").text


@pytest.mark.parametrize("act", ["apply", "discard"])
def test_table_can_not_be_ended_as_a_workbook(scene: Scene, act):
    scene.come_to(GOOD)
    address = f"/supplier/inventories/2025/imports/{scene.file().uid}"
    token = {"csrf_token": scene.browser.token(UPLOAD), "act": "apply"}
    assert scene.browser.post(f"{address}/{act}", token).status_code == 404
    assert scene.file().state == "ready"


def _entries(scene: Scene) -> list[tuple[str, str, dict[str, Any]]]:
    with scene.database.reading() as session:
        query = select(LedgerEntry).where(LedgerEntry.kind.startswith("import."))
        found = list(session.scalars(query.order_by(LedgerEntry.sequence)))
    assert {entry.on_behalf_of for entry in found} == {"M001"}
    assert {entry.subject for entry in found} == {f"import/{scene.file().uid}"}
    return [(entry.kind, entry.after or entry.before, dict(entry.detail)) for entry in found]


def test_table_that_comes_and_is_put_aside_stands_in_the_ledger(scene: Scene):
    preview = scene.come_to(GOOD)
    scene.browser.submit(f"{preview}/remove", {}, page=preview)
    sha256 = scene.file().sha256
    assert _entries(scene) == [
        ("import.uploaded", sha256, {"kind": "free", "year": 2025}),
        ("import.discarded", sha256, {}),
    ]


def test_table_that_is_refused_later_stands_in_the_ledger_with_why(scene: Scene):
    preview = scene.come_to(GOOD)
    sha256 = scene.file().sha256
    Blobs(scene.settings.storage).remove(sha256)
    scene.keep(preview)
    assert scene.file().state == "refused"
    assert _entries(scene)[1:] == [("import.refused", sha256, {"codes": ["table.file.gone"]})]


def test_uploads_are_counted_also_when_they_are_refused_and_before_they_are_read(
    scene: Scene, monkeypatch
):
    monkeypatch.setattr(imports, "MOST_AN_HOUR", 3)
    assert [scene.upload(each).status_code for each in ("", "<html>", GOOD)] == [422, 422, 303]
    monkeypatch.setattr(evidence, "inspect", _never)
    answer = scene.upload(GOOD)
    assert answer.status_code == 429
    assert "uploaded 3 files within an hour" in answer.text


@pytest.mark.parametrize("column", ["mapping", "preview"])
def test_nothing_is_kept_when_a_colleague_settled_it_otherwise_meanwhile(
    scene: Scene, monkeypatch, column
):
    preview = scene.come_to(GOOD)
    file = scene.file()
    changed = {
        "mapping": {**(file.mapping or {}), "year": 2024},
        "preview": {"survey": (file.preview or {})["survey"]},
    }
    judge_all = short.judge_all

    def judge_late(*arguments: Any) -> Any:
        found = judge_all(*arguments)
        with scene.database.writing() as session:
            session.execute(update(ImportFile).values({column: changed[column]}))
            session.commit()
        return found

    monkeypatch.setattr(short, "judge_all", judge_late)
    assert scene.keep(preview).status_code == 409
    assert scene.lines() == []
    assert scene.file().state == "ready"


def test_answers_that_no_database_keeps_are_not_kept(scene: Scene):
    uploaded = scene.upload(GOOD)
    answers = {"role-0": "parameters.\0", "role-1": "parameters.unheard", "fixed-period": "2025\0"}
    assert scene.settle(uploaded.location, **answers).status_code in (303, 422)
    mapping = scene.file().mapping or {}
    assert mapping["roles"][:2] == ["site", "period"]
    assert mapping["fixed"]["period"] == "2025\ufffd"


def test_long_table_is_looked_through_again_by_a_job(scene: Scene, monkeypatch):
    columns = scene.upload("a,b,c,d,e\nS1,2025-01,electricity,1,kWh\n").location
    monkeypatch.setattr(files, "MOST_ROWS_AT_ONCE", 0)
    monkeypatch.setattr("portal.services.tables.short.opened", _never)
    for answers, roles in (
        ({"act": "titles", "titles": "1"}, ["site", "period", "category", "quantity", "unit"]),
        ({"role-0": "", "role-2": ""}, ["", "period", "", "quantity", "unit"]),
    ):
        shown = scene.settle(columns, **answers)
        assert shown.status_code == 303
        assert "Being read" in scene.browser.get(shown.location).text
        scene.work()
        assert (scene.file().mapping or {})["roles"] == roles
        assert scene.browser.get(columns).status_code == 200


@pytest.mark.parametrize(
    "address", [UPLOAD, "/supplier/inventories/2025/workbook", "/supplier/meters/upload"]
)
def test_workbook_of_the_old_kind_is_refused_with_what_to_do(scene: Scene, monkeypatch, address):
    monkeypatch.setattr(evidence, "inspect", _never)
    data = {
        "file": (BytesIO(b"\xd0\xcf\x11\xe0"), "用电.XLS"),
        "csrf_token": scene.browser.token(address),
    }
    answer = scene.browser.post(address, data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "save it as .xlsx" in answer.text


def test_rows_of_months_that_have_a_line_already_are_pointed_out(scene: Scene):
    first = scene.come_to(GOOD)
    assert "already" not in scene.browser.get(first).text
    scene.keep(first)
    again = scene.come_to(GOOD.replace("1234.5", "99"))
    shown = scene.browser.get(again).text
    assert "The year has a line of this category, site and period already" in shown
    assert "2 times" in shown
    assert scene.keep(again).status_code == 303
    assert len(scene.lines()) == 4


def test_passes_through_long_tables_are_counted_and_stand_behind_those_of_others(
    scene: Scene, monkeypatch
):
    columns = scene.upload("a,b,c,d,e\nS1,2025-01,electricity,1,kWh\n").location
    monkeypatch.setattr(files, "MOST_ROWS_AT_ONCE", 0)
    monkeypatch.setattr(files, "MOST_PASSES_AN_HOUR", 2)
    again = {"act": "titles", "titles": "1"}
    for _ in range(2):
        assert scene.settle(columns, **again).status_code == 303
        with scene.database.reading() as session:
            latest = session.scalars(select(Job).order_by(Job.id.desc()).limit(1)).one()
            assert latest.priority == -1
        scene.work()
    refused = scene.settle(columns, **again)
    assert refused.status_code == 409
    assert "worked through 2 times within an hour" in refused.text
    assert scene.file().state == "ready"


def test_second_pass_of_a_member_waits_for_the_first_of_another(scene: Scene, monkeypatch):
    addresses = [scene.upload(GOOD).location for _ in range(2)]
    monkeypatch.setattr(files, "MOST_ROWS_AT_ONCE", 0)
    for address in addresses:
        assert scene.settle(address).status_code == 303
    with scene.database.reading() as session:
        query = select(Job.priority).where(Job.state == "ready").order_by(Job.id)
        assert list(session.scalars(query)) == [-1, -2]


def _never(*_args: Any, **_kwargs: Any) -> None:
    raise AssertionError("the file was looked into")
