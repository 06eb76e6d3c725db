"""Founds the alliance and extends it, from one file that can be run again whenever something is new."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from portal.cli.database import require_head_revision
from portal.cli.settings import read_settings


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def alliance(file: Path) -> None:
    """Found the alliance that FILE describes, or add to it what is new there.

    FILE is TOML with [alliance], [[unit]], [[year]] and [[member]] as in docs/alliance.toml. Run it again whenever
    a year is to be opened or suppliers have joined: what is there already stays as it is. All of it is written,
    or nothing when something is wrong. The members' people are invited in the browser afterwards.
    """
    settings = read_settings()
    require_head_revision(settings)
    plan = _read(file)

    from portal.domain.actors import SYSTEM
    from portal.domain.refusals import Refusal
    from portal.services import founding, work
    from portal.store.base import Database

    database = Database(settings.database_url, pool_size=1)
    try:
        with work.writing(database, SYSTEM, datetime.now(UTC)) as writing:
            added = founding.extend(writing, plan)
    except (founding.PlanError, Refusal) as wrong:
        raise click.ClickException(f"{file}: {wrong}") from wrong
    finally:
        database.dispose()
    for kind, count in added.items():
        click.echo(f"{count} {kind} added")


def _read(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file} is not TOML: {error}") from error
