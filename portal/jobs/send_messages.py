"""Sends one letter of the outbox."""

from __future__ import annotations

from collections.abc import Mapping

from portal.jobs.held import HeldJob, Hopeless
from portal.mail import messages, sender
from portal.mail.kinds import MessageKind, without_secrets
from portal.services.work import Work
from portal.store import messages as outbox
from portal.store.messages import Message


def send_message(held: HeldJob) -> None:
    """Send the letter unless it has left, and note in the last transaction that it did.

    A worker that dies between the two sends it again, under the same Message-ID.
    """
    with held.reading() as work:
        message = outbox.by_id(work.session, held.arguments["message_id"])
    if message is None:
        raise Hopeless(f"there is no message {held.arguments['message_id']}")
    if not message.is_to_be_sent:
        return
    kept = without_secrets(MessageKind(message.kind), message.values)
    try:
        _carry(held, message)
    except sender.Refused as refused:
        with held.finishing() as work:
            outbox.mark_bounced(work.session, message.id, error=str(refused), values=kept)
        return
    with held.finishing() as work:
        outbox.mark_sent(work.session, message.id, moment=work.moment, values=kept)


def _carry(held: HeldJob, message: Message) -> None:
    settings = held.settings
    words = messages.render(
        MessageKind(message.kind),
        message.language,
        message.values,
        to_name=message.to_name,
        base_url=settings.base_url,
        zone=settings.timezone,
    )
    letter = sender.compose(
        words,
        uid=message.uid,
        written_at=message.created_at,
        from_email=settings.mail_from,
        to_email=message.to_email,
        to_name=message.to_name,
    )
    mail = settings.mail
    if mail.folder is not None:
        sender.keep(letter, mail.folder)
        return
    server = sender.Server(mail.host, mail.port, mail.security, mail.username, mail.password)
    sender.send(letter, server)


def give_up(work: Work, arguments: Mapping[str, object], error: str) -> None:
    """Show on the letter that the last attempt failed."""
    outbox.mark_failed(work.session, int(str(arguments["message_id"])), error=error)
