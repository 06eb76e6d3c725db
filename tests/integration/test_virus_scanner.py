"""Uploaded files and the virus scanner: what it knows is refused, and what it doesn't answer about too."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from socketserver import StreamRequestHandler, UnixStreamServer
from threading import Thread

import pytest
from sqlalchemy import func, select

from portal.app import create_app
from portal.config.settings import Settings
from portal.domain.actors import Role
from portal.store import virus_scanner
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.evidence import Evidence
from portal.store.evidence_inspection import inspect
from portal.store.lines import ActivityLine
from tests.browsers import Browser, give_session
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance, work_of
from tests.factories.years import a_year

BILL = b"month,kWh\n2025-01,120500\n"
HARMFUL = b"month,kWh\n2025-01,666\n"


class Clamd(StreamRequestHandler):
    """A scanner that knows one harmful file, and what it was shown."""

    seen: list[bytes]
    says: str

    def handle(self) -> None:
        asked = b""
        while not asked.endswith(b"\0"):
            asked += self.rfile.read(1)
        if asked == b"zPING\0":
            self.wfile.write(b"PONG\0")
            return
        assert asked == b"zINSTREAM\0"
        shown = b""
        while size := struct.unpack(">I", self.rfile.read(4))[0]:
            shown += self.rfile.read(size)
        self.seen.append(shown)
        found = "Portal.Test FOUND" if shown == HARMFUL else "OK"
        if self.says != "nothing":
            self.wfile.write(f"stream: {self.says or found}\0".encode())


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[Path]:
    Clamd.seen, Clamd.says = [], ""
    path = tmp_path / "clamd.ctl"
    with UnixStreamServer(str(path), Clamd) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield path
        server.shutdown()
        thread.join()


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    path = tmp_path / "bill"
    path.write_bytes(BILL)
    return path


def test_known_file_is_refused_and_another_passes(scanner: Path, bill: Path) -> None:
    assert inspect(bill, "bill.csv", scanner=scanner).is_accepted

    bill.write_bytes(HARMFUL)

    assert inspect(bill, "bill.csv", scanner=scanner).reason == "evidence.virus_test"
    assert Clamd.seen == [BILL, HARMFUL]


def test_large_file_is_shown_whole(scanner: Path, bill: Path) -> None:
    large = BILL + b"2025-02,1\n" * 100_000
    bill.write_bytes(large)

    assert not virus_scanner.is_infected(bill, scanner)
    assert Clamd.seen == [large]


@pytest.mark.parametrize("says", ["nothing", "INSTREAM size limit exceeded. ERROR", "OK?", "ok"])
def test_answer_that_does_not_say_clean_is_not_taken_for_it(
    scanner: Path, bill: Path, says: str
) -> None:
    Clamd.says = says

    assert inspect(bill, "bill.csv", scanner=scanner).reason == "evidence.not_inspected"


def test_scanner_that_is_away_lets_nothing_in(bill: Path, tmp_path: Path) -> None:
    assert inspect(bill, "bill.csv", scanner=tmp_path / "none").reason == "evidence.not_inspected"
    assert not virus_scanner.is_awake(tmp_path / "none")


def test_scanner_that_answers_is_awake(scanner: Path) -> None:
    assert virus_scanner.is_awake(scanner)


def reporter(database: Database) -> Account:
    with database.writing() as session:
        member = a_member(session, an_alliance(session, years=(2025,)), "M001", sector="packaging")
        account = an_account(session, Role.REPORTER, member)
        a_year(work_of(session, account), member, a_site(session, member, "S1"), 2025)
        session.commit()
    return account


@pytest.mark.parametrize(("content", "status"), [(BILL, 303), (HARMFUL, 422)])
def test_upload_is_scanned_before_it_is_kept(
    settings: Settings, database: Database, scanner: Path, content: bytes, status: int
) -> None:
    app = create_app(replace(settings, scanner=scanner), database)
    browser = Browser(app.test_client())
    browser.cookie = give_session(database, reporter(database))
    with database.reading() as session:
        key = session.scalars(select(ActivityLine.key)).first()
    data = {"file": (io.BytesIO(content), "bill.csv"), "csrf_token": browser.token("/account/")}

    answer = browser.post(
        f"/supplier/inventories/2025/lines/{key}/evidence", data, content_type="multipart/form-data"
    )

    assert answer.status_code == status
    assert Clamd.seen == [content]
    with database.reading() as session:
        kept = session.scalars(select(func.count()).select_from(Evidence)).one()
    assert (kept, len(list(Blobs(settings.storage).digests()))) == (
        (1, 1) if status == 303 else (0, 0)
    )
