"""The one way from stored facts to PDF bytes, which every renderer takes in whatever process it runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar, assert_never

from portal.documents.certificate import CertificateFacts
from portal.documents.certificate_page import render_certificate
from portal.documents.facts import read_facts
from portal.documents.failures import Failure, RenderingFailed
from portal.documents.orders import Kind, Order
from portal.documents.progress_certificate import ProgressCertificateFacts
from portal.documents.progress_certificate_page import render_progress_certificate
from portal.documents.progress_report import ProgressReportFacts
from portal.documents.progress_report_pages import render_progress_report
from portal.documents.report import ReportFacts
from portal.documents.report_pages import render_report
from portal.documents.seals import UNSEALED, Seal

F = TypeVar("F")


def make(order: Order) -> bytes:
    """Render an order in this process; raises RenderingFailed, whatever goes wrong."""
    try:
        match order.kind:
            case Kind.CERTIFICATE:
                return render_certificate(_read(CertificateFacts, order), order.seal)
            case Kind.REPORT:
                return render_report(_read(ReportFacts, order), order.seal)
            case Kind.PROGRESS_CERTIFICATE:
                return render_progress_certificate(
                    _read(ProgressCertificateFacts, order), order.seal
                )
            case Kind.PROGRESS_REPORT:
                return render_progress_report(_read(ProgressReportFacts, order), order.seal)
            case _:
                assert_never(order.kind)
    except RenderingFailed:
        raise
    except Exception as trouble:
        raise RenderingFailed(Failure.BROKEN, f"{type(trouble).__name__}: {trouble}") from trouble


def _read(kind: type[F], order: Order) -> F:
    try:
        return read_facts(kind, order.facts_json)
    except ValueError as trouble:
        raise RenderingFailed(Failure.BAD_FACTS, str(trouble)) from trouble


class RendererInProcess:
    """A renderer without processes and limits: for tests, and for one document at the command line."""

    def render(self, kind: Kind, facts_json: bytes, seal: Seal = UNSEALED) -> bytes:
        """Give the PDF of canonical facts, or raise RenderingFailed."""
        return make(Order(kind, facts_json, seal))

    def render_many(self, orders: Iterable[Order]) -> Iterator[bytes | RenderingFailed]:
        """Give, in order, a PDF for each order or the RenderingFailed that it came to."""
        for order in orders:
            try:
                yield make(order)
            except RenderingFailed as failed:
                yield failed
