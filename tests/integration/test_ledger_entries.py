"""Every act leaves exactly its own entries in the ledger: who did what, to whose thing, from which state to which."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from portal.http import clock
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.ledger import LedgerEntry
from tests.browsers import Browser
from tests.factories.scenes import Scene
from tests.resilience import actions
from tests.resilience.actions import Attempt, People

NOTHING, DIGEST = "nothing", "a digest"
INTENDED = ("certificate.intended", "certificate", "M001", DIGEST, DIGEST)
# Of each act the entries in their order: kind, kind of thing, whose, what it was and what it became.
LEFT: dict[Callable[[People], Attempt], list[tuple[str, ...]]] = {
    actions.save_lines: [("lines.saved", "inventory", "M001", DIGEST, DIGEST)],
    actions.paste_lines: [("lines.saved", "inventory", "M001", NOTHING, DIGEST)],
    actions.upload_evidence: [
        ("evidence.added", "evidence", "M001", NOTHING, DIGEST),
        ("evidence.linked", "evidence", "M001", NOTHING, DIGEST),
    ],
    actions.record_readings: [("readings.recorded", "batch", "M001", NOTHING, DIGEST)],
    actions.take_over_months: [
        ("lines.saved", "inventory", "M001", NOTHING, DIGEST),
        ("meter.months_taken_over", "meter", "M001", NOTHING, DIGEST),
    ],
    actions.upload_workbook: [("import.uploaded", "import", "M001", NOTHING, DIGEST)],
    actions.apply_workbook: [
        ("lines.saved", "inventory", "M001", DIGEST, DIGEST),
        ("import.applied", "import", "M001", DIGEST, NOTHING),
    ],
    actions.submit_inventory: [("submission.submitted", "submission", "M001", NOTHING, DIGEST)],
    actions.answer_question: [("finding.answered", "finding", "M001", NOTHING, NOTHING)],
    actions.submit_again: [("submission.submitted", "submission", "M001", NOTHING, DIGEST)],
    actions.return_submission: [("submission.returned", "submission", "M001", DIGEST, DIGEST)],
    actions.approve_inventory: [
        ("submission.approved", "submission", "M001", DIGEST, DIGEST),
        INTENDED,
    ],
    actions.approve_plan: [("submission.approved", "submission", "M001", DIGEST, DIGEST)],
    actions.approve_progress: [
        ("submission.approved", "submission", "M001", DIGEST, DIGEST),
        INTENDED,
    ],
    actions.revoke_certificate: [("certificate.revoked", "certificate", "M001", DIGEST, NOTHING)],
    actions.invite_person: [("invitation.sent", "invitation", "M001", NOTHING, NOTHING)],
    actions.accept_invitation: [
        ("account.created", "account", "", NOTHING, NOTHING),
        ("invitation.accepted", "invitation", "M001", NOTHING, NOTHING),
    ],
    actions.reset_password: [("account.password_reset", "account", "", NOTHING, NOTHING)],
}


@pytest.fixture
def people(
    scene: Scene, log_in: Callable[..., Browser], new_browser: Callable[[], Browser]
) -> People:
    return People(scene, scene.member("M001"), log_in, new_browser)


def test_every_act_is_tried() -> None:
    assert set(LEFT) == set(actions.ACTIONS)


@pytest.mark.parametrize("act", actions.ACTIONS, ids=lambda act: act.__name__)
def test_act_leaves_its_own_entries_and_no_other(
    people: People, database: Database, act: Callable[[People], Attempt]
) -> None:
    attempt = act(people)
    people.scene.commit()
    people.scene.session.close()
    with database.reading() as session:
        before = session.scalar(select(func.count()).select_from(LedgerEntry)) or 0
    began = clock.now()

    assert attempt().status_code < 400

    with database.reading() as session:
        query = select(LedgerEntry).where(LedgerEntry.sequence >= before)
        entries = session.scalars(query.order_by(LedgerEntry.sequence)).all()
        known = set(session.scalars(select(Account.uid)))
    assert [_gist(entry) for entry in entries] == LEFT[act]
    assert [entry.sequence for entry in entries] == list(range(before, before + len(entries)))
    (actor,) = {entry.actor for entry in entries}
    assert UUID(actor) in known
    (moment,) = {entry.at for entry in entries}
    assert timedelta(seconds=-1) < moment - began < timedelta(minutes=5)


def _gist(entry: LedgerEntry) -> tuple[str, ...]:
    states = [
        DIGEST if re.fullmatch("[0-9a-f]{64}", each) else each or NOTHING
        for each in (entry.before, entry.after)
    ]
    return (entry.kind, entry.subject.partition("/")[0], entry.on_behalf_of, *states)
