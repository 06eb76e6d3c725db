"""Works on background jobs in this process until it is told to stop."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from portal import logs
from portal.cli.database import require_head_revision
from portal.cli.exporting import counting
from portal.cli.processes import Beside, as_child, look_for_cycles_seldom
from portal.cli.settings import read_settings
from portal.config.settings import Settings


@click.command()
@click.option("--drain", is_flag=True, help="Do what is due, then end.")
@click.option("--parent", type=int, hidden=True, help="The server that this worker ends with.")
def worker(drain: bool, parent: int | None) -> None:
    """Work on background jobs only: certificates to render, mails to send.

    `portal serve` starts one of these beside its web processes. Start more, here or on other machines that share
    the database and PORTAL_STORAGE, when jobs queue up. SIGTERM lets the current jobs finish.
    """
    if parent is not None:
        with as_child(parent):
            look_for_cycles_seldom()
            settings = read_settings()
            require_head_revision(settings)
            _work(settings)
    look_for_cycles_seldom()
    settings = read_settings()
    require_head_revision(settings)
    if drain:
        _drain(settings)
        return
    with counting(settings):
        _work_alone(settings)


def _drain(settings: Settings) -> None:
    from portal.jobs import worker as work

    click.echo(f"Attempts at jobs: {work.drain(settings)}")


def _work_alone(settings: Settings) -> None:
    """Work without a server; the figures are shown from here."""
    logs.write_lines(sys.stderr)
    exporter = Beside("metrics")
    if settings.metrics is not None:
        exporter.start()
    try:
        _work(settings)
    finally:
        exporter.stop()


def _work(settings: Settings) -> NoReturn:
    from portal import counters
    from portal.jobs import worker as work

    counters.STARTS.labels("worker").inc()
    sys.exit(work.run_worker(settings))
