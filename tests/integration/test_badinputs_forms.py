"""The corpus of bad inputs, sent through the real forms of the supplier's year of data.

Each test sends all cases of one kind and lists those whose answer is of another class than the corpus says.
"""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from portal.config import Settings
from portal.domain.actors import Role
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.evidence import Evidence
from portal.store.inventories import Inventory, Output
from portal.store.lines import ActivityLine, LineEvidence
from tests.browsers import Browser
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance

CORPUS = Path(__file__).parents[2] / "../shared/badinputs"
pytestmark = pytest.mark.skipif(
    not CORPUS.exists(), reason="the corpus is not beside this checkout"
)

ACCEPTED = {"accept", "accept_normalized", "accept_flagged", "accept_inert"}
# A unit needs a category whose dimension it has.
CATEGORY_OF_UNIT = {
    "kg": "soils.urea",
    "t": "soils.urea",
    "m³": "water.supply",
    "µg": "soils.urea",
    "GJ": "heat.steam",
    "tce": "stationary.anthracite",
    "bbl": "stationary.diesel",
}
CATEGORY_OF_CASE = {
    "ton": "soils.urea",
    "斤": "soils.urea",
    "Nm3": "stationary.natural_gas",
    "gal": "stationary.diesel",
    "CNY": "soils.urea",
}


@dataclass(frozen=True)
class Case:
    """One case with its value ready to be sent."""

    id: str
    field: str
    locale: str
    expect: str
    value: str
    stored: str | None


def cases(field: str, channel: str) -> list[Case]:
    found = []
    for text in (CORPUS / "cases.jsonl").read_text(encoding="ascii").splitlines():
        raw = json.loads(text)
        if raw["field"] == field and channel in raw["channel"]:
            stored = raw.get("stored")
            found.append(
                Case(raw["id"], field, raw["locale"], raw["expect"], value_of(raw), stored)
            )
    assert found, field
    return found


def value_of(raw: dict[str, Any]) -> str:
    if "input_b64" in raw:
        return base64.b64decode(raw["input_b64"]).decode("utf-8", "surrogateescape")
    recipe = raw.get("recipe")
    if recipe is None:
        return str(raw["input"])
    if "repeat" in recipe:
        return str(recipe["repeat"]) * int(recipe["count"])
    return (
        str(recipe["prefix"]) * int(recipe["count"])
        + str(recipe["middle"])
        + str(recipe["suffix"]) * int(recipe["count"])
    )


@dataclass
class Scene:
    database: Database
    settings: Settings
    browser: Browser
    token: str

    def table(self, year: int) -> str:
        return f"/supplier/inventories/{year}/lines"

    def post(self, path: str, data: dict[str, str], locale: str = "any") -> TestResponse:
        headers = {"Accept-Language": "de" if locale == "de" else "zh" if locale == "zh" else "en"}
        return self.browser.post(path, {**data, "csrf_token": self.token}, headers=headers)

    def send_line(self, case: Case, year: int = 2025, **changes: str) -> TestResponse:
        values = {
            "category": "electricity.grid",
            "quantity": "1",
            "unit": "kWh",
            "period": f"{year}-03",
            "site": "S1",
        } | changes
        data = {f"lines-0-{name}": value for name, value in values.items()}
        return self.post(self.table(year), {**data, "act": "continue"}, case.locale)

    def lines(self) -> list[ActivityLine]:
        with self.database.reading() as session:
            return list(session.scalars(select(ActivityLine).order_by(ActivityLine.id)))

    def empty(self) -> None:
        with self.database.writing() as session:
            for table in (LineEvidence, ActivityLine, Output, Evidence):
                session.execute(delete(table))
            session.commit()


@pytest.fixture
def scene(database: Database, settings: Settings, log_in: Callable[[Account], Browser]) -> Scene:
    with database.writing() as session:
        alliance = an_alliance(session, years=(2024, 2025, 2026))
        member = a_member(session, alliance, "M001", sector="packaging")
        a_site(session, member, "S1")
        account = an_account(session, Role.REPORTER, member)
        session.commit()
    browser = log_in(account)
    for year in (2025, 2026):
        browser.submit(f"/supplier/inventories/{year}/open", {}, page="/account/")
    return Scene(database, settings, browser, browser.token("/account/"))


def mismatch(case: Case, answer: TestResponse, stored: object, control: str) -> str | None:
    """What is wrong with an answer, or None."""
    where = f"{case.id} ({case.expect}, {case.value[:30]!r})"
    if answer.status_code >= 500:
        return f"{where}: {answer.status_code}"
    if case.expect in ACCEPTED:
        wanted = case.value if case.stored is None else case.stored
        if answer.status_code != 303:
            return f"{where}: {answer.status_code}"
        return None if same(stored, wanted) else f"{where}: stored {stored!r}, not {wanted!r}"
    if answer.status_code not in (400, 413, 422) or stored is not None:
        return f"{where}: {answer.status_code}, stored {stored!r}"
    return unhelpful(case, answer, control, where)


