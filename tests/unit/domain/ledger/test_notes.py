"""Notes and keys have one spelling each, and a signature holds for its text and its key only."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.ledger import checkpoints
from portal.domain.ledger.checkpoints import Checkpoint
from portal.domain.ledger.notes import (
    COSIGNATURE,
    NotANote,
    Note,
    NotSigned,
    SigningKey,
    VerifierKey,
    signed,
)

KEY = SigningKey("portal.example/log", bytes(range(32)))
WITNESS = SigningKey("witness.example/w", bytes(range(1, 33)), COSIGNATURE)
CHECKPOINT = Checkpoint("portal.example/log", 20852163, bytes(range(32)))

# The example of the reference implementation of signed notes.
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_published_note_is_signed_by_the_published_key() -> None:
    key = VerifierKey.read(PUBLISHED_KEY)
    assert Note.read(PUBLISHED_NOTE).signed_by([key]) == [key]
    assert key.text() == PUBLISHED_KEY


def test_keys_are_read_as_they_are_written() -> None:
    assert SigningKey.read(KEY.text()) == KEY
    assert VerifierKey.read(KEY.verifier.text()) == KEY.verifier
    assert VerifierKey.read(WITNESS.verifier.text()).algorithm == COSIGNATURE
    assert "000102" not in repr(KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000+" + "A" * 44,
        KEY.verifier.text().replace("portal", "portai"),
        KEY.verifier.text() + "A",
        "with space+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_key_is_refused_when_it_is_not_what_its_id_says(text: str) -> None:
    with pytest.raises(NotANote):
        VerifierKey.read(text)


def test_note_is_refused_without_a_signature_of_a_known_key() -> None:
    note = signed("hello\n", [KEY])
    other = SigningKey("portal.example/log", bytes(32))
    with pytest.raises(NotSigned):
        note.signed_by([other.verifier])
    with pytest.raises(NotSigned):
        note.signed_by([])


def test_note_keeps_unknown_signatures_beside_known_ones() -> None:
    both = signed("hello\n", [KEY, SigningKey("other.example", bytes(32))])
    assert both.signed_by([KEY.verifier]) == [KEY.verifier]


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_checkpoint_fails_when_any_byte_of_it_changes(place: int, by: int) -> None:
    written = CHECKPOINT.signed(KEY).written().encode()
    place %= len(written)
    changed = written[:place] + bytes([(written[place] + by) % 256]) + written[place + 1 :]
    with pytest.raises((NotANote, NotSigned, UnicodeDecodeError)):
        checkpoints.opened(changed.decode(), [KEY.verifier])


def test_checkpoint_opens_with_a_key_of_its_own_log_only() -> None:
    written = CHECKPOINT.signed(KEY).written()
    assert checkpoints.opened(written, [KEY.verifier]) == CHECKPOINT
    stranger = SigningKey("elsewhere.example/log", bytes(range(32)))
    with pytest.raises(NotSigned):
        checkpoints.opened(CHECKPOINT.signed(stranger).written(), [stranger.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "log\n01\n" + CHECKPOINT.text().split("\n")[2] + "\n",
        "log\n1\nAAAA\n",
        "log\n-1\n" + CHECKPOINT.text().split("\n")[2] + "\n",
        CHECKPOINT.text() + "an extension\n",
        CHECKPOINT.text()[:-1],
    ],
)
def test_checkpoint_has_one_spelling(text: str) -> None:
    with pytest.raises(NotANote):
        Checkpoint.read(text)


def test_witness_signs_the_checkpoint_and_the_time() -> None:
    moment = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    note = checkpoints.cosigned(CHECKPOINT.signed(KEY), WITNESS, moment)
    assert checkpoints.opened(note.written(), [KEY.verifier]) == CHECKPOINT
    assert checkpoints.witnessed_at(note, WITNESS.verifier) == moment
    stranger = SigningKey("witness.example/w", bytes(32), COSIGNATURE)
    assert checkpoints.witnessed_at(note, stranger.verifier) is None


def test_witness_is_not_believed_for_another_text() -> None:
    note = checkpoints.cosigned(CHECKPOINT.signed(KEY), WITNESS, datetime(2026, 1, 1, tzinfo=UTC))
    other = Note(Checkpoint("portal.example/log", 1, bytes(32)).text(), note.signatures)
    with pytest.raises(NotSigned):
        checkpoints.witnessed_at(other, WITNESS.verifier)
