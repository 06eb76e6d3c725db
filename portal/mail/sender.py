"""Carries a letter: to an SMTP server, or into a folder as an .eml file; tells what can be tried again from what can't."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from uuid import UUID

from portal.mail.kinds import check_address
from portal.mail.messages import Words, one_line

TIMEOUT_SECONDS = 20.0

# Not every server on the way takes bytes above 127 or long lines.
SEVEN_BIT = SMTP.clone(cte_type="7bit")


class Refused(Exception):
    """The receiver's side refused the letter for good; sending it again would not help."""


class Delayed(Exception):
    """The letter could not be handed over this time; it may be later."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where to hand letters over; `security` is starttls, tls, or none for a relay on this machine."""

    host: str
    port: int
    security: str
    username: str = ""
    password: str = field(default="", repr=False)


def compose(
    words: Words,
    *,
    uid: UUID,
    written_at: datetime,
    from_email: str,
    to_email: str,
    to_name: str,
) -> EmailMessage:
    """Put the words into an envelope; the same letter always gets the same Message-ID and date."""
    check_address(from_email)
    check_address(to_email)
    letter = EmailMessage(policy=SEVEN_BIT)
    letter["From"] = Address(one_line(words.sender_name), addr_spec=from_email)
    letter["To"] = Address(one_line(to_name), addr_spec=to_email)
    letter["Subject"] = one_line(words.subject)
    letter["Date"] = written_at
    letter["Message-ID"] = f"<{uid}@{from_email.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"  # asks holiday notices to stay at home (RFC 3834)
    letter.set_content(words.text)
    letter.add_alternative(words.html, subtype="html")
    letter["Content-Language"] = words.language_tag
    return letter


def keep(letter: EmailMessage, folder: Path) -> Path:
    """Put the letter into a folder; a repeat replaces the same file, and only the portal's own user may read it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    moment = letter["Date"].datetime.strftime("%Y%m%dT%H%M%SZ")
    uid = letter["Message-ID"].strip("<>").partition("@")[0]
    path = folder / f"{moment}-{uid}.eml"
    draft = folder / f".{path.name}.{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(letter.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return path


def send(letter: EmailMessage, server: Server, *, context: ssl.SSLContext | None = None) -> None:
    """Hand the letter over; raises Refused for good, or Delayed when it may be tried again."""
    with _telling_apart(), _connected(server, context or ssl.create_default_context()) as client:
        client.send_message(letter)


def greet(server: Server, *, context: ssl.SSLContext | None = None) -> None:
    """Log in and leave again, to learn whether letters would be taken; raises Delayed when they would not."""
    with _telling_apart(), _connected(server, context or ssl.create_default_context()) as client:
        client.noop()


@contextmanager
def _connected(server: Server, context: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    if server.security == "tls":
        client: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    with client:
        if server.security == "starttls":
            client.starttls(context=context)
        if server.username:
            client.login(server.username, server.password)
        yield client


@contextmanager
def _telling_apart() -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        # One receiver a letter, so one answer.
        [(code, answer)] = error.recipients.values()
        raise _judged(code, answer) from None
    except smtplib.SMTPDataError as error:
        raise _judged(error.smtp_code, error.smtp_error) from None
    except smtplib.SMTPNotSupportedError as error:
        raise Delayed(f"the mail server lacks something: {error}") from None
    except smtplib.SMTPResponseException as error:
        # About us (login, sender, greeting), not about the receiver: mended settings let it through.
        text = f"{error.smtp_code} {_text(error.smtp_error)}"
        raise Delayed(f"{type(error).__name__}: {text}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise Delayed(f"{type(error).__name__}: {error}") from None


def _judged(code: int, answer: bytes | str) -> Refused | Delayed:
    """An answer about this receiver or this letter: 5xx is for good, all else may pass (RFC 5321 §4.2.1)."""
    text = f"{code} {_text(answer)}"
    return Refused(text) if 500 <= code <= 599 else Delayed(text)


def _text(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return one_line(text)[:300]
