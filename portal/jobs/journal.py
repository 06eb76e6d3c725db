"""What a worker tells its operator: one JSON object a line, with names of things and no values of people."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from portal import counters


class Journal:
    """Writes events as lines; several threads may write at once."""

    def __init__(
        self, worker: str, now: Callable[[], datetime], write: Callable[[str], object] | None = None
    ) -> None:
        self._worker = worker
        self._now = now
        self._write = write or _to_stdout

    def tell(self, event: str, **values: str | int | None) -> None:
        """Write one event with its values, and count it."""
        counters.EVENTS.labels(event).inc()
        at = self._now().isoformat(timespec="milliseconds")
        line = json.dumps({"at": at, "event": event, "worker": self._worker, **values})
        self._write(line + "\n")


def _to_stdout(line: str) -> None:
    # Whoever read the lines may be gone; that is no reason to leave people's mails lying.
    with suppress(OSError):
        sys.stdout.write(line)
        sys.stdout.flush()
