"""Lets a portal under test look as if a worker had just been there and everything lay ready."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from portal.services.certificates import PUBLISH_LOG
from portal.store import schedules
from portal.store.base import Database


def make_ready(database: Database, storage: Path, moment: datetime) -> None:
    """Lay the folder for evidence, and note that the log's publication was put into the queue at this moment."""
    storage.mkdir(parents=True, exist_ok=True)
    with database.writing() as session:
        schedules.take(session, PUBLISH_LOG, moment, moment=moment)
        session.commit()
