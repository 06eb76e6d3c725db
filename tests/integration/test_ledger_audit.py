"""Reading the ledger again finds every change that somebody made behind the portal's back, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from portal.domain.canonical import digest_of_bytes
from portal.domain.ledger.keyring import KeyRing
from portal.services import certificates, evidence, key_rotation, ledger_audit, review, submissions
from portal.services.ledger_audit import Audit, Outside
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.certificates import Certificate, CertificateDocument, DocumentSeal
from portal.store.evidence import Evidence
from portal.store.ledger import Checkpoint, LedgerEntry, LedgerHead, LedgerNode
from tests.factories.scenes import Scene
from tests.factories.sealed import Records, a_notary
from tests.tampering import (
    drop_checkpoints,
    plant_anew,
    put,
    remove_triggers,
    replace_entries,
    rows,
    tampered,
)

AMOUNTS = (
    "kg_scope1",
    "kg_scope2_location",
    "kg_scope2_market",
    "kg_scope3",
    "kg_biogenic",
    "quality",
)
WORDS = ("kind", "actor", "on_behalf_of", "subject", "before", "after")


@dataclass
class Kept:
    """A database whose triggers are gone, what lies outside it, and its entries as they were."""

    database: Database
    records: Records
    outside: list[Outside]
    entries: list[dict[str, Any]]

    @property
    def ring(self) -> KeyRing:
        return self.records.notary.keys.ring()

    def audit(self, session: Session, *, is_watched: bool = False, files: bool = False) -> Audit:
        """Read all of it again; `is_watched` says whether a checkpoint from outside is at hand."""
        session.flush()
        session.expunge_all()
        return ledger_audit.audit(
            session,
            self.ring,
            self.outside if is_watched else [],
            self.records.blobs if files else None,
        )

    def finds(self, change: Callable[[Session], object], **options: bool) -> list[str]:
        """The faults after a change, which is taken back."""
        with tampered(self.database) as session:
            change(session)
            return self.audit(session, **options).faults


@pytest.fixture
def records(scene: Scene, tmp_path: Path) -> Records:
    return Records(scene, a_notary(tmp_path), Blobs(tmp_path / "storage"))


@pytest.fixture
def kept(records: Records, database: Database) -> Kept:
    """One certified year with its bill; all but the last entry is signed, and the signed head lies outside too."""
    member = records.member("M-0001")
    records.bill(member)
    records.certified(member)
    note = records.signed().checkpoint.note
    records.scene.session.commit()
    remove_triggers(database)
    with database.reading() as session:
        entries = rows(session)
    return Kept(database, records, [Outside("a witness", note)], entries)


def flipped(value: bytes, place: int) -> bytes:
    return value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]


def respelled(value: str, place: int) -> str:
    return value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]


def test_sound_ledger_has_no_fault_and_everything_of_it_was_read(kept: Kept) -> None:
    with kept.database.reading() as session:
        found = kept.audit(session, is_watched=True, files=True)
    assert found.faults == []
    assert found.entries == len(kept.entries) >= 6
    # What was sealed was signed once, the last time it was signed on its own.
    assert (found.checkpoints, found.outside, found.rows) == (2, 1, 4)


def test_empty_ledger_has_no_fault(database: Database) -> None:
    with database.reading() as session:
        assert ledger_audit.audit(session, None).faults == []


def test_ledger_stays_sound_through_all_that_may_happen(records: Records) -> None:
    first, second = records.member("M-0001"), records.member("M-0002")
    records.bill(first)
    spare = records.bill(second, b"month,kWh\n2025-02,7\n")
    work = records.supplier(second)
    evidence.remove_evidence(work, spare)
    work.commit()
    certificate = records.certified(first)
    newer = records.corrected(certificate, first)
    work = records.coordinator()
    certificates.revoke(work, newer.uid, "The site was sold.")
    work.commit()
    work = records.coordinator()
    certificates.revoke(work, certificate.uid, "So was this.")
    work.commit()
    returned = records.handed_in(second)
    work = records.coordinator()
    review.return_submission(work, returned.uid, "Please check.")
    work.commit()
    withdrawn = records.handed_in(second)
    work = records.supplier(second)
    submissions.withdraw(work, withdrawn.uid)
    work.commit()
    # Approved and superseded before anything of it was rendered.
    waiting = records.approved(records.handed_in(second))
    records.rendered(records.corrected(waiting, second))
    records.rendered(waiting)
    work = records.coordinator()
    key_rotation.announce(work, records.notary)
    work.commit()
    signed = records.signed()
    found = ledger_audit.audit(
        records.scene.session,
        records.notary.keys.ring(),
        [Outside("now", signed.checkpoint.note)],
        records.blobs,
    )
    assert found.faults == []
    assert {row.state for row in records.scene.session.scalars(select(Certificate))} == {
        "revoked",
        "superseded",
        "valid",
    }


@pytest.mark.parametrize("column", ["leaf", "salt"])
def test_every_changed_byte_of_a_hash_or_salt_is_found(kept: Kept, column: str) -> None:
    with tampered(kept.database) as session:
        for entry in kept.entries:
            sequence, value = entry["sequence"], entry[column]
            for place in range(len(value)):
                where = "sequence = :sequence"
                put(
                    session, "ledger_entry", column, flipped(value, place), where, sequence=sequence
                )
                faults = kept.audit(session).faults
                assert any(f"entry {sequence} " in fault for fault in faults), (sequence, place)
            put(session, "ledger_entry", column, value, where, sequence=sequence)
        assert kept.audit(session).faults == []


@pytest.mark.parametrize("value", [b"", b"\0" * 31, b"\0" * 33])
def test_hash_or_salt_of_another_length_is_found(kept: Kept, value: bytes) -> None:
    for column in ("leaf", "salt"):
        assert kept.finds(
            lambda session, column=column: put(
                session, "ledger_entry", column, value, "sequence = 3"
            )
        )


@pytest.mark.parametrize("column", WORDS)
def test_every_changed_letter_of_an_entry_is_found(kept: Kept, column: str) -> None:
    with tampered(kept.database) as session:
        for entry in kept.entries:
            value, key = entry[column], entry["sequence"]
            changed = [respelled(value, place) for place in range(len(value))]
            for other in (*changed[:: 1 if key == 1 else 8], value[:-1] or " "):
                put(session, "ledger_entry", column, other, "sequence = :key", key=key)
                assert kept.audit(session).faults, (key, other)
            put(session, "ledger_entry", column, value, "sequence = :key", key=key)
        assert kept.audit(session).faults == []


def test_changed_moment_detail_and_number_of_an_entry_are_found(kept: Kept) -> None:
    moved = [
        {"at": kept.entries[2]["at"] + timedelta(microseconds=1)},
        {"at": kept.entries[2]["at"] - timedelta(days=1)},
        {"detail": {**kept.entries[2]["detail"], "more": None}},
        {"detail": []},
        {"detail": {"n": 2**60}},
        {"sequence": 99},
        {"sequence": -1},
    ]
    for values in moved:
        change = update(LedgerEntry).where(LedgerEntry.sequence == 2).values(**values)
        assert kept.finds(lambda session, change=change: session.execute(change)), values


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize("column", ["at", "detail"])
def test_every_changed_letter_of_what_sqlite_keeps_as_text_is_found(
    kept: Kept, column: str
) -> None:
    with tampered(kept.database) as session:
        for key in range(len(kept.entries)):
            query = text(f"SELECT {column} FROM ledger_entry WHERE sequence = {key}")
            value = session.execute(query).scalar_one()
            others = {respelled(value, place) for place in range(len(value))}
            # The same moment or the same JSON, spelled as the portal would not.
            others |= {value.replace(" ", "T"), value.replace(": ", ":"), f" {value}", f"{value}\n"}
            for other in others - {value}:
                put(session, "ledger_entry", column, other, f"sequence = {key}")
                assert kept.audit(session).faults, other
            put(session, "ledger_entry", column, value, f"sequence = {key}")


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize("column", ["at", "detail", "salt", "leaf", *WORDS])
def test_value_of_another_kind_is_a_fault_of_its_entry_and_stops_nothing(
    kept: Kept, column: str
) -> None:
    for spoiled in ("x'ff00'", "CAST(x'ff' AS TEXT)", "7", "' '", "'{'"):
        statement = text(f"UPDATE ledger_entry SET {column} = {spoiled} WHERE sequence = 1")
        faults = kept.finds(lambda session, statement=statement: session.execute(statement))
        assert any("entry 1 " in fault for fault in faults), (spoiled, faults)


def test_every_deletion_is_found(kept: Kept) -> None:
    for entry in kept.entries:
        key = entry["sequence"]
        change = delete(LedgerEntry).where(LedgerEntry.sequence == key)
        assert kept.finds(lambda session, change=change: session.execute(change)), key


def test_deletion_with_the_later_entries_moved_up_and_all_planted_anew_is_found(kept: Kept) -> None:
    for key in range(len(kept.entries)):

        def change(session: Session, key: int = key) -> None:
            left = kept.entries[:key] + kept.entries[key + 1 :]
            replace_entries(session, [row | {"sequence": n} for n, row in enumerate(left)])
            plant_anew(session)
            drop_checkpoints(session, -1)

        # The forger's own log is consistent: what it was at an earlier time lies outside.
        assert kept.finds(change, is_watched=True)


def test_every_swap_of_two_entries_is_found(kept: Kept) -> None:
    count = len(kept.entries)
    for one in range(count):
        for other in range(one + 1, count):
            swapped = [dict(row) for row in kept.entries]
            swapped[one] = kept.entries[other] | {"sequence": one}
            swapped[other] = kept.entries[one] | {"sequence": other}
            assert kept.finds(lambda session, swapped=swapped: replace_entries(session, swapped))
            for row, leaf in ((one, other), (other, one)):
                swapped[row]["leaf"] = kept.entries[leaf]["leaf"]
            assert kept.finds(lambda session, swapped=swapped: replace_entries(session, swapped))


@pytest.mark.parametrize("place", [-7, 0, 3, 1000])
def test_inserted_entry_is_found_wherever_it_stands(kept: Kept, place: int) -> None:
    def change(session: Session) -> None:
        entries = [dict(row) for row in kept.entries]
        for row in entries:
            row["sequence"] += 1 if 0 <= place <= row["sequence"] < 1000 else 0
        replace_entries(session, [*entries, kept.entries[2] | {"sequence": place}])

    assert kept.finds(change)


def test_entry_appended_without_the_head_is_found(kept: Kept) -> None:
    extra = kept.entries[-1] | {"sequence": len(kept.entries)}
    assert kept.finds(lambda session: session.execute(insert(LedgerEntry), [extra]))


def test_cut_end_is_found_by_a_checkpoint_from_outside_alone(kept: Kept) -> None:
    """Entries, hashes, head, rows and checkpoints of the end are gone: what is left is a shorter, sound ledger."""
    for size in range(1, len(kept.entries)):

        def change(session: Session, size: int = size) -> None:
            session.execute(delete(LedgerEntry).where(LedgerEntry.sequence >= size))
            plant_anew(session)
            drop_checkpoints(session, size)

        ledger_faults = [fault for fault in kept.finds(change) if "/" not in fault]
        assert ledger_faults == []
        assert any(
            "a witness was signed at" in fault for fault in kept.finds(change, is_watched=True)
        )


def test_cut_end_is_found_by_checkpoints_that_were_left(kept: Kept) -> None:
    def change(session: Session) -> None:
        session.execute(delete(LedgerEntry).where(LedgerEntry.sequence >= 2))
        plant_anew(session)

    assert any("was signed at" in fault for fault in kept.finds(change))


def test_fact_that_was_edited_with_all_hashes_made_anew_is_found_by_what_was_signed(
    kept: Kept,
) -> None:
    def edit(session: Session) -> None:
        put(session, "ledger_entry", "actor", "somebody else", "sequence = 1")
        plant_anew(session)

    assert any("another root" in fault for fault in kept.finds(edit))


def test_edited_fact_with_all_checkpoints_gone_is_found_from_outside(kept: Kept) -> None:
    def edit(session: Session) -> None:
        put(session, "ledger_entry", "actor", "somebody else", "sequence = 1")
        plant_anew(session)
        drop_checkpoints(session, -1)

    assert kept.finds(edit) == []  # nothing inside contradicts it any more
    assert any("a witness has another root" in fault for fault in kept.finds(edit, is_watched=True))


def test_edited_fact_with_a_checkpoint_signed_by_another_key_is_found(
    kept: Kept, tmp_path: Path
) -> None:
    folder = tmp_path / "forger"
    folder.mkdir()
    forger = replace(kept.records, notary=a_notary(folder))

    def edit(session: Session) -> None:
        put(session, "ledger_entry", "actor", "somebody else", "sequence = 1")
        plant_anew(session)
        drop_checkpoints(session, -1)
        session.commit()
        forger.signed()

    with kept.database.writing() as session:
        edit(session)
        faults = kept.audit(session).faults
        assert any("no known key has signed this" in fault for fault in faults)
        assert ledger_audit.audit(session, None, kept.outside).faults


def test_swapped_or_changed_checkpoint_rows_are_found(kept: Kept) -> None:
    with kept.database.reading() as session:
        one, other = session.scalars(select(Checkpoint).order_by(Checkpoint.size)).all()

    def swap(*columns: str) -> Callable[[Session], None]:
        def change(session: Session) -> None:
            for to, source in ((one, other), (other, one)):
                for column in columns:
                    value = getattr(source, column)
                    put(session, "checkpoint", column, value, "size = :size", size=to.size)

        return change

    assert kept.finds(swap("note", "root"))
    assert kept.finds(swap("note"))
    assert kept.finds(swap("root"))
    for place in range(0, len(one.note), 3):
        spoiled = respelled(one.note, place)
        if spoiled != one.note and "\0" not in spoiled:
            assert kept.finds(
                lambda session, spoiled=spoiled: put(
                    session, "checkpoint", "note", spoiled, f"size = {one.size}"
                )
            ), place
    assert kept.finds(lambda session: put(session, "checkpoint", "size", 3, f"size = {one.size}"))


def test_seals_of_documents_tell_what_the_checkpoints_told(kept: Kept) -> None:
    def edit(session: Session) -> None:
        put(session, "ledger_entry", "actor", "somebody else", "sequence = 1")
        plant_anew(session)
        session.execute(delete(Checkpoint))

    assert any("the seal of the certificate of " in fault for fault in kept.finds(edit))
    with kept.database.reading() as session:
        proof = session.scalars(select(DocumentSeal.proof)).one()
    for place in range(0, len(proof), 5):
        spoiled = respelled(proof, place)
        assert kept.finds(
            lambda session, spoiled=spoiled: put(
                session, "document_seal", "proof", spoiled, "kind = 'certificate'"
            )
        ), place


def test_every_changed_missing_or_added_hash_is_found(kept: Kept) -> None:
    with kept.database.reading() as session:
        nodes = session.scalars(select(LedgerNode)).all()
    for node in nodes:
        own = (LedgerNode.level == node.level, LedgerNode.position == node.position)
        changed = update(LedgerNode).where(*own).values(digest=flipped(node.digest, 7))
        for change in (changed, delete(LedgerNode).where(*own)):
            assert kept.finds(lambda session, change=change: session.execute(change))
    added = {"level": 9, "position": 0, "digest": bytes(32)}
    assert kept.finds(lambda session: session.execute(insert(LedgerNode), [added]))


def test_changed_or_missing_head_is_found(kept: Kept) -> None:
    size = len(kept.entries)
    for change in (
        update(LedgerHead).values(size=size - 1),
        update(LedgerHead).values(root=bytes(32)),
        update(LedgerHead).values(root=b""),
        delete(LedgerHead),
    ):
        assert kept.finds(lambda session, change=change: session.execute(change))


def test_checkpoint_of_another_log_or_a_text_that_is_none_is_a_fault(kept: Kept) -> None:
    note = kept.outside[0].note
    for other in ("", "no checkpoint", note.replace("portal.example.com", "other.example.com")):
        with kept.database.reading() as session:
            found = ledger_audit.audit(session, kept.ring, [Outside("a file", other)])
        assert any("a file" in fault for fault in found.faults), other


def test_changed_rows_are_found(kept: Kept) -> None:
    """The rows that the ledger speaks of: content, digests, states, facts, bytes, and what the public page shows."""
    changes = [
        ("submission", "content", b"x"),
        ("submission", "digest", "0" * 64),
        ("submission", "state", "outdated"),
        ("submission", "year", 2024),
        ("submission", "number", 2),
        *[("submission", column, 1) for column in AMOUNTS],
        *[("submission", column, 99) for column in ("line_count", "evidenced_count")],
        ("submission", "warning_count", 99),
        ("submission", "edition", "1999.1"),
        ("submission", "gwp_set", "AR1"),
        ("certificate", "facts", b"{}"),
        ("certificate", "facts_digest", "0" * 64),
        ("certificate", "state", "issuing"),
        ("certificate", "number", "DAIRY-2026-00077"),
        ("certificate", "year", 2024),
        ("certificate", "valid_until", "2099-12-31"),
        ("certificate", "code", "AAAA-AAAA-AAAA-AAAA"),
        ("certificate", "template", "certificate/v9"),
        ("member", "code", "M-0666"),
        ("certificate_document", "content", b"%PDF"),
        ("certificate_document", "sha256", "0" * 64),
        ("certificate_document", "kind", "report_en"),
        ("evidence", "sha256", "1" * 64),
    ]
    for table, column, value in changes:
        faults = kept.finds(
            lambda session, table=table, column=column, value=value: put(
                session, table, column, value, "id > 0"
            )
        )
        assert len(faults) >= 1, (table, column)


def test_frozen_content_that_was_changed_with_its_digest_is_found(kept: Kept) -> None:
    def forge(session: Session) -> None:
        certificate = session.scalars(select(Certificate)).one()
        facts = session.scalars(select(Certificate.facts)).one().replace(b"2025", b"2035")
        digest = digest_of_bytes(facts)
        put(session, "certificate", "facts", facts, "id = :id", id=certificate.id)
        put(session, "certificate", "facts_digest", digest, "id = :id", id=certificate.id)

    assert kept.finds(forge)


@pytest.mark.parametrize("table", ["submission", "certificate"])
def test_thing_that_was_given_to_another_member_is_found(
    kept: Kept, records: Records, table: str
) -> None:
    other = records.member("M-0002").id
    records.scene.session.commit()
    faults = kept.finds(lambda session: put(session, table, "member_id", other, "id > 0"))
    assert any("M-0002" in fault or "member_code" in fault for fault in faults)


@pytest.mark.parametrize("place", [0, 1])
def test_certificate_that_seems_replaced_by_another_is_found(
    kept: Kept, records: Records, place: int
) -> None:
    records.certified(records.member("M-0002"))
    query = select(Certificate.id).order_by(Certificate.id)
    with kept.database.reading() as session:
        ids = session.scalars(query).all()
    faults = kept.finds(
        lambda session: put(
            session, "certificate", "superseded_by", ids[1], "id = :id", id=ids[place]
        )
    )
    assert len(faults) == 1
    assert "replaced by another" in faults[0]


def test_missing_rows_are_found(kept: Kept) -> None:
    assert kept.finds(lambda session: session.execute(delete(CertificateDocument)))
    assert kept.finds(lambda session: session.execute(delete(Evidence)))


def test_revoked_certificate_that_was_made_valid_again_is_found(
    kept: Kept, records: Records
) -> None:
    certificate = records.scene.session.scalars(select(Certificate)).one()
    work = records.coordinator()
    certificates.revoke(work, certificate.uid, "The site was sold.")
    work.commit()

    def pardon(session: Session) -> None:
        values = {"state": "valid", "revoked_at": None, "reason": ""}
        session.execute(update(Certificate).values(**values))

    assert kept.finds(pardon)
    assert kept.finds(lambda session: put(session, "certificate", "reason", "None.", "id > 0"))
    assert kept.finds(lambda session: None) == []


def test_documents_that_changed_places_are_found(kept: Kept, records: Records) -> None:
    records.certified(records.member("M-0002"))
    with kept.database.reading() as session:
        one, other = session.scalars(
            select(CertificateDocument).order_by(CertificateDocument.id)
        ).all()
        bytes_of = dict(
            session.execute(select(CertificateDocument.id, CertificateDocument.content)).all()
        )

    def swap(session: Session) -> None:
        for to, source in ((one, other), (other, one)):
            put(session, "certificate_document", "content", bytes_of[source.id], f"id = {to.id}")
            put(session, "certificate_document", "sha256", source.sha256, f"id = {to.id}")

    assert len(kept.finds(swap)) == 2


def test_kept_file_that_was_changed_or_removed_is_found_where_files_are_read(kept: Kept) -> None:
    with kept.database.reading() as session:
        sha256 = session.scalars(select(Evidence.sha256)).one()
    place = kept.records.blobs.root / sha256[:2] / sha256
    place.chmod(0o600)
    content = place.read_bytes()
    for spoiled in (flipped(content, 0), content[:-1], content + b"\n", b""):
        place.write_bytes(spoiled)
        assert kept.finds(lambda session: None) == []
        assert len(kept.finds(lambda session: None, files=True)) == 1
    place.unlink()
    assert len(kept.finds(lambda session: None, files=True)) == 1


def test_reading_stops_after_a_hundred_faults(kept: Kept) -> None:
    outside = [Outside(f"file {n}", "no checkpoint") for n in range(200)]
    with kept.database.reading() as session:
        found = ledger_audit.audit(session, kept.ring, outside)
    assert len(found.faults) == ledger_audit.MOST_FAULTS + 1
    assert found.faults[-1].startswith("… and more")
