"""The signed list of certificates that ended."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import revocations
from portal.domain.certificates import State
from portal.domain.ledger.keyring import KeyRing, LogKey
from portal.domain.ledger.notes import NotANote, NotSigned, SigningKey, signed

KEY = SigningKey("portal.example/log", bytes(range(32)))
RING = KeyRing((LogKey(KEY.verifier),))
LIST = revocations.listed(
    KEY.name,
    77,
    datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC),
    [
        ("ZCA-2026-00009", State.SUPERSEDED, date(2026, 5, 1)),
        ("ZCA-2026-00002", State.REVOKED, date(2026, 4, 1)),
    ],
)


def test_list_is_read_as_it_is_written() -> None:
    read = revocations.opened(LIST.signed(KEY).written(), RING)
    assert read == LIST
    assert [each.number for each in read.ended] == ["ZCA-2026-00002", "ZCA-2026-00009"]
    found = read.find("ZCA-2026-00002")
    assert found is not None
    assert found.state is State.REVOKED
    assert read.find("ZCA-2026-00001") is None


def test_empty_list_says_that_nothing_ended() -> None:
    empty = revocations.listed(KEY.name, 1, datetime(2026, 1, 1, tzinfo=UTC), [])
    assert revocations.opened(empty.signed(KEY).written(), RING).ended == ()


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_list_fails_when_any_byte_of_it_changes(place: int, by: int) -> None:
    written = LIST.signed(KEY).written().encode()
    place %= len(written)
    changed = written[:place] + bytes([(written[place] + by) % 256]) + written[place + 1 :]
    with pytest.raises((NotANote, NotSigned, UnicodeDecodeError)):
        revocations.opened(changed.decode(), RING)


@pytest.mark.parametrize(
    "text",
    [
        "portal.example/log\n77\nAAAA\n",
        LIST.text().replace("revoked", "valid"),
        LIST.text().replace("2026-04-01", "2026-4-1"),
        LIST.text().replace("Z\n", "\n"),
    ],
)
def test_signed_text_that_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(NotANote):
        revocations.opened(signed(text, [KEY]).written(), RING)
