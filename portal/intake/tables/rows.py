"""Reads a table's rows by what was settled about it: each becomes raw lines, which the one reader of lines then judges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from portal.calculation.problems import Problem, Severity, problem
from portal.domain.cells import letters
from portal.intake.characters import trim
from portal.intake.raw import RawLine
from portal.intake.read import PARAMETER
from portal.intake.tables.cells import Cell, Row, cell_text, is_filled
from portal.intake.tables.mapping import MONTH, NAMED, YEAR, TableMapping
from portal.intake.tables.matching import LEFT_OUT
from portal.intake.tables.months import month_of

_PLAIN = ("site", "category", "unit", "start", "end", "note")


@dataclass(frozen=True, slots=True)
class TableLine:
    """One line of a table: its values by column, the sheet and row it stands in, and what is wrong with the row itself.

    `letters` says in which column of the sheet each of its columns stands.
    """

    fields: Mapping[str, str]
    sheet: str
    row: int
    letters: Mapping[str, str]
    problems: tuple[Problem, ...] = ()

    def raw(self) -> RawLine:
        """The line as its reader takes it, with the address of each cell."""
        return RawLine.of_sheet(self.sheet, self.row, self.letters, self.fields)


@dataclass(slots=True)
class Counts:
    """How many rows were looked at and how many were left out on somebody's word, once reading is over."""

    rows: int = 0
    left_out: int = 0


def read_through(
    mapping: TableMapping, rows: Iterable[Row], sheet: str, counts: Counts | None = None
) -> Iterator[TableLine]:
    """Turn the rows below the titles into lines, one for each amount in a row; blank rows and blank amounts are passed over."""
    plan = _Plan(mapping, sheet)
    seen = counts or Counts()
    for row in rows:
        if row.number <= mapping.header or row.is_blank:
            continue
        seen.rows += 1
        shared = plan.shared(row)
        if shared is None:
            seen.left_out += 1
            continue
        problems = plan.problems(row)
        for fields, cells, remarks in plan.amounts(row, shared):
            found = problems + remarks if remarks else problems
            yield TableLine(fields, sheet, row.number, cells, found)


