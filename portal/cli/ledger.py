"""The ledger at the command line: reading all of it again, and publishing it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.cli.database import require_head_revision
from portal.cli.errands import note
from portal.cli.settings import read_settings
from portal.config.settings import Settings

if TYPE_CHECKING:
    from portal.domain.ledger.keyring import KeyRing
    from portal.services.ledger_audit import Outside


@click.group()
def ledger() -> None:
    """Read the whole ledger again, or sign and publish it now."""


@ledger.command()
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that lies outside: a witness's, or one that was mailed. May be given several times.",
)
@click.option("--files", is_flag=True, help="Read every evidence file again too.")
def verify(checkpoints: tuple[Path, ...], files: bool) -> None:
    """Read every entry, subtree, checkpoint and frozen row again, and say everything that is wrong.

    Compared are the entries with their leaves, the leaves with the kept subtrees, the head and every signed
    checkpoint, the published checkpoint and those you give, and the submissions, certificates, documents and
    evidence with what the ledger says of them. Only a checkpoint from outside shows that the end was cut off or
    that everything was computed anew. Exit code 0 when all agree, 1 otherwise.
    """
    from portal.services import ledger_audit
    from portal.store.base import Database
    from portal.store.blobs import Blobs

    settings = read_settings()
    require_head_revision(settings)
    database = Database(settings.database_url)
    try:
        with database.reading() as session:
            found = ledger_audit.audit(
                session,
                _ring(settings),
                _outside(settings, checkpoints),
                Blobs(settings.storage) if files else None,
            )
    finally:
        database.dispose()
    note(settings, "ledger_check", datetime.now(UTC), len(found.faults))
    for fault in found.faults:
        click.echo(click.style("WRONG  ", fg="red") + fault)
    click.echo(
        f"Read {found.entries} entries, {found.checkpoints} checkpoints, {found.outside} from outside, "
        f"{found.rows} frozen rows: {len(found.faults) or 'nothing'} wrong."
    )
    if not found.outside:
        click.echo("No checkpoint from outside was at hand, so a cut end would not have been seen.")
    sys.exit(1 if found.faults else 0)


@ledger.command()
def publish() -> None:
    """Sign the head of the ledger if it has moved, and publish the log up to there (the worker does it every 5 minutes)."""
    from portal.domain.actors import SYSTEM
    from portal.services import publishing, work
    from portal.services.checkpoints import LogForked, Notary
    from portal.store.base import Database
    from portal.store.keys import NoKey

    settings = read_settings()
    require_head_revision(settings)
    notary = Notary.at(settings.keys, settings.log)
    database = Database(settings.database_url)
    moment = datetime.now(UTC)
    try:
        with notary.published.locked():
            with work.writing(database, SYSTEM, moment) as writing:
                signed = publishing.sign(writing, notary)
            count = publishing.publish(database.reading, signed, notary)
    except (LogForked, NoKey) as error:
        raise click.ClickException(str(error)) from error
    finally:
        database.dispose()
    size = signed.checkpoint.size
    click.echo(f"Published {size} entries in {settings.log}: {count} new files.")
    click.echo(signed.checkpoint.note.strip())


def _ring(settings: Settings) -> KeyRing | None:
    from portal.store.keys import KeyFolder, NoKey

    try:
        return KeyFolder(settings.keys).ring()
    except NoKey as error:
        click.echo(f"Signatures are not checked: {error}")
        return None


def _outside(settings: Settings, given: tuple[Path, ...]) -> list[Outside]:
    from portal.services.ledger_audit import Outside

    published = settings.log / "checkpoint"
    places = [*given, published] if published.is_file() else list(given)
    # What is no text at all is told as a fault of its form, like anything else that is no checkpoint.
    return [Outside(str(place), place.read_text("utf-8", "replace")) for place in places]
