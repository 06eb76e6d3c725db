"""Writing a bundle as a ZIP that is always the same: names in order, no moment, no owner; evidence goes through piece by piece."""

from __future__ import annotations

import hashlib
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from portal.domain.canonical import digest_of_bytes
from portal.services.bundles.about import MANIFEST
from portal.services.bundles.gathering import Gathered
from portal.services.bundles.papers import json_bytes
from portal.store.blobs import Blobs

_PIECE = 256 * 1024
_FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16
_UNIX = 3
_LEVEL = 6


class EvidenceMissing(Exception):
    """A file that belongs to the bundle is not in the store, or is no longer what it was."""

    def __init__(self, sha256: str) -> None:
        super().__init__(sha256)
        self.sha256 = sha256


def write(gathered: Gathered, blobs: Blobs, out: BinaryIO) -> None:
    """Write the archive. Raises EvidenceMissing before the first byte when a file isn't there."""
    sizes = {name: _size(blobs, sha256) for name, sha256 in gathered.evidence.items()}
    listed = {
        name: {"sha256": digest_of_bytes(content), "size": len(content)}
        for name, content in gathered.files.items()
    } | {
        name: {"sha256": sha256, "size": sizes[name]} for name, sha256 in gathered.evidence.items()
    }
    files = {**gathered.files, MANIFEST: json_bytes({"files": listed})}
    with ZipFile(out, "w") as archive:
        for name in sorted([*files, *gathered.evidence]):
            if name in files:
                archive.writestr(_info(name, ZIP_DEFLATED), files[name], compresslevel=_LEVEL)
            else:
                _copy(archive, name, blobs, gathered.evidence[name])


def _size(blobs: Blobs, sha256: str) -> int:
    if not blobs.holds(sha256):
        raise EvidenceMissing(sha256)
    with blobs.open(sha256) as file:
        return file.seek(0, 2)


def _copy(archive: ZipFile, name: str, blobs: Blobs, sha256: str) -> None:
    """Bills are packed already, so they are stored as they are."""
    digest = hashlib.sha256()
    with blobs.open(sha256) as file, archive.open(_info(name, ZIP_STORED), "w") as entry:
        while piece := file.read(_PIECE):
            digest.update(piece)
            entry.write(piece)
    if digest.hexdigest() != sha256:
        raise EvidenceMissing(sha256)


def _info(name: str, method: int) -> ZipInfo:
    info = ZipInfo(name, _FIRST_MOMENT)
    info.compress_type = method
    info.external_attr = _PLAIN_FILE
    info.create_system = _UNIX
    return info
