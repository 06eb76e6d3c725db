"""Works on background jobs in this process until it is told to stop."""

from __future__ import annotations

import signal
import threading

import click

from portal.cli.processes import die_with
from portal.cli.settings import read_settings


@click.command()
@click.option("--parent", type=int, hidden=True, help="The server that this worker belongs to.")
def worker(parent: int | None) -> None:
    """Work on background jobs only: certificates to render, mails to send.

    `portal serve` starts one of these beside its web processes. Start more, here or on other machines that share
    the database and PORTAL_STORAGE, when jobs queue up. SIGTERM lets the current job finish.
    """
    settings = read_settings()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if parent is not None:
        die_with(parent)

    from portal.app import create_app
    from portal.jobs.worker import work

    work(create_app(settings), stop)
