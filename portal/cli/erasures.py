"""The list of erased people at the command line, to be kept apart from the backups."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click

from portal.cli.settings import read_settings


@click.command()
def erasures() -> None:
    """Write the list of erased people: the number of each account and when, one a line.

    Keep it apart from the backups, and give it to `portal restore --erasures`: a backup from before an erasure brings
    the person back. The list names nobody.
    """
    from portal.cli.database import require_head_revision
    from portal.services import erasure
    from portal.store.base import Database

    settings = read_settings()
    require_head_revision(settings)
    database = Database(settings.database_url, pool_size=1)
    try:
        with database.reading() as session:
            for uid, erased_at in erasure.list_of(session):
                click.echo(f"{uid} {erased_at.isoformat()}")
    finally:
        database.dispose()


def read_list(path: Path) -> list[UUID]:
    """The accounts of such a list; a line that is none ends the command, because somebody would come back by it."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        try:
            found.append(UUID(words[0]))
        except ValueError:
            raise click.ClickException(
                f"{path}, line {number}, begins with no account number. Give the list as `portal erasures` wrote it."
            ) from None
    return found
