"""What people type and what opens doors stands in no log line, error page, job or figure, whatever goes wrong."""

from __future__ import annotations

import http.client
import json
import os
import re
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql

from portal.domain.actors import Role
from portal.services import passwords
from portal.store import jobs
from portal.store.base import Database
from portal.store.jobs import Job
from portal.store.messages import Message
from tests.conventions.source import ROOT
from tests.factories.suppliers import a_member, an_account, an_alliance
from tests.serving import Served, free_port, served
from tests.smtp import mail_server
from tests.workers import wait_until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

TYPED = {
    "wrong password": "canary-wrong-password-11",
    "password": "canary right password of twelve words",
    "typed address": "canary-address-12@typed.example",
    "account's address": "canary-account-13@known.example",
    "file name": "canary-file-14.pdf",
    "reset token": "canary-reset-token-15-0123456789abcdef",
    "invitation token": "canary-invitation-16-0123456789abcdef",
    "code": "canary-code-17",
    "name": "canary-name-18",
    "query": "canary-query-19",
}
SECRETS = {
    "PORTAL_SECRET_KEY": "canary-secret-key-20-abcdefghijklmnopqrstuvw",
    "PORTAL_PASSWORD_SALT": "canary-password-salt-21-abcdefghijklmnopqrst",
    "PORTAL_TOTP_SECRET": "canary-totp-secret-22-abcdefghijklmnopqrstuv",
}
ADDRESS = TYPED["account's address"]
MAIL_PASSWORD = "canary-mail-password-23"
# Where a form is shown again with what was typed, the status is another one.
ERROR_PAGES = (400, 403, 404, 405, 409, 413, 415, 429)
# A page that isn't found is offered in the other language too, by a link that holds its own address.
OWN_ADDRESS = [f"{name} in pages" for name in ("reset token", "invitation token", "query", "code")]
# The forms that somebody who reports for a member fills in; each of their fields gets a mark of its own.
FORMS = (
    "/supplier/set-up/names",
    "/supplier/set-up/signatory",
    "/supplier/sites/new",
    "/supplier/inventories/2025/lines",
    "/supplier/inventories/2025/lines/paste",
    "/supplier/inventories/2025/outputs",
    "/supplier/inventories/2025/not-applicable",
    "/supplier/plan/actions/new",
    "/account/password",
)
LEAST_MARKS = 40
_FIELD = re.compile(r'<(?:input|textarea)\b[^>]*?\bname="([^"]+)"[^>]*>')
_UNTYPED = re.compile(r'type="(?:hidden|radio|checkbox|submit|file)"')
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Visit:
    """One browser of the served portal; keeps its cookies, its tokens, and every page that came back."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    broken_pages: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if kind:
            headers["Content-Type"] = kind
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            page = answer.read().decode("utf-8", "replace")
            for line in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name] = value
        finally:
            connection.close()
        self.statuses.append(answer.status)
        if answer.status >= 500 or answer.status in ERROR_PAGES:
            self.broken_pages.append(page)
        return page

    def submit(self, path: str, page: str | None = None, **fields: str) -> str:
        found = _TOKEN.search(self.ask("GET", page or path))
        assert found is not None, f"{path} has no form"
        self.tokens.append(found[1])
        sent = urlencode({**fields, "csrf_token": found[1]}).encode()
        return self.ask("POST", path, sent, "application/x-www-form-urlencoded")

    def fill(self, path: str) -> dict[str, str]:
        """Type a mark of its own into every field of a page and send it; gives the marks."""
        page = self.ask("GET", path)
        fields = [found[1] for found in _FIELD.finditer(page) if not _UNTYPED.search(found[0])]
        marks = {name: f"canary-form-{secrets.token_hex(6)}" for name in fields}
        self.submit(path, **marks)
        return {f"{name} of {path}": mark for name, mark in marks.items()}

    def upload(self, path: str, name: str) -> None:
        body = (
            f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/pdf\r\n\r\n%PDF-1.7 nothing\r\n--edge--\r\n"
        )
        self.ask("POST", path, body.encode(), "multipart/form-data; boundary=edge")


@dataclass
class Stage:
    """A served portal whose mail server refuses everybody, and its database."""

    portal: Served
    database: Database
    metrics: int


@pytest.fixture
def stage(database: Database, database_url: str, tmp_path: Path) -> Iterator[Stage]:
    with database.writing() as session:
        member = a_member(session, an_alliance(session, years=(2025,)), "M001", sector="packaging")
        account = an_account(session, Role.REPORTER, member)
        account.email = ADDRESS
        account.password = passwords.hash_password(
            TYPED["password"], SECRETS["PORTAL_PASSWORD_SALT"]
        )
        session.commit()
    port = free_port()
    with mail_server(RCPT=f"450 4.2.0 <{ADDRESS}> try later") as mailbox:
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            **SECRETS,
            "PORTAL_BASE_URL": "http://127.0.0.1",
            "PORTAL_FOLDER": str(tmp_path),
            "PORTAL_DATABASE_URL": database_url,
            "PORTAL_METRICS": str(port),
            "PORTAL_MAIL_URL": f"smtp+plain://portal:{MAIL_PASSWORD}@127.0.0.1:{mailbox.port}",
        }
        with served(Path(sys.executable), environ, tmp_path, is_quiet=True) as running:
            yield Stage(running, database, port)


def test_nothing_secret_or_typed_is_told_whatever_goes_wrong(stage: Stage) -> None:
    visit = Visit(stage.portal.port)
    _type_everything(visit)
    visit.submit("/supplier/inventories/2025/open", "/supplier/")
    visit.submit("/supplier/plan/begin", "/supplier/plan")
    marks = {name: mark for path in FORMS for name, mark in visit.fill(path).items()}
    _let_jobs_fail(stage)
    _break_the_database(stage, visit)
    _wait_for_the_mail_to_fail(stage)
    figures = _figures(stage)
    stage.portal.stop()
    lines = stage.portal.log.read_text("utf-8").splitlines()

    told = {
        "log": "\n".join(lines),
        "pages": "\n".join(visit.broken_pages),
        "jobs": _errors(stage.database),
        "figures": figures,
    }
    canaries = {**TYPED, **SECRETS, **marks, "mail password": MAIL_PASSWORD}
    canaries["cookie"] = visit.cookies["session"]
    canaries |= {f"token {number}": token for number, token in enumerate(visit.tokens)}
    assert len(canaries) >= LEAST_MARKS
    hits = [
        f"{name} in {place}"
        for name, value in canaries.items()
        for place, text in told.items()
        if any(form in text for form in (value, quote(value), quote(value, safe="")))
    ]
    hits = [hit for hit in hits if hit not in OWN_ADDRESS]
    assert not hits, "\n".join(hits)
    assert all(json.loads(line)["event"] for line in lines)
    events = {json.loads(line)["event"] for line in lines}
    assert {"account.login_failed", "account.logged_in", "csrf.refused", "job.put_off"} <= events
    assert events & {"bug", "database.away"}
    assert any(status >= 500 for status in visit.statuses)


def _type_everything(visit: Visit) -> None:
    wrong = TYPED["wrong password"]
    visit.submit("/login", email=TYPED["typed address"], password=wrong)
    visit.submit("/login", email=ADDRESS, password=wrong)
    visit.submit("/login/forgotten", email=ADDRESS)
    visit.submit("/login/forgotten", email=TYPED["typed address"])
    visit.ask("GET", f"/login/reset/{TYPED['reset token']}")
    visit.ask("GET", f"/invitation/{TYPED['invitation token']}")
    visit.ask("GET", f"/nothing?asked={TYPED['query']}")
    visit.ask("POST", "/login", urlencode({"email": TYPED["typed address"]}).encode(), "text/plain")
    form = "application/x-www-form-urlencoded"
    visit.ask("POST", "/login", urlencode({"email": TYPED["typed address"]}).encode(), form)
    visit.submit("/login", email=ADDRESS, password=TYPED["password"])
    visit.ask("GET", "/supplier/")
    visit.submit("/account/", name=TYPED["name"], language="en")
    visit.upload("/verify/2025-000001", TYPED["file name"])
    visit.upload("/supplier/inventories/2025/lines", TYPED["file name"])
    visit.ask("GET", f"/coordinator/members/{TYPED['code']}")


def _let_jobs_fail(stage: Stage) -> None:
    """A job of an unknown kind, and one whose handler trips over its own arguments."""
    now = datetime.now(UTC)
    with stage.database.writing() as session:
        jobs.add(session, "unheard_of", {"who": TYPED["typed address"]}, moment=now)
        jobs.add(session, "send_message", {"message_id": TYPED["name"]}, moment=now)
        session.commit()


def _break_the_database(stage: Stage, visit: Visit) -> None:
    """The table of accounts loses its name while somebody is at work, then gets it back."""
    with stage.database.writing() as session:
        session.execute(sql("ALTER TABLE account RENAME TO account_lost"))
        session.commit()
    sent = {"email": TYPED["typed address"], "password": TYPED["wrong password"]}
    body = urlencode({**sent, "csrf_token": visit.tokens[-1]}).encode()
    visit.ask("POST", "/login", body, "application/x-www-form-urlencoded")
    visit.ask("GET", "/supplier/")
    with stage.database.writing() as session:
        session.execute(sql("ALTER TABLE account_lost RENAME TO account"))
        session.commit()


def _wait_for_the_mail_to_fail(stage: Stage) -> None:
    def has_failed() -> bool:
        with stage.database.reading() as session:
            tried = session.scalars(select(Job).where(Job.kind == "send_message", Job.error != ""))
            return any("450" in job.error for job in tried)

    wait_until(has_failed, 60)


def _errors(database: Database) -> str:
    with database.reading() as session:
        return "\n".join(
            [*session.scalars(select(Job.error)), *session.scalars(select(Message.error))]
        )


def _figures(stage: Stage) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", stage.metrics, timeout=120)
    connection.request("GET", "/metrics")
    found = connection.getresponse().read().decode()
    connection.close()
    assert 'portal_events_total{event="account.login_failed"}' in found
    return found
