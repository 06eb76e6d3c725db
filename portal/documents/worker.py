"""A process that renders documents one after the other and knows nothing else: no database, no secret, no network.

    python -m portal.documents.worker FILE_DESCRIPTOR SECONDS MEGABYTES

The renderer pool starts it; it reads orders from the file descriptor that it inherits, and ends when that is closed.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
from multiprocessing.connection import Connection

from portal.documents.failures import RenderingFailed
from portal.documents.making import make
from portal.documents.orders import READY, Order, failed, made
from portal.documents.press import the_press

# The pool stops a hanging worker itself; the alarm is for a worker whose pool is gone.
GRACE_SECONDS = 5
# Nobody waits at a screen for the twentieth certificate of a batch; people wait for pages.
NICENESS = 10


def main(descriptor: int, seconds: int, megabytes: int) -> None:
    """Answer orders until the pool closes the line."""
    limit = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    os.nice(NICENESS)
    line = Connection(descriptor)
    try:
        the_press()
    except RenderingFailed as failure:
        line.send_bytes(failed(failure))
        return
    _collect_garbage_rarely()
    line.send_bytes(made(READY))
    while (message := _next(line)) is not None:
        # The alarm's default action ends the process, even inside a library call that never returns.
        signal.setitimer(signal.ITIMER_REAL, seconds + GRACE_SECONDS)
        answer = _answer(message)
        signal.setitimer(signal.ITIMER_REAL, 0)
        line.send_bytes(answer)


def _next(line: Connection) -> bytes | None:
    try:
        return line.recv_bytes()
    except EOFError:
        return None


def _answer(message: bytes) -> bytes:
    try:
        return made(make(Order.read(message)))
    except RenderingFailed as failure:
        return failed(failure)


def _collect_garbage_rarely() -> None:
    """Stop Python from looking through a layout's millions of objects again and again: a third of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 1000)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:4]))
