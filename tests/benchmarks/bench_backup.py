"""What a backup and a restore cost beside a plain copy of the same bytes, and that memory doesn't grow with them.

Run it alone on a quiet machine: python tests/benchmarks/bench_backup.py [megabytes of files] [thousands of rows].
Copy, backup, check and restore take turns, each flushed to the disk; peak memory is that of a process of its own.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import SimpleQueue
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import insert

from portal.domain.actors import SYSTEM
from portal.services import backups, restoring, work
from portal.services.backups import Places
from portal.store import migration
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.throttle import Attempts
from tests.factories.suppliers import a_member, an_alliance
from tests.populated import hand_in

MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PASSPHRASE = "six words chosen by dice"
MEGABYTES, THOUSANDS, TURNS = 1000, 200, 3
MIB = 1024 * 1024
# A sealed copy is read twice by a restore; each pass hashes, and encrypts or decrypts, what a copy only moves.
MOST_OF_COPY = {"backup": 8, "check": 6, "restore": 24}
MOST_GROWTH = 32 * MIB


class Repeated:
    """A stream of one block after the other, so that a large file needs no large memory."""

    def __init__(self, block: bytes, size: int) -> None:
        self._block, self._left = block, size

    def read(self, size: int) -> bytes:
        taken = min(size, self._left, len(self._block))
        self._left -= taken
        return self._block[:taken]


def filled(folder: Path, megabytes: int, thousands: int) -> Places:
    """A portal with one large file and many small rows."""
    places = Places(f"sqlite:///{folder}/portal.sqlite3", folder / "storage", folder / "keys")
    folder.mkdir()
    migration.upgrade(places.database_url)
    database = Database(places.database_url)
    blobs = Blobs(places.storage)
    with work.writing(database, SYSTEM, MOMENT) as writing:
        member = a_member(
            writing.session, an_alliance(writing.session, years=(2025,)), "M-1", sector="packaging"
        )
        hand_in(writing.session, blobs, member.id, b"a small file")
        large = megabytes * MIB
        with blobs.receive(Repeated(os.urandom(MIB), large), largest=large) as received:
            blobs.keep(received)
        for start in range(0, thousands * 1000, 1000):
            writing.session.execute(
                insert(Attempts),
                [
                    {
                        "key": f"account:{start + each}",
                        "count": each,
                        "started_at": MOMENT,
                        "expires_at": MOMENT + timedelta(microseconds=each),
                    }
                    for each in range(1000)
                ],
            )
        writing.record("bench.filled", "portal")
    database.dispose()
    return places


def copy(places: Places, target: Path) -> None:
    """The floor: database and files copied as they are."""
    shutil.copytree(Path(places.storage).parent, target)
    for path in target.rglob("*"):
        if path.is_file():
            flush(path)


def back_up(places: Places, target: Path) -> None:
    """Write the sealed file."""
    with target.open("wb") as file:
        backups.write_backup(places, file, PASSPHRASE, MOMENT, secrets={})
    flush(target)


def check(source: Path) -> None:
    """Read the sealed file through."""
    with source.open("rb") as file:
        backups.check_backup(file, PASSPHRASE)


def restore(source: Path, target: Path) -> None:
    """Put it into an empty place, looked through before as the command does."""
    target.mkdir()
    places = Places(f"sqlite:///{target}/portal.sqlite3", target / "storage", target / "keys")
    with source.open("rb") as file:
        restoring.look_through(places, file, PASSPHRASE)
        file.seek(0)
        restoring.restore(places, file, PASSPHRASE)


def flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def seconds(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def against_a_copy(folder: Path, places: Places) -> bool:
    """Print each act's throughput and how many times a copy's time it takes."""
    found: dict[str, list[float]] = {name: [] for name in ("copy", *MOST_OF_COPY)}
    size = sum(path.stat().st_size for path in places.storage.parent.rglob("*") if path.is_file())
    for turn in range(TURNS):
        sealed, copied, back = (folder / f"{name}-{turn}" for name in ("sealed", "copy", "back"))
        found["copy"].append(seconds(lambda to=copied: copy(places, to)))
        found["backup"].append(seconds(lambda to=sealed: back_up(places, to)))
        found["check"].append(seconds(lambda of=sealed: check(of)))
        found["restore"].append(seconds(lambda of=sealed, to=back: restore(of, to)))
        sealed.unlink()
        shutil.rmtree(copied)
        shutil.rmtree(back)
    middle = {name: statistics.median(times) for name, times in found.items()}
    say(
        f"copy of {size / 1e6:,.0f} MB: {middle['copy']:.2f} s, {size / 1e6 / middle['copy']:,.0f} MB/s"
    )
    for name in MOST_OF_COPY:
        ratio = middle[name] / middle["copy"]
        say(
            f"{name}: {middle[name]:.2f} s, {size / 1e6 / middle[name]:,.0f} MB/s, {ratio:.1f} x the copy"
        )
    return all(middle[name] / middle["copy"] < most for name, most in MOST_OF_COPY.items())


def peak_of(act: Callable[..., None], *arguments: object) -> int:
    """Peak memory of a process that does nothing else, in bytes."""
    context = multiprocessing.get_context("spawn")
    told: SimpleQueue[int] = context.SimpleQueue()
    process = context.Process(target=_tell_peak, args=(told, act, arguments))
    process.start()
    process.join()
    return told.get()


def _tell_peak(
    told: SimpleQueue[int], act: Callable[..., None], arguments: tuple[object, ...]
) -> None:
    act(*arguments)
    told.put(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def memory(folder: Path, large: Places) -> bool:
    """Print peak memory for the large portal and for a nearly empty one."""
    small = filled(folder / "small", 1, 1)
    grown = []
    for name, places in (("small", small), ("large", large)):
        sealed = folder / f"sealed-{name}"
        written = peak_of(back_up, places, sealed)
        read = peak_of(restore, sealed, folder / f"back-{name}")
        say(
            f"peak memory, {name} portal: backup {written / MIB:.0f} MiB, restore {read / MIB:.0f} MiB"
        )
        grown.append((written, read))
    return all(large - small < MOST_GROWTH for small, large in zip(*grown, strict=True))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def main() -> int:
    megabytes, thousands = (
        int(sys.argv[place]) if len(sys.argv) > place else usual
        for place, usual in ((1, MEGABYTES), (2, THOUSANDS))
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large = filled(folder / "large", megabytes, thousands)
        held = [against_a_copy(folder, large), memory(folder, large)]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
