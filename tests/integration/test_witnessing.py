"""A witness follows a log that only grows, and tells any other; with it the commands of the log and its auditors."""

from __future__ import annotations

import http.server
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from portal.cli import main
from portal.domain.actors import SYSTEM
from portal.domain.ledger import checkpoints as rules
from portal.domain.ledger.keyring import KeyRing, LogKey
from portal.domain.ledger.merkle import NotProven
from portal.domain.ledger.notes import NotANote, Note, NotSigned, SigningKey
from portal.domain.ledger.tiles import Tile
from portal.services import key_rotation, publishing
from portal.services.checkpoints import Notary
from portal.services.witnessing import NoLogKey, Witness
from portal.services.work import writing
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.log_files import LogFolder
from tests.factories.long_logs import grow
from tests.factories.scenes import Scene
from tests.factories.sealed import Records, a_notary
from tests.factories.suppliers import MOMENT
from tests.tampering import plant_anew, put, remove_triggers

LATER = MOMENT + timedelta(hours=1)


@dataclass
class Log:
    """A portal's log that grows, and a witness who looks at the folder where it is published."""

    database: Database
    notary: Notary
    folder: Path
    shown: Path | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.notary.keys.ring().keys[0].verifier.text()

    def publish(self, size: int) -> str:
        """Grow to a size and publish; returns the checkpoint."""
        with self.database.writing() as session:
            grow(session, size)
        return publish(self.database, self.notary)

    def rotate(self) -> None:
        with writing(self.database, SYSTEM, MOMENT) as work:
            key_rotation.announce(work, self.notary)
        publish(self.database, self.notary)

    def witness(self) -> Witness:
        """A witness as one run of the command makes it."""
        self.folder.mkdir(exist_ok=True)
        return Witness(self.folder, "witness.example.org", self.fetch)

    def look(self, key: str | None = None, moment: datetime = MOMENT) -> str:
        return self.witness().look(key, moment)

    def fetch(self, name: str) -> bytes:
        self.asked.append(name)
        return ((self.shown or self.notary.published.path) / name).read_bytes()

    def kept(self) -> rules.Checkpoint:
        note = Note.read((self.folder / "checkpoint").read_text())
        return rules.Checkpoint.read(note.text)


def publish(database: Database, notary: Notary) -> str:
    with writing(database, SYSTEM, MOMENT) as work:
        signed = publishing.sign(work, notary)
    publishing.publish(database.reading, signed, notary)
    return signed.checkpoint.note


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return Log(database, a_notary(tmp_path), tmp_path / "witness")


