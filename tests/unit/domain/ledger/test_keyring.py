"""The list of a log's keys: which one may sign which size, one spelling, and growth that changes nothing behind it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.ledger.keyring import KeyRing, LogKey
from portal.domain.ledger.notes import NotANote, Note, NotSigned, SigningKey

ORIGIN = "portal.example/log"
KEYS = [SigningKey(ORIGIN, bytes([number]) * 32) for number in range(6)]
FIRST = KeyRing((LogKey(KEYS[0].verifier),))
SIZES = st.lists(st.integers(0, 10**9), max_size=5).map(sorted)


def ring_of(sizes: list[int]) -> KeyRing:
    """A ring whose key was changed at these sizes."""
    ring = FIRST
    for number, size in enumerate(sizes, 1):
        ring = ring.followed_by(KEYS[number].verifier, size)
    return ring


def test_only_key_may_sign_every_size() -> None:
    assert FIRST.origin == ORIGIN
    assert FIRST.for_size(0) == FIRST.for_size(10**12) == [KEYS[0].verifier]


def test_retired_key_signs_up_to_its_last_size_and_its_follower_from_there() -> None:
    ring = ring_of([10, 30])
    first, second, third = (key.verifier for key in KEYS[:3])
    assert ring.for_size(9) == [first]
    assert ring.for_size(10) == [first, second]
    assert ring.for_size(11) == [second]
    assert ring.for_size(30) == [second, third]
    assert ring.for_size(31) == [third]
    assert ring.every() == [first, second, third]


@given(SIZES, st.integers(0, 2 * 10**9))
def test_every_size_has_a_key_and_beyond_the_last_change_only_the_newest(
    sizes: list[int], size: int
) -> None:
    ring = ring_of(sizes)
    assert ring.for_size(size)
    if size > max(sizes, default=-1):
        assert ring.for_size(size) == [ring.keys[-1].verifier]


@given(SIZES)
def test_ring_is_read_from_the_list_that_it_writes(sizes: list[int]) -> None:
    ring = ring_of(sizes)
    signers = [KEYS[max(len(sizes) - 1, 0)], KEYS[len(sizes)]]
    written = ring.signed(signers).written()
    assert KeyRing.read(written) == ring
    assert Note.read(written).signed_by([signers[0].verifier])


def test_list_has_a_head_and_a_line_for_each_key() -> None:
    first, second = (key.verifier.text() for key in KEYS[:2])
    assert ring_of([10]).text() == f"{ORIGIN}/keys\n{first} 0 10\n{second} 10 -\n"


def test_single_key_stands_for_a_ring_that_may_sign_everything() -> None:
    written = KEYS[0].verifier.text()
    assert KeyRing.read(written) == KeyRing.read(f"{written}\n") == FIRST
    assert KeyRing.read(f"{written} 3 7") == KeyRing((LogKey(KEYS[0].verifier, 3, 7),))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no key",
        f"{KEYS[0].verifier.text()} 0",
        f"{KEYS[0].verifier.text()} 0 - 1",
        f"{KEYS[0].verifier.text()} zero -",
        f"{KEYS[0].verifier.text()[:-1]} 0 -",
        f"{KEYS[0].verifier.text()}\n{KEYS[1].verifier.text()}",
    ],
)
def test_anything_else_is_no_key(text: str) -> None:
    with pytest.raises(NotANote):
        KeyRing.read(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" 0 10\n", " 00 10\n"),
        (" 0 10\n", " 0 +10\n"),
        (" 0 10\n", " 0 1_0\n"),
        (" 0 10\n", " 0 ١٠\n"),
        (" 0 10\n", "\n"),
        ("/keys\n", "/list\n"),
        ("/keys\n", "\n"),
    ],
)
def test_second_spelling_of_a_list_is_refused(old: str, new: str) -> None:
    text = ring_of([10]).text().replace(old, new)
    written = Note(text, ring_of([10]).signed([KEYS[1]]).signatures).written()
    with pytest.raises(NotANote):
        KeyRing.read(written)


def test_list_without_keys_is_refused() -> None:
    written = Note(f"{ORIGIN}/keys\n", FIRST.signed([KEYS[0]]).signatures).written()
    with pytest.raises(NotANote):
        KeyRing.read(written)


def test_changed_list_is_not_signed() -> None:
    written = ring_of([10]).signed(KEYS[:2]).written().replace(" 0 10\n", " 0 99\n")
    note = Note.read(written)
    with pytest.raises(NotSigned):
        note.signed_by([KEYS[0].verifier])


@given(SIZES, st.integers(0, 5))
def test_ring_grew_from_each_ring_that_it_was(sizes: list[int], count: int) -> None:
    earlier, later = ring_of(sizes[:count]), ring_of(sizes)
    assert later.grew_from(earlier)
    assert earlier.grew_from(later) == (earlier == later)


def test_ring_that_says_other_things_of_earlier_keys_did_not_grow() -> None:
    ring = ring_of([10, 30])
    first, second, third = ring.keys
    for keys in (
        (replace(first, last=99), second, third),
        (replace(first, first=1), second, third),
        (first, replace(second, last=99), third),
        (first, replace(second, last=None), third),
        (second, third),
        (first, third),
        (second, first, third),
        (first, second),
    ):
        assert not KeyRing(keys).grew_from(ring)
    # The key in use may be retired only by one that follows.
    assert not KeyRing((replace(FIRST.keys[0], last=5),)).grew_from(FIRST)