def unhelpful(case: Case, answer: TestResponse, control: str, where: str) -> str | None:
    """A refused value stands in its box, is named by the summary, and a question offers its readings."""
    tree = html.fromstring(answer.text)
    if not tree.xpath("//*[@data-error-summary]//li"):
        return f"{where}: nothing heads the page"
    if case.expect == "ask" and not tree.xpath('//input[@type="radio"]'):
        return f"{where}: no readings to choose from"
    shown = [
        found.get("value") or found.text or "" for found in tree.xpath(f'//*[@name="{control}"]')
    ]
    shown += tree.xpath(f'//select[@name="{control}"]//option[@selected]/@value')
    is_plain = case.value.isprintable() and len(case.value) < 1000
    if is_plain and case.value not in [text.strip("\n") for text in shown]:
        return f"{where}: the typed text is gone: {shown}"
    if "<script>alert" in answer.text or "onerror=alert(1)>" in answer.text:
        return f"{where}: shown unescaped"
    return None


def same(stored: object, wanted: str) -> bool:
    if isinstance(stored, Decimal):
        return stored == Decimal(wanted) and not (stored.is_zero() and stored.is_signed())
    return stored == unicodedata.normalize("NFC", wanted)


def wrong(found: Iterator[str | None]) -> list[str]:
    return [each for each in found if each is not None]


def test_number_cases_through_the_table(scene: Scene) -> None:
    def sent() -> Iterator[str | None]:
        for case in cases("number", "form"):
            scene.empty()
            answer = scene.send_line(case, quantity=case.value)
            kept = scene.lines()
            stored = kept[0].quantity if kept else None
            yield mismatch(case, answer, stored, "lines-0-quantity")

    assert wrong(sent()) == []


def test_unit_cases_through_the_table(scene: Scene) -> None:
    def sent() -> Iterator[str | None]:
        for case in cases("unit", "form"):
            scene.empty()
            wanted = case.stored or case.value
            category = CATEGORY_OF_CASE.get(
                case.value, CATEGORY_OF_UNIT.get(wanted, "electricity.grid")
            )
            answer = scene.send_line(case, unit=case.value, category=category)
            kept = scene.lines()
            yield mismatch(case, answer, kept[0].unit if kept else None, "lines-0-unit")

    assert wrong(sent()) == []


def test_period_cases_through_the_table(scene: Scene) -> None:
    def sent() -> Iterator[str | None]:
        for case in cases("period", "form"):
            scene.empty()
            year = 2026 if case.value.startswith("2026") else 2025
            answer = scene.send_line(case, year=year, period=case.value)
            yield mismatch(case, answer, stored_period(scene), "lines-0-period")

    assert wrong(sent()) == []


def stored_period(scene: Scene) -> str | None:
    kept = scene.lines()
    if not kept:
        return None
    start, end = kept[0].start_on, kept[0].end_on
    assert start is not None
    assert end is not None
    return f"{start.isoformat()}/{(end - timedelta(days=1)).isoformat()}"


def test_date_cases_through_the_page_of_a_line(scene: Scene) -> None:
    def sent() -> Iterator[str | None]:
        for case in cases("date", "form"):
            scene.empty()
            scene.send_line(case)
            (line,) = scene.lines()
            data = {
                "quantity": "1",
                "unit": "kWh",
                "site": "S1",
                "version": str(line.version),
                "period": "other",
                "start": case.value,
                "end": "2025-12-31",
            }
            answer = scene.post(f"{scene.table(2025)}/{line.key}", data)
            (now,) = scene.lines()
            is_changed = now.version != line.version
            stored = now.start_on.isoformat() if is_changed and now.start_on else None
            yield mismatch(case, answer, stored, "start")

    assert wrong(sent()) == []


def test_percent_cases_through_the_table(scene: Scene) -> None:
    def sent() -> Iterator[str | None]:
        for case in cases("percent", "form"):
            scene.empty()
            control = "parameters-nitrogen_percent"
            changes = {"category": "soils.fertiliser", "unit": "t", control: case.value}
            answer = scene.send_line(case, **changes)
            kept = scene.lines()
            parameters = (kept[0].parameters or {}) if kept else {}
            stored = parameters.get("nitrogen_percent")
            yield mismatch(case, answer, stored, f"lines-0-{control}")

    assert wrong(sent()) == []


def test_short_text_cases_through_production(scene: Scene) -> None:
    def sent() -> Iterator[str | None]:
        path = "/supplier/inventories/2025/outputs"
        for case in cases("text_short", "form"):
            scene.empty()
            answer = scene.post(path, {"product": case.value, "quantity": "1", "unit": "t"})
            with scene.database.reading() as session:
                stored = session.scalars(select(Output.product)).one_or_none()
            yield mismatch(case, answer, stored, "product")
            if stored is not None:
                yield escaped(case, scene.browser.get(path))

    assert wrong(sent()) == []


