"""The keys of this portal: what others need to check it, and changing the log's key."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from portal.cli.database import require_head_revision
from portal.cli.init import lay_keys
from portal.cli.settings import read_settings


@click.group()
def keys() -> None:
    """Show the portal's public keys, make missing ones, or let a new key sign the log."""


@keys.command()
def show() -> None:
    """Print what others need to check certificates: the log's keys and the CA of the signer."""
    from portal.store.keys import KeyFolder, NoKey

    settings = read_settings()
    folder = KeyFolder(settings.keys)
    try:
        ring = folder.ring()
        ca = None if settings.signer.file or settings.signer.token else folder.ca()
    except NoKey as error:
        raise click.ClickException(str(error)) from error
    for key in ring.keys:
        until = "in use" if key.last is None else f"until {key.last} entries"
        click.echo(f"log key  {key.verifier.text()}  from {key.first}, {until}")
    if ca is None:
        click.echo("signer   as PORTAL_SIGNER says; its own CA vouches for it")
        return
    click.echo(f"CA       SHA-256 {_fingerprint(ca)} (development CA)")
    click.echo(ca.decode().strip())


@keys.command()
def make() -> None:
    """Make the keys that are missing, as `portal init` does; existing ones are never touched."""
    settings = read_settings()
    made = lay_keys(settings)
    for each in made:
        click.echo(f"Made: {each}")
    if not made:
        click.echo(f"All keys are there ({settings.keys}); nothing was changed.")


@keys.command()
@click.confirmation_option(
    prompt="A new key will sign the log from now on, and the old private key is destroyed. Go on?"
)
def rotate() -> None:
    """Let a new key sign the log from now on; what the old one has signed stays verifiable.

    The old key signs once more, a checkpoint that holds the new key's digest and the new list of keys, and is then
    destroyed. Running processes need no restart.
    """
    from portal.domain.actors import SYSTEM
    from portal.services import key_rotation, work
    from portal.services.checkpoints import LogForked, Notary
    from portal.store.base import Database
    from portal.store.keys import NoKey

    settings = read_settings()
    require_head_revision(settings)
    notary = Notary.at(settings.keys, settings.log)
    database = Database(settings.database_url)
    try:
        with work.writing(database, SYSTEM, datetime.now(UTC)) as writing:
            key_rotation.announce(writing, notary)
        with work.writing(database, SYSTEM, datetime.now(UTC)) as writing:
            ring = key_rotation.complete(writing, notary)
    except (NoKey, LogForked) as error:
        raise click.ClickException(str(error)) from error
    finally:
        database.dispose()
    newest = ring.keys[-1]
    click.echo(f"Beyond {newest.first} entries the log is signed by {newest.verifier.text()}")
    click.echo(
        "Pass it on to those who check certificates; it is published with the log's next checkpoint."
    )


def _fingerprint(pem: bytes) -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    digest = x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256())
    return digest.hex(":").upper()
