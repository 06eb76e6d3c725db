"""Lays the database and the folders, brings them up to date, and lets the first administrator in."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from portal.cli.settings import read_settings
from portal.config.settings import Settings


@click.command()
@click.option(
    "--administrator", metavar="EMAIL", help="Create the first administrator; asks for a password."
)
@click.option("--name", default="", help="The administrator's name (the address, unless given).")
@click.option(
    "--language", type=click.Choice(["zh_Hans_CN", "en"]), default="zh_Hans_CN", show_default=True
)
def init(administrator: str | None, name: str, language: str) -> None:
    """Lay or update the database and the folders, and let the first administrator in.

    Run it once at the start and after every new release: it may run as often as you like and keeps all data.
    The first administrator invites everybody else in the browser. Without a terminal the password is read
    from the first line of standard input.
    """
    settings = read_settings()
    lay_folders(settings)
    click.echo(f"The database is at revision {_lay_tables(settings)}.")
    for made in lay_keys(settings):
        click.echo(f"Made: {made}")
    if administrator:
        _let_in(settings, administrator, name or administrator, language)
        click.echo(f"{administrator} may log in at {settings.base_url}/login")


def lay_folders(settings: Settings) -> None:
    """Make the folders that the settings name, where they are missing."""
    for folder in (settings.folder, settings.storage, settings.mail.folder):
        if folder is not None:
            # Evidence and mails are nobody else's business on this machine.
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def lay_keys(settings: Settings) -> list[str]:
    """Make the keys that are missing; returns what was made, and ends the command where one was lost."""
    from portal.store.keys import KeyFolder, NoKey

    try:
        return KeyFolder(settings.keys).lay(settings.origin, datetime.now(UTC))
    except NoKey as error:
        raise click.ClickException(str(error)) from error


def _lay_tables(settings: Settings) -> str:
    from portal.store.migration import head_revision, upgrade

    upgrade(settings.database_url)
    return head_revision()


def _let_in(settings: Settings, email: str, name: str, language: str) -> None:
    from portal.domain.actors import SYSTEM
    from portal.domain.refusals import Conflict
    from portal.services import accounts, addresses, work
    from portal.store.base import Database

    password = _new_password((email, name))
    database = Database(settings.database_url)
    try:
        with work.writing(database, SYSTEM, datetime.now(UTC)) as writing:
            accounts.create_first_administrator(
                writing,
                email=email,
                name=name,
                language=language,
                password=password,
                salt=settings.password_salt,
            )
    except addresses.NotAnAddress as error:
        raise click.ClickException(f"{email} is no e-mail address: {error}") from error
    except Conflict as error:
        raise click.ClickException(
            "There is an administrator already, who can invite others in the browser; nothing was changed."
        ) from error
    finally:
        database.dispose()


def _new_password(context: tuple[str, ...]) -> str:
    from portal.services.passwords import check_password

    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if check_password(password, context):
        raise click.ClickException(
            "This password is too easy to guess: take 12 to 128 characters, and more than common words, years and "
            "your own name. A sentence is easy to remember."
        )
    return password
