"""Uploads that nothing can come of cost the portal neither a look nor a byte that stays; files are ours alone."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update

from portal.config.settings import Settings
from portal.domain.actors import Role
from portal.jobs.worker import drain
from portal.services import evidence
from portal.store import blobs, evidence_inspection
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.evidence import Evidence
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine, LineEvidence
from tests.browsers import Browser
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance, work_of
from tests.factories.years import a_year
from tests.workers import START, add_job, settings_for

LogIn = Callable[..., Browser]
BILL = b"month,kWh\n2025-01,120500\n"


@pytest.fixture
def reporter(database: Database) -> Account:
    with database.writing() as session:
        member = a_member(session, an_alliance(session, years=(2025,)), "M001", sector="packaging")
        account = an_account(session, Role.REPORTER, member)
        a_year(work_of(session, account), member, a_site(session, member, "S1"), 2025)
        session.commit()
    return account


def upload(browser: Browser, database: Database, content: bytes = BILL) -> int:
    with database.reading() as session:
        key = session.scalars(select(ActivityLine.key).order_by(ActivityLine.position)).first()
    data = {"file": (io.BytesIO(content), "bill.csv"), "csrf_token": browser.token("/account/")}
    path = f"/supplier/inventories/2025/lines/{key}/evidence"
    return browser.post(path, data, content_type="multipart/form-data").status_code


def test_file_for_an_open_year_is_kept(
    log_in: LogIn, reporter: Account, database: Database, settings: Settings
) -> None:
    assert upload(log_in(reporter), database) == 303
    assert list(Blobs(settings.storage).digests()) == [sha256(BILL).hexdigest()]


@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_file_for_a_closed_year_is_refused_before_anybody_looks_into_it(
    log_in: LogIn,
    reporter: Account,
    database: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    state: str,
) -> None:
    with database.writing() as session:
        session.execute(update(Inventory).values(state=state))
        session.commit()
    looked = []
    monkeypatch.setattr(evidence_inspection, "_ask_child", lambda *given: looked.append(given))

    assert upload(log_in(reporter), database) == 409

    assert looked == []
    assert list(Blobs(settings.storage).digests()) == []
    with database.reading() as session:
        assert session.scalars(select(Evidence.id)).all() == []


def kept_blob(folder: Path, content: bytes, *, hours: int) -> str:
    storage = Blobs(folder)
    with storage.receive(io.BytesIO(content), largest=1000) as received:
        storage.keep(received)
    digest = sha256(content).hexdigest()
    moment = (START - timedelta(hours=hours)).timestamp()
    os.utime(folder / digest[:2] / digest, (moment, moment))
    return digest


def test_sweep_takes_old_contents_that_no_row_names(
    database: Database, database_url: str, reporter: Account, tmp_path: Path
) -> None:
    settings = settings_for(database_url, tmp_path)
    named, young = (
        kept_blob(settings.storage, b"named", hours=99),
        kept_blob(settings.storage, b"young", hours=1),
    )
    kept_blob(settings.storage, b"old", hours=99)
    with database.writing() as session:
        session.add(
            Evidence(
                uid=reporter.uid,
                member_id=reporter.member_id,
                sha256=named,
                size=5,
                media_type="text/csv",
                name="bill.csv",
                flags=[],
                uploaded_by=reporter.id,
                uploaded_at=START,
            )
        )
        session.commit()

    add_job(database, "sweep", moment=START)
    drain(settings, now=lambda: START)

    assert set(Blobs(settings.storage).digests()) == {named, young}


def test_content_that_is_uploaded_again_is_young_again(tmp_path: Path) -> None:
    digest = kept_blob(tmp_path, b"old", hours=99)
    storage = Blobs(tmp_path)
    with storage.receive(io.BytesIO(b"old"), largest=1000) as received:
        storage.keep(received)

    assert not storage.remove_if_older(digest, START)
    assert storage.is_intact(digest)


def test_content_that_is_kept_again_while_the_sweep_looks_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = kept_blob(tmp_path, b"old", hours=99)
    look, young = blobs._written_at, START.timestamp() + 1
    seen: list[Path] = []

    def looked(path: Path) -> datetime:
        at = look(path)
        if not seen:
            os.utime(path, (young, young))  # somebody uploads the same bytes just now
        seen.append(path)
        return at

    monkeypatch.setattr(blobs, "_written_at", looked)

    assert not Blobs(tmp_path).remove_if_older(digest, START)
    assert Blobs(tmp_path).is_intact(digest)


def test_files_that_were_removed_again_count_within_the_hour(
    log_in: LogIn, reporter: Account, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "MOST_AN_HOUR", 2)
    browser, statuses = log_in(reporter), []
    for number in range(3):
        statuses.append(upload(browser, database, BILL + str(number).encode()))
        with database.writing() as session:
            session.execute(delete(LineEvidence))
            session.execute(delete(Evidence))
            session.commit()

    assert statuses == [303, 303, 429]


def test_new_database_file_is_nobody_elses_to_read(tmp_path: Path) -> None:
    path = tmp_path / "portal.sqlite3"
    made = Database(f"sqlite:///{path}")
    with made.writing() as session:
        session.execute(text("CREATE TABLE cow (name text)"))
        session.commit()
    made.dispose()

    assert path.stat().st_mode & 0o777 == 0o600