def escaped(case: Case, answer: TestResponse) -> str | None:
    tree = html.fromstring(answer.text)
    shown = " ".join(tree.xpath("//tbody//th")[0].text_content().split())
    wanted = " ".join(unicodedata.normalize("NFC", case.stored or case.value).split())
    has_element = tree.xpath("//tbody//th//*[not(self::a) and not(self::span)]")
    return None if shown == wanted and not has_element else f"{case.id}: shown as {shown!r}"


def test_long_text_cases_through_the_note(scene: Scene) -> None:
    def sent() -> Iterator[str | None]:
        for case in cases("text_long", "form"):
            before = note_of(scene)
            data = {"note": case.value, "note-before": before, "act": "leave"}
            answer = scene.post(scene.table(2025), data)
            after = note_of(scene)
            stored = after if answer.status_code == 303 else None
            if after != before and stored is None:
                yield f"{case.id}: refused, but kept"
            wanted = (case.stored or case.value).replace("\r\n", "\n").strip().lstrip("\ufeff")
            yield mismatch(
                Case(case.id, case.field, case.locale, case.expect, case.value, wanted),
                answer,
                stored,
                "note",
            )

    assert wrong(sent()) == []


def note_of(scene: Scene) -> str:
    with scene.database.reading() as session:
        return session.scalars(select(Inventory.note).where(Inventory.year == 2025)).one()


def test_file_name_cases_through_the_upload(scene: Scene) -> None:
    pdf = (CORPUS / "files/FE-001_baseline.pdf").read_bytes()
    workbook = (CORPUS / "files/FI-001_baseline.xlsx").read_bytes()

    def sent() -> Iterator[str | None]:
        for case in cases("filename", "upload"):
            # The corpus sends a PDF under every name; content and extension must agree here, so a workbook's name
            # comes with a workbook.
            content = workbook if case.value.endswith(".xlsx") else pdf
            yield upload_mismatch(scene, case, case.value, content)

    assert wrong(sent()) == []


def test_evidence_files_through_the_upload(scene: Scene) -> None:
    def sent() -> Iterator[str | None]:
        for text in (CORPUS / "files.jsonl").read_text(encoding="ascii").splitlines():
            raw = json.loads(text)
            if raw["id"].startswith("FE-"):
                case = Case(raw["id"], "file", "any", raw["expect"], raw["upload_name"], None)
                content = (CORPUS / raw["file"]).read_bytes()
                yield upload_mismatch(scene, case, raw["upload_name"], content)

    assert wrong(sent()) == []


def upload_mismatch(scene: Scene, case: Case, name: str, content: bytes) -> str | None:
    scene.empty()
    scene.send_line(case)
    (line,) = scene.lines()
    path = f"{scene.table(2025)}/{line.key}/evidence"
    answer = upload(scene, path, name, content)
    with scene.database.reading() as session:
        kept = session.scalars(select(Evidence)).one_or_none()
    where = f"{case.id} ({case.expect}, {name[:40]!r})"
    if answer.status_code >= 500:
        return f"{where}: {answer.status_code}"
    if list((scene.settings.storage / "incoming").glob("*")):
        return f"{where}: something stayed in the waiting room"
    if case.expect == "reject_file":
        is_right = 400 <= answer.status_code < 500 and kept is None
        return None if is_right else f"{where}: {answer.status_code}, {kept and kept.name!r}"
    if case.expect == "reject_file_or_accept":
        return None
    if kept is None or answer.status_code != 303:
        words = re.sub(r"\s+", " ", answer.text)[-200:]
        return f"{where}: {answer.status_code} {words}"
    if case.expect == "accept_file_flagged" and not kept.flags:
        return f"{where}: not flagged"
    served = scene.browser.get(f"/supplier/evidence/{kept.uid}")
    if served.data != content:
        return f"{where}: served other bytes"
    if case.stored and not case.stored.startswith("(") and kept.name != case.stored:
        is_shortened = kept.name.endswith(case.stored[-4:]) and "…" in kept.name
        return None if is_shortened else f"{where}: kept as {kept.name!r}"
    return None


def upload(scene: Scene, path: str, name: str, content: bytes) -> TestResponse:
    """Send a file as browsers do: quotes and line ends of its name are percent-encoded, the rest is UTF-8."""
    quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    quoted = quoted.replace("\\", "\\\\")
    boundary = "corpus-boundary"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{scene.token}\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode("utf-8", "surrogateescape")
    body += content + f"\r\n--{boundary}--\r\n".encode()
    return scene.browser.post(path, body, content_type=f"multipart/form-data; boundary={boundary}")
