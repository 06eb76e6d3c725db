"""Looks into pictures: size from the header first, then every chunk or segment, and only then the pixels."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator

from PIL import Image

from portal.domain.evidence import EvidenceKind, Note, Verdict, accept
from portal.store.inspection.findings import DAMAGED, HIDDEN_DATA, TWO_KINDS, Refused
from portal.store.inspection.zips import carries_zip

MIB = 1024 * 1024
LONGEST_SIDE = 10_000
MOST_PIXELS = 40_000_000
MOST_CHUNKS = 5000
MOST_SIDE_CHUNKS = 500
MOST_HIDDEN = 4 * MIB

_PNG_START = b"\x89PNG\r\n\x1a\n"
_JPEG_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Phones put further pictures, a short film or notes of the maker behind the first picture.
_KNOWN_TRAILERS = (b"\xff\xd8\xff", b"SEFH", b"SEFT")


def inspect_png(data: bytes) -> Verdict:
    """Check a PNG's bytes."""
    notes: set[Note] = set()
    side_chunks, hidden, kind = 0, 0, b""
    for place, (kind, content) in enumerate(_png_chunks(data)):
        if place == 0:
            _check_png_header(kind, content)
        elif kind == b"acTL":
            notes.add(Note.ANIMATED)
        elif kind not in (b"IDAT", b"fdAT", b"fcTL", b"PLTE", b"IEND"):
            side_chunks += 1
            hidden += _hidden_size(kind, content)
        if side_chunks > MOST_SIDE_CHUNKS or hidden > MOST_HIDDEN:
            raise Refused(HIDDEN_DATA)
    if kind != b"IEND":
        raise Refused(DAMAGED)
    _decode(data, "PNG")
    return accept(EvidenceKind.PNG, notes)


def inspect_jpeg(data: bytes) -> Verdict:
    """Check a JPEG's bytes."""
    end = _check_jpeg_segments(data)
    notes = _notes_on_trailer(data, end)
    _decode(data, "JPEG")
    return accept(EvidenceKind.JPEG, notes)


def _check_size(width: int, height: int) -> None:
    if not width or not height:
        raise Refused(DAMAGED)
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise Refused("evidence.too_large_picture")


def _check_png_header(kind: bytes, content: bytes) -> None:
    if kind != b"IHDR" or len(content) != 13:
        raise Refused(DAMAGED)
    _check_size(*struct.unpack(">II", content[:8]))


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk's kind and content, with its checksum verified, up to the end chunk, which must be the end."""
    place = len(_PNG_START)
    for _ in range(MOST_CHUNKS):
        if place + 12 > len(data):
            raise Refused(DAMAGED)
        size, kind = struct.unpack(">I4s", data[place : place + 8])
        content, checksum = (
            data[place + 8 : place + 8 + size],
            data[place + 8 + size : place + 12 + size],
        )
        if len(checksum) != 4 or zlib.crc32(kind + content) != struct.unpack(">I", checksum)[0]:
            raise Refused(DAMAGED)
        yield kind, content
        place += 12 + size
        if kind == b"IEND":
            if data[place:].strip(b"\0\r\n"):
                raise Refused(TWO_KINDS)
            return
    raise Refused(HIDDEN_DATA)


def _hidden_size(kind: bytes, content: bytes) -> int:
    """How many bytes a side chunk unpacks to; what is compressed is unpacked only as far as the limit."""
    packed = _packed_part(kind, content)
    if packed is None:
        return len(content)
    inflater = zlib.decompressobj()
    try:
        return len(content) + len(inflater.decompress(packed, MOST_HIDDEN + 1))
    except zlib.error:
        raise Refused(DAMAGED) from None


def _packed_part(kind: bytes, content: bytes) -> bytes | None:
    after_keyword = content.partition(b"\0")[2]
    if kind in (b"zTXt", b"iCCP"):
        return after_keyword[1:]
    if kind == b"iTXt" and after_keyword[:1] == b"\x01":
        return after_keyword[2:].partition(b"\0")[2].partition(b"\0")[2]
    return None


def _check_jpeg_segments(data: bytes) -> int:
    """Walk the segments; the frame's size is checked before anything is decoded. Returns where the picture ends."""
    place, has_frame = 2, False
    for _ in range(MOST_CHUNKS):
        marker, place = _next_marker(data, place)
        if marker == 0xD9:
            if not has_frame:
                raise Refused(DAMAGED)
            return place
        if marker in _JPEG_STANDALONE:
            continue
        size = struct.unpack(">H", data[place : place + 2])[0] if place + 2 <= len(data) else 0
        segment = data[place + 2 : place + size]
        if size < 2 or len(segment) != size - 2:
            raise Refused(DAMAGED)
        if marker in _JPEG_FRAMES:
            has_frame = True
            _check_jpeg_frame(segment)
        place += size
        if marker == 0xDA:
            place = _end_of_scan(data, place)
    raise Refused(HIDDEN_DATA)


def _next_marker(data: bytes, place: int) -> tuple[int, int]:
    """The marker at this place, after any fill bytes, and the place behind it."""
    if data[place : place + 1] != b"\xff":
        raise Refused(DAMAGED)
    while data[place : place + 1] == b"\xff":
        place += 1
    if place >= len(data) or data[place] == 0:
        raise Refused(DAMAGED)
    return data[place], place + 1


def _check_jpeg_frame(segment: bytes) -> None:
    if len(segment) < 6:
        raise Refused(DAMAGED)
    height, width = struct.unpack(">HH", segment[1:5])
    _check_size(width, height)


def _end_of_scan(data: bytes, place: int) -> int:
    """Where the coded pixels end: at the next marker that is neither a stuffed byte nor a restart."""
    while (place := data.find(b"\xff", place)) >= 0:
        following = data[place + 1 : place + 2]
        if not following:
            break
        if following[0] not in (0x00, 0xFF, *range(0xD0, 0xD8)):
            return place
        place += 1 if following[0] == 0xFF else 2
    raise Refused(DAMAGED)


def _notes_on_trailer(data: bytes, end: int) -> set[Note]:
    trailer = data[end:].strip(b"\0\r\n")
    if not trailer:
        return set()
    if carries_zip(data) or trailer.startswith(
        (b"PK", b"<", b"%PDF", b"MZ", b"#!", b"Rar!", b"7z\xbc\xaf")
    ):
        raise Refused(TWO_KINDS)
    is_known = (
        trailer.startswith(_KNOWN_TRAILERS)
        or trailer.endswith(_KNOWN_TRAILERS[1:])
        or trailer[4:8] == b"ftyp"
    )
    return set() if is_known else {Note.FOREIGN_DATA}


def _decode(data: bytes, kind: str) -> None:
    """Decode the first frame with the one decoder that fits; a warning is as bad as an error here."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            with Image.open(io.BytesIO(data), formats=[kind]) as picture:
                picture.load()
        except MemoryError:
            raise
        except Exception as error:
            raise Refused(DAMAGED) from error
