"""Letters on their way: envelopes that can't be broken, .eml files, and a mail server that says yes, later or no."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import stat
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from portal.mail.kinds import MessageKind
from portal.mail.sender import Delayed, Refused, Server, compose, keep, send
from tests.factories.letters import words_of
from tests.smtp import mail_server

UID = UUID("7b0f3a52-90a7-4d38-8f5e-3a5fb3a9e1c4")
WRITTEN = datetime(2026, 3, 5, 6, 30, tzinfo=UTC)


def letter_to(
    email: str = "han@example.com", name: str = "韩梅梅", **changes: object
) -> EmailMessage:
    """Put a letter about questions into an envelope."""
    return compose(
        words_of(MessageKind.RETURNED, "zh_Hans_CN", **changes),
        uid=UID,
        written_at=WRITTEN,
        from_email="no-reply@portal.example.com",
        to_email=email,
        to_name=name,
    )


def _reread(letter: EmailMessage) -> EmailMessage:
    return message_from_bytes(letter.as_bytes(), policy=policy.default)  # type: ignore[return-value]  # of this policy


def test_envelope_has_what_mail_programs_ask_for() -> None:
    letter = _reread(letter_to())
    assert letter["From"] == "零碳联盟门户 <no-reply@portal.example.com>"
    assert letter["To"].addresses[0].display_name == "韩梅梅"
    assert letter["Subject"] == "关于青山乳业有限公司 2025 年度报告的问题"
    assert letter["Message-ID"] == f"<{UID}@portal.example.com>"
    assert letter["Date"].datetime == WRITTEN
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Content-Language"] == "zh-Hans"
    kinds = [part.get_content_type() for part in letter.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    assert "三月的用电量缺失。" in letter.get_body(("plain",)).get_content()


def test_envelope_is_seven_bit_with_short_lines() -> None:
    raw = letter_to(reason="长" * 5000).as_bytes()
    assert max(raw) < 128
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "name",
    [
        "Han\r\nBcc: thief@example.com",
        "Han\nSubject: free money",
        "Han\r\n\r\n<html>body</html>",
        '"Han" <thief@example.com>, ',
        "Han\u2028Bcc: thief@example.com\x00",
    ],
)
def test_name_can_add_neither_header_nor_receiver(name: str) -> None:
    letter = _reread(letter_to(name=name, member=name))
    assert set(letter.keys()) == {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "MIME-Version",
        "Content-Type",
        "Content-Language",
    }
    assert [address.addr_spec for address in letter["To"].addresses] == ["han@example.com"]
    assert letter["Subject"].startswith("关于Han") or letter["Subject"].startswith('关于"Han"')


def test_address_can_name_no_second_receiver() -> None:
    with pytest.raises(ValueError, match="one plain e-mail address"):
        letter_to("han@example.com\r\nBcc: thief@example.com")


def test_folder_keeps_a_letter_once_and_from_other_users(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "mail"
    path = keep(letter_to(), folder)
    assert keep(letter_to(reason="Again."), folder) == path
    assert [file.name for file in folder.iterdir()] == [f"20260305T063000Z-{UID}.eml"]
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert "Again." in letter.get_body(("plain",)).get_content()  # type: ignore[attr-defined]  # of this policy
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_server_takes_a_letter() -> None:
    with mail_server() as mailbox:
        send(letter_to(), Server("127.0.0.1", mailbox.port, "none"))
    assert [letter["Message-ID"] for letter in mailbox.letters] == [f"<{UID}@portal.example.com>"]
    assert any(line.startswith("rcpt TO:<han@example.com>") for line in mailbox.commands)


@pytest.mark.parametrize(
    ("command", "answer", "expected"),
    [
        ("RCPT", "550 5.1.1 no such user", Refused),
        ("RCPT", "450 4.2.0 greylisted, try again later", Delayed),
        ("RCPT", "452 4.2.2 mailbox full", Delayed),
        ("DONE", "554 5.7.1 looks like spam", Refused),
        ("DONE", "451 4.3.0 queue file write error", Delayed),
        ("MAIL", "550 5.7.1 we don't know this sender", Delayed),
        ("CONNECT", "421 4.3.2 closing down", Delayed),
        ("CONNECT", "554 5.7.1 not you", Delayed),
        ("AUTH", "535 5.7.8 wrong password", Delayed),
    ],
)
def test_answer_for_good_is_told_from_one_that_may_pass(
    command: str, answer: str, expected: type[Exception]
) -> None:
    with mail_server(**{command: answer}) as mailbox:
        server = Server("127.0.0.1", mailbox.port, "none", "portal", "the password")
        with pytest.raises((Refused, Delayed)) as caught:
            send(letter_to(), server)
    assert type(caught.value) is expected
    assert answer.split(maxsplit=1)[0] in str(caught.value)
    assert "the password" not in str(caught.value)
    assert mailbox.letters == []


def test_server_that_is_away_may_come_back() -> None:
    with mail_server() as mailbox:
        pass
    with pytest.raises(Delayed, match="ConnectionRefusedError"):
        send(letter_to(), Server("127.0.0.1", mailbox.port, "none"))


def test_letter_goes_by_tls_or_not_at_all() -> None:
    with mail_server() as mailbox, pytest.raises(Delayed, match="STARTTLS"):
        send(letter_to(), Server("127.0.0.1", mailbox.port, "starttls", "portal", "the password"))
    assert mailbox.letters == []
    assert not any("AUTH" in line.upper() for line in mailbox.commands)


def test_letter_goes_by_starttls_to_a_known_server_only(tmp_path: Path) -> None:
    certificate = _certificate(tmp_path)
    speaks = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    speaks.load_cert_chain(certificate)
    with mail_server(speaks) as mailbox:
        server = Server("127.0.0.1", mailbox.port, "starttls", "portal", "the password")
        with pytest.raises(Delayed, match="certificate verify failed"):
            send(letter_to(), server)
        assert not any("AUTH" in line.upper() for line in mailbox.commands)
        send(letter_to(), server, context=ssl.create_default_context(cafile=str(certificate)))
    assert len(mailbox.letters) == 1
    assert any(line.startswith("AUTH") for line in mailbox.commands)


def test_password_of_the_server_is_not_shown() -> None:
    assert "the password" not in repr(Server("127.0.0.1", 25, "none", "portal", "the password"))


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test.example")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path
