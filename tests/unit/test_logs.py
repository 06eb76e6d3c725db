"""Log lines: one JSON object each, with places in place of other people's texts."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from portal import logs

SECRET = "canary-that-must-not-be-logged"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    logs.write_lines(stream)
    yield stream
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def fail() -> None:
    raise ValueError(SECRET)


def failing() -> Exception:
    with pytest.raises(ValueError) as caught:
        fail()
    return caught.value


def test_library_is_quoted_by_place_only(written: io.StringIO) -> None:
    logging.getLogger("some.library").warning("%s was sent", SECRET)

    [line] = lines(written)
    assert SECRET not in written.getvalue()
    assert (line["event"], line["logger"], line["level"]) == ("log", "some.library", "warning")
    assert line["where"].startswith(__file__)


def test_own_words_are_kept_and_escaped(written: io.StringIO) -> None:
    logging.getLogger("portal.store").warning("took %s s\n\x1b[31m\u202e", 5)

    [line] = lines(written)
    assert line["said"] == "took 5 s\n\x1b[31m\u202e"
    assert written.getvalue().count("\n") == 1
    assert written.getvalue().isascii()


def test_exception_is_told_by_class_and_places(written: io.StringIO) -> None:
    logging.getLogger("portal.jobs").error("goes on", exc_info=failing())

    [line] = lines(written)
    assert SECRET not in written.getvalue()
    assert line["error"] == "ValueError"
    assert line["where"][-1].endswith(" fail")


def test_event_carries_its_values(written: io.StringIO) -> None:
    logs.tell("process.ended", name="worker", code=-9)

    [line] = lines(written)
    assert (line["event"], line["name"], line["code"]) == ("process.ended", "worker", -9)
    assert line["at"].endswith("+00:00")


def test_what_ends_a_process_or_a_thread_is_a_line_too(written: io.StringIO) -> None:
    error = failing()
    sys.excepthook(type(error), error, error.__traceback__)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()

    assert [(line["event"], line["error"]) for line in lines(written)] == [
        ("process.died", "ValueError")
    ] * 2
    assert SECRET not in written.getvalue()


def test_warning_is_a_line_without_its_text(written: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(SECRET, stacklevel=1)

    assert [line["logger"] for line in lines(written)] == ["py.warnings"]
    assert SECRET not in written.getvalue()
