"""Notes for the monitor that a backup or a check was done here."""

from __future__ import annotations

from datetime import datetime

import click

from portal.config.settings import Settings


def note(settings: Settings, errand: str, moment: datetime, faults: int) -> None:
    """Keep the note, or say that it couldn't be kept: the errand itself is done all the same."""
    from portal.store.stamps import Stamp, Stamps

    try:
        Stamps(settings.folder).put(Stamp(errand, moment, faults))
    except OSError as error:
        click.echo(
            f"The monitor will not learn of this: {error.filename}: {error.strerror}.", err=True
        )
