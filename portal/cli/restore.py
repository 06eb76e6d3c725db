"""Puts a backup into an empty database and empty folders, and says what the restored portal needs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from portal.cli.backup import (
    PATH,
    describe,
    end_with_faults,
    places_of,
    secrets_of,
    told_plainly,
    written_whole,
)
from portal.cli.erasures import read_list
from portal.cli.init import lay_folders
from portal.cli.passphrases import read_passphrase
from portal.cli.settings import settings_of
from portal.config.settings import Settings

if TYPE_CHECKING:
    from portal.services.backups import Summary

SETTINGS_FILE = "restored.env"
# Without the same ones nobody could log in; the others may be new.
NEEDED_AGAIN = {
    "PORTAL_PASSWORD_SALT": "no password will be accepted until it is the old one; otherwise everybody needs a new "
    "password",
    "PORTAL_TOTP_SECRET": "no second factor will be accepted until it is the old one; otherwise everybody sets up a "
    "new one",
}


@click.command()
@click.argument("file", type=PATH)
@click.option("--keys", type=PATH, help="The file of the keys, to restore these as well.")
@click.option(
    "--passphrase-file", type=PATH, help="Read the passphrase from this file's first line."
)
@click.option(
    "--erasures",
    type=PATH,
    help="The list of erased people, as `portal erasures` writes it: they are erased again.",
)
def restore(
    file: Path, keys: Path | None, passphrase_file: Path | None, erasures: Path | None
) -> None:
    """Put the backup in FILE into an empty database and an empty storage folder.

    Everything is verified before anything is written, and read back before it is committed; when something is
    wrong, nothing stays behind. With --keys the key files and the secret settings come back as well: the settings
    that are not set here are taken from the keys, and all of them are left in PORTAL_FOLDER/restored.env.
    A backup of an older release is brought up to date on the way. With --erasures whoever was erased after the backup
    is erased again before anybody sees the restored portal.
    """
    passphrase = read_passphrase(passphrase_file, is_new=False)
    kept = _kept_settings(keys, passphrase)
    settings = settings_of(dict(kept) | _given(os.environ))
    _demand_same(settings, kept)
    lay_folders(settings)
    listed = read_list(erasures) if erasures else []
    found = _restore(settings, file, keys, passphrase, listed)
    if kept:
        _leave_settings(settings, kept)
    _warn_of_other_secrets(settings, found.about.fingerprints)
    end_with_faults(found, "Restored as it was. When the backup was made, this was wrong:")


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if value.strip()}


def _kept_settings(keys: Path | None, passphrase: str) -> Mapping[str, str]:
    from portal.services.key_rings import check_keys

    if keys is None:
        return {}
    with told_plainly(), keys.open("rb") as opened:
        return check_keys(opened, passphrase).settings


def _demand_same(settings: Settings, kept: Mapping[str, str]) -> None:
    """Two different secrets can't both be meant."""
    here = secrets_of(settings)
    for name in NEEDED_AGAIN:
        if name in kept and here[name] != kept[name]:
            raise click.ClickException(
                f"{name} is set here, and is not the one in the file of the keys. Leave it out: it is restored."
            )


def _restore(
    settings: Settings, file: Path, keys: Path | None, passphrase: str, erased: list[UUID]
) -> Summary:
    from portal.services import restoring
    from portal.store.migration import head_revision

    places = places_of(settings)
    with told_plainly(), ExitStack() as stack:
        data = stack.enter_context(file.open("rb"))
        apart = None if keys is None else stack.enter_context(keys.open("rb"))
        restoring.look_through(places, data, passphrase)
        data.seek(0)
        found, ring = restoring.restore(
            places, data, passphrase, keys=apart, erased=erased, moment=datetime.now(UTC)
        )
    click.echo(f"Restored: {describe(found)}")
    if found.about.revision != head_revision():
        click.echo(f"The tables were brought to revision {head_revision()}.")
    click.echo(f"The ledger's root is {found.root}")
    if ring is not None:
        click.echo(f"{len(ring.files)} key files are in {places.keys}")
    return found


def _warn_of_other_secrets(settings: Settings, fingerprints: Mapping[str, str]) -> None:
    from portal.store.backup.about import fingerprint

    here = secrets_of(settings)
    for name, means in NEEDED_AGAIN.items():
        if fingerprint(name, here[name]) != fingerprints.get(name):
            click.secho(f"{name} is another one than when the backup was made: {means}.", fg="red")


def _leave_settings(settings: Settings, kept: Mapping[str, str]) -> None:
    path = settings.folder / SETTINGS_FILE
    if path.exists():
        raise click.ClickException(
            f"All is restored, but {path} is there already: the settings of the keys were not written into it."
        )
    with told_plainly():
        settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with written_whole(path) as file:
            file.write("".join(f"{name}={value}\n" for name, value in kept.items()).encode())
    click.echo(f"The settings that came with the keys are in {path}, for you alone to read.")
