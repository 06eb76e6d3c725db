"""Says what this installation has and what it lacks, with what to do about each lack."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import ssl
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import click

from portal.config.names import DESCRIPTION
from portal.config.servers import MailServer
from portal.config.settings import Settings, SettingsError

LEAST_FREE_BYTES = 1_000_000_000
ANSWER_SECONDS = 5
MOST_CLOCK_DIFFERENCE = timedelta(seconds=5)
RELEASED = datetime(2026, 1, 1, tzinfo=UTC)
LIBRARIES = (
    "apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is as it should be, and what is there or what to do."""

    subject: str
    is_sound: bool
    said: str


@click.command()
@click.option(
    "--settings", "list_settings", is_flag=True, help="List every setting and its default instead."
)
def doctor(list_settings: bool) -> None:
    """Say what is missing: database, fonts, libraries, storage, mail, clock.

    Changes nothing. Ends with code 1 when something is missing.
    """
    if list_settings:
        _list_settings()
        return
    findings = list(examine(os.environ))
    for finding in findings:
        mark = (
            click.style("ok     ", fg="green")
            if finding.is_sound
            else click.style("MISSING", fg="red")
        )
        click.echo(f"{mark}  {finding.subject:<11} {finding.said}")
    lacking = sum(not finding.is_sound for finding in findings)
    if lacking:
        raise click.ClickException(
            f"{lacking} of {len(findings)} things are not as they should be."
        )


def examine(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Look at everything in turn; without sound settings only at what needs none."""
    yield _python()
    yield _weasyprint()
    yield _fonts()
    yield _languages()
    try:
        settings = Settings.from_environment(environ)
    except SettingsError as error:
        yield from (Finding("settings", False, problem) for problem in error.problems)
        return
    yield _secrets(settings)
    yield _https(settings)
    yield from _database(settings)
    yield _storage(settings.storage)
    yield _scanner(settings)
    yield _mail(settings.mail)


def _list_settings() -> None:
    for name, text in DESCRIPTION.items():
        click.echo(f"{name:<28} {text}")


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding(
        "python", sys.version_info >= (3, 11), f"Python {version}, SQLite {sqlite3.sqlite_version}"
    )


def _weasyprint() -> Finding:
    try:
        import weasyprint
        from weasyprint.text import ffi
    except OSError as error:
        return Finding("libraries", False, f"{error}. Run: {LIBRARIES}")
    if ffi.harfbuzz_subset is None:
        return Finding(
            "libraries",
            False,
            f"Without HarfBuzz's subset library a certificate takes a minute. Run: {LIBRARIES}",
        )
    return Finding(
        "libraries", True, f"WeasyPrint {weasyprint.__version__} with Pango and HarfBuzz subsetting"
    )


def _fonts() -> Finding:
    from portal.documents.fonts import FAMILY, damaged_files

    damaged = damaged_files()
    if damaged:
        return Finding(
            "fonts", False, f"damaged or missing: {', '.join(damaged)}. Install the portal again."
        )
    return Finding("fonts", True, f"{FAMILY}, as shipped")


def _languages() -> Finding:
    from portal.resources import TRANSLATIONS

    uncompiled = [
        source.parent.parent.name
        for source in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))
        if not source.with_suffix(".mo").is_file()
    ]
    if uncompiled:
        return Finding(
            "languages", False, f"not compiled: {', '.join(uncompiled)}. Run: make messages"
        )
    names = sorted(path.parent.parent.name for path in TRANSLATIONS.glob("*/LC_MESSAGES/*.mo"))
    return Finding("languages", True, ", ".join(["en", *names]))


def _secrets(settings: Settings) -> Finding:
    if settings.demo:
        return Finding(
            "secrets", True, "those of the demo: known to everybody, for this machine only"
        )
    return Finding("secrets", True, "long enough, and not the demo's")


def _https(settings: Settings) -> Finding:
    """Ask the public address as a browser does: is its certificate one that everybody's machines trust?"""
    if not settings.is_https:
        return Finding("https", True, "not spoken: people come from this machine only")
    parts = urlsplit(settings.base_url)
    host, port = settings.host, parts.port or 443
    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection((host, port), timeout=ANSWER_SECONDS) as raw,
            context.wrap_socket(raw, server_hostname=host) as line,
        ):
            spoken = line.version()
    except ssl.SSLCertVerificationError as error:
        return Finding(
            "https",
            False,
            f"browsers don't trust {host}: {error.verify_message}. Get a certificate from a public authority.",
        )
    except OSError as error:
        return Finding(
            "https", False, f"{host}:{port} can't be reached from here: {error}. Set up the proxy."
        )
    return Finding("https", True, f"{host} by {spoken}, with a certificate that browsers trust")


