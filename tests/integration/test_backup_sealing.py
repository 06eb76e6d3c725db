"""A sealed file gives back exactly what was written, or says in plain words why it can't."""

from __future__ import annotations

import random
from io import BytesIO

import pytest

from portal.store.backup.sealing import (
    HEADER,
    LEAST_WORK,
    PIECE,
    TAG,
    Content,
    Damaged,
    Opener,
    Sealer,
    WrongPassphrase,
)

PASSPHRASE = "six words chosen by dice"
SIZES = [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 17]


def sealed(data: bytes, passphrase: str = PASSPHRASE, content: Content = Content.DATA) -> bytes:
    file = BytesIO()
    sealer = Sealer(file, passphrase, content, work=LEAST_WORK)
    for start in range(0, len(data), 100_003):
        sealer.write(data[start : start + 100_003])
    sealer.close()
    return file.getvalue()


def opened(file: bytes, passphrase: str = PASSPHRASE, content: Content = Content.DATA) -> bytes:
    return Opener(BytesIO(file), passphrase, content).read()


def some(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize("size", SIZES)
def test_sealed_file_gives_back_what_was_written(size: int) -> None:
    file = sealed(some(size))
    assert opened(file) == some(size)
    pieces = max(1, -(-size // PIECE))
    assert len(file) == HEADER + size + pieces * TAG


def test_reading_in_small_portions_gives_the_same() -> None:
    opener = Opener(BytesIO(sealed(some(2 * PIECE + 5))), PASSPHRASE, Content.DATA)
    found = b"".join(iter(lambda: opener.read(77_777), b""))
    assert found == some(2 * PIECE + 5)


def test_same_data_are_sealed_differently_each_time() -> None:
    assert sealed(b"the same")[HEADER:] != sealed(b"the same")[HEADER:]


def test_any_flipped_byte_is_noticed() -> None:
    file = sealed(some(300))
    for place in range(len(file)):
        changed = bytearray(file)
        changed[place] ^= 1 << random.randrange(8)
        with pytest.raises(Damaged, match=r"damaged|no backup of a portal"):
            opened(bytes(changed))


def test_flipped_byte_is_noticed_in_every_piece() -> None:
    file = sealed(some(3 * PIECE + 400))
    places = [HEADER, HEADER + PIECE, len(file) - 1, *random.sample(range(HEADER, len(file)), 60)]
    for place in places:
        changed = bytearray(file)
        changed[place] ^= 0x80
        with pytest.raises(Damaged, match="is damaged"):
            opened(bytes(changed))


def test_any_cut_is_noticed() -> None:
    file = sealed(some(300))
    for length in range(len(file)):
        with pytest.raises(Damaged, match=r"end is missing|end of the file is missing|no backup"):
            opened(file[:length])


@pytest.mark.parametrize("pieces", [1, 2, 3])
def test_cut_between_two_pieces_is_told_as_a_cut(pieces: int) -> None:
    file = sealed(some(4 * PIECE))
    with pytest.raises(Damaged, match="it was cut off after byte"):
        opened(file[: HEADER + pieces * (PIECE + TAG)])


def test_pieces_moved_repeated_or_added_are_noticed() -> None:
    file = sealed(some(3 * PIECE))
    header, whole = file[:HEADER], PIECE + TAG
    first, second, third = (
        file[HEADER + place * whole : HEADER + (place + 1) * whole] for place in range(3)
    )
    for order in (
        (second, first, third),
        (first, first, second, third),
        (first, third),
        (first, second, third, third),
        (first, second, third, b"x"),
    ):
        with pytest.raises(Damaged):
            opened(header + b"".join(order))


def test_pieces_of_another_file_are_noticed() -> None:
    one, other = sealed(some(PIECE + 9)), sealed(some(PIECE + 9))
    with pytest.raises(Damaged):
        opened(one[: HEADER + PIECE + TAG] + other[HEADER + PIECE + TAG :])


def test_wrong_passphrase_is_told_as_such() -> None:
    with pytest.raises(WrongPassphrase, match="not the one that this file was sealed with"):
        opened(sealed(b"data"), "six words chosen by mice")


def test_passphrase_is_the_same_however_its_letters_are_composed() -> None:
    file = sealed(b"data", "caf\u00e9 au lait, s'il vous pla\u00eet")
    assert opened(file, "cafe\u0301 au lait, s'il vous plai\u0302t") == b"data"


def test_data_and_keys_are_not_taken_for_each_other() -> None:
    with pytest.raises(Damaged, match="This file holds the keys"):
        opened(sealed(b"data", content=Content.KEYS))
    with pytest.raises(Damaged, match="This file holds the data"):
        opened(sealed(b"data"), content=Content.KEYS)


def test_other_file_is_no_backup() -> None:
    with pytest.raises(Damaged, match="no backup of a portal"):
        opened(b"SQLite format 3\0" * 40)
