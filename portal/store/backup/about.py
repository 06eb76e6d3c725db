"""What a backup says of itself at its beginning: when, by which release, from which engine, with which tables."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.store.backup.archive import FORMAT, Member
from portal.store.backup.plain import Kind, Shape
from portal.store.backup.sealing import Damaged


@dataclass(frozen=True, slots=True)
class About:
    """The beginning of a backup of data."""

    made_at: datetime
    release: str
    engine: str
    revision: str
    tables: tuple[Shape, ...]
    fingerprints: Mapping[str, str]

    def written(self) -> dict[str, object]:
        """As the archive says it."""
        return {
            "format": FORMAT,
            "made_at": self.made_at.isoformat(),
            "release": self.release,
            "engine": self.engine,
            "revision": self.revision,
            "tables": [
                {"name": each.name, "columns": each.columns, "key": each.key}
                for each in self.tables
            ],
            "fingerprints": dict(self.fingerprints),
        }


def read_about(member: Member) -> About:
    """The beginning as it was written."""
    said = known_format(member)
    return About(
        datetime.fromisoformat(said["made_at"]),
        said["release"],
        said["engine"],
        said["revision"],
        tuple(_shape(each) for each in said["tables"]),
        said["fingerprints"],
    )


def known_format(member: Member) -> Mapping[str, Any]:
    """A beginning that this release can go on from."""
    said: Mapping[str, Any] = member.json()
    if said["format"] != FORMAT:
        raise Damaged(
            f"The file is of format {said['format']}, this release reads {FORMAT}. "
            "Take the release that it was made with."
        )
    return said


def fingerprint(name: str, secret: str) -> str:
    """What tells whether two portals have the same secret, and nothing else about it."""
    return hashlib.sha256(f"portal backup\0{name}\0{secret}".encode()).hexdigest()


def _shape(said: Mapping[str, Any]) -> Shape:
    columns = tuple((name, Kind(kind)) for name, kind in said["columns"])
    return Shape(said["name"], columns, tuple(said["key"]))
