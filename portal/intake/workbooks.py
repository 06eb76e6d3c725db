"""Reads the portal's own workbook as it came back: its stamp, what was handed out, and the rows of its sheets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from portal.calculation.problems import Problem, as_texts
from portal.domain.canonical import digest
from portal.domain.cells import Cell, SheetFacts, SheetRow, letters
from portal.domain.merging import FileRow, Values
from portal.domain.workbooks import (
    EDITABLE_SHEETS,
    HIDDEN_SHEET,
    KEY,
    LINE_COLUMNS,
    MOST_LINES,
    OUTPUT_COLUMNS,
    VERSION,
    SheetCode,
    Stamp,
)
from portal.intake.sheet_cells import period_text, read_cell

_FIELD = "file"
# Titles are looked for in the first rows only: somebody may have put a line above them.
_LOOKED_AT = 6
_LANGUAGES = ("zh", "en")
# A row that stands in the year, and one that was only handed out to be filled in.
_ROW, _OFFER = "row", "offer"
_PARAMETER = re.compile(r"parameters\.[a-z0-9_]{1,40}", re.ASCII)
_COLUMNS = {
    SheetCode.LINES: frozenset({KEY, *LINE_COLUMNS}),
    SheetCode.OUTPUTS: frozenset({KEY, *OUTPUT_COLUMNS}),
}


@dataclass(frozen=True, slots=True)
class FilledSheet:
    """A sheet as it came back. `letters` says where each column stands now; `beside` holds columns of the person's own.

    The problems name the sheet and the cell.
    """

    code: SheetCode
    title: str
    letters: Mapping[str, str]
    rows: tuple[FileRow, ...]
    problems: tuple[Problem, ...] = ()
    beside: tuple[tuple[str, Mapping[int, str]], ...] = ()

    def address(self, number: int, column: str) -> str:
        """The cell of a row's column, as spreadsheet programs name it; the row's first cell for a column that is gone."""
        return f"{self.title}!{self.letters.get(column) or self.letters[KEY]}{number}"


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook of ours: its stamp, what was handed out by sheet and key, and the sheets that it still has.

    `offered` are the keys of the rows of `base` that were only handed out to be filled in.
    """

    stamp: Stamp
    base: Mapping[SheetCode, Mapping[str, Values]]
    sheets: Mapping[SheetCode, FilledSheet]
    offered: frozenset[str] = frozenset()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What stands in its cells that no value can be made of, and what was worked out by formulas."""
        return tuple(found for sheet in self.sheets.values() for found in sheet.problems)


class NotReadable(Exception):
    """The file is not a workbook of ours that can be compared; says why, with a cure."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.code)
        self.problem = found


def hidden_rows(
    stamp: Stamp,
    titles: Mapping[SheetCode, Mapping[str, str]],
    base: Mapping[SheetCode, Mapping[str, Values]],
    offered: Set[str] = frozenset(),
) -> list[list[str]]:
    """The rows of the hidden sheet: what read_book finds again. `titles` are the columns' titles by column."""
    rows = [
        ["stamp", "version", str(stamp.version)],
        ["stamp", "member", stamp.member],
        ["stamp", "member_code", stamp.member_code],
        ["stamp", "inventory", stamp.inventory],
        ["stamp", "year", str(stamp.year)],
        ["stamp", "language", stamp.language],
    ]
    for code, named in titles.items():
        rows.append(["columns", code.value, *named])
        rows.append(["titles", code.value, *named.values()])
        for key, values in base.get(code, {}).items():
            told = [values.get(column, "") for column in named if column != KEY]
            rows.append([_OFFER if key in offered else _ROW, code.value, key, *told])
    return [*rows, ["digest", _digest_of(rows)]]


