"""Works on background jobs in this process until it is told to stop."""

from __future__ import annotations

import sys

import click

from portal.cli.database import require_head_revision
from portal.cli.processes import die_with
from portal.cli.settings import read_settings


@click.command()
@click.option("--drain", is_flag=True, help="Do what is due, then end.")
@click.option("--parent", type=int, hidden=True, help="The server that this worker ends with.")
def worker(drain: bool, parent: int | None) -> None:
    """Work on background jobs only: certificates to render, mails to send.

    `portal serve` starts one of these beside its web processes. Start more, here or on other machines that share
    the database and PORTAL_STORAGE, when jobs queue up. SIGTERM lets the current jobs finish.
    """
    if parent is not None:
        die_with(parent)

    from portal.jobs import worker as work

    settings = read_settings()
    require_head_revision(settings)
    if drain:
        click.echo(f"Attempts at jobs: {work.drain(settings)}")
        return
    sys.exit(work.run_worker(settings))
