"""What a bundle holds, that it is always the same, and who may take one."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from portal.cli.recompute import recompute
from portal.config.settings import Settings
from portal.domain.actors import Role
from portal.domain.canonical import digest_of_bytes
from portal.domain.ledger.notes import SigningKey
from portal.domain.refusals import Conflict, NotFound
from portal.domain.submissions import Kind
from portal.services import checkpoints, submissions
from portal.services.bundles import gathering, writing
from portal.services.bundles.about import CERTIFICATE, FACTS, LEDGER, MANIFEST, SUBMISSION
from portal.services.bundles.proof import proof_files
from portal.services.checkpoints import Notary
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.keys import KeyFolder
from portal.store.ledger import LedgerEntry
from portal.store.log_files import LogFolder
from portal.store.submissions import Submission
from tests.browsers import Browser
from tests.factories.audits import BILL, Audit, packed, with_manifest
from tests.factories.plans import SIGNED
from tests.factories.scenes import Scene, staff
from tests.factories.suppliers import an_account, unknown_uid
from tests.keys import ORIGIN, shared_keys

LogIn = Callable[..., Browser]


@pytest.fixture
def audit(scene: Scene, settings: Settings) -> Audit:
    return Audit(scene, scene.member("M-1"), Blobs(settings.storage))


@pytest.fixture
def year(audit: Audit) -> Submission:
    return audit.year(2024, bill=audit.bill())


def test_frozen_content_facts_and_certificate_are_byte_for_byte_what_is_stored(
    audit: Audit, year: Submission
) -> None:
    files = audit.files(year)
    certificate = audit.scene.certificate(year)

    assert digest_of_bytes(files[SUBMISSION]) == year.digest
    assert digest_of_bytes(files[FACTS]) == certificate.facts_digest
    assert files[CERTIFICATE] == f"%PDF-1.7 {certificate.number}".encode()


def test_manifest_has_the_digest_of_every_other_file(audit: Audit, year: Submission) -> None:
    files = audit.files(year, with_files=True)

    listed = json.loads(files[MANIFEST])["files"]

    assert {name: each["sha256"] for name, each in listed.items()} == {
        name: digest_of_bytes(content) for name, content in files.items() if name != MANIFEST
    }


def test_same_submission_gives_the_same_bytes_even_after_somebody_took_it(
    audit: Audit, year: Submission, log_in: LogIn
) -> None:
    before = audit.packed(year, with_files=True)
    audit.scene.session.commit()
    browser = log_in(audit.scene.coordinator)
    page = f"/coordinator/submissions/{year.uid}"

    taken = browser.submit(f"{page}/bundle", {"with_files": "y"}, page=page)

    assert taken.data == before == audit.packed(year, with_files=True)
    with zipfile.ZipFile(BytesIO(before)) as archive:
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())


def test_evidence_goes_along_only_when_asked_for(audit: Audit, year: Submission) -> None:
    name = f"evidence/{digest_of_bytes(BILL)}.csv"

    assert audit.files(year, with_files=True)[name] == BILL
    without = audit.files(year)
    assert name not in without
    (row,) = csv.DictReader(io.StringIO(without["evidence.csv"].decode("utf-8-sig")))
    assert (row["sha256"], row["size"], row["supports"], row["file"]) == (
        digest_of_bytes(BILL),
        str(len(BILL)),
        "1",
        "",
    )


def test_readme_speaks_both_languages_and_names_the_command(audit: Audit, year: Submission) -> None:
    words = audit.files(year)["README.md"].decode()

    assert "portal recompute" in words
    assert "如何核对" in words
    assert "How to check it" in words
    assert year.digest in words
    assert "$" not in words


def test_ledger_file_tells_of_the_submission_and_its_certificate(
    audit: Audit, year: Submission
) -> None:
    entries = json.loads(proof_files(audit.scene.as_coordinator(), year)[LEDGER])["entries"]

    assert [each["kind"] for each in entries] == [
        "submission.submitted",
        "submission.approved",
        "certificate.intended",
        "certificate.rendered",
    ]


def test_no_person_is_named_in_a_bundle(audit: Audit) -> None:
    approved = audit.whole_path()
    names = ["李雷", "韩梅梅", audit.scene.coordinator.name, audit.scene.people["M-1"].name]

    for submission in approved.values():
        held = b"".join(audit.files(submission).values()).decode()
        assert [name for name in names if name in held] == []


def test_waiting_submission_has_no_bundle(audit: Audit, log_in: LogIn) -> None:
    inventory = audit.inventory(2024)
    work = audit.scene.as_supplier("M-1", audit.step())
    waiting = submissions.submit(work, inventory, SIGNED)
    work.commit()

    with pytest.raises(Conflict, match=r"submission\.bundle\.not_approved"):
        gathering.gather(audit.scene.as_coordinator(50), waiting.uid, with_files=False)
    audit.scene.session.commit()
    browser = log_in(audit.scene.coordinator)
    page = f"/coordinator/submissions/{waiting.uid}"
    assert "/bundle" not in browser.get(page).text
    assert browser.submit(f"{page}/bundle", {}, page=page).status_code == 409


def test_file_that_is_gone_from_the_store_is_named_before_anything_is_written(
    audit: Audit, year: Submission, log_in: LogIn, database: Database
) -> None:
    audit.blobs.remove(digest_of_bytes(BILL))
    gathered = gathering.gather(audit.scene.as_coordinator(50), year.uid, with_files=True)
    out = BytesIO()
    with pytest.raises(writing.EvidenceMissing):
        writing.write(gathered, audit.blobs, out)
    assert out.getvalue() == b""
    audit.scene.session.commit()
    browser = log_in(audit.scene.coordinator)
    page = f"/coordinator/submissions/{year.uid}"
    answer = browser.submit(f"{page}/bundle", {"with_files": "y"}, page=page)
    assert answer.status_code == 410
    assert taken(database) == []
    assert browser.submit(f"{page}/bundle", {}, page=page).status_code == 200


def test_file_that_is_no_longer_what_it_was_spoils_the_bundle(
    audit: Audit, year: Submission
) -> None:
    sha256 = digest_of_bytes(BILL)
    (audit.blobs.root / sha256[:2] / sha256).write_bytes(b"another bill")
    with pytest.raises(writing.EvidenceMissing):
        audit.packed(year, with_files=True)


def test_evidence_goes_through_piece_by_piece(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    with blobs.receive(BytesIO(bytes(20_000_000)), largest=25_000_000) as received:
        blobs.keep(received)
    evidence = {f"evidence/{received.sha256}.csv": received.sha256}
    gathered = gathering.Gathered(unknown_uid(), "b.zip", "M-1", "", {"README.md": b"x"}, evidence)
    peaks = []
    for _ in range(3):
        tracemalloc.start()
        with blobs.spool() as out:
            writing.write(gathered, blobs, out)
            size = out.tell()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert size > 20_000_000

    assert (
        min(peaks) < 5_000_000
    )  # other threads of this process are measured too, so the calmest counts
    assert list((tmp_path / "blobs" / "incoming").iterdir()) == []


# At the door


def taken(database: Database) -> list[tuple[str, str, dict[str, object]]]:
    """Who took which bundles, by the ledger."""
    query = select(LedgerEntry).where(LedgerEntry.kind == "submission.taken")
    with database.reading() as session:
        return [(e.actor, e.subject, e.detail) for e in session.scalars(query)]


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.VERIFIER, Role.ADMINISTRATOR])
def test_alliance_people_take_a_bundle_and_the_ledger_keeps_it(
    audit: Audit, year: Submission, log_in: LogIn, database: Database, role: Role
) -> None:
    person = staff(audit.scene.session, role)
    audit.scene.session.commit()
    browser = log_in(person)
    page = f"/coordinator/submissions/{year.uid}"
    assert "Take the evidence bundle (ZIP)" in browser.get(f"{page}?lang=en").text

    answer = browser.submit(f"{page}/bundle", {"with_files": "y"}, page=page)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=M-1-baseline-2024-v1-bundle.zip"
    )
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert taken(database) == [(str(person.uid), f"submission/{year.uid}", {"with_files": True})]


@pytest.mark.parametrize("role", [Role.SIGNATORY, Role.REPORTER, Role.VIEWER])
def test_member_takes_its_own_bundles_from_the_pages_of_what_was_submitted(
    audit: Audit, log_in: LogIn, database: Database, role: Role
) -> None:
    approved = audit.whole_path()
    person = an_account(audit.scene.session, role, audit.member)
    audit.scene.session.commit()
    browser = log_in(person)
    pages = {
        Kind.BASELINE: "/supplier/inventories/2025",
        Kind.PLAN: "/supplier/plan/0/history",
        Kind.PROGRESS: "/supplier/progress/2025/history",
        Kind.RESTATEMENT: "/supplier/restatement/2026/history",
    }
    for kind, page in pages.items():
        address = f"/supplier/submissions/{approved[kind].uid}/bundle"
        assert address in browser.get(page).text
        assert browser.submit(address, {}, page=page).status_code == 200
    assert [(actor, detail) for actor, _about, detail in taken(database)] == [
        (str(person.uid), {"with_files": False})
    ] * 4


def test_foreign_submission_is_answered_like_an_unknown_one(
    audit: Audit, year: Submission, log_in: LogIn, database: Database
) -> None:
    audit.scene.member("M-2")
    audit.scene.session.commit()
    browser = log_in(audit.scene.people["M-2"])
    token = {"csrf_token": browser.token("/supplier/")}
    answers = []
    for uid in (year.uid, unknown_uid()):
        answer = browser.post(f"/supplier/submissions/{uid}/bundle", token)
        answers.append((answer.status_code, answer.text.replace(str(uid), "")))

    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    assert taken(database) == []
    with pytest.raises(NotFound):
        gathering.gather(audit.scene.as_supplier("M-2"), year.uid, with_files=False)


def test_bundle_is_never_handed_out_by_a_link(
    audit: Audit, year: Submission, log_in: LogIn
) -> None:
    audit.scene.session.commit()
    for account, audience in (
        (audit.scene.coordinator, "coordinator"),
        (audit.scene.people["M-1"], "supplier"),
    ):
        answer = log_in(account).get(f"/{audience}/submissions/{year.uid}/bundle")
        assert answer.status_code == 405


def test_lock_is_free_while_the_archive_is_written(
    audit: Audit,
    year: Submission,
    log_in: LogIn,
    database: Database,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    audit.scene.session.commit()
    browser = log_in(audit.scene.coordinator)
    page = f"/coordinator/submissions/{year.uid}"
    real = writing.write

    def write(*arguments: object) -> None:
        with database.writing() as session:
            session.execute(select(Submission.id))
            session.commit()
        real(*arguments)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(writing, "write", write)
    assert browser.submit(f"{page}/bundle", {}, page=page).status_code == 200


# At the shell


def test_command_says_how_many_numbers_agree_and_where_they_differ(
    audit: Audit, year: Submission, tmp_path: Path
) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(audit.packed(year, with_files=True))
    good = CliRunner().invoke(recompute, [str(path)])
    assert good.exit_code == 0, good.output
    first, digest, note, unproven, last = good.output.splitlines()
    assert first == "baseline 2024, version 1"
    assert digest == f"digest {year.digest}"
    assert note == "note: Edition 2026.1 is the one shipped with this portal."
    assert unproven.startswith("note: No checkpoint of the log was signed after ")
    assert last.endswith(" numbers recomputed, 0 differences")

    files = audit.files(year)
    facts = files[FACTS].replace(b'"biogenic":"0"', b'"biogenic":"1"')
    path.write_bytes(packed(with_manifest({**files, FACTS: facts})))
    bad = CliRunner().invoke(recompute, [str(path)])
    assert bad.exit_code == 1
    assert (
        "certificate/facts.json: figures/biogenic\n  stated:     1\n  recomputed: 0\n" in bad.output
    )
    told = json.loads(CliRunner().invoke(recompute, [str(path), "--json"]).output)
    assert {"file": FACTS, "place": "figures/biogenic", "stated": "1", "recomputed": "0"} in told[
        "differences"
    ]
    assert told["submission"]["kind"] == "baseline"


def test_entries_are_proven_by_the_log_once_a_checkpoint_is_signed(
    audit: Audit, year: Submission, tmp_path: Path
) -> None:
    keys = KeyFolder(shared_keys())
    work = audit.scene.as_coordinator(audit.step())
    checkpoints.sign_head(work, Notary(keys, LogFolder(tmp_path / "log")))
    work.commit()
    files = audit.files(year)
    proofs = sorted(name for name in files if name.startswith("proof/"))
    assert len(proofs) == len(json.loads(files[LEDGER])["entries"])

    path = tmp_path / "bundle.zip"
    path.write_bytes(packed(files))
    key = ["--log-key", keys.ring().keys[0].verifier.text()]
    good = CliRunner().invoke(recompute, [str(path), *key])
    assert good.exit_code == 0, good.output
    assert "not proven" not in good.output
    assert "was not checked" not in good.output
    other = ["--log-key", SigningKey(ORIGIN, bytes(32)).verifier.text()]
    assert CliRunner().invoke(recompute, [str(path), *other]).exit_code == 1

    # The proof of another entry proves nothing of this one.
    swapped = {**files, proofs[0]: files[proofs[1]]}
    path.write_bytes(packed(with_manifest(swapped)))
    bad = CliRunner().invoke(recompute, [str(path), *key])
    assert bad.exit_code == 1
    assert proofs[0] in bad.output
