"""A new key for the log: what the old one signed stays verifiable, and no crash leaves a log that nobody can check."""

from __future__ import annotations

import re
import stat
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cli import main
from portal.domain import revocations
from portal.domain.actors import SYSTEM
from portal.domain.ledger import checkpoints as rules
from portal.domain.ledger.keyring import KeyRing
from portal.domain.ledger.notes import Note, NotSigned, SigningKey, VerifierKey
from portal.domain.ledger.proofs import InclusionProof
from portal.services import checkpoints, key_rotation, ledger_audit, log_keys, publishing
from portal.services.checkpoints import Notary
from portal.services.work import Work, writing
from portal.store import keys as key_files
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.certificates import DocumentSeal
from portal.store.keys import KeyFolder, NoKey
from portal.store.ledger import Checkpoint, LedgerEntry
from tests.factories.long_logs import grow
from tests.factories.scenes import Scene
from tests.factories.sealed import LAID_AT, Records, a_notary
from tests.factories.suppliers import MOMENT
from tests.keys import ORIGIN, shared_keys


@pytest.fixture
def notary(tmp_path: Path) -> Notary:
    return a_notary(tmp_path)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def announce(database: Database, notary: Notary) -> None:
    with writing(database, SYSTEM, MOMENT) as work:
        key_rotation.announce(work, notary)


def complete(database: Database, notary: Notary) -> KeyRing:
    with writing(database, SYSTEM, MOMENT) as work:
        return key_rotation.complete(work, notary)


def rotated(database: Database, notary: Notary) -> KeyRing:
    announce(database, notary)
    return complete(database, notary)


def happened(database: Database, notary: Notary, kind: str = "thing.done") -> Checkpoint:
    """Something happens, and the log is signed with it."""
    with writing(database, SYSTEM, MOMENT) as work:
        work.record(kind, "thing/1")
        return checkpoints.sign_head(work, notary)


def published(database: Database, notary: Notary) -> None:
    with writing(database, SYSTEM, MOMENT) as work:
        signed = publishing.sign(work, notary)
    publishing.publish(database.reading, signed, notary)


def faults(database: Database, notary: Notary) -> list[str]:
    with database.reading() as session:
        return ledger_audit.audit(session, notary.keys.ring()).faults


def signer_of(checkpoint: Checkpoint, ring: KeyRing) -> VerifierKey:
    (key,) = Note.read(checkpoint.note).signed_by(ring.every())
    return key


def test_old_key_signs_what_announces_the_new_one_and_nothing_beyond(
    database: Database, notary: Notary
) -> None:
    old = notary.keys.log_key()
    before = happened(database, notary)
    ring = rotated(database, notary)
    with database.reading() as session:
        last = checkpoints.latest(session)
    assert last is not None
    after = happened(database, notary)
    first, second = ring.keys
    assert (first.verifier, first.first, first.last) == (old.verifier, 0, last.size)
    assert (second.first, second.last) == (last.size, None)
    assert [signer_of(each, ring) for each in (before, last, after)] == [
        first.verifier,
        first.verifier,
        second.verifier,
    ]
    for each in (before, last, after):
        rules.opened(each.note, ring.for_size(each.size))
    forged = rules.Checkpoint(ORIGIN, after.size, after.root).signed(old).written()
    with pytest.raises(NotSigned):
        rules.opened(forged, ring.for_size(after.size))
    assert faults(database, notary) == []


def test_log_tells_the_digest_of_the_new_key_and_the_list_is_signed_by_both(
    database: Database, notary: Notary
) -> None:
    old = notary.keys.log_key().verifier
    ring = rotated(database, notary)
    note = Note.read(notary.keys.published_ring())
    assert note.signed_by([old]) == [old]
    assert note.signed_by([ring.keys[-1].verifier]) == [ring.keys[-1].verifier]
    with database.reading() as session:
        entry = session.get_one(LedgerEntry, ring.keys[-1].first - 1)
    assert (entry.kind, entry.after) == (
        "log.key_rotated",
        log_keys.key_digest(ring.keys[-1].verifier),
    )


def test_list_of_revocations_holds_right_after_the_rotation(
    database: Database, notary: Notary
) -> None:
    happened(database, notary)
    ring = rotated(database, notary)
    published(database, notary)
    written = (notary.published.read("revocations") or b"").decode()
    assert revocations.opened(written, ring).size == 2
    assert KeyRing.read((notary.published.read("keys") or b"").decode()) == ring


