"""The job worker beside the server comes back also when the machine had nothing left to start it with."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
from typing import Any

import pytest

from portal import logs
from portal.cli.processes import Beside


def test_worker_is_started_again_when_no_handle_was_left_and_no_line_could_be_logged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started = threading.Event()
    plain = subprocess.Popen
    tries: list[int] = []

    def launch(command: list[str], **more: Any) -> Any:
        tries.append(len(tries))
        if len(tries) == 1:
            raise OSError(errno.EMFILE, "Too many open files")
        started.set()
        return plain([sys.executable, "-c", "import time; time.sleep(60)"], **more)

    def no_room(*_texts: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(subprocess, "Popen", launch)
    monkeypatch.setattr(logs, "tell", no_room)
    beside = Beside("worker")
    beside.start()
    came = started.wait(30)
    beside.stop()

    assert came
