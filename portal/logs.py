"""Makes every line that a process of the portal logs one JSON object: what happened and where, never what was typed.

A library's message is left out, because it may hold a name, an address or a secret; module and line say which message
it was. The same goes for exceptions: class and places, not their text.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

PROCESS = "portal.process"
# Their texts are our own, or about processes only.
PLAIN_SPOKEN = ("portal.", "_granian")

_logger = logging.getLogger(PROCESS)


class JsonLines(logging.Formatter):
    """One JSON object for each record."""

    def format(self, record: logging.LogRecord) -> str:
        """Say what the record says, as far as it is fit for any reader."""
        line: dict[str, object] = {
            "event": getattr(record, "event", "log"),
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "process": record.process,
            **getattr(record, "values", {}),
        }
        if "event" not in record.__dict__:
            line |= {"level": record.levelname.lower(), "logger": record.name}
            if record.name.startswith(PLAIN_SPOKEN):
                line["said"] = record.getMessage()
            else:
                line["where"] = f"{record.pathname}:{record.lineno}"
        if record.exc_info and record.exc_info[1] is not None:
            line |= described(record.exc_info[1])
        # ASCII escapes line ends, terminal codes and text that reads backwards.
        return json.dumps(line, default=str)


def write_lines(stream: TextIO) -> None:
    """Let all that this process logs, warns of or dies of go to the stream as lines of JSON."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _logger.setLevel(logging.INFO)
    logging.captureWarnings(True)
    sys.excepthook = _died
    threading.excepthook = _thread_died


def tell(event: str, *, level: int = logging.INFO, **values: object) -> None:
    """Write one event of this process with its values, which must be fit for any reader of the log."""
    _logger.log(level, event, extra={"event": event, "values": values})


def died(error: BaseException) -> None:
    """Write what ends this process or one of its threads."""
    _logger.error("died", extra={"event": "process.died", "values": described(error)})


def described(error: BaseException) -> dict[str, object]:
    """The class of an exception and the places that it came through."""
    steps = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "where": [f"{step.filename}:{step.lineno} {step.name}" for step in steps],
    }


def _died(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    died(error.with_traceback(trace))


def _thread_died(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        died(arguments.exc_value)
