"""Lays the database and the folders, brings them up to date, and lets the first administrator in."""

from __future__ import annotations

from pathlib import Path

import click

from portal.cli.settings import read_settings
from portal.config import Settings


@click.command()
def init() -> None:
    """Lay or update the database and the folders.

    Run it once at the start and after every new release; it may run as often as you like and keeps all data.
    """
    settings = read_settings()
    _lay_folders(settings)
    revision = _lay_tables(settings)
    click.echo(f"The database is at revision {revision}.")


def _lay_folders(settings: Settings) -> None:
    for folder in (settings.folder, settings.storage, settings.mail.folder):
        if folder is not None:
            # Evidence and mails are nobody else's business on this machine.
            Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)


def _lay_tables(settings: Settings) -> str:
    from portal.store.migration import head_revision, upgrade

    upgrade(settings.database_url)
    return head_revision()
