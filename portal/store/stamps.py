"""Notes of what the operator's timers did last: when, and with how many faults; each a small file beside the data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from portal.store.durable_files import write_private

FOLDER = "last"
BACKUP, LEDGER_CHECK = "backup", "ledger_check"
ERRANDS = (BACKUP, LEDGER_CHECK)


@dataclass(frozen=True, slots=True)
class Stamp:
    """One errand that was done: its name, when, and how many faults it found."""

    errand: str
    at: datetime
    faults: int


@dataclass(frozen=True, slots=True)
class Stamps:
    """The notes in the portal's folder; one that is missing or can't be read counts as never done."""

    folder: Path

    def put(self, stamp: Stamp) -> None:
        """Keep a note in the place of the one before."""
        place = self.folder / FOLDER
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps({"at": stamp.at.isoformat(), "faults": stamp.faults})
        write_private(place / stamp.errand, text.encode())

    def read(self) -> Iterator[Stamp]:
        """The note of each errand that was ever done here."""
        for errand in ERRANDS:
            try:
                kept = json.loads((self.folder / FOLDER / errand).read_text("utf-8"))
                yield Stamp(errand, datetime.fromisoformat(kept["at"]), int(kept["faults"]))
            except (OSError, ValueError, KeyError, TypeError):
                continue