def test_old_proofs_hold_with_the_published_list(scene: Scene, tmp_path: Path) -> None:
    records = Records(scene, a_notary(tmp_path), Blobs(tmp_path / "storage"))
    certificate = records.certified(records.member("M-0001"))
    written = scene.session.get_one(DocumentSeal, (certificate.id, "certificate")).proof
    proof = InclusionProof.read(written)
    size = rules.Checkpoint.read(Note.read(proof.checkpoint).text).size
    work = records.coordinator()
    key_rotation.announce(work, records.notary)
    work.commit()
    records.published()
    ring = KeyRing.read((records.notary.published.read("keys") or b"").decode())
    assert proof.check(ring.for_size(size)).size == size
    with pytest.raises(NotSigned):
        proof.check([ring.keys[-1].verifier])


def test_private_part_of_the_old_key_is_gone_and_new_files_are_for_the_owner(
    database: Database, notary: Notary
) -> None:
    old = notary.keys.log_key()
    rotated(database, notary)
    folder = notary.keys.path
    assert mode(folder) == 0o700
    assert mode(folder / "log.key") == 0o600
    assert sorted(each.name for each in folder.iterdir()) == [
        ".lock",
        "log-keys",
        "log.key",
        "signer.p12",
    ]
    for file in folder.iterdir():
        assert old.text().strip().encode() not in file.read_bytes()
        assert old.seed not in file.read_bytes()


def test_several_rotations_leave_one_list_in_their_order(
    database: Database, notary: Notary
) -> None:
    signed = []
    for _ in range(4):
        signed.append(happened(database, notary))
        ring = rotated(database, notary)
    assert len(ring.keys) == 5
    assert [key.last for key in ring.keys] == [2, 4, 6, 8, None]
    for each in signed:
        rules.opened(each.note, ring.for_size(each.size))
    assert faults(database, notary) == []


# --- crashes --------------------------------------------------------------------------------------------------------


def test_rotation_whose_transaction_fails_changes_no_key(
    database: Database, notary: Notary
) -> None:
    happened(database, notary)
    before = (notary.keys.log_key(), notary.keys.published_ring())
    with database.writing() as session:
        key_rotation.announce(Work(session, SYSTEM, MOMENT), notary)
        assert notary.keys.announced() is not None
        session.rollback()
    after = happened(database, notary)
    assert (notary.keys.log_key(), notary.keys.published_ring()) == before
    assert notary.keys.announced() is None
    rules.opened(after.note, notary.keys.ring().for_size(after.size))
    assert faults(database, notary) == []


def test_rotation_that_ends_after_its_commit_is_completed_by_whoever_signs_next(
    database: Database, notary: Notary
) -> None:
    happened(database, notary)
    old = notary.keys.log_key()
    announce(database, notary)
    assert notary.keys.log_key() == old
    after = happened(database, notary)
    ring = notary.keys.ring()
    assert signer_of(after, ring) == ring.keys[-1].verifier != old.verifier
    assert notary.keys.announced() is None
    rules.opened(after.note, ring.for_size(after.size))
    assert faults(database, notary) == []


