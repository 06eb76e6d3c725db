"""The portal's settings: read once from the environment, checked all at once, then never changed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

LEAST_SECRET_BYTES = 32
LEAST_DISTINCT_CHARACTERS = 10
MOST_WORKERS = 64
SHANGHAI = ZoneInfo("Asia/Shanghai")
MAKE_ONE = 'Make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
# What systemd may hand over as credentials (files for this service alone, sealed where they lie) instead of an
# environment that every child inherits.
CREDENTIALS = (
    "PORTAL_SECRET_KEY",
    "PORTAL_SECRET_KEY_FALLBACKS",
    "PORTAL_PASSWORD_SALT",
    "PORTAL_TOTP_SECRET",
    "PORTAL_DATABASE_URL",
    "PORTAL_MAIL_URL",
    "PORTAL_MQTT_URL",
)
SMTP_SECURITY = {"smtp": ("starttls", 587), "smtps": ("tls", 465), "smtp+plain": ("none", 25)}

# Known to everybody, so good for one thing only: to look at the demo alliance on one's own machine.
DEMO_SECRETS = {
    "PORTAL_SECRET_KEY": "demo-only-session-key-that-everybody-knows",
    "PORTAL_PASSWORD_SALT": "demo-only-password-salt-that-everybody-knows",
    "PORTAL_TOTP_SECRET": "demo-only-second-factor-key-that-everybody-knows",
}

DESCRIPTION = {
    "PORTAL_SECRET_KEY": "signs sessions and forms; at least 32 bytes",
    "PORTAL_SECRET_KEY_FALLBACKS": "earlier keys, comma separated, still accepted after a change",
    "PORTAL_PASSWORD_SALT": "mixed into every password before hashing; keep it with the backups",
    "PORTAL_TOTP_SECRET": "encrypts the second factors at rest; keep it with the backups",
    "PORTAL_BASE_URL": "the address people see, such as https://portal.example.com",
    "PORTAL_FOLDER": "where database, evidence and mails go unless said otherwise (./var)",
    "PORTAL_DATABASE_URL": "postgresql://user:password@host/name, with ?sslmode=verify-full to another machine "
    "(an SQLite file in PORTAL_FOLDER)",
    "PORTAL_KEYS": "the folder of the log key and of the signer for documents (PORTAL_FOLDER/keys)",
    "PORTAL_LOG": "the folder of the published transparency log (PORTAL_FOLDER/log)",
    "PORTAL_SIGNER": "what signs documents: a PKCS#12 file, or pkcs11:module=…;token=…;cert=… (the development CA's signer)",
    "PORTAL_SIGNER_PASSPHRASE": "the file that holds the signer's passphrase or PIN",
    "PORTAL_TIMESTAMPS_URL": "an RFC 3161 authority that stamps signed documents (none)",
    "PORTAL_STORAGE": "the folder for evidence files (PORTAL_FOLDER/storage)",
    "PORTAL_SCANNER": "the socket of clamd, which scans uploaded files for viruses (none)",
    "PORTAL_MAIL_URL": "smtp://user:password@host:587, smtps://…:465, or a folder that takes .eml files "
    "(PORTAL_FOLDER/mail)",
    "PORTAL_MAIL_FROM": "the sender of every mail (no-reply@ the host of PORTAL_BASE_URL)",
    "PORTAL_TRUSTED_PROXIES": "how many reverse proxies stand in front and set X-Forwarded-For (0)",
    "PORTAL_METRICS": "the address for Prometheus: a port of this machine, or host:port (off)",
    "PORTAL_WORKERS": "web processes (one per core and one more)",
    "PORTAL_MQTT_URL": "mqtts://user:password@broker:8883, where meters publish their readings; mqtt:// on this "
    "machine only (none)",
    "PORTAL_MQTT_PREFIX": "what the topics of readings begin with (meters)",
    "PORTAL_MQTT_CA": "the file of the CA that vouches for the broker (those that the machine trusts)",
    "PORTAL_TIMEZONE": "for the times and deadlines that people see (Asia/Shanghai)",
    "PORTAL_DEMO": "1 takes well-known secrets, for the demo alliance on your own machine (off)",
}


class SettingsError(ValueError):
    """Everything that is wrong with the environment, each with what to do about it."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


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


