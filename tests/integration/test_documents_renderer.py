"""The pool of renderers: whatever happens to a worker, one document fails with a reason and the next one is made."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal.documents import press
from portal.documents.certificate import CertificateFacts
from portal.documents.facts import Name
from portal.documents.failures import MESSAGES, Failure, RenderingFailed
from portal.documents.making import RendererInProcess
from portal.documents.orders import Kind, Order, failed, read_answer
from portal.documents.renderer import Limits, RendererPool
from portal.domain.canonical import canonical_json
from tests.factories.facts import certificate_facts, report_facts
from tests.factories.progress_facts import (
    minimal_progress_certificate_facts,
    minimal_progress_report_facts,
)
from tests.papers import page_count

CERTIFICATE = canonical_json(certificate_facts())
TOO_LONG = canonical_json(
    certificate_facts(does_not_claim=(Name("本证书不作此声明。" * 20, "Not at all. " * 60),) * 20)
)


@pytest.fixture(scope="module")
def pool() -> Iterator[RendererPool]:
    """Give a pool of one process, so that each test meets what the one before left behind."""
    with RendererPool(1, Limits(seconds=60)) as pool:
        yield pool


def workers() -> list[int]:
    """Give the process ids of our workers."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            command = (path.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == os.getpid() and b"portal.documents.worker" in command:
            found.append(int(path.parent.name))
    return found


def test_pool_gives_the_bytes_that_this_process_would_make(pool):
    here = RendererInProcess().render(Kind.CERTIFICATE, CERTIFICATE)
    assert pool.render(Kind.CERTIFICATE, CERTIFICATE) == here


def test_pool_renders_reports_too(pool):
    content = pool.render(Kind.REPORT, canonical_json(report_facts(lines=3)))
    assert page_count(content) >= 5


def test_pool_renders_both_papers_of_progress(pool):
    facts = minimal_progress_certificate_facts()
    assert page_count(pool.render(Kind.PROGRESS_CERTIFICATE, canonical_json(facts))) == 1
    report = minimal_progress_report_facts()
    assert page_count(pool.render(Kind.PROGRESS_REPORT, canonical_json(report))) > 1


def test_one_worker_serves_many_documents(pool):
    pool.render(Kind.CERTIFICATE, CERTIFICATE)
    before = workers()
    pool.render(Kind.CERTIFICATE, CERTIFICATE)
    assert workers() == before
    assert len(before) == 1


@pytest.mark.parametrize(
    ("facts_json", "failure"),
    [
        (b"{}", Failure.BAD_FACTS),
        (b"not json", Failure.BAD_FACTS),
        (canonical_json(report_facts(lines=1)), Failure.BAD_FACTS),
        (canonical_json(certificate_facts(template="certificate/v9")), Failure.BAD_FACTS),
        (TOO_LONG, Failure.TOO_LONG),
    ],
)
def test_facts_at_fault_are_named_and_the_worker_goes_on(pool, facts_json, failure):
    pool.render(Kind.CERTIFICATE, CERTIFICATE)
    before = workers()
    with pytest.raises(RenderingFailed) as refused:
        pool.render(Kind.CERTIFICATE, facts_json)
    assert refused.value.failure is failure
    assert pool.render(Kind.CERTIFICATE, CERTIFICATE)
    assert workers() == before


def test_worker_killed_while_idle_is_replaced_without_anyone_noticing(pool):
    pool.render(Kind.CERTIFICATE, CERTIFICATE)
    (worker,) = workers()
    os.kill(worker, signal.SIGKILL)
    time.sleep(0.2)
    assert pool.render(Kind.CERTIFICATE, CERTIFICATE)
    assert worker not in workers()


def test_worker_killed_at_work_fails_that_document_and_no_other(pool):
    pool.render(Kind.CERTIFICATE, CERTIFICATE)
    (worker,) = workers()
    os.kill(worker, signal.SIGSTOP)
    threading.Timer(0.5, os.kill, (worker, signal.SIGKILL)).start()
    with pytest.raises(RenderingFailed) as died:
        pool.render(Kind.CERTIFICATE, CERTIFICATE)
    assert died.value.failure is Failure.WORKER_DIED
    assert "-9" in died.value.detail
    assert pool.render(Kind.CERTIFICATE, CERTIFICATE)


def test_hanging_worker_is_ended_after_its_time():
    with RendererPool(1, Limits(seconds=6)) as pool:
        pool.render(Kind.CERTIFICATE, CERTIFICATE)
        (worker,) = (pid for pid in workers() if _is_younger(pid))
        os.kill(worker, signal.SIGSTOP)
        started = time.monotonic()
        with pytest.raises(RenderingFailed) as hung:
            pool.render(Kind.CERTIFICATE, CERTIFICATE)
        assert hung.value.failure is Failure.TIMED_OUT
        assert 6 <= time.monotonic() - started < Limits().seconds
        assert worker not in workers()
        assert pool.render(Kind.CERTIFICATE, CERTIFICATE)


