"""How long papers take beside bare WeasyPrint on the same pages, what the second core brings, what a row costs.

Run it alone on a quiet machine: python -m tests.benchmarks.bench_documents, or pytest tests/benchmarks/bench_documents.py.
The two sides take turns, so that a busy moment hits both: medians for short tasks, the best of three for batches,
which need both cores for themselves.
"""

from __future__ import annotations

import base64
import statistics
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from weasyprint import HTML

from portal.documents.certificate_page import certificate_html, render_certificate
from portal.documents.fonts import only_our_fonts
from portal.documents.orders import Kind, Order
from portal.documents.progress_certificate_page import (
    progress_certificate_html,
    render_progress_certificate,
)
from portal.documents.progress_report_pages import progress_report_html, render_progress_report
from portal.documents.renderer import RendererPool
from portal.documents.report_pages import render_report
from portal.documents.templates import pictures, style_sheet
from portal.domain.canonical import canonical_json
from tests.factories.facts import certificate_facts, report_facts
from tests.factories.progress_facts import (
    YEARS,
    covered_of,
    progress_certificate_facts,
    progress_report_facts,
)

MOST_OF_BARE = 1.3
LEAST_OF_SECOND_CORE = 1.7
MEMBERS = 154
ACTIONS = 40
ROUNDS, REPORT_ROUNDS, BATCH_ROUNDS = 15, 7, 3


def self_contained(html: str, template: str) -> str:
    """Pages as one HTML text with their style sheet and pictures inside, as bare WeasyPrint takes them."""
    css = style_sheet(template)
    for name, picture in pictures(template).items():
        inline = base64.b64encode(picture).decode("ascii")
        css = css.replace(f"asset:{name}", f"data:image/svg+xml;base64,{inline}")
    return html.replace("</head>", f"<style>{css}</style></head>")


def certificate_against_bare() -> float:
    """Our time for a certificate (facts, QR code, chart, tags, enclosed facts and all) over bare WeasyPrint's."""
    facts = certificate_facts()
    page = self_contained(certificate_html(facts), facts.template)
    return _against_bare("certificate", page, lambda: render_certificate(facts), ROUNDS)


def progress_certificate_against_bare() -> float:
    """Our time for a progress certificate over bare WeasyPrint's."""
    facts = progress_certificate_facts()
    page = self_contained(progress_certificate_html(facts), facts.template)
    return _against_bare(
        "progress certificate", page, lambda: render_progress_certificate(facts), ROUNDS
    )


def progress_report_against_bare() -> float:
    """Our time for a progress report of 40 actions and 6 years over bare WeasyPrint's."""
    facts = progress_report_facts(count=ACTIONS, years=YEARS, covered=covered_of(YEARS))
    html = progress_report_html(facts, canonical_json(facts))
    page = self_contained(html, facts.template)
    return _against_bare(
        f"progress report of {ACTIONS} actions and {len(YEARS)} years",
        page,
        lambda: render_progress_report(facts),
        REPORT_ROUNDS,
    )


def _against_bare(name: str, page: str, ours: Callable[[], object], rounds: int) -> float:
    with only_our_fonts():
        ours()
        bare, full = _in_turns(lambda: HTML(string=page).write_pdf(), ours, rounds)
    _say(f"{name}: {full * 1000:.0f} ms, bare WeasyPrint {bare * 1000:.0f} ms: {full / bare:.2f} ×")
    return full / bare


def second_core() -> float:
    """How much faster two processes make 154 certificates than one does, both with their workers already running."""
    with RendererPool(1) as one, RendererPool(2) as two:
        one.start()
        two.start()
        alone, both = _in_turns(lambda: _make_all(one), lambda: _make_all(two), BATCH_ROUNDS, min)
    _say(
        f"{MEMBERS} certificates: one process {alone:.1f} s ({MEMBERS / alone:.1f}/s), "
        f"two {both:.1f} s ({MEMBERS / both:.1f}/s): {alone / both:.2f} ×"
    )
    return alone / both


def row_of_report() -> float:
    """Milliseconds that one more line costs in the report, with its row and its steps in the annex."""
    small, large = report_facts(lines=50), report_facts(lines=250)
    few, many = _in_turns(lambda: render_report(small), lambda: render_report(large), 2)
    cost = (many - few) / 200 * 1000
    _say(f"report: 50 lines {few:.2f} s, 250 lines {many:.2f} s: {cost:.1f} ms a line")
    return cost


def _make_all(pool: RendererPool) -> None:
    made = sum(isinstance(outcome, bytes) for outcome in pool.render_many(_orders()))
    assert made == MEMBERS


def _orders() -> Iterator[Order]:
    for number in range(MEMBERS):
        facts = certificate_facts(number=f"ZCA-2026-{number:06}")
        yield Order(Kind.CERTIFICATE, canonical_json(facts))


def _in_turns(
    first: Callable[[], object],
    second: Callable[[], object],
    rounds: int,
    middle: Callable[[list[float]], float] = statistics.median,
) -> tuple[float, float]:
    """Seconds of both tasks, taken in turns and each brought to one number."""
    times = [(_seconds(first), _seconds(second)) for _ in range(rounds)]
    return middle([time[0] for time in times]), middle([time[1] for time in times])


def _seconds(task: Callable[[], object]) -> float:
    started = time.perf_counter()
    task()
    return time.perf_counter() - started


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


@pytest.mark.benchmark
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_certificate_takes_at_most_a_third_longer_than_bare_weasyprint():
    assert certificate_against_bare() <= MOST_OF_BARE


@pytest.mark.benchmark
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_papers_of_progress_take_at_most_a_third_longer_than_bare_weasyprint():
    assert progress_certificate_against_bare() <= MOST_OF_BARE
    assert progress_report_against_bare() <= MOST_OF_BARE


@pytest.mark.benchmark
def test_second_core_is_used():
    assert second_core() >= LEAST_OF_SECOND_CORE


@pytest.mark.benchmark
def test_report_line_costs_little_enough_for_five_hundred_of_them():
    assert row_of_report() < 60


if __name__ == "__main__":
    held = [
        certificate_against_bare() <= MOST_OF_BARE,
        progress_certificate_against_bare() <= MOST_OF_BARE,
        progress_report_against_bare() <= MOST_OF_BARE,
        second_core() >= LEAST_OF_SECOND_CORE,
        row_of_report() < 60,
    ]
    sys.exit(0 if all(held) else 1)