@dataclass(frozen=True, slots=True)
class Settings:
    """What may differ between two installations; secrets stay out of its repr."""

    secret_key: str = field(repr=False)
    password_salt: str = field(repr=False)
    totp_secret: str = field(repr=False)
    database_url: str = field(repr=False)
    base_url: str
    storage: Path
    mail: MailServer
    mail_from: str
    folder: Path = Path("var")
    keys: Path = Path("var/keys")
    log: Path = Path("var/log")
    signer: SignerSettings = SignerSettings()
    timestamps_url: str = ""
    scanner: Path | None = None
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    trusted_proxies: int = 0
    workers: int = 2
    metrics: Listening | None = None
    mqtt: Broker | None = None
    timezone: ZoneInfo = SHANGHAI
    demo: bool = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings, or raise SettingsError with everything that is wrong at once."""
        reader = _Reader(environ)
        settings = cls(**reader.values())
        if reader.problems:
            raise SettingsError(reader.problems)
        return settings

    @property
    def is_https(self) -> bool:
        """Tell whether people come by https, so that cookies may be kept to it."""
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        """Return the host name of the address people see."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def origin(self) -> str:
        """Return the name of the portal's transparency log: its address without the scheme."""
        return f"{urlsplit(self.base_url).netloc}/log"

    @property
    def trusted_hosts(self) -> tuple[str, ...]:
        """Return the host names that a request may ask for."""
        return LOOPBACK_HOSTS if self.host in LOOPBACK_HOSTS else (self.host,)


