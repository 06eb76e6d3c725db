"""Reading an evidence bundle that may be anything: limits on entries and bytes, which are counted while they are unpacked."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import zlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from portal.domain.evidence import LARGEST_FILE, LARGEST_TOTAL_A_MEMBER, MIB, MOST_FILES_A_MEMBER
from portal.services.bundles.about import ABOUT, MANIFEST, SCHEMA
from portal.services.recomputation.whole import Measured, Opened

MOST_ENTRIES = MOST_FILES_A_MEMBER + 1000
LARGEST_PAPER, LARGEST_PAPERS = 64 * MIB, 512 * MIB
LONGEST_NUMBER = 60
_EVIDENCE = "evidence/"
_PIECE = 256 * 1024
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*){0,3}", re.ASCII)
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_WITH_EXPONENT = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)[eE]([+-]?\d{1,20})\s*", re.ASCII)
_LONG_NUMBER = re.compile(r"\s*[+-]?\d*\.?\d*\s*", re.ASCII)
# What people wrote stays what they wrote: it is shown, and never taken for a number.
_TEXTS = frozenset(
    [
        "note",
        "reason",
        "name",
        "name_zh",
        "name_en",
        "product",
        "raw",
        "progress_note",
        "measured_how",
        "how",
        "explanation",
        "stopped_reason",
        "owner_post",
        "supervisor_post",
        "barriers",
        "help",
        "copied_from",
        "values",
    ]
)
_YEARS = range(1990, 2201)
_BROKEN = (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, zlib.error)


class NotABundle(Exception):
    """The file can't be read as an evidence bundle; the message says why."""


def open_bundle(path: Path) -> Opened:
    """Unpack a bundle into memory, all but its evidence, which is only measured. Raises NotABundle."""
    try:
        with ZipFile(path) as archive:
            entries = _entries(archive)
            opened = _unpacked(archive, entries)
    except _BROKEN as trouble:
        raise NotABundle(f"It is damaged, or no ZIP file: {trouble}") from trouble
    schema = _document(opened, ABOUT).get("schema")
    if schema != SCHEMA:
        raise NotABundle(f"It is a bundle of version {schema}; this portal reads {SCHEMA}.")
    _document(opened, MANIFEST)
    return opened


def _entries(archive: ZipFile) -> list[ZipInfo]:
    """The entries, each with a plain name of its own and bytes of its own."""
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise NotABundle(f"It has more than {MOST_ENTRIES} entries.")
    seen: set[str] = set()
    for each in entries:
        if not _NAME.fullmatch(each.filename) or len(each.filename) > 200:
            raise NotABundle(f"The name {each.filename[:80]!r} is none that a bundle has.")
        if each.filename.casefold() in seen:
            raise NotABundle(f"The name {each.filename!r} appears twice.")
        seen.add(each.filename.casefold())
        _demand_plain(each)
    _demand_apart(entries)
    return entries


def _demand_plain(entry: ZipInfo) -> None:
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        raise NotABundle(f"{entry.filename} is no plain file.")
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise NotABundle(f"{entry.filename} is packed in a way that no bundle is.")
    largest = LARGEST_FILE if entry.filename.startswith(_EVIDENCE) else LARGEST_PAPER
    if entry.file_size > largest:
        raise NotABundle(f"{entry.filename} is larger than {largest // MIB} MiB.")


def _demand_apart(entries: list[ZipInfo]) -> None:
    """Entries that share packed bytes unpack to far more than the archive's size."""
    reached = 0
    for each in sorted(entries, key=lambda entry: entry.header_offset):
        if each.header_offset < reached:
            raise NotABundle(f"{each.filename} overlaps another entry.")
        reached = each.header_offset + each.compress_size


def _unpacked(archive: ZipFile, entries: list[ZipInfo]) -> Opened:
    measured: dict[str, Measured] = {}
    files: dict[str, bytes] = {}
    papers = evidence = 0
    for each in entries:
        is_evidence = each.filename.startswith(_EVIDENCE)
        pieces: list[bytes] = []
        digest, size = hashlib.sha256(), 0
        for piece in _pieces(archive, each):
            size += len(piece)
            digest.update(piece)
            if not is_evidence:
                pieces.append(piece)
        papers, evidence = (papers, evidence + size) if is_evidence else (papers + size, evidence)
        if papers > LARGEST_PAPERS or evidence > LARGEST_TOTAL_A_MEMBER:
            raise NotABundle("It unpacks to more than any bundle holds.")
        measured[each.filename] = Measured(digest.hexdigest(), size)
        if not is_evidence:
            files[each.filename] = b"".join(pieces)
    documents = {n: _read_json(n, content) for n, content in files.items() if n.endswith(".json")}
    return Opened(measured, files, documents)


def _pieces(archive: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
    """The bytes as they really come out, whatever the archive says of their number."""
    size = 0
    with archive.open(entry) as file:
        while piece := file.read(_PIECE):
            size += len(piece)
            if size > entry.file_size:
                raise NotABundle(f"{entry.filename} unpacks to more than it says.")
            yield piece
    if size != entry.file_size:
        raise NotABundle(f"{entry.filename} unpacks to less than it says.")


def _document(opened: Opened, name: str) -> dict[str, Any]:
    found = opened.documents.get(name)
    if not isinstance(found, dict):
        raise NotABundle(f"It has no {name}.")
    return found


def _read_json(name: str, content: bytes) -> Any:
    try:
        document = json.loads(
            content,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique,
        )
        _demand_sane(document, "")
    except (ValueError, RecursionError) as trouble:
        raise NotABundle(f"{name} can't be read: {trouble}") from trouble
    return document


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key appears twice")
    return document


def _demand_sane(value: Any, key: str) -> None:
    """Refuse numbers that would keep the arithmetic busy for ever: no bundle of the portal has any."""
    if isinstance(value, dict):
        for name, item in value.items():
            _demand_sane(item, name)
    elif isinstance(value, list):
        for item in value:
            _demand_sane(item, key)
    elif isinstance(value, Decimal):
        raise ValueError(f"{key}: decimals are written as text in a bundle")  # noqa: TRY004 -- a wrong document, not a wrong call
    elif isinstance(value, int) and not isinstance(value, bool):
        if abs(value) > 2**53 or (key.endswith("year") and value and value not in _YEARS):
            raise ValueError(f"{key}: {str(value)[:80]} is beyond what it can be")
    elif isinstance(value, str) and key not in _TEXTS and _is_endless(value):
        raise ValueError(f"{key}: a number of more than {LONGEST_NUMBER} places")


def _is_endless(written: str) -> bool:
    """Whether a text would be a number of so many digits that writing it out fills the memory."""
    power = _WITH_EXPONENT.fullmatch(written)
    if power is not None:
        return abs(int(power[2])) > LONGEST_NUMBER
    return len(written) > 2 * LONGEST_NUMBER and bool(_LONG_NUMBER.fullmatch(written))
