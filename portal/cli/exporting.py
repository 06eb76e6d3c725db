"""Where processes put their counts, and the process beside them that shows the sums to Prometheus."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.config.settings import Settings

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # the library reads it when it is imported
PREFIX = "portal-counts-"
MEMORY = Path("/dev/shm")  # noqa: S108 -- only the parent of a folder with a name of its own, for us alone


@contextmanager
def counting(settings: Settings) -> Iterator[None]:
    """Let the processes that are started meanwhile count into one folder, if anybody is going to look at it."""
    if settings.metrics is None:
        os.environ.pop(VARIABLE, None)
        yield
        return
    place = _place()
    _remove_orphans(place)
    folder = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place)
    os.environ[VARIABLE] = folder
    try:
        yield
    finally:
        del os.environ[VARIABLE]
        shutil.rmtree(folder, ignore_errors=True)


def _place() -> Path:
    """In memory, because a process that counts into a file on a full disk is killed by the kernel."""
    given = os.environ.get("RUNTIME_DIRECTORY")
    if given:
        return Path(given.partition(":")[0])
    return MEMORY if os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())


def _remove_orphans(place: Path) -> None:
    """Take away what a server left behind that was killed."""
    for folder in place.glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        is_ours = folder.stat().st_uid == os.getuid()
        if is_ours and pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)
