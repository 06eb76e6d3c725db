"""Witnesses the log of another portal: keeps each checkpoint it shows, and sees that the log has only grown."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import click

from portal.outside import fetched

TIMEOUT_SECONDS = 20
LARGEST_ANSWER = 4 * 1024 * 1024


@click.command()
@click.argument("url")
@click.option(
    "--folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where checkpoints and hashes are kept, on a machine that the portal's operator doesn't reach.",
)
@click.option(
    "--log-key",
    metavar="VKEY",
    help="The log's key, for the first look; and again if the log changed its key twice between two looks.",
)
@click.option(
    "--name", default="witness", show_default=True, help="The name under which this witness signs."
)
def witness(url: str, folder: Path, log_key: str | None, name: str) -> None:
    """Look at the log at URL (https://portal.example.com/log) once: run it daily or hourly from a timer.

    The newest checkpoint must be signed by the log's key, and its log must begin with everything that was seen
    before; the hashes that show it are fetched and kept. Checkpoints that hold are kept in FOLDER/checkpoints with
    this witness's own signature, and FOLDER/checkpoint is for `portal verify --checkpoint` and `portal ledger verify
    --checkpoint`.

    Exit code 0: the log has only grown. 1: it was rewritten, or is not signed as it should be; what it showed is kept
    as evidence. 2: it could not be looked at.
    """
    from portal.domain.ledger.merkle import NotProven
    from portal.domain.ledger.notes import NotANote, NotSigned
    from portal.domain.ledger.tile_hashes import NoTile
    from portal.services.witnessing import NoLogKey, Witness

    if urlsplit(url).scheme not in ("http", "https"):
        raise click.UsageError(
            "URL is the address of a log, such as https://portal.example.com/log"
        )
    _require_key(log_key)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    moment = datetime.now(UTC)
    looker = Witness(folder, name, lambda wanted: _fetched(f"{url.rstrip('/')}/{wanted}"))
    try:
        click.echo(looker.look(log_key, moment))
    except NoLogKey as error:
        raise click.UsageError(
            "At the first look the log's key is needed: --log-key VKEY"
        ) from error
    except (NotProven, NotSigned, NotANote) as wrong:
        kept = looker.keep_as_evidence(moment)
        click.echo(f"WRONG: {wrong}. What the log showed is kept in {kept}.")
        sys.exit(1)
    except (NoTile, OSError, HTTPException) as trouble:
        click.echo(f"The log could not be looked at: {trouble}")
        sys.exit(2)


def _require_key(given: str | None) -> None:
    from portal.domain.ledger.keyring import KeyRing
    from portal.domain.ledger.notes import NotANote

    try:
        if given is not None:
            KeyRing.read(given)
    except (NotANote, ValueError) as error:
        raise click.UsageError(f"--log-key is no key of a log: {error}") from error


def _fetched(address: str) -> bytes:
    return fetched(address, seconds=TIMEOUT_SECONDS, most=LARGEST_ANSWER)
