"""The day's checkpoint goes to the auditors by mail, where nobody at the portal can take it back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from portal.domain.actors import Role
from portal.domain.ledger.checkpoints import Checkpoint
from portal.domain.ledger.notes import Note
from portal.jobs.worker import drain
from portal.store import jobs
from portal.store.base import Database
from tests.factories.scenes import a_scene, staff
from tests.workers import settings_for

MOMENT = datetime(2026, 11, 28, 23, tzinfo=UTC)


def test_checkpoint_is_mailed_to_every_verifier_word_for_word(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    settings = settings_for(database_url, tmp_path)
    with database.writing() as session:
        scene = a_scene(session)
        verifiers = {staff(session, Role.VERIFIER).email for _ in range(2)}
        staff(session, Role.COORDINATOR)
        scene.draft(scene.member("M001"))
        scene.commit()
        for kind in ("mail_checkpoint", "publish_log"):
            jobs.add(session, kind, {}, moment=MOMENT, priority=5 if kind == "publish_log" else 0)
        session.commit()
    drain(settings, now=lambda: MOMENT)

    letters = [place.read_text() for place in (tmp_path / "mail").glob("*.eml")]
    assert len(letters) == len(verifiers)
    published = (tmp_path / "log" / "checkpoint").read_text()
    assert Checkpoint.read(Note.read(published).text).size > 0
    with database.reading() as session:
        from portal.store.messages import Message

        sent = session.query(Message).filter_by(kind="checkpoint_signed").all()
        assert {letter.to_email for letter in sent} == verifiers
        assert {letter.values["checkpoint"] for letter in sent} == {published}
