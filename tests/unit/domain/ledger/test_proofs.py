"""A proof file says one thing in one spelling, and holds only for its entry in its log."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.ledger.checkpoints import Checkpoint
from portal.domain.ledger.merkle import NotProven, inclusion_ranges, leaf_hash, proof, root_of
from portal.domain.ledger.notes import NotANote, NotSigned, SigningKey
from portal.domain.ledger.proofs import InclusionProof, made

KEY = SigningKey("portal.example/log", bytes(range(32)))
ENTRIES = [f"entry {n}".encode() for n in range(21)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def _proof(index: int = 5) -> InclusionProof:
    hashes = proof(
        inclusion_ranges(index, len(LEAVES)),
        lambda level, place: root_of(LEAVES[place << level : (place + 1) << level]),
    )
    checkpoint = Checkpoint(KEY.name, len(LEAVES), root_of(LEAVES)).signed(KEY)
    return made(ENTRIES[index], index, hashes, checkpoint.written())


def test_proof_is_read_as_it_is_written_and_holds() -> None:
    for index in range(len(ENTRIES)):
        written = _proof(index).written()
        read = InclusionProof.read(written)
        assert read == _proof(index)
        assert read.check([KEY.verifier]).size == len(ENTRIES)


def test_proof_follows_the_published_form() -> None:
    lines = _proof().written().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1].startswith("extra ")
    assert lines[2] == "index 5"
    assert lines[3 + len(_proof().hashes)] == ""
    assert lines[4 + len(_proof().hashes)] == "portal.example/log"


def test_proof_of_the_only_entry_has_no_hashes() -> None:
    checkpoint = Checkpoint(KEY.name, 1, LEAVES[0]).signed(KEY)
    only = made(ENTRIES[0], 0, [], checkpoint.written())
    assert InclusionProof.read(only.written()).check([KEY.verifier]).size == 1


def test_proof_fails_for_another_entry_or_place() -> None:
    with pytest.raises(NotProven):
        replace(_proof(), entry=b"forged").check([KEY.verifier])
    with pytest.raises(NotProven):
        replace(_proof(), index=6).check([KEY.verifier])
    with pytest.raises(NotProven):
        replace(_proof(), hashes=_proof().hashes[:-1]).check([KEY.verifier])


@settings(max_examples=1000)
@given(st.integers(0, 10**6), st.integers(1, 255))
def test_proof_fails_when_any_byte_of_it_changes(place: int, by: int) -> None:
    written = _proof().written().encode()
    place %= len(written)
    changed = written[:place] + bytes([(written[place] + by) % 256]) + written[place + 1 :]
    with pytest.raises((NotANote, NotSigned, NotProven, UnicodeDecodeError)):
        InclusionProof.read(changed.decode()).check([KEY.verifier])
