"""Puts the alliance's programme in force from one file: default target, roadmap, rules of levels."""

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
def programme(file: Path) -> None:
    """Put the programme that FILE describes in force, as the alliance's next version.

    FILE is TOML with the whole programme as in docs/programme.toml: the target that members may adopt or better, the
    roadmap, the threshold of restatements and the rules of the levels. The same file again changes nothing, and what
    was certified before keeps the rules of its day.
    """
    settings = read_settings()
    require_head_revision(settings)
    content = _read(file)

    from portal.domain.actors import SYSTEM
    from portal.domain.refusals import Conflict
    from portal.services import portfolio, programmes, work
    from portal.store.base import Database

    database = Database(settings.database_url, pool_size=1)
    try:
        with work.writing(database, SYSTEM, datetime.now(UTC)) as writing:
            alliance = portfolio.the_alliance(writing)
            before = programmes.in_force(writing.session, alliance.id).number
            after = programmes.change(writing, alliance, content).number
    except Conflict as missing:
        raise click.ClickException(
            "There is no alliance yet. Found one with `portal alliance` first."
        ) from missing
    except ValueError as wrong:
        raise click.ClickException(f"{file}: {wrong}") from wrong
    finally:
        database.dispose()
    said = "holds already" if after == before else "holds now"
    click.echo(f"Version {after} {said}")


def _read(file: Path) -> Mapping[str, Any]:
    try:
        # A number with decimals stays the text that it is in the file.
        return tomllib.loads(file.read_text(encoding="utf-8"), parse_float=str)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file} is not TOML: {error}") from error
