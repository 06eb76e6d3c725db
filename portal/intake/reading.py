"""What reading one typed value comes to: the value, what was changed on the way, and what a person must mend or answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from portal.calculation.problems import Problem, Severity, as_texts

T = TypeVar("T")
# What was read is only looked at, so a reading of texts is a reading of objects too.
T_co = TypeVar("T_co", covariant=True)


class Answer(StrEnum):
    """The class of an answer, from plain acceptance to refusal; doors map the last two to 422."""

    ACCEPT = "accept"
    ACCEPT_NORMALIZED = "accept_normalized"
    ACCEPT_FLAGGED = "accept_flagged"
    ASK = "ask"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Change:
    """What was typed in a field and how it was read, to be shown to whoever typed it."""

    field: str
    typed: str
    read: str


@dataclass(frozen=True, slots=True)
class Read(Generic[T_co]):
    """A value with its problems and changes; when an error or a question is among them there is no value.

    A value of None without problems means that an optional field was left empty.
    """

    value: T_co | None = None
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Whether the value may be used: nothing refused it and no question waits."""
        return all(each.severity is Severity.WARNING for each in self.problems)

    @property
    def answer(self) -> Answer:
        """The class of this answer; the gravest part decides."""
        severities = {each.severity for each in self.problems}
        if Severity.ERROR in severities:
            return Answer.REJECT
        if Severity.QUESTION in severities:
            return Answer.ASK
        if Severity.WARNING in severities:
            return Answer.ACCEPT_FLAGGED
        return Answer.ACCEPT_NORMALIZED if self.changes else Answer.ACCEPT


# The longest piece of what was typed that a problem repeats; the rest is cut, whatever was sent.
SHOWN = 60


def shown(raw: object) -> str:
    """What was typed, short and on one line, as a message may repeat it; invisible characters get their number."""
    text = _plain(raw)
    cut = text[:SHOWN] + ("…" if len(text) > SHOWN else "")
    return "".join(each if each.isprintable() else f"[U+{ord(each):04X}]" for each in cut)


def _plain(raw: object) -> str:
    """Spell a scalar; a huge integer or a nested value is only named, because spelling it could fail or take long."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, int) and raw.bit_length() > 512:
        return "a number of more than 150 digits"
    if raw is None or isinstance(raw, bool | int | float | Decimal | date):
        return str(raw)
    return type(raw).__name__


def failed(code: str, field: str, **values: object) -> Read[T]:
    """Refuse the field with one error."""
    return Read(problems=(Problem(code, field, as_texts(values)),))


def asked(code: str, field: str, readings: tuple[str, ...], **values: object) -> Read[T]:
    """Ask which of the readings was meant; nothing is read until one of them is sent back."""
    named = (*as_texts(values), ("readings", " / ".join(readings)))
    return Read(problems=(Problem(code, field, named, Severity.QUESTION, readings),))


def accepted(
    value: T, field: str, *, typed: object, read: str, warnings: tuple[Problem, ...] = ()
) -> Read[T]:
    """Accept the value; when it was not typed in its canonical spelling, say how it was read."""
    changes = () if typed == read else (Change(field, shown(typed), shown(read)),)
    return Read(value, warnings, changes)