def fork(log: Log, size: int) -> None:
    """Rewrite the log from its third entry on, and publish it anew with its own key."""
    remove_triggers(log.database)
    with log.database.writing() as session:
        put(session, "ledger_entry", "actor", "somebody else", "sequence = 2")
        plant_anew(session)
        session.execute(text("DELETE FROM checkpoint"))
        session.commit()
        grow(session, size)
    for file in sorted(log.notary.published.path.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    publish(log.database, log.notary)


def test_first_look_needs_the_key_and_keeps_what_it_saw(log: Log) -> None:
    log.publish(300)
    with pytest.raises(NoLogKey):
        log.look()
    assert not (log.folder / "checkpoint").exists()
    assert log.look(log.key).startswith("First look: 300 entries of ")
    assert log.kept().size == 300
    assert (log.folder / "checkpoints/000000000300.checkpoint").is_file()
    assert (log.folder / "witness.key").stat().st_mode & 0o777 == 0o600


def test_log_that_grows_is_followed_and_only_what_is_new_is_fetched(log: Log) -> None:
    log.publish(300)
    log.look(log.key)
    for size in (301, 511, 512, 513, 2000):
        log.publish(size)
        log.asked.clear()
        assert f"to {size} entries" in log.look(moment=LATER)
        assert log.kept().size == size
        assert len([name for name in log.asked if name.startswith("tile/")]) <= 4
    assert len(list((log.folder / "checkpoints").iterdir())) == 6


def test_same_checkpoint_again_is_no_news(log: Log) -> None:
    log.publish(10)
    log.look(log.key)
    log.asked.clear()
    assert "from 10 to 10" in log.look()
    assert log.asked == ["checkpoint", "keys"]


def test_witness_signs_what_it_saw_and_when(log: Log) -> None:
    shown = Note.read(log.publish(10))
    log.look(log.key, moment=LATER)
    kept = Note.read((log.folder / "checkpoint").read_text())
    witness = SigningKey.read((log.folder / "witness.key").read_text()).verifier
    assert kept.text == shown.text
    assert kept.signatures[: len(shown.signatures)] == shown.signatures
    assert rules.witnessed_at(kept, witness) == LATER
    assert rules.witnessed_at(shown, witness) is None
    rules.opened(kept.written(), log.notary.keys.ring().every())
    size = log.kept().size
    other = Note(kept.text.replace(str(size), str(size + 1)), kept.signatures)
    with pytest.raises(NotSigned):
        rules.witnessed_at(other, witness)


def test_older_checkpoint_shown_later_is_no_lie_and_is_not_kept(log: Log) -> None:
    old = log.publish(300)
    log.publish(700)
    log.look(log.key)
    before = (log.folder / "checkpoint").read_bytes()
    (log.notary.published.path / "checkpoint").write_text(old)
    assert "300 entries, fewer than the 700 seen; they agree" in log.look()
    assert (log.folder / "checkpoint").read_bytes() == before


@pytest.mark.parametrize("size", [9, 10, 25, 600])
def test_rewritten_history_is_told_and_kept_as_evidence(log: Log, size: int) -> None:
    log.publish(10 if size > 9 else 9)
    log.look(log.key)
    before = log.kept()
    fork(log, size)
    witness = log.witness()
    with pytest.raises(NotProven):
        witness.look(None, LATER)
    place = witness.keep_as_evidence(LATER)
    assert (place / "checkpoint").read_bytes() == (
        log.notary.published.path / "checkpoint"
    ).read_bytes()
    assert (place / "keys").is_file()
    assert log.kept() == before
    # What was kept proves it to everybody: two checkpoints of one key that don't belong together.
    rules.opened((place / "checkpoint").read_text(), log.notary.keys.ring().every())


def test_rewritten_history_of_a_shorter_log_is_told(log: Log) -> None:
    log.publish(300)
    log.look(log.key)
    elsewhere = Log(log.database, log.notary, log.folder)
    remove_triggers(log.database)
    with log.database.writing() as session:
        session.execute(text("DELETE FROM ledger_entry WHERE sequence > 99"))
        put(session, "ledger_entry", "actor", "somebody else", "sequence = 2")
        plant_anew(session)
        session.execute(text("DELETE FROM checkpoint"))
        session.commit()
    (log.notary.published.path / "checkpoint").unlink()
    publish(log.database, log.notary)
    with pytest.raises(NotProven):
        elsewhere.look()


def test_checkpoint_of_another_key_is_refused(log: Log, tmp_path: Path) -> None:
    log.publish(10)
    (tmp_path / "stranger").mkdir()
    stranger = a_notary(tmp_path / "stranger").keys
    with pytest.raises(NotSigned):
        log.look(stranger.log_key().verifier.text())
    log.look(log.key)
    published = log.notary.published.path / "checkpoint"
    checkpoint = rules.Checkpoint.read(Note.read(published.read_text()).text)
    published.write_text(checkpoint.signed(stranger.log_key()).written())
    with pytest.raises(NotSigned):
        log.look()
    published.write_text("<html>Service unavailable</html>")
    with pytest.raises(NotANote):
        log.look()
    published.write_bytes(b"\xff")
    with pytest.raises(NotANote):
        log.look()


def test_damaged_tile_is_told_and_not_kept(log: Log) -> None:
    log.publish(300)
    log.look(log.key)
    log.publish(600)
    folder = log.notary.published.path
    for tile in (Tile(0, 2, 88), Tile(1, 0, 2)):
        sound = (folder / tile.path()).read_bytes()
        for spoiled in (bytes([sound[0] ^ 1]) + sound[1:], sound[:-1], sound + b"\0", b""):
            (folder / tile.path()).write_bytes(spoiled)
            with pytest.raises(NotProven):
                log.look()
            assert not (log.folder / tile.path()).exists()
        (folder / tile.path()).write_bytes(sound)
    assert log.kept().size == 300
    assert "to 600 entries" in log.look()


def test_missing_file_is_no_lie_but_nothing_is_kept(log: Log) -> None:
    log.publish(300)
    log.look(log.key)
    log.publish(600)
    (log.notary.published.path / Tile(1, 0, 2).path()).unlink()
    with pytest.raises(FileNotFoundError):
        log.look()
    assert log.kept().size == 300


def test_part_of_a_tile_that_was_dropped_meanwhile_is_cut_from_the_full_one(log: Log) -> None:
    """As on a web server of plain files, when the log grew between the checkpoint and its tiles."""
    old = log.publish(200)
    log.publish(300)
    (log.notary.published.path / "checkpoint").write_text(old)
    assert not (log.notary.published.path / Tile(0, 0, 200).path()).exists()
    assert log.look(log.key).startswith("First look: 200 entries")


# --- other keys -----------------------------------------------------------------------------------------------------


def test_witness_follows_a_change_of_the_key(log: Log) -> None:
    log.publish(10)
    log.look(log.key)
    log.rotate()
    log.look()
    log.publish(20)
    assert "to 20 entries" in log.look()
    log.rotate()
    log.publish(30)
    assert "to 30 entries" in log.look()


def test_witness_with_the_old_key_follows_at_its_first_look(log: Log) -> None:
    old = log.key
    log.publish(10)
    log.rotate()
    log.publish(20)
    assert log.look(old).startswith("First look: 20 entries")


def test_witness_that_missed_two_changes_asks_for_the_new_key(log: Log) -> None:
    log.publish(10)
    log.look(log.key)
    log.rotate()
    log.rotate()
    log.publish(20)
    with pytest.raises(NotSigned, match="--log-key"):
        log.look()
    assert log.kept().size == 10
    newest = log.notary.keys.log_key().verifier.text()
    assert "from 10 to 20 entries" in log.look(newest)
    assert "from 20 to 20 entries" in log.look()


def test_key_that_went_out_of_use_makes_no_new_list(log: Log) -> None:
    """Whoever finds an old private key in an old backup can't lead a witness away with it."""
    old = log.notary.keys.log_key()
    log.publish(10)
    log.look(log.key)
    log.rotate()
    log.look()
    thief = SigningKey(old.name, bytes(range(32)))
    forged = log.notary.keys.ring().followed_by(thief.verifier, 11)
    keys = log.notary.published.path / "keys"
    keys.write_text(forged.signed([old, thief]).written())
    with pytest.raises(NotSigned):
        log.look()
    # Nor may the key in use change what is said of those before it.
    longer = LogKey(forged.keys[0].verifier, 0, 99)
    ring = log.notary.keys.ring()
    changed = KeyRing((longer, *ring.keys[1:]))
    keys.write_text(changed.signed([log.notary.keys.log_key()]).written())
    with pytest.raises(NotANote):
        log.look()


# --- the commands ---------------------------------------------------------------------------------------------------


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        """Tell nobody."""


@pytest.fixture
def served(log: Log) -> Iterator[str]:
    """The published folder as a plain web server gives it."""
    log.notary.published.path.mkdir(exist_ok=True)
    handler = partial(Quiet, directory=str(log.notary.published.path.parent))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/log"
    server.shutdown()
    thread.join()
    server.server_close()


def run(*arguments: str, environ: Mapping[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, arguments, env=environ or {})


def test_command_looks_keeps_and_tells_by_its_exit_code(log: Log, served: str) -> None:
    look: Callable[..., Result] = partial(run, "witness", served, "--folder", str(log.folder))
    log.publish(300)
    missing = look()
    assert (missing.exit_code, "--log-key" in missing.output) == (2, True)
    wrong = look("--log-key", "no key")
    assert (wrong.exit_code, "no key of a log" in wrong.output) == (2, True)
    first = look("--log-key", log.key, "--name", "witness.example.org")
    assert (first.exit_code, first.output[:11]) == (0, "First look:"), first.output
    assert log.folder.stat().st_mode & 0o777 == 0o700
    log.publish(600)
    assert look().exit_code == 0
    (log.notary.published.path / "tile/1").rename(log.notary.published.path / "tile/gone")
    log.publish(601)
    (log.notary.published.path / "tile/0/002.p/89").unlink()
    gone = look()
    assert (gone.exit_code, "could not be looked at" in gone.output) == (2, True)
    fork(log, 700)
    told = look()
    assert told.exit_code == 1
    kept = re.search(r"kept in (.*)\.$", told.output.strip())
    assert kept is not None, told.output
    place = Path(kept[1])
    assert (place / "checkpoint").is_file()


def test_command_can_not_look_where_nobody_answers(tmp_path: Path) -> None:
    folder = str(tmp_path / "witness")
    key = SigningKey("portal.example.com/log", bytes(32)).verifier.text()
    answer = run("witness", "http://127.0.0.1:9/log", "--folder", folder, "--log-key", key)
    assert answer.exit_code == 2
    assert "could not be looked at" in answer.output
    assert run("witness", "file:///etc", "--folder", folder).exit_code == 2


def test_transfer_that_breaks_off_is_no_lie(log: Log) -> None:
    log.publish(10)

    class Breaking(Quiet):
        def do_GET(self) -> None:
            content = (log.notary.published.path / self.path.removeprefix("/log/")).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content if "tile" not in self.path else content[:-32])

    with http.server.HTTPServer(("127.0.0.1", 0), Breaking) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/log"
        answer = run("witness", url, "--folder", str(log.folder), "--log-key", log.key)
        server.shutdown()
        thread.join()
    assert (answer.exit_code, "broke off" in answer.output) == (2, True), answer.output


@pytest.fixture
def environ(tmp_path: Path, database_url: str) -> dict[str, str]:
    return {"PORTAL_DEMO": "1", "PORTAL_FOLDER": str(tmp_path), "PORTAL_DATABASE_URL": database_url}


def test_ledger_is_published_and_verified_by_commands(
    scene: Scene, database: Database, environ: dict[str, str], tmp_path: Path
) -> None:
    records = Records(scene, a_notary(tmp_path), Blobs(tmp_path / "storage"))
    member = records.member("M-0001")
    bill = records.bill(member)
    records.certified(member)
    before = run("ledger", "verify", environ=environ)
    assert before.exit_code == 0, before.output
    assert "No checkpoint from outside was at hand" in before.output
    published = run("ledger", "publish", environ=environ)
    assert published.exit_code == 0, published.output
    assert "Published 6 entries" in published.output
    checkpoint = (records.notary.published.path / "checkpoint").read_text()
    assert checkpoint.strip() in published.output
    again = run("ledger", "verify", "--files", environ=environ)
    assert again.exit_code == 0, again.output
    assert "1 from outside, 4 frozen rows: nothing wrong" in again.output
    place = records.blobs.root / bill.sha256[:2] / bill.sha256
    place.chmod(0o600)
    place.write_bytes(b"forged")
    assert run("ledger", "verify", environ=environ).exit_code == 0
    told = run("ledger", "verify", "--files", environ=environ)
    assert told.exit_code == 1
    assert f"WRONG  evidence/{bill.uid}" in told.output


def test_ledger_whose_end_was_cut_is_told_by_the_checkpoint_of_a_witness(
    log: Log, environ: dict[str, str]
) -> None:
    log.publish(20)
    log.look(log.key)
    checkpoint = str(log.folder / "checkpoint")
    assert run("ledger", "verify", "--checkpoint", checkpoint, environ=environ).exit_code == 0
    remove_triggers(log.database)
    with log.database.writing() as session:
        session.execute(text("DELETE FROM ledger_entry WHERE sequence > 12"))
        plant_anew(session)
        session.execute(text("DELETE FROM checkpoint"))
        session.commit()
    (log.notary.published.path / "checkpoint").unlink()
    assert run("ledger", "verify", environ=environ).exit_code == 0
    told = run("ledger", "verify", "--checkpoint", checkpoint, environ=environ)
    assert told.exit_code == 1
    assert f"{checkpoint} was signed at 20 entries, the log has 13" in told.output


def test_file_that_is_no_checkpoint_is_told(
    log: Log, environ: dict[str, str], tmp_path: Path
) -> None:
    log.publish(5)
    (tmp_path / "picture").write_bytes(b"\x89PNG\xff\xfe")
    told = run("ledger", "verify", "--checkpoint", str(tmp_path / "picture"), environ=environ)
    assert told.exit_code == 1
    assert f"WRONG  {tmp_path / 'picture'}: a note is" in told.output


def test_publishing_a_database_that_contradicts_the_published_log_is_refused(
    log: Log, environ: dict[str, str]
) -> None:
    log.publish(20)
    remove_triggers(log.database)
    with log.database.writing() as session:
        session.execute(text("DELETE FROM ledger_entry WHERE sequence > 12"))
        plant_anew(session)
        session.commit()
    answer = run("ledger", "publish", environ=environ)
    assert answer.exit_code == 1
    assert "20 entries were published, the database has 13" in answer.output
    assert LogFolder(log.notary.published.path).read("checkpoint")


def test_commands_of_the_log_say_when_there_is_no_key(
    database: Database, environ: dict[str, str]
) -> None:
    publish_answer = run("ledger", "publish", environ=environ)
    assert (publish_answer.exit_code, "portal init" in publish_answer.output) == (1, True)
    verified = run("ledger", "verify", environ=environ)
    assert verified.exit_code == 0
    assert "Signatures are not checked" in verified.output
