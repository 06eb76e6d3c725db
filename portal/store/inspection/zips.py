"""A strict reader of zip files: what it lets through, every other reader must understand in the same way."""

from __future__ import annotations

import struct
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from portal.store.inspection.findings import DAMAGED, ENCRYPTED, HIDDEN_DATA, TWO_KINDS, Refused

MIB = 1024 * 1024
MOST_ENTRIES = 1000
MOST_UNPACKED = 100 * MIB
# Small parts pack very well without being a bomb, so the ratio is held only against what is large.
MOST_RATIO, RATIO_FROM = 50, 1 * MIB

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_END_SIGN, _CENTRAL_SIGN, _LOCAL_SIGN = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"

_STORED, _DEFLATED = 0, 8
_ENCRYPTED_FLAGS = 0x0001 | 0x0040 | 0x2000
_DESCRIPTOR_FLAG, _UTF8_FLAG = 0x0008, 0x0800
_SYMLINK = 0xA000
_LONGEST_DESCRIPTOR = 24


@dataclass(frozen=True, slots=True)
class Entry:
    """One part of the archive as its central record gives it; sizes and offset in bytes."""

    name: str
    method: int
    flags: int
    checksum: int
    packed: int
    unpacked: int
    offset: int


def carries_zip(data: bytes) -> bool:
    """Whether lenient zip readers would find an archive at the end of these bytes, whatever they begin with."""
    tail = data[-(65535 + _END.size) :]
    place = tail.rfind(_END_SIGN)
    while place >= 0:
        record = tail[place : place + _END.size]
        if len(record) == _END.size and _points_to_records(
            data, len(data) - len(tail) + place, record
        ):
            return True
        place = tail.rfind(_END_SIGN, 0, place)
    return False


def _points_to_records(data: bytes, end_at: int, record: bytes) -> bool:
    size: int = _END.unpack(record)[5]
    return size >= _CENTRAL.size and data[max(0, end_at - size) :].startswith(_CENTRAL_SIGN)


def entries(data: bytes) -> list[Entry]:
    """The archive's entries, checked against each other and the bytes; nothing is unpacked yet."""
    if len(data) < _END.size or data[-_END.size : -_END.size + 4] != _END_SIGN:
        raise Refused(TWO_KINDS if carries_zip(data) else DAMAGED)
    end_at = len(data) - _END.size
    _, disk, first_disk, here, total, size, start, comment = _END.unpack(data[end_at:])
    if disk or first_disk or here != total or comment:
        raise Refused(DAMAGED)
    if start + size != end_at:
        raise Refused(TWO_KINDS if start + size < end_at else DAMAGED)
    if total > MOST_ENTRIES:
        raise Refused(HIDDEN_DATA)
    found = list(_central(data[start:end_at], total))
    _check_names(found)
    _check_places(data, found, start)
    return found


def _central(records: bytes, total: int) -> Iterator[Entry]:
    place = 0
    for _ in range(total):
        if place + _CENTRAL.size > len(records):
            raise Refused(DAMAGED)
        fields = _CENTRAL.unpack(records[place : place + _CENTRAL.size])
        sign, flags, method, checksum, packed, unpacked = (
            fields[0],
            fields[3],
            fields[4],
            *fields[7:10],
        )
        name_size, extra_size, comment_size, attributes, offset = (
            *fields[10:13],
            fields[15],
            fields[16],
        )
        name = records[place + _CENTRAL.size : place + _CENTRAL.size + name_size]
        if sign != _CENTRAL_SIGN or len(name) != name_size or method not in (_STORED, _DEFLATED):
            raise Refused(DAMAGED)
        if flags & _ENCRYPTED_FLAGS:
            raise Refused(ENCRYPTED)
        if (attributes >> 16) & 0xF000 == _SYMLINK:
            raise Refused(HIDDEN_DATA)
        yield Entry(_decoded(name, flags), method, flags, checksum, packed, unpacked, offset)
        place += _CENTRAL.size + name_size + extra_size + comment_size
    if place != len(records):
        raise Refused(DAMAGED)


def _decoded(name: bytes, flags: int) -> str:
    try:
        return name.decode("utf-8" if flags & _UTF8_FLAG else "ascii")
    except UnicodeDecodeError:
        raise Refused(DAMAGED) from None


