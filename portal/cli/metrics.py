"""Shows the portal's figures in the text format of Prometheus, on an address of its own."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import click

from portal import logs
from portal.cli.processes import as_child
from portal.cli.settings import read_settings
from portal.config.servers import Listening
from portal.config.settings import Settings

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry


@click.command()
@click.option("--once", is_flag=True, help="Print the figures and end, without listening.")
@click.option("--parent", type=int, hidden=True, help="The process that this one ends with.")
def metrics(once: bool, parent: int | None) -> None:
    """Show figures for Prometheus at PORTAL_METRICS.

    `portal serve` and `portal worker` start it beside themselves when PORTAL_METRICS is set, and only then do the
    figures hold what their processes count; what database, disk and keys tell is there in any case.
    """
    with as_child(parent):
        settings = read_settings()
        if once:
            _print(settings)
            return
        if settings.metrics is None:
            raise click.ClickException(
                "PORTAL_METRICS is missing: set it to a port, such as 9464, or print the figures with --once."
            )
        _serve(settings, settings.metrics)


class Exporter(ThreadingMixIn, WSGIServer):
    """Answers scrapes side by side, and logs as the rest of the portal does."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Write a line where the library would print a trace."""
        error = sys.exc_info()[1]
        if error is not None:
            logs.died(error)


class Silent(WSGIRequestHandler):
    """Writes no line for each scrape."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def _figures(settings: Settings) -> Iterator[CollectorRegistry]:
    from prometheus_client import CollectorRegistry

    from portal.cli.figures import Figures

    registry = CollectorRegistry()
    figures = Figures.of(settings, lambda: datetime.now(UTC))
    registry.register(figures)
    try:
        yield registry
    finally:
        figures.database.dispose()


def _print(settings: Settings) -> None:
    from prometheus_client import generate_latest

    with _figures(settings) as registry:
        click.echo(generate_latest(registry).decode(), nl=False)


def _serve(settings: Settings, address: Listening) -> None:
    from prometheus_client import make_wsgi_app

    from portal import counters

    counters.STARTS.labels("exporter").inc()
    Exporter.address_family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        server = Exporter((address.host, address.port), Silent)
    except OSError as error:
        raise click.ClickException(
            f"PORTAL_METRICS can't be listened on ({address.host}:{address.port}): {error.strerror}."
        ) from error
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with server, _figures(settings) as registry:
        server.set_app(make_wsgi_app(registry))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ended.wait()
        server.shutdown()
