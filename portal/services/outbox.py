"""Letters that leave after the commit: one row and one job, written in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from portal.mail.kinds import MessageKind, check_address, check_values
from portal.services.work import Work
from portal.store import jobs
from portal.store.messages import Message

SEND_MESSAGE = "send_message"

# A person waits for a letter, nobody for the twentieth certificate of a batch.
PRIORITY = 10


def send_message(
    work: Work,
    kind: MessageKind | str,
    *,
    to_email: str,
    to_name: str,
    language: str,
    values: Mapping[str, object],
    member_id: int | None = None,
) -> Message:
    """Put a letter into the outbox; it is sent after this transaction's commit, and not at all without one.

    `values` hold what `mail.kinds.KINDS` names: text, whole numbers, moments and dates; links as paths (`path`).
    """
    kind = MessageKind(kind)
    plain = {name: _plain(value) for name, value in values.items()}
    check_values(kind, plain)
    check_address(to_email)
    message = Message(
        uid=work.new_uid(),
        kind=kind.value,
        to_email=to_email,
        to_name=to_name,
        language=language,
        values=plain,
        member_id=member_id,
        created_at=work.moment,
    )
    work.session.add(message)
    work.session.flush()
    jobs.add(
        work.session,
        SEND_MESSAGE,
        {"message_id": message.id},
        moment=work.moment,
        unique_key=f"{SEND_MESSAGE}:{message.id}",
        priority=PRIORITY,
    )
    return message


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, (date, datetime)) else value
