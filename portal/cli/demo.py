"""Loads the demo alliance: 154 members with their years, and accounts for every role."""

from __future__ import annotations

import time

import click

from portal.cli.database import require_head_revision
from portal.cli.processes import look_for_cycles_seldom
from portal.cli.settings import read_settings
from portal.config.settings import Settings

PASSWORD = "grass-milk-wind-2050"  # noqa: S105 -- printed for everybody, and refused outside the demo


@click.command()
def demo() -> None:
    """Load the demo alliance, always the same: 154 members, six years, accounts for every role.

    It needs PORTAL_DEMO=1, because its passwords are known to everybody, and an empty database that
    `portal init` has laid. A demo that is loaded already is left as it is.
    """
    settings = read_settings()
    if not settings.demo:
        raise click.ClickException(
            "The demo has passwords that everybody knows. Set PORTAL_DEMO=1 on a machine that only you can reach."
        )
    require_head_revision(settings)
    if _is_loaded(settings):
        click.echo("The demo alliance is loaded already.")
    else:
        _load(settings)
    _print_accounts(settings)


def _is_loaded(settings: Settings) -> bool:
    from sqlalchemy import select

    from portal.store.alliance import Alliance
    from portal.store.base import Database

    database = Database(settings.database_url, pool_size=1)
    try:
        with database.reading() as session:
            return session.scalars(select(Alliance.id).limit(1)).first() is not None
    finally:
        database.dispose()


def _load(settings: Settings) -> None:
    from portal.cli.scenery.papers import Papers
    from portal.cli.scenery.stage import Stage
    from portal.cli.scenery.story import tell
    from portal.services import passwords
    from portal.store.base import Database
    from portal.store.blobs import Blobs

    began = time.monotonic()
    look_for_cycles_seldom()
    database = Database(settings.database_url, pool_size=1)
    with database.writing() as session, Papers(Blobs(settings.storage)) as papers:
        password_hash = passwords.hash_password(PASSWORD, settings.password_salt)
        stage = Stage(session, password_hash, settings.base_url)
        with click.progressbar(length=154, label="Loading the demo alliance") as bar:
            told = tell(stage, papers, lambda done, of: bar.update(1))
    database.dispose()
    click.echo(
        f"{told.members} members, {told.sites} sites, {told.lines} activity lines, "
        f"{told.submissions} submissions in {time.monotonic() - began:.0f} s"
    )
    click.echo(f"\nAn invitation to accept within a week: {stage.invitation_links[0]}")


def _print_accounts(settings: Settings) -> None:
    from portal.cli.scenery.accounts import demo_accounts

    click.echo(f"\nLog in at {settings.base_url}/login with the password {PASSWORD}")
    for who, email in demo_accounts(settings.database_url):
        click.echo(f"  {who:<50} {email}")
