"""The keys of a portal in a sealed file of their own: key files, and the secret settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from portal.store.backup import archive
from portal.store.backup.about import known_format
from portal.store.backup.archive import ArchiveWriter, members
from portal.store.backup.folders import Placing, files_beneath
from portal.store.backup.sealing import USUAL_WORK, Content, Damaged, Opener, Sealer


@dataclass(frozen=True, slots=True)
class KeyRing:
    """When the keys were kept, the secret settings among them, and the names of the key files."""

    made_at: datetime
    settings: Mapping[str, str]
    files: tuple[str, ...]


def write_keys(
    folder: Path,
    file: BinaryIO,
    passphrase: str,
    moment: datetime,
    *,
    settings: Mapping[str, str],
    work: int = USUAL_WORK,
) -> KeyRing:
    """Write every file beneath the folder of the keys, and the settings, into a sealed file."""
    made_at = moment.astimezone(UTC)
    sealer = Sealer(file, passphrase, Content.KEYS, work=work)
    writer = ArchiveWriter(sealer)
    about = {"format": archive.FORMAT, "made_at": made_at.isoformat(), "settings": dict(settings)}
    writer.add_json(archive.ABOUT, about)
    names = []
    for path in files_beneath(folder):
        writer.add_file(f"{archive.KEYS}/{path}", folder / path)
        names.append(str(path))
    writer.close()
    sealer.close()
    return KeyRing(made_at, settings, tuple(names))


def check_keys(file: BinaryIO, passphrase: str, placing: Placing | None = None) -> KeyRing:
    """Read a sealed file of keys through, and put the key files into their places if asked to; raises Damaged."""
    opener = Opener(file, passphrase, Content.KEYS)
    said = None
    names = []
    for member in members(opener):
        if member.parts == (archive.ABOUT,):
            said = known_format(member)
        else:
            names.append(str(member.path))
            if placing:
                placing.place(member.path, member.stream, member.mode)
    opener.drain()
    if said is None:
        raise Damaged("The archive inside the file has no beginning.")
    return KeyRing(datetime.fromisoformat(said["made_at"]), said["settings"], tuple(names))
