"""Keeps the portal's processes together: none outlives the one that started it."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click

from portal import logs

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 30
MISSED_AFTER_SECONDS = 5
LONGEST_PAUSE_SECONDS = 30
SOUND_AFTER_SECONDS = 60

# A web process forked while another process is being started would keep the pipe open on which `Popen` waits for the
# start, and `Popen` would return only when that web process ends. So neither begins during the other.
_launching = threading.Lock()
os.register_at_fork(
    before=_launching.acquire,
    after_in_parent=_launching.release,
    after_in_child=_launching.release,
)


def die_with(parent: int) -> None:
    """Let SIGTERM end this process from now on, and ask Linux to send it when the parent is gone, even by `kill -9`."""
    # A forked process has its parent's handlers, which would swallow a signal that comes while it starts.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=_end_after, args=(parent,), name="parent", daemon=True).start()
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:  # it died before we had asked
        os.kill(os.getpid(), signal.SIGTERM)


def _end_after(parent: int) -> None:
    """End this process some time after its parent, whatever became of the signal that Linux sends.

    A server that is just putting its own handlers in place can miss one, and would stay for ever.
    """
    while os.getppid() == parent:
        time.sleep(1)
    time.sleep(MISSED_AFTER_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def as_child(parent: int | None) -> Iterator[None]:
    """Live no longer than the parent, and say everything in its log, even why nothing could be done."""
    if parent is None:
        yield
        return
    die_with(parent)
    logs.write_lines(sys.stderr)
    try:
        yield
    except click.ClickException as refused:
        logs.tell("process.refused", said=refused.format_message())
        sys.exit(refused.exit_code)


class Beside:
    """A command of the portal in a process of its own, started again whenever it falls over."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher = threading.Thread(target=self._watch, name=name, daemon=True)

    def start(self) -> None:
        """Start the process and watch over it."""
        self._watcher.start()

    def renew(self) -> None:
        """Let the process finish what it does and start a fresh one."""
        with _launching:
            if self._process is not None:
                self._process.terminate()

    def stop(self) -> None:
        """Let the process finish what it does, but not for ever: a job that it leaves is taken up again later."""
        with _launching:
            self._stopping.set()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        if self._watcher.is_alive():
            self._watcher.join(1)

    def _watch(self) -> None:
        pause = 1
        command = [sys.executable, "-m", "portal", self._name, "--parent", str(os.getpid())]
        while True:
            started = time.monotonic()
            with _launching:
                if self._stopping.is_set():
                    return
                self._process = _launched(command)
            code = 1 if self._process is None else self._process.wait()
            if self._stopping.is_set():
                return
            if code == 0:
                continue  # it was asked to end, to make room for a fresh one
            sound = time.monotonic() - started > SOUND_AFTER_SECONDS
            pause = 1 if sound else min(pause * 2, LONGEST_PAUSE_SECONDS)
            with suppress(OSError):  # a full log must not leave the portal without a worker
                logs.tell("process.ended", name=self._name, code=code, again_in_seconds=pause)
            self._stopping.wait(pause)


def _launched(command: list[str]) -> subprocess.Popen[bytes] | None:
    """Start a process; None when the machine has no handles or memory left for it just now."""
    try:
        return subprocess.Popen(command)
    except OSError:
        return None


def look_for_cycles_seldom() -> None:
    """Spare work on many lines, which makes millions of short-lived values and hardly a cycle, a sixth of its time."""
    gc.set_threshold(200_000, 20, 100)
