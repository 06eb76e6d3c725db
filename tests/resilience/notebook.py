"""What the writers of the kill test know for certain: their own notes are the truth that the database is held against.

Each thing that was sent is noted before the answer comes. An answer makes it *kept* or *refused*; where none came, it
may have been done or not, and both are right as long as it was done whole.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

from tests.resilience.clients import Answer, Unanswered


class Fate(StrEnum):
    """What a writer knows of something that was sent."""

    UNKNOWN = "unknown"
    KEPT = "kept"
    REFUSED = "refused"


@dataclass(slots=True)
class Sent:
    """Something that was sent: what kind it is, about which thing, and what it says."""

    kind: str
    about: str
    says: str = ""
    fate: Fate = Fate.UNKNOWN

    def settle(self, answer: Answer) -> Answer:
        """Note the answer; a failure of the portal itself leaves it open whether it was done."""
        if answer.is_kept:
            self.fate = Fate.KEPT
        elif answer.status < 500:
            self.fate = Fate.REFUSED
        return answer


@dataclass(slots=True)
class Notebook:
    """Everything that was sent, by all writers; `contradictions` are pages that did not show what had been kept."""

    sent: list[Sent] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    lines: dict[str, set[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def sending(self, kind: str, about: str, says: str = "") -> Iterator[Sent]:
        """Note something before it is sent; an answer that never came leaves it unknown."""
        noted = Sent(kind, about, says)
        with self._lock:
            self.sent.append(noted)
        with suppress(Unanswered):
            yield noted

    def expect_line(self, key: str, quantity: str, fate: Fate) -> None:
        """Note what a line may say now."""
        with self._lock:
            may_say = self.lines.setdefault(key, set())
            if fate is Fate.KEPT:
                may_say.clear()
            elif fate is Fate.UNKNOWN and not may_say:
                may_say.add("")  # it may not be there at all
            if fate is not Fate.REFUSED:
                may_say.add(quantity)
            if not may_say:
                del self.lines[key]

    def see_line(self, key: str, quantity: str) -> None:
        """Hold a line as a page shows it against what it may say; from now on it says that."""
        with self._lock:
            may_say = self.lines.get(key)
            if may_say is not None and quantity not in may_say:
                self.contradictions.append(
                    f"line {key} says {quantity!r}, not one of {sorted(may_say)}"
                )
            self.lines[key] = {quantity}

    def of_kind(self, kind: str, *fates: Fate) -> list[Sent]:
        """What was sent of a kind, with any of the fates, or all of it."""
        return [
            each for each in self.sent if each.kind == kind and (each.fate in fates or not fates)
        ]

    def number_of(self, fate: Fate) -> int:
        """How much of what was sent came to that."""
        return sum(1 for each in self.sent if each.fate is fate)

    def counts(self) -> Counter[tuple[str, str]]:
        """How many of each kind came to what."""
        return Counter((each.kind, each.fate.value) for each in self.sent)