def _database(settings: Settings) -> Iterator[Finding]:
    from sqlalchemy import func, select
    from sqlalchemy.exc import SQLAlchemyError

    from portal.store import row_security
    from portal.store.base import Database
    from portal.store.migration import current_revision, head_revision

    database = Database(settings.database_url, pool_size=1)
    kind = database.url.get_backend_name()
    if database.is_sqlite and not Path(database.url.database or "").is_file():
        yield Finding(
            "database", False, f"{database.url.database} is not there yet. Run: portal init"
        )
        return
    try:
        found, wanted = current_revision(database), head_revision()
        said = f"{kind}, revision {found or 'none'}" + (
            "" if found == wanted else f", needs {wanted}: run portal init"
        )
        yield Finding("database", found == wanted, said)
        if found == wanted:
            with database.reading() as session:
                yield _clock(
                    None if database.is_sqlite else session.scalar(select(func.clock_timestamp()))
                )
                if not database.is_sqlite:
                    yield _walls(row_security.weaknesses(session.connection()))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip()
        yield Finding(
            "database", False, f"{kind} can't be reached: {reason}. Check PORTAL_DATABASE_URL."
        )
    finally:
        database.dispose()


def _walls(weaknesses: list[str]) -> Finding:
    if weaknesses:
        said = "; ".join(weaknesses)
        return Finding(
            "walls",
            False,
            f"{said}. Let the portal own its database with an ordinary role: docs/operations.md",
        )
    return Finding("walls", True, "members are walled off from each other by the database too")


def _clock(of_the_database: datetime | None) -> Finding:
    now = datetime.now(UTC)
    if now < RELEASED:
        return Finding(
            "clock",
            False,
            f"it says {now:%Y-%m-%d %H:%M} UTC, before this release. Set up time synchronisation.",
        )
    if of_the_database is not None and abs(now - of_the_database) > MOST_CLOCK_DIFFERENCE:
        seconds = abs(now - of_the_database).total_seconds()
        return Finding(
            "clock",
            False,
            f"{seconds:.0f} s apart from the database's. Set up time synchronisation on both.",
        )
    return Finding("clock", True, f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _storage(folder: Path) -> Finding:
    if said := _unwritable(folder):
        return Finding("storage", False, f"{said}. Run: portal init, or check PORTAL_STORAGE")
    free = shutil.disk_usage(folder).free
    return Finding("storage", free >= LEAST_FREE_BYTES, f"{folder}, {free / 1e9:.1f} GB free")


def _scanner(settings: Settings) -> Finding:
    from portal.store.virus_scanner import is_awake

    if settings.scanner is None:
        said = "none: uploaded files are looked into, but not compared with known viruses"
        return Finding("scanner", settings.demo, f"{said}. Set PORTAL_SCANNER.")
    if not is_awake(settings.scanner):
        return Finding(
            "scanner",
            False,
            f"{settings.scanner} doesn't answer, and no file is taken. Start clamav-daemon, or check PORTAL_SCANNER.",
        )
    return Finding("scanner", True, f"clamd at {settings.scanner}")


def _mail(mail: MailServer) -> Finding:
    if mail.folder is not None:
        if said := _unwritable(mail.folder):
            return Finding("mail", False, f"{said}. Run: portal init, or check PORTAL_MAIL_URL")
        return Finding("mail", True, f"kept as .eml files in {mail.folder}: nobody receives them")
    from portal.mail.sender import Delayed, Server, greet

    server = f"{mail.host}:{mail.port}"
    try:
        greet(Server(mail.host, mail.port, mail.security, mail.username, mail.password))
    except Delayed as error:
        return Finding("mail", False, f"{server} answers: {error}. Check PORTAL_MAIL_URL.")
    return Finding("mail", True, f"{server} takes our mail")


def _unwritable(folder: Path) -> str:
    """Say why nothing can be written to the folder, or return nothing."""
    if not folder.is_dir():
        return f"{folder} is not there yet"
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"portal")
    except OSError as error:
        return f"{folder} can't be written to: {error.strerror}"
    return ""