def _is_younger(pid: int) -> bool:
    """Say whether a worker is the last one started, and not the other pool's."""
    return pid == max(workers(), key=lambda worker: Path(f"/proc/{worker}").stat().st_ctime)


def test_document_that_takes_too_much_memory_fails_and_the_worker_is_replaced():
    """Anything between a Python error and a crash inside a library may come of it; the reason is named either way."""
    before = workers()
    with RendererPool(1, Limits(megabytes=190)) as pool:
        pool.start()
        first = set(workers()) - set(before)
        with pytest.raises(RenderingFailed) as refused:
            pool.render(Kind.REPORT, canonical_json(report_facts(lines=300)))
        assert refused.value.failure in (Failure.WORKER_DIED, Failure.BROKEN)
        pool.start()
        assert not first & set(workers())
    assert workers() == before


def test_worker_is_replaced_after_its_share_of_documents():
    others = set(workers())
    with RendererPool(1, Limits(documents=2)) as pool:
        seen = set()
        for _ in range(4):
            pool.render(Kind.CERTIFICATE, CERTIFICATE)
            seen |= set(workers()) - others
    # The second and the fourth document end their worker, so only the first and the third show one.
    assert len(seen) == 2


def test_worker_knows_no_secret(pool, monkeypatch):
    monkeypatch.setenv("PORTAL_SECRET_KEY", "not for you")
    monkeypatch.setenv("PORTAL_DATABASE_URL", "postgresql://portal:secret@db/portal")
    with RendererPool(1) as fresh:
        fresh.start()
        told = [Path(f"/proc/{worker}/environ").read_bytes() for worker in workers()]
    assert told
    assert not any(b"PORTAL_" in environment for environment in told)


def test_batch_keeps_its_order_with_each_failure_in_its_place():
    numbers = [f"ZCA-2026-{n:06}" for n in range(9)]
    orders = [
        Order(Kind.CERTIFICATE, canonical_json(certificate_facts(number=number)))
        for number in numbers
    ]
    orders[4] = Order(Kind.CERTIFICATE, b"{}")
    with RendererPool(2) as pool:
        outcomes = list(pool.render_many(iter(orders)))
    in_process = list(RendererInProcess().render_many(orders))
    assert [isinstance(outcome, bytes) for outcome in outcomes] == [n != 4 for n in range(9)]
    assert [o for o in outcomes if isinstance(o, bytes)] == [
        o for o in in_process if isinstance(o, bytes)
    ]
    assert len({outcome for outcome in outcomes if isinstance(outcome, bytes)}) == 8


def test_closed_pool_leaves_no_process_and_no_folder_behind():
    before = workers()
    with RendererPool(2) as pool:
        pool.start()
        folder = Path(pool._folder.name)
        assert len(workers()) == len(before) + 2
        assert folder.is_dir()
    assert workers() == before
    assert not folder.exists()


@pytest.mark.parametrize("failure", Failure)
def test_failure_crosses_the_line_whole_and_has_words_for_people(failure):
    detail = "𠮷 \ud800 “quoted”\n"
    with pytest.raises(RenderingFailed) as received:
        read_answer(failed(RenderingFailed(failure, detail)))
    assert (received.value.failure, received.value.detail) == (failure, detail)
    assert MESSAGES[failure] % {"detail": "x"}


def test_press_refuses_to_start_without_the_library_that_cuts_fonts(monkeypatch):
    monkeypatch.setattr(press, "harfbuzz_subset", None)
    with pytest.raises(RenderingFailed) as refused:
        press.Press()
    assert refused.value.failure is Failure.NOT_READY
    assert "libharfbuzz-subset0" in refused.value.detail


def test_press_refuses_to_start_with_a_damaged_font(monkeypatch):
    monkeypatch.setattr(press, "damaged_files", lambda: ["PortalSans-all-Bold.ttf"])
    with pytest.raises(RenderingFailed) as refused:
        press.Press()
    assert refused.value.failure is Failure.NOT_READY
    assert "PortalSans-all-Bold.ttf" in refused.value.detail


def test_order_reads_back_as_it_was_sent():
    order = Order(Kind.REPORT, b'{"a":"\n"}')
    assert Order.read(order.as_bytes()) == order


def test_facts_with_other_values_make_another_document(pool):
    other = replace(certificate_facts(), number="ZCA-2026-000143")
    assert isinstance(other, CertificateFacts)
    content = pool.render(Kind.CERTIFICATE, canonical_json(other))
    assert content != pool.render(Kind.CERTIFICATE, CERTIFICATE)