class _Plan:
    """The mapping laid out for reading row after row."""

    def __init__(self, mapping: TableMapping, sheet: str) -> None:
        self.mapping = mapping
        self.sheet = sheet
        self.width = len(mapping.roles)
        self.columns = [
            (role, place)
            for place, role in enumerate(mapping.roles)
            if role in _PLAIN or role.startswith(PARAMETER)
        ]
        self.letters = {role: letters(place) for role, place in self.columns}
        self.period, self.year = self._first("period"), self._first(YEAR)
        if self.period is not None or self.year is not None:
            place = self.period if self.period is not None else self.year
            self.letters["period"] = letters(place or 0)
        self.own = {
            place: {
                column: self.meant(column, text)
                for column, text in mapping.own.get(place, {}).items()
            }
            for place in (*mapping.places("quantity"), *mapping.places(MONTH))
        }
        self.letters_of = {
            place: {
                **self.letters,
                "quantity": letters(place),
                **({"period": letters(place)} if mapping.roles[place] == MONTH else {}),
            }
            for place in self.own
        }
        self.amount_columns = [
            (place, letters(place), self._month(place)) for place in sorted(self.own)
        ]

    def _first(self, role: str) -> int | None:
        places = self.mapping.places(role)
        return places[0] if places else None

    def _month(self, place: int) -> str:
        if self.mapping.roles[place] != MONTH:
            return ""
        month = month_of(self.mapping.titles[place])
        return "" if month is None else month.period(self.mapping.year)

    def meant(self, column: str, text: str) -> str:
        """What a text of a column was settled to mean; as it stands where nothing was settled."""
        if column not in NAMED:
            return text
        return self.mapping.texts.get(column, {}).get(trim(text), text)

    def shared(self, row: Row) -> dict[str, str] | None:
        """What all lines of a row have in common; None for a row that somebody left out."""
        fields = dict(self.mapping.fixed)
        texts = self.mapping.texts
        for role, place in self.columns:
            cell = row.cell(place)
            text = cell if type(cell) is str else cell_text(cell)
            if role in texts:
                meanings = texts[role]
                text = meanings.get(text) or meanings.get(trim(text), text)
                if text == LEFT_OUT:
                    return None
            if text or (role not in fields and not role.startswith(PARAMETER)):
                fields[role] = text
        if self.period is not None or self.year is not None:
            fields["period"] = self._period(row)
        return fields

    def _period(self, row: Row) -> str:
        """The period of a row: as it stands, or a month without its year in the year beside it or that of the table."""
        cell = None if self.period is None else row.cell(self.period)
        year = (
            "" if self.year is None else cell_text(row.cell(self.year)).strip().removesuffix("年")
        )
        if not is_filled(cell):
            return year
        month = month_of(cell)
        if month is not None and month.year is None:
            known = int(year) if _is_count(year, 4) else self.mapping.year
            return month.period(known)
        if (
            _is_count(year, 4)
            and _is_count(number := cell_text(cell).strip(), 2)
            and 1 <= int(number) <= 12
        ):
            return f"{int(year):04d}-{int(number):02d}"
        return cell_text(cell)

    def amounts(
        self, row: Row, shared: Mapping[str, str]
    ) -> Iterator[tuple[dict[str, str], dict[str, str], tuple[Problem, ...]]]:
        """The lines of a row; the only amount column gives a line even where it is blank, which its reader then refuses."""
        is_only = len(self.amount_columns) == 1
        for place, letter, month in self.amount_columns:
            cell = row.cell(place)
            if not is_only and not is_filled(cell):
                continue
            fields = {**shared, **self.own[place], "quantity": cell_text(cell)}
            cells = self.letters_of[place]
            if month:
                fields["period"] = month
            yield fields, cells, self.remarks(row, cell, letter) if row.is_typed else ()

    def remarks(self, row: Row, amount: Cell, letter: str) -> tuple[Problem, ...]:
        """What a reader of the preview should know: a number that its file holds as text, a day that means its month."""
        found = []
        if type(amount) is str and is_filled(amount):
            address = f"{self.sheet}!{letter}{row.number}"
            found.append(problem("table.number.as_text", address, severity=Severity.WARNING))
        period = None if self.period is None else row.cell(self.period)
        if isinstance(period, date) and period.day == 1:
            address = f"{self.sheet}!{self.letters['period']}{row.number}"
            said = {"given": period.isoformat()[:10], "read": cell_text(period)}
            found.append(problem("table.period.month", address, severity=Severity.WARNING, **said))
        return tuple(found)

    def problems(self, row: Row) -> tuple[Problem, ...]:
        """What is wrong with the row as such: flaws of cells that are read, and cells behind the last title."""
        flaws = row.flaws
        found = (
            tuple(each for place, known in flaws.items() if self.is_read(place) for each in known)
            if flaws
            else ()
        )
        return found if len(row.cells) <= self.width else (*found, *self._beyond(row))

    def is_read(self, place: int) -> bool:
        """Whether a column goes into lines."""
        return place < self.width and self.mapping.roles[place] != ""

    def _beyond(self, row: Row) -> tuple[Problem, ...]:
        """A row that is longer than the titles was cut in the wrong places, so none of its cells can be trusted."""
        places = range(self.width, len(row.cells))
        first = next((place for place in places if is_filled(row.cell(place))), None)
        if first is None:
            return ()
        address = f"{self.sheet}!{letters(first)}{row.number}"
        return (problem("table.row.too_long", address, columns=self.width),)


def seen_texts(
    mapping: TableMapping, rows: Iterable[Row], *, most: int
) -> dict[str, dict[str, int]]:
    """The texts that stand in the columns of categories, sites and units, and how many rows have each."""
    found: dict[str, dict[str, int]] = {kind: {} for kind in NAMED}
    places = [(kind, place) for kind in NAMED for place in mapping.places(kind)]
    for values in mapping.own.values():
        for kind, text in values.items():
            found[kind].setdefault(text, 0)
    for kind in NAMED:
        if kind in mapping.fixed:
            found[kind].setdefault(mapping.fixed[kind], 0)
    for row in rows:
        if row.number <= mapping.header:
            continue
        for kind, place in places:
            text = trim(cell_text(row.cell(place)))
            if text and (text in found[kind] or len(found[kind]) < most):
                found[kind][text] = found[kind].get(text, 0) + 1
    return found


def _is_count(text: str, longest: int) -> bool:
    """Whether a text is a whole number in plain digits of some script; ① and ² are none."""
    return text.isdecimal() and len(text) <= longest
