"""The keys that a log has had: which one signed while it had how many entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from portal.domain.ledger.notes import NotANote, Note, SigningKey, VerifierKey, signed

_OPEN = "-"


@dataclass(frozen=True, slots=True)
class LogKey:
    """A key and the sizes of the log that it may sign; `last` is None for the one in use."""

    verifier: VerifierKey
    first: int = 0
    last: int | None = None

    def may_sign(self, size: int) -> bool:
        """Whether a checkpoint of this size may bear this key's signature."""
        return self.first <= size and (self.last is None or size <= self.last)

    def line(self) -> str:
        """The key's line in the list."""
        return f"{self.verifier.text()} {self.first} {_OPEN if self.last is None else self.last}"

    @classmethod
    def read(cls, line: str) -> LogKey:
        """The key of a line, or of a plain vkey, which may sign any size; raises NotANote."""
        parts = line.split(" ")
        verifier = VerifierKey.read(parts[0])
        if len(parts) == 1:
            return cls(verifier)
        if len(parts) != 3:
            raise NotANote("a line of the list is a key and two sizes")
        try:
            last = None if parts[2] == _OPEN else int(parts[2])
            return cls(verifier, int(parts[1]), last)
        except ValueError as error:
            raise NotANote("a size is a whole number") from error


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All keys of one log, oldest first. A key that was taken out of use vouches for nothing that came later."""

    keys: tuple[LogKey, ...]

    @property
    def origin(self) -> str:
        """The name of the log."""
        return self.keys[-1].verifier.name

    def for_size(self, size: int) -> list[VerifierKey]:
        """The keys that may have signed a checkpoint of this size."""
        return [key.verifier for key in self.keys if key.may_sign(size)]

    def every(self) -> list[VerifierKey]:
        """All keys, for what has no place in the log."""
        return [key.verifier for key in self.keys]

    def followed_by(self, newer: VerifierKey, size: int) -> KeyRing:
        """The ring once another key signs what is signed from this size on.

        The older one has signed the checkpoint of just this size; the newer one signs other lists as of it.
        """
        retired = replace(self.keys[-1], last=size)
        return KeyRing((*self.keys[:-1], retired, LogKey(newer, size)))

    def grew_from(self, earlier: KeyRing) -> bool:
        """Whether this is the earlier ring, or that with its last key retired and newer ones behind it."""
        count = len(earlier.keys)
        if self.keys[: count - 1] != earlier.keys[:-1] or len(self.keys) < count:
            return False
        then, now = earlier.keys[-1], self.keys[count - 1]
        is_retired = then.last is None and now.last is not None and len(self.keys) > count
        return now == then or (is_retired and replace(now, last=None) == then)

    def text(self) -> str:
        """The list as it is signed and published."""
        lines = [f"{self.origin}/keys", *(key.line() for key in self.keys)]
        return "\n".join(lines) + "\n"

    def signed(self, by: Sequence[SigningKey]) -> Note:
        """The list as a note; the key that goes out of use signs it too, so that who knew that one finds the new one."""
        return signed(self.text(), by)

    @classmethod
    def read(cls, written: str) -> KeyRing:
        """The ring of a published list, or of a single vkey; raises NotANote.

        Whether somebody trusted signed the list is not asked here: whoever gives it as what he trusts has decided.
        """
        if "\n\n" not in written.strip():
            return cls((LogKey.read(written.strip()),))
        text = Note.read(written).text
        lines = text.removesuffix("\n").split("\n")
        ring = cls(tuple(LogKey.read(line) for line in lines[1:]))
        if not ring.keys or ring.text() != text:
            raise NotANote("this is not the one spelling of a list of keys")
        return ring