@pytest.mark.parametrize("writes", [0, 1, 2])
def test_change_of_files_that_breaks_off_comes_to_the_same_end(
    database: Database, notary: Notary, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """After `writes` of the list and the private key are replaced, and before what lay beside them is removed."""
    happened(database, notary)
    announce(database, notary)
    newer = notary.keys.announced()
    assert newer is not None
    left = [None] * writes
    write = key_files._write

    def breaking(path: Path, content: bytes, permissions: int) -> None:
        if not left:
            raise KeyboardInterrupt
        left.pop()
        write(path, content, permissions)

    with monkeypatch.context() as patched:
        patched.setattr(key_files, "_write", breaking)
        patched.setattr(KeyFolder, "forget_announced", _interrupted)
        with pytest.raises(KeyboardInterrupt), database.writing() as session:
            checkpoints.sign_head(Work(session, SYSTEM, MOMENT), notary)
    after = happened(database, notary)
    ring = notary.keys.ring()
    assert notary.keys.log_key() == newer
    assert [key.verifier for key in ring.keys][1:] == [newer.verifier]
    Note.read(notary.keys.published_ring()).signed_by([ring.keys[0].verifier])
    rules.opened(after.note, ring.for_size(after.size))
    assert notary.keys.announced() is None
    assert faults(database, notary) == []


def _interrupted(folder: KeyFolder) -> None:
    raise KeyboardInterrupt


def test_rotation_while_others_write_and_sign_leaves_every_checkpoint_sound(
    database: Database, notary: Notary
) -> None:
    failures: list[BaseException] = []

    def busily(act: Callable[[], object], times: int) -> Callable[[], None]:
        def run() -> None:
            try:
                for _ in range(times):
                    act()
            except BaseException as error:
                failures.append(error)
                raise

        return run

    threads = [
        threading.Thread(target=busily(lambda: happened(database, notary), 8)),
        threading.Thread(target=busily(lambda: happened(database, notary), 8)),
        threading.Thread(target=busily(lambda: rotated(database, notary), 3)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
    assert len(notary.keys.ring().keys) == 4
    assert faults(database, notary) == []


# --- laying keys ----------------------------------------------------------------------------------------------------


def test_keys_that_are_laid_twice_at_once_belong_together(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path / "keys")
    folder.path.mkdir(mode=0o700)
    (folder.path / "signer.p12").touch()
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.extend(folder.lay(ORIGIN, LAID_AT))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(made) == 1
    assert folder.ring().every() == [folder.log_key().verifier]
    Note.read(folder.published_ring()).signed_by([folder.log_key().verifier])


def test_list_of_keys_is_made_where_a_crash_left_only_the_key(notary: Notary) -> None:
    written = notary.keys.published_ring()
    (notary.keys.path / "log-keys").unlink()
    assert notary.keys.lay(ORIGIN, LAID_AT) == []
    assert notary.keys.published_ring() == written


def test_lost_key_is_not_replaced_without_a_word(notary: Notary) -> None:
    (notary.keys.path / "log.key").unlink()
    with pytest.raises(NoKey, match="restore it from a backup"):
        notary.keys.lay(ORIGIN, LAID_AT)
    with pytest.raises(NoKey):
        notary.keys.log_key()


# --- the commands ---------------------------------------------------------------------------------------------------


@pytest.fixture
def environ(tmp_path: Path, database_url: str) -> dict[str, str]:
    return {"PORTAL_DEMO": "1", "PORTAL_FOLDER": str(tmp_path), "PORTAL_DATABASE_URL": database_url}


def run(*arguments: str, environ: Mapping[str, str], typed: str = "") -> Result:
    return CliRunner().invoke(main, ["keys", *arguments], env=environ, input=typed)


def test_make_lays_all_keys_once_and_for_the_owner_alone(
    environ: dict[str, str], tmp_path: Path, database: Database
) -> None:
    first = run("make", environ=environ)
    assert first.exit_code == 0, first.output
    assert "Made: log key" in first.output
    assert "Made: development CA" in first.output
    folder = tmp_path / "keys"
    assert mode(folder) == 0o700
    modes = {each.name: mode(each) for each in folder.iterdir()}
    public = {"log-keys", "ca.pem"}
    assert {name for name, bits in modes.items() if bits != 0o600} == public
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    second = run("make", environ=environ)
    assert "nothing was changed" in second.output
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == before
    shown = run("show", environ=environ)
    key = SigningKey.read(before["log.key"].decode()).verifier
    assert f"log key  {key.text()}  from 0, in use" in shown.output
    assert before["ca.pem"].decode().strip() in shown.output
    assert re.search(r"SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2} ", shown.output)


def test_show_and_rotate_say_what_is_missing(environ: dict[str, str], tmp_path: Path) -> None:
    for command in (("show",), ("rotate", "--yes")):
        answer = run(*command, environ=environ)
        assert answer.exit_code == 1
        assert "portal init" in answer.output
    a_notary(tmp_path)  # without a CA
    answer = run("show", environ=environ)
    assert answer.exit_code == 1
    assert "ca.pem is missing" in answer.output


def test_rotate_asks_first_and_says_the_new_key(
    environ: dict[str, str], tmp_path: Path, database: Database
) -> None:
    notary = a_notary(tmp_path)
    (notary.keys.path / "ca.pem").write_bytes((shared_keys() / "ca.pem").read_bytes())
    with database.writing() as session:
        grow(session, 7)
    old = notary.keys.log_key()
    refused = run("rotate", environ=environ, typed="n\n")
    assert refused.exit_code == 1
    assert notary.keys.log_key() == old
    answer = run("rotate", environ=environ, typed="y\n")
    assert answer.exit_code == 0, answer.output
    newer = notary.keys.log_key()
    assert newer != old
    assert f"Beyond 8 entries the log is signed by {newer.verifier.text()}" in answer.output
    shown = run("show", environ=environ)
    assert f"{old.verifier.text()}  from 0, until 8 entries" in shown.output
    assert f"{newer.verifier.text()}  from 8, in use" in shown.output


def test_make_and_init_refuse_to_replace_a_lost_key(
    environ: dict[str, str], tmp_path: Path, database: Database
) -> None:
    notary = a_notary(tmp_path)
    (notary.keys.path / "log.key").unlink()
    answer = run("make", environ=environ)
    assert answer.exit_code == 1
    assert "restore it from a backup" in answer.output
    answer = CliRunner().invoke(main, ["init"], env=environ)
    assert answer.exit_code == 1
    assert "restore it from a backup" in answer.output
