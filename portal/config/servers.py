"""Machines and tokens that the portal reaches or is reached at, and the addresses that name them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
SMTP_SECURITY = {"smtp": ("starttls", 587), "smtps": ("tls", 465), "smtp+plain": ("none", 25)}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed over: an SMTP server, or a folder that keeps them as .eml files."""

    folder: Path | None = None
    host: str = ""
    port: int = 0
    security: str = "starttls"  # starttls | tls | none
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Broker:
    """Where meters publish their readings, and what the topics begin with."""

    host: str
    port: int
    is_tls: bool
    username: str = ""
    password: str = field(default="", repr=False)
    prefix: str = "meters"
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Listening:
    """An address to listen on."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Token:
    """A certificate and its key in a PKCS#11 token: the library, the token's label and the certificate's label."""

    module: str
    token: str
    cert: str


@dataclass(frozen=True, slots=True)
class SignerSettings:
    """What signs documents; the signer in the folder of keys where neither a file nor a token is named."""

    file: Path | None = None
    token: Token | None = None
    passphrase_file: Path | None = None

    def passphrase(self) -> bytes:
        """The passphrase or PIN, read when it is needed."""
        return self.passphrase_file.read_bytes().strip() if self.passphrase_file else b""


def split_address(text: str) -> SplitResult | None:
    """Take an address apart, or return None where it has no host or no sound port."""
    try:
        parts = urlsplit(text)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def is_private(database_url: str) -> bool:
    """Tell whether nobody can listen on the way to the database: a socket, this machine, or TLS with its name checked.

    Without a word about it the driver takes what the server offers, an open connection too.
    """
    parts = urlsplit(database_url)
    asked = dict(parse_qsl(parts.query))
    try:
        host = asked.get("host") or parts.hostname or ""
    except ValueError:
        return False
    is_here = not host or host.startswith("/") or host in LOOPBACK_HOSTS
    return is_here or asked.get("sslmode") == "verify-full"


def says_more_than_a_host(parts: SplitResult) -> bool:
    """Tell whether an address has a path, a question, a place or a person in it."""
    return bool(parts.path or parts.query or parts.fragment or parts.username or parts.password)


def host_of(base_url: str) -> str:
    """Return the host of an address, or this machine where it has none."""
    parts = split_address(base_url)
    return parts.hostname or "localhost" if parts else "localhost"


def mail_server_of(text: str) -> MailServer | None:
    """Read the address of a mail server, or return None where it is none, or one that passwords would reach in the open."""
    parts = split_address(text)
    if parts is None or parts.scheme not in SMTP_SECURITY or parts.path not in ("", "/"):
        return None
    security, usual_port = SMTP_SECURITY[parts.scheme]
    if security == "none" and parts.hostname not in LOOPBACK_HOSTS:
        return None
    return MailServer(
        host=parts.hostname or "",
        port=parts.port or usual_port,
        security=security,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def broker_of(text: str, prefix: str, ca: Path | None) -> Broker | None:
    """Read the address of a broker, or return None where it is none, or one that passwords would reach in the open."""
    parts = split_address(text)
    if parts is None or parts.scheme not in ("mqtt", "mqtts") or parts.path not in ("", "/"):
        return None
    is_tls = parts.scheme == "mqtts"
    if not is_tls and parts.hostname not in LOOPBACK_HOSTS:
        return None
    return Broker(
        parts.hostname or "",
        parts.port or (8883 if is_tls else 1883),
        is_tls,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        prefix,
        ca,
    )
