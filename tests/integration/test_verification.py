"""A certificate tells by itself whether it is genuine, and any byte that differs makes it say no."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from portal.documents import verification
from portal.documents.certificate_page import render_certificate
from portal.documents.seals import Seal
from portal.documents.signing import DocumentSigner
from portal.documents.verification import Trust, Verdict, Verified
from portal.domain import revocations
from portal.domain.certificates import State
from portal.domain.ledger.checkpoints import Checkpoint
from portal.domain.ledger.keyring import KeyRing, LogKey
from portal.domain.ledger.notes import SigningKey
from portal.store.keys import KeyFolder
from tests.factories.facts import certificate_facts
from tests.factories.genuine import MOMENT, Sealed, keys, seal_of, sealed_certificate, signer
from tests.keys import ORIGIN
from tests.papers import drawn, enclosed, faults, qr_codes

TODAY = date(2026, 6, 1)
MUTATIONS = 1000


@pytest.fixture(scope="module")
def sealed() -> Sealed:
    return sealed_certificate()


@pytest.fixture(scope="module")
def trust() -> Trust:
    return Trust(keys().ring(), [_der(keys().ca())])


def _der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def verdicts(found: Verified) -> dict[str, Verdict]:
    """What each check came to."""
    return {check.subject: check.verdict for check in found.checks}


def test_genuine_certificate_holds_in_every_respect(sealed: Sealed, trust: Trust) -> None:
    found = verification.verify(sealed.pdf, trust, TODAY)
    assert found.verdict is Verdict.HOLDS
    assert verdicts(found) == {
        "bytes": Verdict.HOLDS,
        "signature": Verdict.HOLDS,
        "facts": Verdict.HOLDS,
        "inclusion": Verdict.HOLDS,
        "checkpoint": Verdict.HOLDS,
        "other checkpoint": Verdict.SKIPPED,
        "revocation list": Verdict.SKIPPED,
        "validity": Verdict.HOLDS,
    }
    assert found.facts is not None
    assert found.facts["number"] == "ZCA-2026-00042"


def test_signed_certificate_is_still_pdf_a_and_accessible(sealed: Sealed) -> None:
    assert faults(sealed.pdf) == []
    assert set(enclosed(sealed.pdf)) == {"facts.json", "proof.tlog-proof"}


def test_qr_code_holds_address_and_statement(sealed: Sealed, tmp_path: Path) -> None:
    [said] = qr_codes(drawn(sealed.pdf, tmp_path, dpi=150))
    assert said == f"{sealed.facts.verify_url}#{sealed.seal.statement}"


def test_same_facts_and_seal_give_the_same_pages(sealed: Sealed) -> None:
    assert render_certificate(sealed.facts, sealed.seal) == sealed.unsigned


def test_any_changed_byte_makes_it_not_valid(sealed: Sealed, trust: Trust) -> None:
    chance = random.Random(20260401)
    for _ in range(MUTATIONS):
        place, by = chance.randrange(len(sealed.pdf)), chance.randrange(1, 256)
        changed = bytearray(sealed.pdf)
        changed[place] = (changed[place] + by) % 256
        found = verification.verify(bytes(changed), trust, TODAY)
        assert found.verdict is Verdict.FAILS, f"byte {place} changed by {by}"


@pytest.mark.parametrize(
    "change",
    [
        lambda pdf: pdf + b"\n",
        lambda pdf: pdf[:-1],
        lambda pdf: pdf[: len(pdf) // 2],
        lambda pdf: b" " + pdf,
        lambda pdf: b"",
        lambda pdf: b"%PDF-1.7\n/ByteRange [0 1 2 8]",
        lambda pdf: pdf.replace(b"/ByteRange", b"/ByteRange [0 1 2 3]/ByteRange", 1),
        lambda pdf: pdf + b"\n/ByteRange [0 1 2 3]",
    ],
)
def test_longer_shorter_and_empty_files_are_not_valid(
    sealed: Sealed, trust: Trust, change: Callable[[bytes], bytes]
) -> None:
    assert verification.verify(change(sealed.pdf), trust, TODAY).verdict is Verdict.FAILS


def test_file_saved_anew_by_another_program_is_not_valid(
    sealed: Sealed, trust: Trust, tmp_path: Path
) -> None:
    place = tmp_path / "again.pdf"
    (tmp_path / "first.pdf").write_bytes(sealed.pdf)
    with pikepdf.open(tmp_path / "first.pdf") as opened:
        opened.save(place)
    assert verification.verify(place.read_bytes(), trust, TODAY).verdict is Verdict.FAILS


def test_unsigned_file_with_a_true_proof_is_not_valid(sealed: Sealed, trust: Trust) -> None:
    found = verification.verify(sealed.unsigned, trust, TODAY)
    assert verdicts(found) == {"bytes": Verdict.FAILS}


def test_other_pages_around_true_facts_are_not_valid_when_a_stranger_signs(
    sealed: Sealed, trust: Trust, tmp_path: Path
) -> None:
    stranger = KeyFolder(tmp_path)
    stranger.lay(ORIGIN, MOMENT)
    forged = DocumentSigner.of_pkcs12(*stranger.signer()).sign(sealed.unsigned, MOMENT)
    found = verification.verify(forged, trust, TODAY)
    assert verdicts(found)["signature"] is Verdict.FAILS
    # Who gives no CA is not told that it is genuine, either.
    found = verification.verify(forged, Trust(trust.ring), TODAY)
    assert found.verdict is Verdict.OPEN


def test_other_facts_are_not_valid_even_with_the_portals_own_signature(
    sealed: Sealed, trust: Trust
) -> None:
    better = certificate_facts(number="ZCA-2026-00042", member_code="M-0666")
    forged = signer().sign(render_certificate(better, sealed.seal), MOMENT)
    found = verification.verify(forged, trust, TODAY)
    assert verdicts(found)["inclusion"] is Verdict.FAILS


def test_proof_of_a_log_with_another_key_is_not_valid(sealed: Sealed, trust: Trust) -> None:
    seal, _ = seal_of(sealed.facts, SigningKey(ORIGIN, bytes(32)))
    forged = signer().sign(render_certificate(sealed.facts, seal), MOMENT)
    found = verification.verify(forged, trust, TODAY)
    assert verdicts(found)["checkpoint"] is Verdict.FAILS


def test_key_that_was_taken_out_of_use_before_does_not_vouch(sealed: Sealed, trust: Trust) -> None:
    assert trust.ring is not None
    retired = KeyRing((replace(trust.ring.keys[0], last=5),))
    found = verification.verify(sealed.pdf, replace(trust, ring=retired), TODAY)
    assert verdicts(found)["checkpoint"] is Verdict.FAILS


def test_certificate_without_a_seal_is_not_valid(sealed: Sealed, trust: Trust) -> None:
    bare = signer().sign(render_certificate(sealed.facts, Seal()), MOMENT)
    assert verdicts(verification.verify(bare, trust, TODAY))["facts"] is Verdict.FAILS


def test_nobody_is_told_that_it_holds_without_keys(sealed: Sealed) -> None:
    found = verification.verify(sealed.pdf, Trust(), TODAY)
    assert found.verdict is Verdict.OPEN
    assert verdicts(found)["bytes"] is Verdict.HOLDS


def test_certificate_that_ran_out_is_not_valid_any_more(sealed: Sealed, trust: Trust) -> None:
    found = verification.verify(sealed.pdf, trust, sealed.facts.valid_until)
    assert found.verdict is Verdict.HOLDS
    found = verification.verify(sealed.pdf, trust, date(2040, 1, 1))
    assert verdicts(found)["validity"] is Verdict.FAILS


def _listed(ended: list[tuple[str, State, date]], key: SigningKey) -> str:
    made = revocations.listed(ORIGIN, 12, datetime(2026, 5, 1, tzinfo=UTC), ended)
    return made.signed(key).written()


@pytest.mark.parametrize("state", [State.REVOKED, State.SUPERSEDED])
def test_certificate_on_the_list_is_not_valid_any_more(
    sealed: Sealed, trust: Trust, state: State
) -> None:
    written = _listed([("ZCA-2026-00042", state, date(2026, 4, 30))], keys().log_key())
    found = verification.verify(sealed.pdf, replace(trust, revocations=written), TODAY)
    assert verdicts(found)["revocation list"] is Verdict.FAILS
    assert any("2026-04-30" in check.said for check in found.checks)


def test_certificate_that_is_not_on_the_list_holds(sealed: Sealed, trust: Trust) -> None:
    other = [("ZCA-2026-00041", State.REVOKED, date(2026, 4, 30))]
    written = _listed(other, keys().log_key())
    found = verification.verify(sealed.pdf, replace(trust, revocations=written), TODAY)
    assert verdicts(found)["revocation list"] is Verdict.HOLDS


def test_list_that_somebody_else_signed_is_not_believed(sealed: Sealed, trust: Trust) -> None:
    written = _listed([], SigningKey(ORIGIN, bytes(32)))
    found = verification.verify(sealed.pdf, replace(trust, revocations=written), TODAY)
    assert verdicts(found)["revocation list"] is Verdict.FAILS


def test_checkpoint_from_elsewhere_is_compared(sealed: Sealed, trust: Trust) -> None:
    key = keys().log_key()

    def with_other(checkpoint: Checkpoint) -> Verdict:
        given = replace(trust, checkpoint=checkpoint.signed(key).written())
        return verdicts(verification.verify(sealed.pdf, given, TODAY))["other checkpoint"]

    assert with_other(sealed.checkpoint) is Verdict.HOLDS
    assert with_other(replace(sealed.checkpoint, root=bytes(32))) is Verdict.FAILS
    assert with_other(replace(sealed.checkpoint, size=99)) is Verdict.OPEN


def test_ring_of_several_keys_is_read_from_its_published_list() -> None:
    ring = KeyRing((LogKey(keys().log_key().verifier),)).followed_by(
        SigningKey(ORIGIN, bytes(32)).verifier, 100
    )
    assert KeyRing.read(ring.signed([keys().log_key()]).written()) == ring
