"""`portal serve` as an operator meets it: ready soon, never alone, never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.cli.processes import GRACE_SECONDS
from tests.serving import Served, is_alive, served_demo

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Served]:
    with served_demo(tmp_path) as running:
        yield running


def eventually(question: Callable[[], bool], *, seconds: float = 120) -> bool:
    until = time.monotonic() + seconds
    while not question():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def job_worker(portal: Served) -> int | None:
    return next(
        (pid for pid, command in portal.children().items() if " portal worker " in command),
        None,
    )


def web_processes(portal: Served) -> set[int]:
    return {pid for pid, command in portal.children().items() if "portal serve" in command}


def test_first_page_comes_without_any_setting_but_the_demo(portal: Served) -> None:
    assert portal.get("/login").status == 200
    assert portal.get("/no-such-page").status == 404


def test_web_process_and_job_worker_come_back_when_killed(portal: Served) -> None:
    assert eventually(lambda: job_worker(portal) is not None)
    worker, web = job_worker(portal), web_processes(portal)
    assert len(web) == 2
    time.sleep(6)  # two deaths within 5.5 s of a start are taken for a crash loop
    os.kill(worker, signal.SIGKILL)
    os.kill(min(web), signal.SIGKILL)
    assert eventually(lambda: job_worker(portal) not in (None, worker))
    assert eventually(lambda: len(web_processes(portal)) == 2 and web_processes(portal) != web)
    assert portal.get("/login").status == 200


def test_every_process_is_renewed_when_asked_to_and_no_request_is_lost(portal: Served) -> None:
    assert eventually(lambda: job_worker(portal) is not None)
    before = portal.children().keys()
    portal.process.send_signal(signal.SIGHUP)
    answers = []

    def renewed() -> bool:
        answers.append(portal.get("/login").status)
        return len(portal.children()) == 3 and not before & portal.children().keys()

    assert eventually(renewed)
    assert set(answers) == {200}


def test_nothing_is_left_behind_when_the_server_is_killed(portal: Served) -> None:
    assert eventually(lambda: job_worker(portal) is not None)
    children = portal.children()
    assert len(children) == 3
    portal.process.kill()
    portal.process.wait()
    assert eventually(lambda: not any(is_alive(pid) for pid in children))


DEAF_CHILD = """
import os, signal, subprocess, sys, time
from portal.cli import processes
if sys.argv[1:]:
    processes.MISSED_AFTER_SECONDS = processes.GRACE_SECONDS = 0
    processes.die_with(int(sys.argv[1]))
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print(os.getpid(), flush=True)
else:
    subprocess.Popen([sys.executable, sys.argv[0], str(os.getpid())])
time.sleep(600)
"""


def test_child_that_misses_the_signal_ends_all_the_same(tmp_path: Path) -> None:
    script = tmp_path / "family.py"
    script.write_text(DEAF_CHILD)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.kill()
        parent.wait()
        assert eventually(lambda: not is_alive(child))


def test_server_ends_well_when_asked_to_even_while_it_starts(portal: Served) -> None:
    children = portal.children()
    began = time.monotonic()
    assert portal.stop() == 0
    assert time.monotonic() - began < GRACE_SECONDS, "somebody had to be killed"
    assert not any(is_alive(pid) for pid in children)
