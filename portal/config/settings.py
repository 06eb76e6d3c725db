"""The settings as the portal holds them: read once, then never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from portal.config.reading import SHANGHAI, Reader
from portal.config.servers import LOOPBACK_HOSTS, Broker, Listening, MailServer, SignerSettings


class SettingsError(ValueError):
    """Everything that is wrong with the environment, each with what to do about it."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


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
    signer: SignerSettings = field(default_factory=SignerSettings)
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
        reader = Reader(environ)
        values = reader.values()
        assert set(values) == {setting.name for setting in fields(cls)}  # noqa: S101 -- a bug of ours, not theirs
        settings = cls(**values)  # type: ignore[arg-type]  # each is read as what it is declared
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
