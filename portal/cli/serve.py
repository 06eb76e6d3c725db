"""Serves the portal: web processes of one thread each, and a worker for background jobs beside them."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from portal import logs
from portal.cli.database import require_head_revision
from portal.cli.exporting import counting
from portal.cli.processes import GRACE_SECONDS, Beside, die_with
from portal.cli.settings import read_settings
from portal.config.servers import LOOPBACK_HOSTS
from portal.config.settings import Settings

if TYPE_CHECKING:
    from flask import Flask

    from portal.cli.listening import SharedListening

# The library's own messages go up to the root, where they become lines of JSON.
THROUGH_OUR_LINES = {
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"handlers": [], "propagate": True}},
}
IN_FLIGHT_PER_WORKER = 64  # what waits beyond that waits at the door, where it costs nothing


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on.",
)
@click.option(
    "--port", default=8000, show_default=True, envvar="PORT", type=click.IntRange(1, 65535)
)
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Web processes (instead of PORTAL_WORKERS)."
)
@click.option(
    "--no-worker", is_flag=True, help="Leave background jobs to `portal worker` elsewhere."
)
def serve(host: str, port: int, workers: int | None, no_worker: bool) -> None:
    """Serve the portal, with a worker for background jobs beside it.

    Put a reverse proxy in front that speaks https, and tell the portal how many there are with
    PORTAL_TRUSTED_PROXIES. SIGTERM lets requests and the current job finish; SIGHUP starts fresh processes one
    after the other, without losing a request.
    """
    settings = read_settings()
    _refuse_public_demo(settings, host)
    require_head_revision(settings)
    server = _server(host, port, workers or settings.workers)
    for name in _beside(settings, no_worker):
        beside = Beside(name)
        server.on_startup(beside.start)
        server.on_reload(beside.renew)
        server.on_shutdown(beside.stop)
    if sys.stdout.isatty():
        click.echo(
            f"The portal answers at {settings.base_url} (listening on {host}:{port}). Stop it with Ctrl-C."
        )
    logs.write_lines(sys.stderr)
    logs.tell("server.started", address=settings.base_url, host=host, port=port)
    with counting(settings):
        server.serve()


def application() -> Flask:
    """Build the application inside a web process, which ends when the server does."""
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        die_with(parent.pid)

    logs.write_lines(sys.stderr)
    try:
        from portal import counters
        from portal.app import application as build  # only web processes pay for the whole house

        made = build()
    except Exception as error:  # noqa: BLE001 -- the server would print the whole of it, whatever its text holds
        logs.died(error)
        sys.exit(1)
    counters.STARTS.labels("web").inc()
    return made


def _beside(settings: Settings, no_worker: bool) -> Iterator[str]:
    """The commands that run beside the web processes."""
    if not no_worker:
        yield "worker"
    if settings.metrics is not None:
        yield "metrics"


def _server(host: str, port: int, workers: int) -> SharedListening:
    from granian.constants import Interfaces

    from portal.cli.listening import SharedListening

    return SharedListening(
        f"{__name__}:application",
        factory=True,
        interface=Interfaces.WSGI,
        address=host,
        port=port,
        workers=workers,
        blocking_threads=1,  # more threads fight for the interpreter at every database step
        backpressure=IN_FLIGHT_PER_WORKER,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
        log_dictconfig=THROUGH_OUR_LINES,
        log_level="error",  # a process more than there are cores is meant: one may wait for the disk
        websockets=False,
    )


def _refuse_public_demo(settings: Settings, host: str) -> None:
    if settings.demo and host not in LOOPBACK_HOSTS:
        raise click.ClickException(
            f"The demo's passwords and keys are known to everybody, so it doesn't listen on {host}. "
            "Leave --host out, and reach it from elsewhere through an ssh tunnel: "
            "ssh -L 8000:127.0.0.1:8000 this-machine"
        )
