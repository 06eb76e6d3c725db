"""A line as it came through a door: untouched values, and for each the address to name in a problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import Self, TypeGuard, TypeVar

from portal.intake.number_shapes import CommaText

_NUMBER, _COMMA = "number", "comma"
_MARKS = frozenset({_NUMBER, _COMMA})
_SEPARATORS = frozenset(".,．，")
# More than any column takes; what comes beyond it is refused by the reader anyway and need not fill the draft.
LONGEST_RAW = 20_000
LONGEST_ANSWER = 200
# No category asks for half as many parameters; each that nobody asked for is one more problem to be kept and told.
MOST_GIVEN = 50
MOST_COLUMNS = 100

T = TypeVar("T")


class Joint(StrEnum):
    """What a door puts between a line and its column when it names a place."""

    FORM = "-"
    SHEET = "!"
    JSON = "/"
    NONE = ""


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line's values by column, as typed, and where the line stands; the values are never changed.

    Columns are named in the portal's words (`quantity`, `unit`, …, `parameters.NAME`), whatever the door calls them.
    """

    origin: str
    fields: Mapping[str, object]
    joint: Joint = Joint.FORM
    cells: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_form(cls, prefix: str, fields: Mapping[str, object]) -> Self:
        """A line of a web form: the column `quantity` under `lines-0` is the form field `lines-0-quantity`."""
        return cls(prefix, fields)

    @classmethod
    def of_sheet(
        cls, sheet: str, row: int, letters: Mapping[str, str], fields: Mapping[str, object]
    ) -> Self:
        """A row of a workbook: with `letters` {"quantity": "C"} the quantity of row 17 is `Energy!C17`."""
        cells = {column: f"{sheet}!{letter}{row}" for column, letter in letters.items()}
        return cls(f"{sheet}!{row}", fields, Joint.SHEET, cells)

    @classmethod
    def of_json(cls, pointer: str, fields: Mapping[str, object]) -> Self:
        """An object of a JSON body: the column `quantity` under `/lines/0` is the pointer `/lines/0/quantity`."""
        return cls(pointer, fields, Joint.JSON)

    @classmethod
    def of_line(cls, fields: Mapping[str, object]) -> Self:
        """A line that is looked at alone: its columns are their own addresses."""
        return cls("", fields, Joint.NONE)

    @property
    def repeats_addresses(self) -> bool:
        """Whether every line has the same addresses; in a sheet or a JSON body none comes twice."""
        return self.joint is Joint.NONE or self.joint is Joint.FORM

    def value(self, column: str) -> object:
        """The value as typed, or None when the door brought no such column."""
        return self.fields.get(column)

    def address(self, column: str) -> str:
        """Where a person finds the column; one that a sheet does not have is named beside its row."""
        if self.joint is Joint.NONE:
            return column
        if self.joint is Joint.JSON:
            escaped = column.replace("~", "~0").replace("/", "~1").replace(".", "/")
            return f"{self.origin}/{escaped}"
        return self.cells.get(column) or f"{self.origin}{self.joint}{column.replace('.', '-')}"


def kept(value: object) -> object:
    """A value as the row keeps it: text as text, a number that a machine spelled as its digits under the key `number`.

    What was spelled by a machine means the same in every language, so it must not come back as typed text.
    """
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return {_NUMBER: str(value)}
    return value


def given(value: object) -> object:
    """The value that `kept` or `storable` has kept, as it came through the door."""
    if type(value) is str or not _is_marked(value):
        return value
    ((mark, text),) = value.items()
    return Decimal(text) if mark == _NUMBER else CommaText(text)


def as_text(value: object) -> str:
    """A kept or given value as a person reads it in its box."""
    if value is None:
        return ""
    plain = next(iter(value.values())) if _is_marked(value) else value
    return f"{plain:f}" if isinstance(plain, Decimal) else str(plain)


def _is_marked(value: object) -> TypeGuard[Mapping[str, str]]:
    return isinstance(value, Mapping) and len(value) == 1 and not value.keys().isdisjoint(_MARKS)


def storable(value: object, *, with_comma: bool = False) -> object:
    """What came as both databases can keep it: text without NUL and lone surrogates, which no reader accepts anyway.

    `with_comma` says that numbers were typed with a decimal comma: a text with a point or a comma keeps that under the
    key `comma`, for whoever edits the line next may write numbers otherwise.
    """
    if not isinstance(value, str):
        return kept(value)
    text = _clean(value, LONGEST_RAW)
    return {_COMMA: text} if with_comma and not _SEPARATORS.isdisjoint(text) else text


def answers(confirmed: Mapping[str, str]) -> dict[str, str]:
    """Chosen readings by column, as both databases can keep them; none is longer than a reading that was offered."""
    return {
        _clean(column, LONGEST_ANSWER): _clean(chosen, LONGEST_ANSWER)
        for column, chosen in islice(confirmed.items(), MOST_GIVEN)
    }


def bounded(columns: Mapping[str, T]) -> dict[str, T]:
    """The columns of a line, as many as one is kept with; no door's own page or sheet has more."""
    return dict(islice(columns.items(), MOST_COLUMNS))


def _clean(text: str, longest: int) -> str:
    return text[:longest].replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
