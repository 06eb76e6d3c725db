"""What was frozen is held against its digest by whoever reads it, so a change behind the portal's back goes nowhere."""

from __future__ import annotations

import zlib

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.services import certificates, review, submissions
from portal.store.base import Database
from portal.store.certificates import Certificate
from portal.store.submissions import Submission
from tests.factories.scenes import Scene
from tests.factories.suppliers import work_of
from tests.tampering import put, remove_triggers, tampered


def less(session: Session) -> Submission:
    """The one submission, with a smaller amount in its frozen content."""
    submitted = session.scalars(select(Submission)).one()
    plain = zlib.decompress(submitted.content)
    assert b'"quantity":"' in plain
    changed = zlib.compress(plain.replace(b'"quantity":"', b'"quantity":"0.', 1))
    put(session, "submission", "content", changed, "id = :id", id=submitted.id)
    session.expire_all()
    return submitted


def test_content_that_was_changed_is_neither_read_nor_approved(
    scene: Scene, database: Database
) -> None:
    scene.waiting(scene.member("M001"))
    scene.commit()
    remove_triggers(database)
    with tampered(database) as session:
        submitted = less(session)
        with pytest.raises(RuntimeError, match="does not match its digest"):
            submissions.content_of(session, submitted)
        with pytest.raises(RuntimeError, match="does not match its digest"):
            review.approve_submission(work_of(session, scene.coordinator), submitted.uid)


def test_facts_that_were_changed_are_not_certified(scene: Scene, database: Database) -> None:
    scene.approved(scene.member("M001"))
    scene.commit()
    remove_triggers(database)
    with tampered(database) as session:
        certificate = session.scalars(select(Certificate)).one()
        facts = certificates.facts_of(session, certificate)
        changed = facts.replace(b"2024", b"2025")
        assert changed != facts
        put(session, "certificate", "facts", changed, "id = :id", id=certificate.id)
        with pytest.raises(RuntimeError, match="does not match its digest"):
            certificates.facts_of(session, certificate)
