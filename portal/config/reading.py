"""Reads one setting after the other, and keeps what is wrong until all are read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from portal.config.names import CREDENTIALS, DEMO_SECRETS, DESCRIPTION
from portal.config.servers import (
    LOOPBACK_HOSTS,
    Broker,
    Listening,
    MailServer,
    SignerSettings,
    Token,
    broker_of,
    host_of,
    is_private,
    mail_server_of,
    says_more_than_a_host,
    split_address,
)

LEAST_SECRET_BYTES = 32
LEAST_DISTINCT_CHARACTERS = 10
MOST_WORKERS = 64
SHANGHAI = ZoneInfo("Asia/Shanghai")
MAKE_ONE = 'Make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
# Each look reads the machine's whole table of zones.
zone_names = cache(available_timezones)


class Reader:
    """Reads one setting after the other and keeps what is wrong until all are read."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = {name: text.strip() for name, text in environ.items()}
        self._take_credentials()
        self.problems: list[str] = []

    def values(self) -> dict[str, object]:
        """Return every setting by the name of its field; where one is wrong there is a problem and a stand-in."""
        self._refuse_misspelt_names()
        folder = Path(self._text("PORTAL_FOLDER") or "var").absolute()
        base_url = self._base_url()
        return {
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
        parts = split_address(text)
        if parts is None or parts.scheme not in ("http", "https") or says_more_than_a_host(parts):
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
        elif text.startswith("postgresql") and not is_private(text):
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
        parts = split_address(text) if text else None
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
        if server := mail_server_of(text):
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
        return text or f"no-reply@{host_of(base_url)}"

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
        parts = split_address(f"//{text}" if ":" in text else f"//127.0.0.1:{text}")
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
        broker = broker_of(text, prefix, Path(ca).absolute() if ca else None)
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


def _usual_workers() -> int:
    return min((os.cpu_count() or 1) + 1, 8)