class _Reader:
    """Reads one setting after the other and keeps what is wrong until all are read."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = {name: text.strip() for name, text in environ.items()}
        self._take_credentials()
        self.problems: list[str] = []

    def values(self) -> dict[str, object]:
        """Return every field of Settings; where one is wrong there is a problem and a stand-in."""
        self._refuse_misspelt_names()
        folder = Path(self._text("PORTAL_FOLDER") or "var").absolute()
        base_url = self._base_url()
        read = {
            "secret_key": self._secret("PORTAL_SECRET_KEY"),
            "password_salt": self._secret("PORTAL_PASSWORD_SALT"),
            "totp_secret": self._secret("PORTAL_TOTP_SECRET"),
            "secret_key_fallbacks": tuple(self._fallbacks()),
            "base_url": base_url,
            "folder": folder,
            "database_url": self._database_url(folder),
            "keys": self._folder("PORTAL_KEYS", folder / "keys"),
            "log": self._folder("PORTAL_LOG", folder / "log"),
            "signer": self._signer(),
            "timestamps_url": self._timestamps_url(),
            "storage": self._folder("PORTAL_STORAGE", folder / "storage"),
            "scanner": self._scanner(),
            "mail": self._mail(folder / "mail"),
            "mail_from": self._mail_from(base_url),
            "trusted_proxies": self._whole("PORTAL_TRUSTED_PROXIES", 0, 0, 10),
            "workers": self._whole("PORTAL_WORKERS", _usual_workers(), 1, MOST_WORKERS),
            "metrics": self._metrics(),
            "mqtt": self._mqtt(),
            "timezone": self._timezone(),
            "demo": self._demo,
        }
        assert set(read) == {setting.name for setting in fields(Settings)}  # noqa: S101 -- a bug of ours, not theirs
        return read

    def _take_credentials(self) -> None:
        folder = self._environ.get("CREDENTIALS_DIRECTORY")
        for name in CREDENTIALS if folder else ():
            file = Path(folder or "", name)
            if not self._environ.get(name) and file.is_file():
                self._environ[name] = file.read_text(encoding="utf-8").strip()

    @property
    def _demo(self) -> bool:
        return self._text("PORTAL_DEMO") == "1"

    def _text(self, name: str) -> str:
        return self._environ.get(name, "")

    def _refuse_misspelt_names(self) -> None:
        # A misspelt name would otherwise silently leave its default in force.
        for name in sorted(set(self._environ) - set(DESCRIPTION)):
            if name.startswith("PORTAL_") and (
                near := get_close_matches(name, DESCRIPTION, 1, 0.85)
            ):
                self.problems.append(
                    f"{name} is not a setting of this portal: was {near[0]} meant?"
                )
        if self._text("PORTAL_DEMO") not in ("", "0", "1"):
            self.problems.append("PORTAL_DEMO must be 1 for the demo, or left out.")

    def _secret(self, name: str) -> str:
        text = self._text(name)
        if self._demo:
            return text or DEMO_SECRETS[name]
        if not text:
            self.problems.append(f"{name} is missing ({DESCRIPTION[name]}). {MAKE_ONE}")
        else:
            self._check_secret(name, text)
        return text

    def _check_secret(self, name: str, text: str) -> None:
        if text in DEMO_SECRETS.values():
            self.problems.append(
                f"{name} is the one of the demo, which everybody knows. {MAKE_ONE}"
            )
        elif len(text.encode()) < LEAST_SECRET_BYTES:
            self.problems.append(f"{name} has fewer than {LEAST_SECRET_BYTES} bytes. {MAKE_ONE}")
        elif len(set(text)) < LEAST_DISTINCT_CHARACTERS:
            self.problems.append(f"{name} repeats itself too much to be a secret. {MAKE_ONE}")

    def _fallbacks(self) -> Iterator[str]:
        for text in self._text("PORTAL_SECRET_KEY_FALLBACKS").split(","):
            if key := text.strip():
                self._check_secret("PORTAL_SECRET_KEY_FALLBACKS", key)
                yield key

    def _base_url(self) -> str:
        text = self._text("PORTAL_BASE_URL").rstrip("/")
        if not text and self._demo:
            return f"http://127.0.0.1:{self._text('PORT') or '8000'}"
        if not text:
            self.problems.append(
                f"PORTAL_BASE_URL is missing ({DESCRIPTION['PORTAL_BASE_URL']}). "
                "Links in mails, certificates and QR codes begin with it."
            )
            return text
        self._check_base_url(text)
        return text

    def _check_base_url(self, text: str) -> None:
        parts = _split(text)
        if parts is None or parts.scheme not in ("http", "https") or _says_more_than_a_host(parts):
            self.problems.append(
                f"PORTAL_BASE_URL is {text!r}, but must be a scheme and a host only, such as "
                "https://portal.example.com."
            )
        elif parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
            self.problems.append(
                f"PORTAL_BASE_URL is {text!r}, but passwords may travel by https only. "
                "Let a reverse proxy speak https and put its address here."
            )

    def _database_url(self, folder: Path) -> str:
        text = self._text("PORTAL_DATABASE_URL")
        if not text:
            return f"sqlite:///{folder / 'portal.sqlite3'}"
        if not text.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            self.problems.append(
                "PORTAL_DATABASE_URL must begin with postgresql:// (or sqlite:/// and the path of a file)."
            )
        elif text.startswith("postgresql") and not _is_private(text):
            self.problems.append(
                "PORTAL_DATABASE_URL names a server on another machine, and the way there is open to listeners "
                "unless the address ends in ?sslmode=verify-full (with sslrootcert=… for a CA of your own)."
            )
        return text

    def _folder(self, name: str, usual: Path) -> Path:
        text = self._text(name)
        return Path(text).absolute() if text else usual

    def _signer(self) -> SignerSettings:
        text, passphrase = self._text("PORTAL_SIGNER"), self._text("PORTAL_SIGNER_PASSPHRASE")
        file = Path(passphrase).absolute() if passphrase else None
        if not text.startswith("pkcs11:"):
            return SignerSettings(Path(text).absolute() if text else None, None, file)
        parts = dict(part.partition("=")[::2] for part in text.removeprefix("pkcs11:").split(";"))
        if parts.keys() != {"module", "token", "cert"} or not all(parts.values()):
            self.problems.append(
                "PORTAL_SIGNER must be the path of a PKCS#12 file, or "
                "pkcs11:module=/usr/lib/…so;token=label;cert=label."
            )
            return SignerSettings()
        return SignerSettings(None, Token(**parts), file)

    def _timestamps_url(self) -> str:
        text = self._text("PORTAL_TIMESTAMPS_URL")
        parts = _split(text) if text else None
        if text and (parts is None or parts.scheme not in ("http", "https")):
            self.problems.append(
                f"PORTAL_TIMESTAMPS_URL is {text!r}, but must be an address such as http://timestamps.example.com/tsa."
            )
            return ""
        return text

    def _scanner(self) -> Path | None:
        text = self._text("PORTAL_SCANNER")
        if text and not text.startswith("/"):
            self.problems.append(
                f"PORTAL_SCANNER is {text!r}, but must be the path of a socket, such as /run/clamav/clamd.ctl."
            )
            return None
        return Path(text) if text else None

    def _mail(self, usual: Path) -> MailServer:
        text = self._text("PORTAL_MAIL_URL")
        if "://" not in text:
            return MailServer(folder=self._folder("PORTAL_MAIL_URL", usual))
        if server := _smtp(text):
            return server
        self.problems.append(
            "PORTAL_MAIL_URL must be smtp://user:password@host:587 (with STARTTLS), "
            "smtps://user:password@host:465, smtp+plain://127.0.0.1:25 for a relay on this machine, "
            "or the path of a folder."
        )
        return MailServer(folder=usual)

    def _mail_from(self, base_url: str) -> str:
        text = self._text("PORTAL_MAIL_FROM")
        if text and ("@" not in text or any(mark in text for mark in "\r\n<>,")):
            self.problems.append(
                "PORTAL_MAIL_FROM must be one plain address, such as portal@example.com."
            )
        return text or f"no-reply@{_host_of(base_url)}"

    def _whole(self, name: str, usual: int, least: int, most: int) -> int:
        text = self._text(name)
        if not text:
            return usual
        if text.isascii() and text.isdigit() and least <= int(text) <= most:
            return int(text)
        self.problems.append(
            f"{name} is {text!r}, but must be a whole number from {least} to {most}."
        )
        return usual

    def _metrics(self) -> Listening | None:
        text = self._text("PORTAL_METRICS")
        if not text:
            return None
        # A port alone is for this machine only: figures of the house are nobody else's business.
        parts = _split(f"//{text}" if ":" in text else f"//127.0.0.1:{text}")
        if parts is None or not parts.port or parts.netloc.rpartition("@")[1] or parts.path:
            self.problems.append(
                f"PORTAL_METRICS is {text!r}, but must be a port such as 9464, or host:port such as 10.0.0.5:9464."
            )
            return None
        return Listening(parts.hostname or "", parts.port)

    def _mqtt(self) -> Broker | None:
        text = self._text("PORTAL_MQTT_URL")
        if not text:
            return None
        prefix = self._text("PORTAL_MQTT_PREFIX") or "meters"
        if (
            any(mark in prefix for mark in "+#\0 ")
            or prefix.startswith(("/", "$"))
            or prefix.endswith("/")
        ):
            self.problems.append(
                f"PORTAL_MQTT_PREFIX is {prefix!r}, but must be the beginning of a topic, such as alliance/meters."
            )
        ca = self._text("PORTAL_MQTT_CA")
        broker = _broker(text, prefix, Path(ca).absolute() if ca else None)
        if broker is None:
            self.problems.append(
                "PORTAL_MQTT_URL must be mqtts://user:password@broker:8883, or mqtt://127.0.0.1:1883 for a broker on "
                "this machine."
            )
        return broker

    def _timezone(self) -> ZoneInfo:
        text = self._text("PORTAL_TIMEZONE") or "Asia/Shanghai"
        if text in zone_names():
            return ZoneInfo(text)
        self.problems.append(
            f"PORTAL_TIMEZONE is {text!r}, which this machine doesn't know; a name such as Asia/Shanghai is meant."
        )
        return ZoneInfo("UTC")


# Each look reads the machine's whole table of zones.
zone_names = cache(available_timezones)


def _split(text: str) -> SplitResult | None:
    """Take an address apart, or return None where it has no host or no sound port."""
    try:
        parts = urlsplit(text)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def _is_private(database_url: str) -> bool:
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


def _says_more_than_a_host(parts: SplitResult) -> bool:
    return bool(parts.path or parts.query or parts.fragment or parts.username or parts.password)


def _host_of(base_url: str) -> str:
    parts = _split(base_url)
    return parts.hostname or "localhost" if parts else "localhost"


def _smtp(text: str) -> MailServer | None:
    parts = _split(text)
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


def _broker(text: str, prefix: str, ca: Path | None) -> Broker | None:
    parts = _split(text)
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


def _usual_workers() -> int:
    return min((os.cpu_count() or 1) + 1, 8)
