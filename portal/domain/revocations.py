"""The list of certificates that no longer stand, signed by the log key so that it can be checked without the portal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from portal.domain.certificates import State, is_number
from portal.domain.ledger.keyring import KeyRing
from portal.domain.ledger.notes import NotANote, Note, SigningKey, signed

_ENDED = (State.REVOKED, State.SUPERSEDED)
_HEAD = 3


@dataclass(frozen=True, slots=True, order=True)
class Ended:
    """A certificate that was revoked or superseded, and on which day."""

    number: str
    state: State
    on: date


@dataclass(frozen=True, slots=True)
class RevocationList:
    """All that ended in the log `origin` while it had `size` entries, as of a moment."""

    origin: str
    size: int
    at: datetime
    ended: tuple[Ended, ...]

    def text(self) -> str:
        """The lines that are signed: which list, how long the log was, when, then a line for each certificate."""
        at = self.at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
        lines = [f"{self.origin}/revocations", str(self.size), at]
        lines += [f"{each.number} {each.state} {each.on.isoformat()}" for each in self.ended]
        return "\n".join(lines) + "\n"

    def signed(self, key: SigningKey) -> Note:
        """The list as a note."""
        return signed(self.text(), [key])

    def find(self, number: str) -> Ended | None:
        """How a certificate ended, None while it stands."""
        return next((each for each in self.ended if each.number == number), None)


def listed(
    origin: str, size: int, at: datetime, ended: Iterable[tuple[str, State, date]]
) -> RevocationList:
    """The list in its one order."""
    return RevocationList(origin, size, at, tuple(sorted(Ended(*each) for each in ended)))


def opened(written: str, ring: KeyRing) -> RevocationList:
    """The list of a signed note; raises NotANote, or NotSigned unless a key of its log signed it in its time."""
    note = Note.read(written)
    found = _read(note.text)
    note.signed_by(key for key in ring.for_size(found.size) if key.name == found.origin)
    return found


def _read(text: str) -> RevocationList:
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < _HEAD or not lines[0].endswith("/revocations"):
        raise NotANote("this is no list of revocations")
    origin = lines[0].removesuffix("/revocations")
    try:
        found = listed(
            origin, int(lines[1]), datetime.fromisoformat(lines[2]), map(_ended, lines[_HEAD:])
        )
        if found.text() != text:
            raise NotANote("this is not the one spelling of a list of revocations")
    except ValueError as error:
        raise NotANote("the list of revocations is damaged") from error
    return found


def _ended(line: str) -> tuple[str, State, date]:
    number, state, on = line.split(" ")
    if not is_number(number) or State(state) not in _ENDED:
        raise ValueError("this is no certificate that ended")
    return number, State(state), date.fromisoformat(on)
