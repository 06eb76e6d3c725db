"""Letters leave after the commit, once, to the address they were written for; trouble is shown where people look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from portal.config.servers import MailServer
from portal.config.settings import Settings
from portal.domain.actors import SYSTEM
from portal.jobs.registry import KINDS
from portal.jobs.worker import drain
from portal.mail import sender
from portal.mail.kinds import MessageKind
from portal.services import jobs as verbs
from portal.services import outbox, work
from portal.services.work import Work
from portal.store import jobs, messages
from portal.store.base import Database
from portal.store.ledger import LedgerEntry
from portal.store.messages import Message
from tests.factories.letters import values_of
from tests.smtp import mail_server
from tests.workers import START, settings_for

TOKEN_PATH = "/reset/3q2-8Xkk0Jp9"
LATER = START + timedelta(days=1)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a portal that keeps its mails in a folder."""
    return settings_for(database_url, tmp_path)


def write_letter(
    writer: Work, kind: MessageKind = MessageKind.PASSWORD_RESET, **changes: Any
) -> int:
    """Put a letter into the outbox."""
    message = outbox.send_message(
        writer,
        kind,
        to_email="han@example.com",
        to_name="韩梅梅",
        language="zh_Hans_CN",
        values=values_of(kind, **({"path": TOKEN_PATH} | changes)),
    )
    return message.id


def commit_letter(database: Database, **changes: Any) -> int:
    """Put a letter into the outbox in a transaction of its own."""
    with work.writing(database, SYSTEM, START) as writer:
        return write_letter(writer, **changes)


def read_message(database: Database, message_id: int) -> Message:
    """Read a letter's row as it stands now."""
    with database.reading() as session:
        return session.get_one(Message, message_id)


def letters_in(settings: Settings) -> list[EmailMessage]:
    """Read the letters in the folder."""
    assert settings.mail.folder is not None
    files = sorted(settings.mail.folder.glob("*.eml")) if settings.mail.folder.exists() else []
    read = (message_from_bytes(file.read_bytes(), policy=policy.default) for file in files)
    return [letter for letter in read if isinstance(letter, EmailMessage)]


def at(moment: datetime) -> Callable[[], datetime]:
    """A clock that stands still."""
    return lambda: moment


def test_letter_leaves_after_the_commit_and_its_token_is_wiped(
    database: Database, settings: Settings
) -> None:
    message_id = commit_letter(database)
    assert read_message(database, message_id).state == "waiting"
    assert drain(settings, now=at(LATER)) == 1

    [letter] = letters_in(settings)
    assert letter["Subject"] == "设置新密码"
    body = letter.get_body(("plain",))
    assert body is not None
    assert f"https://portal.example.com{TOKEN_PATH}" in body.get_content()
    message = read_message(database, message_id)
    assert (message.state, message.sent_at, message.error) == ("sent", LATER, "")
    assert message.values == {"minutes": 30, "path": ""}


def test_nothing_is_sent_of_a_transaction_that_fails(
    database: Database, settings: Settings
) -> None:
    with work.writing(database, SYSTEM, START) as writer:
        write_letter(writer)
        writer.session.rollback()
    assert drain(settings, now=at(LATER)) == 0
    assert letters_in(settings) == []
    with database.reading() as session:
        assert session.query(Message).count() == 0


def test_nothing_is_sent_before_the_commit(database: Database, settings: Settings) -> None:
    with work.writing(database, SYSTEM, START) as writer:
        write_letter(writer)
        assert drain(settings, now=at(LATER)) == 0
    assert drain(settings, now=at(LATER)) == 1


def test_letter_is_no_fact_of_the_ledger(database: Database) -> None:
    commit_letter(database)
    with database.reading() as session:
        assert session.query(LedgerEntry).count() == 0


def test_job_names_the_letter_and_nothing_of_it(database: Database) -> None:
    message_id = commit_letter(database)
    with database.reading() as session:
        [job] = jobs.listing(session)
    assert job.arguments == {"message_id": message_id}
    assert job.priority > 0


@pytest.mark.parametrize(
    ("email", "values"),
    [
        ("han@example.com\r\nBcc: thief@example.com", {"minutes": 30, "path": "/reset/x"}),
        ("han@example.com", {"minutes": 30, "path": "https://evil.example/reset"}),
        ("han@example.com", {"minutes": 30}),
    ],
)
def test_unsound_letter_stops_the_transaction_that_writes_it(
    database: Database, email: str, values: dict[str, Any]
) -> None:
    with pytest.raises(ValueError), work.writing(database, SYSTEM, START) as writer:
        outbox.send_message(
            writer,
            "password_reset",
            to_email=email,
            to_name="Han",
            language="en",
            values=values,
        )
    with database.reading() as session:
        assert session.query(Message).count() == 0


