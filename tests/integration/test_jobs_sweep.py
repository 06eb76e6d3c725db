"""The nightly sweep: what is old goes, what somebody still needs stays."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from portal.domain.actors import Role
from portal.jobs.worker import drain
from portal.store import jobs, schedules
from portal.store.base import Database
from portal.store.sessions import WebSession
from portal.store.throttle import Attempts
from portal.store.tokens import ApiToken
from tests.factories.suppliers import an_account
from tests.workers import START, add_job, settings_for


def test_sweep_takes_what_is_old_and_leaves_the_rest(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    settings = settings_for(database_url, tmp_path)
    old, young = START - timedelta(days=400), START - timedelta(days=1)
    for moment in (old, young):
        add_job(database, "unknown" if moment is old else "sweep", moment=moment)
        drain(settings, now=lambda moment=moment: moment)
    with database.writing() as session:
        account = an_account(session, Role.COORDINATOR, None)
        for moment in (old, young):
            session.add(_session(account.id, moment))
            session.add(_token(account.id, moment))
            schedules.take(session, "sweep", moment, moment=moment)
            session.add(
                Attempts(key=moment.isoformat(), count=1, started_at=moment, expires_at=moment)
            )
        session.add(
            Attempts(key="open", count=1, started_at=START, expires_at=START + timedelta(minutes=5))
        )
        session.query(jobs.Job).filter_by(kind="sweep").update({"finished_at": old})
        session.commit()
    incoming = settings.storage / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    for name, moment in (("broken", young - timedelta(minutes=1)), ("under-way", START)):
        (incoming / name).write_bytes(b"half of it")
        os.utime(incoming / name, (moment.timestamp(), moment.timestamp()))

    add_job(database, "sweep", moment=START)
    assert drain(settings, now=lambda: START) == 1
    with database.reading() as session:
        assert [row.kind for row in jobs.listing(session, states=["done"])] == ["sweep"]
        assert [row.kind for row in jobs.listing(session, states=["dead"])] == ["unknown"]
        assert [row.key for row in session.query(Attempts)] == ["open"]
        assert [row.created_at for row in session.query(WebSession)] == [young]
        assert [row.created_at for row in session.query(ApiToken)] == [young]
        assert [row.due_at for row in session.query(schedules.ScheduledRun)] == [young]
    assert [file.name for file in incoming.iterdir()] == ["under-way"]


def _session(account_id: int, moment: datetime) -> WebSession:
    return WebSession(
        uid=uuid4(),
        digest=os.urandom(32),
        account_id=account_id,
        data="{}",
        device="Firefox",
        idle_minutes=30,
        created_at=moment,
        seen_at=moment,
        expires_at=moment,
    )


def _token(account_id: int, moment: datetime) -> ApiToken:
    return ApiToken(
        uid=uuid4(),
        account_id=account_id,
        name="ERP",
        hint="abcd",
        digest=os.urandom(32),
        scopes=[],
        created_at=moment,
        expires_at=moment + timedelta(days=1),
    )