def _check_names(found: list[Entry]) -> None:
    """Each name is a plain relative path and no two are the same to any file system."""
    seen: set[str] = set()
    for entry in found:
        folded = unicodedata.normalize("NFC", entry.name).casefold()
        parts = entry.name.removesuffix("/").split("/")
        if (
            folded in seen
            or not entry.name.isprintable()
            or any(each in entry.name for each in '\\:*?"<>|')
        ):
            raise Refused(HIDDEN_DATA)
        if any(part in ("", ".", "..") for part in parts):
            raise Refused(HIDDEN_DATA)
        seen.add(folded)


def _check_places(data: bytes, found: list[Entry], central_start: int) -> None:
    """The entries lie one behind the other from the first byte on, without gaps in which something could hide."""
    reached = 0
    for entry in sorted(found, key=lambda each: each.offset):
        if not reached <= entry.offset <= reached + (_LONGEST_DESCRIPTOR if reached else 0):
            raise Refused(HIDDEN_DATA if entry.offset < reached or reached else TWO_KINDS)
        reached = _start_of_data(data, entry) + entry.packed
        if reached > central_start:
            raise Refused(DAMAGED)
    if central_start > reached + (_LONGEST_DESCRIPTOR if found else 0):
        raise Refused(HIDDEN_DATA)


def _start_of_data(data: bytes, entry: Entry) -> int:
    """Where the entry's bytes begin; its local record must say the same as the central one."""
    record = data[entry.offset : entry.offset + _LOCAL.size]
    if len(record) < _LOCAL.size:
        raise Refused(DAMAGED)
    sign, _, flags, method, _, _, checksum, packed, unpacked, name_size, extra_size = _LOCAL.unpack(
        record
    )
    name_at = entry.offset + _LOCAL.size
    name = data[name_at : name_at + name_size]
    if sign != _LOCAL_SIGN or method != entry.method or _decoded(name, flags) != entry.name:
        raise Refused(DAMAGED)
    if flags & _ENCRYPTED_FLAGS:
        raise Refused(ENCRYPTED)
    if not flags & _DESCRIPTOR_FLAG and (checksum, packed, unpacked) != (
        entry.checksum,
        entry.packed,
        entry.unpacked,
    ):
        raise Refused(DAMAGED)
    start: int = name_at + name_size + extra_size
    return start


class Budget:
    """Counts what is really unpacked over all entries of one archive."""

    def __init__(self, packed_total: int) -> None:
        self.packed_total = packed_total
        self.unpacked = 0

    def spend(self, size: int) -> None:
        """Note that many bytes came out; refuse as soon as it is too much or out of proportion."""
        self.unpacked += size
        too_dense = self.unpacked > RATIO_FROM and self.unpacked > MOST_RATIO * max(
            1, self.packed_total
        )
        if self.unpacked > MOST_UNPACKED or too_dense:
            raise Refused(HIDDEN_DATA)


def unpacked(data: bytes, entry: Entry, budget: Budget) -> Iterator[bytes]:
    """The entry's content in pieces of at most 64 KiB, held against its size, its checksum and the budget."""
    start = _start_of_data(data, entry)
    packed = data[start : start + entry.packed]
    size, checksum = 0, 0
    for piece in _inflated(packed) if entry.method == _DEFLATED else _cut(packed):
        size += len(piece)
        budget.spend(len(piece))
        if size > entry.unpacked:
            raise Refused(HIDDEN_DATA)
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if size != entry.unpacked or checksum != entry.checksum:
        raise Refused(DAMAGED)


def _cut(packed: bytes) -> Iterator[bytes]:
    for place in range(0, len(packed), 65536):
        yield packed[place : place + 65536]


def _inflated(packed: bytes) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-15)
    try:
        piece = inflater.decompress(packed, 65536)
        while piece or not (inflater.eof or not inflater.unconsumed_tail):
            yield piece
            piece = inflater.decompress(inflater.unconsumed_tail, 65536)
    except zlib.error:
        raise Refused(DAMAGED) from None
    if not inflater.eof or inflater.unused_data:
        raise Refused(DAMAGED)