def test_worker_that_dies_after_sending_repeats_the_same_letter(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = commit_letter(database)

    def die(*arguments: object, **values: object) -> bool:
        raise ConnectionError("the worker is gone")

    monkeypatch.setattr(messages, "mark_sent", die)
    assert drain(settings, now=at(START)) == 1
    [first] = letters_in(settings)
    assert read_message(database, message_id).state == "waiting"

    monkeypatch.undo()
    assert drain(settings, now=at(LATER)) == 1
    [again] = letters_in(settings)
    assert again["Message-ID"] == first["Message-ID"]
    assert again["Date"] == first["Date"]
    assert drain(settings, now=at(LATER)) == 0


def test_letter_that_has_left_is_not_sent_by_a_second_job(
    database: Database, settings: Settings
) -> None:
    message_id = commit_letter(database)
    drain(settings, now=at(LATER))
    for file in (settings.folder / "mail").iterdir():
        file.unlink()
    with database.writing() as session:
        jobs.add(session, outbox.SEND_MESSAGE, {"message_id": message_id}, moment=LATER)
        session.commit()
    assert drain(settings, now=at(LATER)) == 1
    assert letters_in(settings) == []
    with database.reading() as session:
        assert {job.state for job in jobs.listing(session)} == {"done"}, (
            "it failed for want of words"
        )


def _by_server(settings: Settings, port: int) -> Settings:
    server = MailServer(host="127.0.0.1", port=port, security="none")
    return settings_for(settings.database_url, settings.folder, mail=server)


def test_letter_that_is_put_off_is_tried_again(database: Database, settings: Settings) -> None:
    message_id = commit_letter(database)
    with mail_server(RCPT="450 4.2.0 greylisted") as mailbox:
        assert drain(_by_server(settings, mailbox.port), now=at(START)) == 1
        with database.reading() as session:
            [job] = jobs.listing(session)
        assert (job.state, job.attempts) == ("ready", 1)
        assert timedelta(seconds=45) <= job.run_at - START <= timedelta(seconds=75)
        assert job.error.startswith("Delayed: 450 4.2.0 greylisted")
        assert read_message(database, message_id).state == "waiting"

        mailbox.answers.clear()
        assert drain(_by_server(settings, mailbox.port), now=at(LATER)) == 1
    assert len(mailbox.letters) == 1
    assert read_message(database, message_id).state == "sent"


def test_letter_that_is_refused_for_good_is_marked_and_left(
    database: Database, settings: Settings
) -> None:
    message_id = commit_letter(database)
    with mail_server(RCPT="550 5.1.1 no such user") as mailbox:
        assert drain(_by_server(settings, mailbox.port), now=at(START)) == 1
        assert drain(_by_server(settings, mailbox.port), now=at(LATER)) == 0
    message = read_message(database, message_id)
    assert (message.state, message.error) == ("bounced", "550 5.1.1 no such user")
    assert TOKEN_PATH not in str(message.values)
    with database.reading() as session:
        found = messages.latest_to(session, "password_reset", "han@example.com")
        assert found is not None
        assert found.state == "bounced"


def test_letter_is_given_up_after_five_tries_and_sent_when_a_person_says_so(
    database: Database, settings: Settings
) -> None:
    message_id = commit_letter(database)
    with mail_server(CONNECT="421 4.3.2 closing down") as mailbox:
        server = _by_server(settings, mailbox.port)
        tries = [drain(server, now=at(START + timedelta(days=day))) for day in range(7)]
    assert tries == [1, 1, 1, 1, 1, 0, 0]
    message = read_message(database, message_id)
    assert message.state == "failed"
    assert "421" in message.error
    with database.reading() as session:
        [job] = jobs.listing(session, states=["dead"])

    with work.writing(database, SYSTEM, LATER) as writer:
        verbs.retry_job(writer, job.id)
    assert drain(settings, now=at(LATER)) == 1
    assert read_message(database, message_id).state == "sent"
    assert len(letters_in(settings)) == 1


def test_letter_whose_row_is_gone_is_parked_at_once(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        jobs.add(session, outbox.SEND_MESSAGE, {"message_id": 404}, moment=START)
        session.commit()
    drain(settings, now=at(START))
    with database.reading() as session:
        [job] = jobs.listing(session)
    assert (job.state, job.error) == ("dead", "there is no message 404")


def test_mail_is_carried_outside_any_writing_transaction(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit_letter(database)
    keep = sender.keep

    def keep_while_others_write(letter: EmailMessage, folder: Path) -> Path:
        with work.writing(
            database, SYSTEM, START
        ) as writer:  # would wait for a held lock, and fail
            write_letter(writer, MessageKind.APPROVED)
        return keep(letter, folder)

    monkeypatch.setattr(sender, "keep", keep_while_others_write)
    assert drain(settings, now=at(START), limit=1) == 1
    assert len(letters_in(settings)) == 1


def test_letters_have_a_handler() -> None:
    assert outbox.SEND_MESSAGE in KINDS
