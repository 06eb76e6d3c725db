"""The corpus of bad inputs, sent through the real forms of the supplier's year of data.

Each test sends all cases of one kind and lists those whose answer is of another class than the corpus says.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest
from lxml import html
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from portal.config.settings import Settings
from portal.domain.actors import Role
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.evidence import Evidence
from portal.store.inventories import Inventory, Output
from portal.store.lines import ActivityLine, LineEvidence
from tests.badinputs import ACCEPTED, COLUMN_OF, FIELDS, PRODUCT, Came, Case, cases_of, differences
from tests.browsers import Browser
from tests.corpus import CORPUS
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance

pytestmark = pytest.mark.skipif(
    not CORPUS.exists(), reason="the corpus is not beside this checkout"
)
OUTPUTS = "/supplier/inventories/2025/outputs"


@dataclass
class Scene:
    database: Database
    settings: Settings
    browser: Browser
    token: str

    def table(self, year: int) -> str:
        return f"/supplier/inventories/{year}/lines"

    channels = frozenset({"form"})

    def post(self, path: str, data: dict[str, str], language: str = "en") -> TestResponse:
        headers = {"Accept-Language": language}
        return self.browser.post(path, {**data, "csrf_token": self.token}, headers=headers)

    def send_line(self, case: Case) -> TestResponse:
        data = {f"lines-0-{_control(name)}": value for name, value in case.line.items()}
        return self.post(self.table(case.year), {**data, "act": "continue"}, case.language)

    def lines(self) -> list[ActivityLine]:
        with self.database.reading() as session:
            return list(session.scalars(select(ActivityLine).order_by(ActivityLine.id)))

    def line(self) -> ActivityLine | None:
        (*kept,) = self.lines()
        return kept[0] if kept else None

    def tries(self, field: str, cases: Sequence[Case]) -> Iterator[Came]:
        """Send the cases one after the other: dates and notes through the pages that ask for them alone."""
        tries = {"text_short": by_production, "text_long": by_note, "date": by_page_of_line}
        for case in cases:
            self.empty()
            yield tries.get(field, by_table)(self, case)

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


def _control(column: str) -> str:
    return column.replace(".", "-")


def came(case: Case, answer: TestResponse, stored: object, control: str) -> Came:
    """What an answer is to somebody who looks at the page."""
    is_taken = answer.status_code == 303
    asks = not is_taken and bool(html.fromstring(answer.text).xpath('//input[@type="radio"]'))
    complaint = "" if is_taken else unhelpful(case, answer, control)
    if case.expect in ACCEPTED and not is_taken:
        complaint = re.sub(r"\s+", " ", answer.text)[-200:]
    return Came(answer.status_code, is_taken, stored, asks, complaint=complaint)


def unhelpful(case: Case, answer: TestResponse, control: str) -> str:
    """A refused value stands in its box, is named by the summary, and nothing of it runs."""
    if answer.status_code not in (400, 413, 422):
        return "of another class"
    tree = html.fromstring(answer.text)
    if not tree.xpath("//*[@data-error-summary]//li"):
        return "nothing heads the page"
    shown = [
        found.get("value") or found.text or "" for found in tree.xpath(f'//*[@name="{control}"]')
    ]
    shown += tree.xpath(f'//select[@name="{control}"]//option[@selected]/@value')
    is_plain = case.value.isprintable() and len(case.value) < 1000
    if is_plain and case.value not in [text.strip("\n") for text in shown]:
        return f"the typed text is gone: {shown}"
    if "<script>alert" in answer.text or "onerror=alert(1)>" in answer.text:
        return "shown unescaped"
    return ""


def by_table(scene: Scene, case: Case) -> Came:
    answer = scene.send_line(case)
    control = f"lines-0-{_control(COLUMN_OF[case.field])}"
    return came(case, answer, case.kept(scene.line()), control)


def by_page_of_line(scene: Scene, case: Case) -> Came:
    values = {**case.line, "period": "2025-03"}
    sound = {f"lines-0-{name}": values[name] for name in values if name not in ("start", "end")}
    scene.post(scene.table(2025), {**sound, "act": "continue"})
    (line,) = scene.lines()
    data = {**values, "version": str(line.version), "period": "other"}
    del data["category"]
    answer = scene.post(f"{scene.table(2025)}/{line.key}", data)
    (now,) = scene.lines()
    return came(case, answer, case.kept(now) if now.version != line.version else None, "start")


def by_production(scene: Scene, case: Case) -> Came:
    answer = scene.post(OUTPUTS, {**PRODUCT, "product": case.value})
    with scene.database.reading() as session:
        stored = session.scalars(select(Output.product)).one_or_none()
    found = came(case, answer, stored, "product")
    if stored is None or is_shown_as_text(case, scene.browser.get(OUTPUTS)):
        return found
    return Came(answer.status_code, is_taken=False, stored=stored, complaint="not shown as text")


def is_shown_as_text(case: Case, answer: TestResponse) -> bool:
    tree = html.fromstring(answer.text)
    shown = " ".join(tree.xpath("//tbody//th")[0].text_content().split())
    wanted = " ".join(unicodedata.normalize("NFC", case.wanted).split())
    return shown == wanted and not tree.xpath("//tbody//th//*[not(self::a) and not(self::span)]")


def by_note(scene: Scene, case: Case) -> Came:
    before = note_of(scene)
    data = {"note": case.value, "note-before": before, "act": "leave"}
    answer = scene.post(scene.table(2025), data)
    after = note_of(scene)
    is_kept = answer.status_code == 303 or after != before
    return came(case, answer, after if is_kept else None, "note")


def note_of(scene: Scene) -> str:
    with scene.database.reading() as session:
        return session.scalars(select(Inventory.note).where(Inventory.year == 2025)).one()


@pytest.mark.parametrize("field", FIELDS)
def test_cases_through_the_forms(scene: Scene, field: str) -> None:
    assert differences(scene, field) == []


def wrong(found: Iterator[str | None]) -> list[str]:
    return [each for each in found if each is not None]


SOUND = Case("", "number", "any", "accept", "1", None)


def test_file_name_cases_through_the_upload(scene: Scene) -> None:
    pdf = (CORPUS / "files/FE-001_baseline.pdf").read_bytes()
    workbook = (CORPUS / "files/FI-001_baseline.xlsx").read_bytes()

    def sent() -> Iterator[str | None]:
        for case in cases_of("filename", frozenset({"upload"})):
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
                name = raw["upload_name"]
                case = Case(raw["id"], "file", "any", raw["expect"], name, None)
                content = (CORPUS / raw["file"]).read_bytes()
                yield upload_mismatch(scene, case, name, content)

    assert wrong(sent()) == []


def upload_mismatch(scene: Scene, case: Case, name: str, content: bytes) -> str | None:
    scene.empty()
    scene.send_line(SOUND)
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
