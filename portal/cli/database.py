"""Ends a command that would meet a database of another release."""

from __future__ import annotations

import click

from portal.config.settings import Settings


def require_head_revision(settings: Settings) -> None:
    """Go on only when the database can be reached and has the tables of this release."""
    from sqlalchemy.exc import SQLAlchemyError

    from portal.store.base import Database
    from portal.store.migration import WrongRevision, require_head

    database = Database(settings.database_url, pool_size=1)
    try:
        require_head(database)
    except WrongRevision as wrong:
        raise click.ClickException(str(wrong)) from wrong
    except SQLAlchemyError as error:
        raise click.ClickException(
            f"The database can't be reached: {getattr(error, 'orig', error)}\n"
            "Is it new? `portal init` lays it. Otherwise `portal doctor` says more."
        ) from error
    finally:
        database.dispose()