def read_book(name: str, sheets: Sequence[SheetFacts], rows: Iterable[SheetRow]) -> Book:
    """Read a workbook that may have been renamed, moved about and filled in; raises NotReadable.

    Sheets and columns are known by the names that stand in their hidden first row, or else by their titles.
    """
    by_sheet: dict[int, list[SheetRow]] = {}
    most = MOST_LINES + _LOOKED_AT
    for row in rows:
        kept = by_sheet.setdefault(row.sheet, [])
        kept.append(row)
        if len(kept) > 2 * most:
            raise _refusal("workbook.too_many_lines", name=name, most=MOST_LINES)
    hidden = [place for place, sheet in enumerate(sheets) if sheet.name == HIDDEN_SHEET]
    if not hidden:
        raise _refusal("workbook.not_ours", name=name)
    told = _Told(name, by_sheet.pop(hidden[0], []))
    found: dict[SheetCode, FilledSheet] = {}
    for place, kept in by_sheet.items():
        sheet = _filled(sheets[place].name, kept, told.titles)
        if sheet is None:
            continue
        if sheet.code in found:
            other = found[sheet.code].title
            raise _refusal("workbook.sheet_twice", sheet=other, other=sheet.title)
        found[sheet.code] = sheet
    return Book(told.stamp, told.base, found, told.offered)


def _refusal(code: str, **values: object) -> NotReadable:
    return NotReadable(Problem(code, _FIELD, as_texts(values)))


class _Told:
    """What the hidden sheet says."""

    def __init__(self, name: str, rows: Sequence[SheetRow]) -> None:
        lines = [_texts(row) for row in rows]
        stamp = {line[1]: line[2] for line in lines if line[0] == "stamp" and len(line) == 3}
        if stamp.get("version", "") != str(VERSION):
            is_ours = stamp.get("version", "").isdecimal()
            raise _refusal("workbook.other_version" if is_ours else "workbook.not_ours", name=name)
        if not lines or lines[-1] != ["digest", _digest_of(lines[:-1])]:
            raise _refusal("workbook.hidden_part", name=name)
        try:
            self.stamp = _stamp(stamp)
            self.titles = _titles(lines)
            self.base = _base(lines, self.titles)
            self.offered = frozenset(line[2] for line in lines if line[0] == _OFFER)
        except (
            IndexError,
            KeyError,
            ValueError,
        ):  # whoever changes the rows may change the digest as well
            raise _refusal("workbook.hidden_part", name=name) from None


def _stamp(told: Mapping[str, str]) -> Stamp:
    if told["language"] not in _LANGUAGES:
        raise ValueError(told["language"])
    return Stamp(
        VERSION,
        told["member"],
        told["member_code"],
        told["inventory"],
        int(told["year"]),
        told["language"],
    )


def _titles(lines: Sequence[Sequence[str]]) -> dict[SheetCode, dict[str, str]]:
    """The titles of each sheet's columns; only columns that lines and products have are known."""
    columns = {line[1]: line[2:] for line in lines if line[0] == "columns"}
    titles = {line[1]: line[2:] for line in lines if line[0] == "titles"}
    found = {}
    for code, named in columns.items():
        sheet = SheetCode(code)
        if not all(_is_column(sheet, column) for column in named):
            raise ValueError(code)
        found[sheet] = dict(zip(named, titles[code], strict=True))
    return found


def _is_column(sheet: SheetCode, column: str) -> bool:
    is_parameter = sheet is SheetCode.LINES and _PARAMETER.fullmatch(column) is not None
    return is_parameter or column in _COLUMNS[sheet]


def _base(
    lines: Sequence[Sequence[str]], titles: Mapping[SheetCode, Mapping[str, str]]
) -> dict[SheetCode, dict[str, Values]]:
    """What was handed out, by sheet and key: rows of the year, and those that were offered to be filled in."""
    base: dict[SheetCode, dict[str, Values]] = {code: {} for code in titles}
    for line in lines:
        if line[0] in (_ROW, _OFFER):
            code, key = SheetCode(line[1]), line[2]
            named = [column for column in titles[code] if column != KEY]
            values = dict(zip(named, line[3:], strict=False))
            base[code][key] = {column: values.get(column, "") for column in named}
    return base


def _texts(row: SheetRow) -> list[str]:
    return [cell.value if isinstance(cell.value, str) else "" for cell in row.cells] or [""]


def _digest_of(rows: Sequence[Sequence[str]]) -> str:
    """Over the texts without trailing empty ones, which no sheet keeps."""
    return digest([_stripped(row) for row in rows])


