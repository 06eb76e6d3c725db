"""Rendering in processes of their own: a crash, a hang or a greedy document costs that one document and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Protocol

from portal.documents.failures import Failure, RenderingFailed
from portal.documents.fonts import CONFIGURATION
from portal.documents.orders import Kind, Order, read_answer
from portal.documents.seals import UNSEALED, Seal

Outcome = bytes | RenderingFailed

_PACKAGE_PARENT = Path(__file__).resolve().parents[2]
# All that a worker is told of the machine: neither the secret key nor the database's address is among it.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_START_SECONDS = 60


class Renderer(Protocol):
    """What jobs ask for documents."""

    def render(self, kind: Kind, facts_json: bytes, seal: Seal = UNSEALED) -> bytes:
        """Give the PDF of canonical facts, or raise RenderingFailed."""
        ...

    def render_many(self, orders: Iterable[Order]) -> Iterator[Outcome]:
        """Give, in order, a PDF for each order or the RenderingFailed that it came to."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may take, and after how many documents a worker is replaced.

    Memory is the worker's whole address space: libraries and fonts take about 400 MB of it, mapped and not resident.
    """

    seconds: int = 120
    megabytes: int = 1024
    documents: int = 250


class RendererPool:
    """So many worker processes, started when they are first needed; safe to use from several threads."""

    def __init__(self, processes: int | None = None, limits: Limits = Limits()) -> None:
        """Plan for so many processes, by default one for each core; none is started yet."""
        self._processes = processes or os.cpu_count() or 1
        self._limits = limits
        self._folder = tempfile.TemporaryDirectory(prefix="portal-documents-")
        # A place for each process, empty until it is first taken: whoever takes a place has the worker to himself.
        self._places: SimpleQueue[_Worker | None] = SimpleQueue()
        for _ in range(self._processes):
            self._places.put(None)

    def __enter__(self) -> RendererPool:
        """Use the pool in a `with` block, which closes it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the pool."""
        self.close()

    def start(self) -> None:
        """Start all workers now; raises RenderingFailed, saying what is missing, where none can render."""
        taken = [self._places.get() for _ in range(self._processes)]
        try:
            for place, worker in enumerate(taken):
                taken[place] = worker or self._started()
        finally:
            for worker in taken:
                self._places.put(worker)

    def close(self) -> None:
        """End all workers, after the documents that are under way."""
        for _ in range(self._processes):
            worker = self._places.get()
            if worker is not None:
                worker.end()
        self._folder.cleanup()

    def render(self, kind: Kind, facts_json: bytes, seal: Seal = UNSEALED) -> bytes:
        """Give the PDF of canonical facts, or raise RenderingFailed; the pool is as good as before either way."""
        worker = self._places.get()
        is_good = False
        try:
            worker = self._with_order(worker, Order(kind, facts_json, seal))
            content = worker.answer(self._limits.seconds)
            is_good = worker.count < self._limits.documents
        except RenderingFailed as failed:
            is_good = failed.failure in _FAULTS_OF_FACTS
            raise
        finally:
            # Whatever else happened, even an interrupt: a worker that may still answer must not get another order.
            if worker is not None and not is_good:
                worker.end()
            self._places.put(worker if is_good else None)
        return content

    def _with_order(self, worker: _Worker | None, order: Order) -> _Worker:
        """A worker that has taken the order: this one, or a new one where this is none or died while it was idle."""
        if worker is not None:
            if worker.take(order):
                return worker
            worker.end()
        worker = self._started()
        worker.take(order)
        return worker

    def render_many(self, orders: Iterable[Order]) -> Iterator[Outcome]:
        """Give, in order, a PDF for each order or the RenderingFailed that it came to, on all processes at once.

        Orders are taken as the answers are fetched, so a long list of them is never in memory as a whole.
        """
        under_way: deque[Future[Outcome]] = deque()
        with ThreadPoolExecutor(self._processes) as threads:
            for order in orders:
                under_way.append(threads.submit(self._outcome, order))
                if len(under_way) > 2 * self._processes:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()

    def _outcome(self, order: Order) -> Outcome:
        try:
            return self.render(order.kind, order.facts_json)
        except RenderingFailed as failed:
            return failed

    def _started(self) -> _Worker:
        return _Worker(self._limits, cache=Path(self._folder.name))


# After these the worker is as it was; after any other failure it may have been harmed.
_FAULTS_OF_FACTS = frozenset({Failure.BAD_FACTS, Failure.MISSING_GLYPHS, Failure.TOO_LONG})


class _Worker:
    """One process and the line to it; used by one thread at a time."""

    def __init__(self, limits: Limits, cache: Path) -> None:
        """Start the process and wait until it is ready; raises RenderingFailed if it can't be."""
        self.count = 0
        self._line, theirs = Pipe()
        try:
            self._process = _start(theirs, limits, cache)
        finally:
            theirs.close()
        try:
            self.answer(_START_SECONDS)
        except RenderingFailed:
            self.end()
            raise

    def take(self, order: Order) -> bool:
        """Hand over an order; False if the process is gone."""
        self.count += 1
        try:
            self._line.send_bytes(order.as_bytes())
        except OSError:
            return False
        return True

    def answer(self, seconds: int) -> bytes:
        """Wait for the document; raises RenderingFailed when it fails, takes too long, or the process dies."""
        try:
            if not self._line.poll(seconds):
                raise RenderingFailed(Failure.TIMED_OUT, str(seconds))
            return read_answer(self._line.recv_bytes())
        except (EOFError, OSError):
            self._line.close()
            status = self._process.wait()
            raise RenderingFailed(Failure.WORKER_DIED, f"exit status {status}") from None

    def end(self) -> None:
        """End the process, whatever it is doing; an idle one has nothing to lose."""
        self._line.close()
        self._process.kill()
        self._process.wait()


def _start(line: Connection, limits: Limits, cache: Path) -> subprocess.Popen[bytes]:
    """Start a worker with as little of our environment as it needs, in a session that no Ctrl-C reaches."""
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= {
        "FONTCONFIG_FILE": str(CONFIGURATION),
        "XDG_CACHE_HOME": str(cache),
        "PYTHONPATH": str(_PACKAGE_PARENT),
    }
    arguments = [str(line.fileno()), str(limits.seconds), str(limits.megabytes)]
    return subprocess.Popen(
        [sys.executable, "-m", "portal.documents.worker", *arguments],
        env=environment,
        pass_fds=[line.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
