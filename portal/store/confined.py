"""Starts a child process for a stranger's file: its own folder, nothing of our environment, and an end in time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_PACKAGES = Path(__file__).parents[2]


class TookTooLong(Exception):
    """The child did not end within its wall time and was killed."""


def run_confined(
    module: str,
    arguments: Sequence[str],
    *,
    source: Path,
    answer: Path,
    wall_seconds: float,
) -> int:
    """Run a module of ours on a file, in the answer's folder; returns its exit status, negative for a signal.

    What the child writes goes into the file `answer`. It is killed with its whole process group when it takes too long.
    """
    folder = str(answer.parent)
    with source.open("rb") as given, answer.open("wb") as out:
        child = subprocess.Popen(
            [sys.executable, "-B", "-P", "-s", "-m", module, *arguments],
            stdin=given,
            stdout=out,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=_environment(folder),
            start_new_session=True,
        )
        try:
            return child.wait(wall_seconds)
        except subprocess.TimeoutExpired:
            raise TookTooLong from None
        finally:
            _end(child)


def _environment(folder: str) -> dict[str, str]:
    """Nothing of the server's environment: no secrets, no addresses, only where the code lies."""
    return {
        "PYTHONPATH": str(_PACKAGES),
        "TMPDIR": folder,
        "HOME": folder,
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
    }


def _end(child: subprocess.Popen[bytes]) -> None:
    """Leave no process behind, whatever happened."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