def _stripped(row: Sequence[str]) -> list[str]:
    kept = list(row)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _filled(
    title: str, rows: Sequence[SheetRow], titles: Mapping[SheetCode, Mapping[str, str]]
) -> FilledSheet | None:
    """The sheet with its rows, or None for a sheet that is not one of ours, or not one that comes back."""
    layout = _layout(rows, titles)
    if layout is None or layout[0] not in EDITABLE_SHEETS:
        return None
    code, first_row, places, ours = layout
    columns = _columns(title, places)
    if KEY not in columns:
        raise _refusal("workbook.key_missing", sheet=title)
    named = {column: letters(place) for column, place in columns.items()}
    below = [row for row in rows if row.number >= first_row]
    problems: list[Problem] = []
    read = []
    for row in below:
        values = {
            column: _value(
                column, row.cell(place), f"{title}!{named[column]}{row.number}", problems
            )
            for column, place in columns.items()
        }
        key = values.pop(KEY).strip()
        if key or any(text.strip() for text in values.values()):
            read.append(FileRow(row.number, key, values))
    beside = _beside(rows, below, first_row, ours)
    return FilledSheet(code, title, named, tuple(read), tuple(problems), beside)


def _layout(
    rows: Sequence[SheetRow], titles: Mapping[SheetCode, Mapping[str, str]]
) -> tuple[SheetCode, int, list[tuple[str, int]], frozenset[int]] | None:
    """Which sheet this is, its first row of data, its columns with their places, and all places that are the portal's."""
    top = [row for row in rows if row.number <= _LOOKED_AT]
    for code, named in titles.items():
        ids = {f"{code.value}.{column}": column for column in named}
        for row in top:
            if found := _known(row, ids):
                # The titles stand below the names; a row of titles is never data.
                return code, row.number + 2, found, _places(row, f"{code.value}.")
    for code, named in titles.items():
        by_title = {text: column for column, text in named.items()}
        for row in top:
            found = _known(row, by_title)
            if len(found) > max(2, len(named) // 2):
                return code, row.number + 1, found, frozenset(place for _, place in found)
    return None


def _places(row: SheetRow, prefix: str) -> frozenset[int]:
    return frozenset(
        place
        for place, cell in enumerate(row.cells)
        if isinstance(cell.value, str) and cell.value.startswith(prefix)
    )


def _known(row: SheetRow, names: Mapping[str, str]) -> list[tuple[str, int]]:
    return [
        (names[cell.value.strip()], place)
        for place, cell in enumerate(row.cells)
        if isinstance(cell.value, str) and cell.value.strip() in names
    ]


def _columns(title: str, places: Sequence[tuple[str, int]]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for column, place in places:
        if column in columns:
            cells = f"{letters(columns[column])}, {letters(place)}"
            raise _refusal("workbook.column_twice", sheet=title, column=column, cells=cells)
        columns[column] = place
    return columns


def _value(column: str, cell: Cell, address: str, problems: list[Problem]) -> str:
    """The text of a cell; one that has no text is noted and shown by what stands there."""
    if column == "period" and (period := period_text(cell)) is not None:
        return period
    read = read_cell(cell, address)
    problems.extend(read.problems)
    if read.value is not None:
        return read.value
    return cell.error or ("" if cell.value is None else str(cell.value).upper())


def _beside(
    rows: Sequence[SheetRow], below: Sequence[SheetRow], first_row: int, known: frozenset[int]
) -> tuple[tuple[str, Mapping[int, str]], ...]:
    """What somebody wrote into columns of their own, so that it can be given back: title and texts by row."""
    found: dict[int, dict[int, str]] = {}
    for row in below:
        for place, cell in enumerate(row.cells):
            if place not in known and not cell.is_empty:
                text = read_cell(cell, "").value or cell.error
                found.setdefault(place, {})[row.number] = text
    titles = next((row for row in rows if row.number == first_row - 1), None)
    return tuple((_title(titles, place), found[place]) for place in sorted(found))


def _title(titles: SheetRow | None, place: int) -> str:
    value = titles.cell(place).value if titles else None
    return value if isinstance(value, str) else ""
