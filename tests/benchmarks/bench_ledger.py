"""What the ledger costs in a log of a million entries: a proof, an audit, publishing, and an approval with its entries.

Run it alone on a quiet machine: python tests/benchmarks/bench_ledger.py [database URL [entries]]. The floor, measured in the
same run, is a plain SELECT of every row and SHA-256 over the same bytes.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from portal.domain.actors import SYSTEM
from portal.domain.ledger.proofs import InclusionProof
from portal.services import checkpoints, ledger_audit, publishing, review, submissions
from portal.services import work as work_of_services
from portal.services.checkpoints import Notary
from portal.services.publishing import Signed
from portal.services.work import Work, writing
from portal.store import migration
from portal.store.base import Database
from portal.store.ledger import LedgerEntry
from tests.factories.long_logs import grow
from tests.factories.scenes import SIGNED, Scene, a_scene
from tests.factories.sealed import a_notary
from tests.factories.suppliers import MOMENT
from tests.factories.years import a_year

ENTRIES = 1_000_000
APPROVALS = 60
PROOFS = 100
MOST_OF_WITHOUT = 1.3
MOST_PROOF_SECONDS = 0.05
MOST_AUDIT_SECONDS = 60
AT_ONCE = 5000


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextmanager
def a_database(folder: Path, name: str) -> Iterator[Database]:
    """A laid and empty database: a file of SQLite, or one of its own on the server that is named."""
    url = f"sqlite:///{folder}/{name}.sqlite3"
    if sys.argv[1:2] not in ([], [""]):
        server = make_url(sys.argv[1])
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        engine.dispose()
        url = server.set(database=name).render_as_string(hide_password=False)
    migration.upgrade(url)
    database = Database(url)
    yield database
    database.dispose()


def timed(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock and seconds of this process."""
    began, used = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - began, time.process_time() - used


def waiting(scene: Scene) -> list[UUID]:
    """Years that wait for a decision."""
    found = []
    for number in range(APPROVALS):
        member = scene.member(f"B-{number:04d}")
        work = scene.as_supplier(member.code)
        inventory = a_year(work, member, scene.sites[member.code], 2025)
        found.append(submissions.submit(work, inventory, SIGNED).uid)
        work.commit()
    return found


def forget(session: Session, works: list[Work]) -> None:
    """What writes the ledger, without the ledger."""
    for each in works:
        each._pending.clear()


def approvals(database: Database) -> float:
    """How many times the time of an approval without the ledger one with it takes; they take turns."""
    with database.writing() as session:
        scene = a_scene(session)
        session.commit()
        spent: tuple[list[float], list[float]] = ([], [])
        for place, uid in enumerate(waiting(scene)):

            def approve(uid: UUID = uid) -> None:
                work = scene.as_coordinator()
                review.approve_submission(work, uid)
                work.commit()

            if place % 2:
                spent[1].append(timed(approve)[0])
            else:
                with mock.patch.object(work_of_services, "write_ledger", forget):
                    spent[0].append(timed(approve)[0])
    without, with_it = (statistics.median(each[3:]) for each in spent)
    ratio = with_it / without
    say(
        f"approval: {with_it * 1000:.1f} ms, without the ledger {without * 1000:.1f} ms: {ratio:.2f} x "
        f"(at most {MOST_OF_WITHOUT})"
    )
    return ratio


def append(database: Database, count: int) -> None:
    """Fill the log as the portal does, many entries at a time."""
    with database.writing() as session:
        spent, used = timed(lambda: grow(session, count))
    say(f"appending: {count:,} entries in {spent:.1f} s, {used:.1f} s CPU")


def proofs(database: Database, signed: Signed) -> float:
    """The median of seconds for the proof of an entry as a document encloses it."""
    chance = random.Random(20260302)
    size = signed.checkpoint.size

    def prove() -> None:
        with database.reading() as session:
            index = chance.randrange(size)
            entry = session.get_one(LedgerEntry, index).entry().data()
            hashes = tuple(checkpoints.inclusion(session, index, size))
            proof = InclusionProof(entry, index, hashes, signed.checkpoint.note)
            InclusionProof.read(proof.written())

    spent = [timed(prove)[0] for _ in range(PROOFS)]
    median = statistics.median(spent)
    say(f"proof: {median * 1000:.1f} ms, the slowest {max(spent) * 1000:.1f} ms (at most 50 ms)")
    return median


def audits(database: Database, notary: Notary) -> float:
    """Seconds of this process for reading the whole ledger again."""
    with database.reading() as session:
        floor, floor_used = timed(lambda: plain(session))
    found: list[ledger_audit.Audit] = []

    def read() -> None:
        with database.reading() as session:
            found.append(ledger_audit.audit(session, notary.keys.ring()))

    spent, used = timed(read)
    assert found[0].faults == [], found[0].faults
    say(
        f"audit: {found[0].entries:,} entries in {spent:.1f} s, {used:.1f} s CPU (at most {MOST_AUDIT_SECONDS}); "
        f"plain SELECT and SHA-256 {floor:.1f} s, {floor_used:.1f} s CPU: {used / floor_used:.2f} x"
    )
    return used


def plain(session: Session) -> None:
    """The floor: every row and SHA-256 over its bytes, nothing compared."""
    rows = session.connection().exec_driver_sql("SELECT * FROM ledger_entry ORDER BY sequence")
    digest = hashlib.sha256()
    for several in rows.partitions(AT_ONCE):
        for row in several:
            digest.update(str(tuple(row)).encode())


def sign(database: Database, notary: Notary) -> Signed:
    with writing(database, SYSTEM, MOMENT) as work:
        return publishing.sign(work, notary)


def publishes(database: Database, notary: Notary, signed: Signed) -> None:
    """Print what publishing all, and then what was added in five busy minutes, takes."""

    def publish() -> None:
        publishing.publish(database.reading, signed, notary)

    spent, used = timed(publish)
    files = [each for each in notary.published.path.rglob("*") if each.is_file()]
    aside = notary.published.path.with_name("floor")
    floor, _ = timed(lambda: shutil.copytree(notary.published.path, aside))
    say(
        f"publishing all: {len(files):,} files in {spent:.1f} s, {used:.1f} s CPU; "
        f"copying them {floor:.1f} s: {spent / floor:.2f} x"
    )
    with database.writing() as session:
        grow(session, signed.checkpoint.size + 300)
    signed = sign(database, notary)
    spent, used = timed(publish)
    say(f"publishing 300 more: {spent * 1000:.0f} ms, {used * 1000:.0f} ms CPU")


def main() -> int:
    """Measure, print, and answer 1 if a limit is missed."""
    count = int(sys.argv[2]) if len(sys.argv) > 2 else ENTRIES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        notary = a_notary(folder)
        with a_database(folder, "portal_bench_ledger") as database:
            append(database, count)
            signed = sign(database, notary)
            proof = proofs(database, signed)
            audit = audits(database, notary)
            publishes(database, notary, signed)
            ratio = approvals(database)
    is_within = (
        ratio <= MOST_OF_WITHOUT and proof <= MOST_PROOF_SECONDS and audit <= MOST_AUDIT_SECONDS
    )
    return 0 if is_within else 1


if __name__ == "__main__":
    raise SystemExit(main())
