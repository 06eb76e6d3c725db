"""A portal in which something is: members with approved years, certificates, files and a ledger; and what it holds."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from portal.domain.actors import SYSTEM
from portal.services import journal
from portal.services.work import Work
from portal.store import meter_partitions, tables
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.certificates import Certificate, CertificateDocument
from portal.store.evidence import Evidence
from portal.store.members import Member
from tests.factories.meters import a_meter, some_readings
from tests.factories.scenes import Scene, a_scene
from tests.factories.suppliers import MOMENT

LEDGER_ENTRIES = 300


def populate(database: Database, storage: Path, members: int) -> None:
    """Let members come, report and be approved; each has a certificate with its bytes, and files."""
    blobs = Blobs(storage)
    with database.writing() as session:
        scene = a_scene(session)
        for place in range(members):
            member = scene.member(f"M-{place:03}")
            submitted = scene.approved(member)
            _render(session, submitted.id)
            _count(scene, member)
            hand_in(session, blobs, member.id, random.Random(place).randbytes(3000 + place))
        _end_two(session, scene)
        work = Work(session, SYSTEM, MOMENT)
        for place in range(LEDGER_ENTRIES):
            work.record(
                "test.happened", f"thing/{place}", detail={"place": place, "name": "奶牛 🐄"}
            )
        work.commit()


def _count(scene: Scene, member: Member) -> None:
    """A meter with its readings, one of them corrected, in a partition of their own and in the one for the rest."""
    meter_partitions.lay(scene.session.connection(), date(2025, 1, 1))
    work = scene.as_supplier(member.code)
    site = scene.sites[member.code]
    meter = a_meter(work, member, site, "E1", starts_on=date(2025, 1, 1), digits=6, first="99.5")
    shown = {"2025-01-20 00:00": "100.123456", "2025-03-01 00:00": "130"}
    some_readings(work, member, meter, shown)
    some_readings(work, member, meter, {"2025-03-01 00:00": "131"}, reason="misread")


def hand_in(session: Session, blobs: Blobs, member_id: int, content: bytes) -> str:
    """Keep a file as the portal does: its bytes are on the disk before its row is committed. Gives its SHA-256."""
    with blobs.receive(BytesIO(content), largest=len(content)) as received:
        blobs.keep(received)
    session.add(
        Evidence(
            uid=uuid4(),
            member_id=member_id,
            sha256=received.sha256,
            name="电费\u2028账单.pdf",
            size=received.size,
            media_type="application/pdf",
            flags=["script"],
            uploaded_at=MOMENT,
        )
    )
    return received.sha256


def first_member(session: Session) -> int:
    """The member that things are about when it doesn't matter which."""
    return session.scalars(select(Member.id).order_by(Member.id).limit(1)).one()


def table_hashes(
    database: Database, wanted: Sequence[Table] = tables.metadata.sorted_tables
) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a SHA-256 over them in an order of their own; the same on both engines."""
    found = {}
    with database.engine.connect() as connection:
        for table in wanted:
            rows = sorted(_spelled(row._mapping) for row in connection.execute(select(table)))
            found[table.name] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


def certificates(database: Database) -> dict[str, tuple[str, bytes]]:
    """Number, code and bytes of every certificate."""
    query = select(Certificate.number, Certificate.code, CertificateDocument.content).join(
        CertificateDocument, CertificateDocument.certificate_id == Certificate.id
    )
    with database.reading() as session:
        return {number: (code, content) for number, code, content in session.execute(query)}


def files(folder: Path) -> dict[str, tuple[str, int]]:
    """SHA-256 and mode of every file beneath a folder."""
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mode & 0o777,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def ledger(database: Database) -> tuple[journal.Head, list[str]]:
    """The ledger's head, and what is wrong with it."""
    with database.reading() as session:
        return journal.head(session), journal.faults(session)


def _render(session: Session, submission_id: int) -> None:
    certificate = session.scalars(
        select(Certificate).where(Certificate.submission_id == submission_id)
    ).one()
    content = b"%PDF-1.7\n" + random.Random(certificate.number).randbytes(1500)
    session.add(
        CertificateDocument(
            certificate_id=certificate.id,
            kind="certificate",
            sha256=hashlib.sha256(content).hexdigest(),
            unsigned_sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            content=content,
            rendered_at=MOMENT + timedelta(microseconds=7),
        )
    )
    certificate.state = "valid"


def _end_two(session: Session, scene: Scene) -> None:
    """Let one certificate take another's place, so that a row points at a later one of its own table."""
    first, second, *_ = session.scalars(select(Certificate).order_by(Certificate.id))
    first.state, first.reason, first.superseded_by = "superseded", "a better one", second.id
    scene.alliance.name_en = "Alliance \\ \t\"with\" 'odd'\nsigns %s \\N"
    assert first.valid_until > date(2000, 1, 1)


def _spelled(row: Mapping[str, object]) -> str:
    return repr(
        [
            (name, json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value)
            for name, value in sorted(row.items())
        ]
    )
