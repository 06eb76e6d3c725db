"""Writes the data and the keys of a portal into two sealed files, or reads such files through."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from portal.cli.errands import note
from portal.cli.passphrases import read_passphrase
from portal.cli.settings import read_settings
from portal.config.settings import Settings
from portal.store.durable_files import flush_folder

if TYPE_CHECKING:
    from portal.services.backups import Places, Summary
    from portal.services.key_rings import KeyRing

PATH = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=PATH)
@click.option("--keys", type=PATH, help="The file of the keys (FILE.keys, unless given).")
@click.option(
    "--passphrase-file", type=PATH, help="Read the passphrase from this file's first line."
)
@click.option("--verify", is_flag=True, help="Read a backup through instead, restoring nothing.")
def backup(file: Path, keys: Path | None, passphrase_file: Path | None, verify: bool) -> None:
    """Write database and files into FILE, the keys into FILE.keys, both sealed by a passphrase.

    People may go on working meanwhile: FILE holds everything as it was at one moment. The keys (key files, password
    salt, second-factor key, session key) are a file of their own, to be kept in another place. Without a terminal
    the passphrase is read from the first line of standard input. Ends with code 1 when anything is wrong.
    """
    keys = keys or file.with_name(f"{file.name}.keys")
    if verify:
        _verify(file, keys, passphrase_file)
    else:
        _write(read_settings(), file, keys, passphrase_file)


def places_of(settings: Settings) -> Places:
    """Where this portal keeps what a backup holds."""
    from portal.services.backups import Places

    return Places(settings.database_url, settings.storage, settings.keys)


def secrets_of(settings: Settings) -> dict[str, str]:
    """The settings that a restored portal must have again, by their names."""
    found = {
        "PORTAL_SECRET_KEY": settings.secret_key,
        "PORTAL_SECRET_KEY_FALLBACKS": ",".join(settings.secret_key_fallbacks),
        "PORTAL_PASSWORD_SALT": settings.password_salt,
        "PORTAL_TOTP_SECRET": settings.totp_secret,
        "PORTAL_BASE_URL": settings.base_url,
    }
    return {name: value for name, value in found.items() if value}


@contextmanager
def told_plainly() -> Iterator[None]:
    """End the command with plain words for whatever is wrong with a file, a passphrase, a folder or a database."""
    import sqlite3

    import psycopg
    from sqlalchemy.exc import SQLAlchemyError

    from portal.services.restoring import NewerRelease
    from portal.store.backup.folders import Occupied
    from portal.store.backup.sealing import Damaged
    from portal.store.backup.snapshot import NoSnapshot

    try:
        yield
    except (Damaged, NewerRelease, NoSnapshot, Occupied) as error:
        raise click.ClickException(str(error)) from error
    except (SQLAlchemyError, psycopg.Error, sqlite3.Error) as error:
        reason = str(getattr(error, "orig", error)).strip()
        raise click.ClickException(
            f"The database says: {reason}\n`portal doctor` says more."
        ) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'A file'}: {error.strerror}") from error


def describe(found: Summary) -> str:
    """Say in a line what a backup holds."""
    return (
        f"{len(found.about.tables)} tables with {found.rows:,} rows, {found.files:,} files "
        f"({found.bytes / 1e6:,.1f} MB), {found.entries:,} ledger entries, as of "
        f"{found.about.made_at:%Y-%m-%d %H:%M:%S} UTC ({found.about.engine}, revision {found.about.revision})"
    )


def end_with_faults(found: Summary, said: str) -> None:
    """End the command with what was wrong with the portal itself when its backup was made."""
    if found.faults:
        raise click.ClickException("\n  - ".join([said, *found.faults]))


def _write(settings: Settings, file: Path, keys: Path, passphrase_file: Path | None) -> None:
    from portal.services.backups import write_backup
    from portal.services.key_rings import write_keys

    for path in (file, keys):
        _demand_a_place(settings, path)
    passphrase = read_passphrase(passphrase_file, is_new=True)
    places, secrets, now = places_of(settings), secrets_of(settings), datetime.now(UTC)
    with told_plainly(), ExitStack() as stack:
        data, apart = (stack.enter_context(written_whole(path)) for path in (file, keys))
        found = write_backup(places, data, passphrase, now, secrets=secrets)
        ring = write_keys(places.keys, apart, passphrase, now, settings=secrets)
    click.echo(f"{file} ({file.stat().st_size / 1e6:,.1f} MB): {describe(found)}")
    click.echo(f"{keys}: {_describe_keys(ring)}. Keep it in another place.")
    note(settings, "backup", now, len(found.faults))
    end_with_faults(found, "The backup is whole, but the portal is not as it should be:")


def _demand_a_place(settings: Settings, path: Path) -> None:
    if path.exists():
        raise click.ClickException(f"{path} is there already. Give each backup a new name.")
    kept = (settings.storage, settings.keys)
    if any(path.resolve().is_relative_to(folder.resolve()) for folder in kept):
        raise click.ClickException(
            f"{path} lies in a folder that is backed up itself. Choose another one, best on another machine."
        )


def _verify(file: Path, keys: Path, passphrase_file: Path | None) -> None:
    from portal.services.backups import check_backup
    from portal.services.key_rings import check_keys

    passphrase = read_passphrase(passphrase_file, is_new=False)
    with told_plainly(), file.open("rb") as opened:
        found = check_backup(opened, passphrase)
    click.echo(f"{file} is whole: {describe(found)}")
    click.echo(f"The ledger's root is {found.root}")
    if keys.exists():
        with told_plainly(), keys.open("rb") as opened:
            ring = check_keys(opened, passphrase)
        click.echo(f"{keys} is whole: {_describe_keys(ring)}")
    end_with_faults(found, "When it was made, the portal was not as it should be:")


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """A file for us alone that has its name only when it is complete and on the disk; otherwise it is gone."""
    part = path.with_name(f".{path.name}.part")
    try:
        handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError as error:
        raise click.ClickException(
            f"{part} is there: another backup is being written under this name, or was killed. "
            "In that case remove it."
        ) from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(handle)
        part.rename(path)
        flush_folder(path.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _describe_keys(ring: KeyRing) -> str:
    return f"{len(ring.settings)} settings and {len(ring.files)} key files"
