"""Looks through the parts of a workbook for what a reader of values drops: formulas, errors, percents, lying addresses."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

from portal.domain.cells import letters
from portal.store.inspection.findings import DAMAGED, Refused
from portal.store.inspection.zips import Budget, Entry, unpacked

TOO_MANY_ROWS = "sheets.too_many_rows"
TOO_MANY_COLUMNS = "sheets.too_many_columns"
TOO_MANY_MARKS = "sheets.too_many_marks"

FORMULA, PERCENT, ERROR = 1, 2, 4
# A workbook of formulas alone is a calculation and no list; each mark is kept until its row is read.
MOST_MARKS = 400_000

_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_STYLES = "xl/styles.xml"
_CUSTOM_FORMATS_FROM = 164
_PERCENT_FORMATS = frozenset({9, 10})
_CONTENT = frozenset({"v", "is", "f"})


@dataclass(slots=True)
class Scanned:
    """What was found in one sheet: marks by row and column (from 0), texts of errors, merged areas, and whether it hides rows."""

    marks: dict[int, dict[int, int]] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hides_rows: bool = False


class Archive:
    """The parts of a workbook that was let through by the checks of its zip."""

    def __init__(self, data: bytes, found: list[Entry]) -> None:
        self._data = data
        self._entries = {entry.name: entry for entry in found}
        self._budget = Budget(len(data))

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a part; a part that is named but missing is damage."""
        entry = self._entries.get(name)
        if entry is None:
            raise Refused(DAMAGED)
        return unpacked(self._data, entry, self._budget)

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return name in self._entries


def sheet_parts(archive: Archive) -> dict[str, str]:
    """Which part holds which sheet, by the sheet's name."""
    targets: dict[str, str] = {}
    for tag, attributes in _elements(archive, _RELATIONS):
        if tag == "Relationship":
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            targets[attributes.get("Id", "")] = posixpath.normpath(path)
    parts: dict[str, str] = {}
    for tag, attributes in _elements(archive, _WORKBOOK):
        if tag == "sheet":
            relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            parts[attributes.get("name", "")] = targets.get(relation, "")
    return parts


def percent_styles(archive: Archive) -> frozenset[int]:
    """The numbers of the cell styles that show a share as a percentage."""
    if not archive.has(_STYLES):
        return frozenset()
    formats, styles, is_inside, place = set(_PERCENT_FORMATS), set(), False, 0
    for tag, attributes in _elements(archive, _STYLES):
        if tag == "numFmt" and "%" in attributes.get("formatCode", ""):
            formats.add(_whole(attributes.get("numFmtId", "")))
        elif tag in ("cellXfs", "cellStyles"):
            is_inside = tag == "cellXfs"
        elif tag == "xf" and is_inside:
            if _whole(attributes.get("numFmtId", "0")) in formats:
                styles.add(place)
            place += 1
    return frozenset(styles)


def _elements(archive: Archive, name: str) -> Iterator[tuple[str, dict[str, str]]]:
    seen: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: seen.append(
        (tag.rpartition(":")[2], attributes)
    )
    for piece in archive.pieces(name):
        parser.Parse(piece, False)
        yield from seen
        seen.clear()
    parser.Parse(b"", True)
    yield from seen


def scan_sheet(
    pieces: Iterator[bytes], percents: frozenset[int], most_rows: int, most_columns: int
) -> Scanned:
    """Run through one sheet; refuse it as soon as an address lies or it is larger than what is read."""
    scanner = _Scanner(percents, most_rows, most_columns)
    for piece in pieces:
        scanner.feed(piece)
    scanner.feed(b"", is_last=True)
    return scanner.found


class _Scanner:
    """The state of running through one sheet: where it is, and what was found so far."""

    def __init__(self, percents: frozenset[int], most_rows: int, most_columns: int) -> None:
        self.found = Scanned()
        self._percents = percents
        self._most_rows, self._most_columns = most_rows, most_columns
        self._row = self._column = -1
        self._mark = self._count = 0
        self._has_content = self._is_plain = False
        self._shows_percent: dict[str, bool] = {}
        self._text: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self.feed = self._feed

    def _feed(self, piece: bytes, *, is_last: bool = False) -> None:
        try:
            self._parser.Parse(piece, is_last)
        except expat.ExpatError:
            raise Refused(DAMAGED) from None

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "v" and self._is_plain:
            return
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            self._cell(attributes)
        elif tag in _CONTENT:
            self._content(tag)
        elif tag == "row":
            self._new_row(attributes)
        elif tag == "mergeCell":
            self._merged(attributes.get("ref", ""))

    def _new_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        self.found.hides_rows |= attributes.get("hidden") in ("1", "true")
        row = self._row + 1 if number is None else _whole(number) - 1
        if row <= self._row:
            raise Refused(DAMAGED)  # readers differ about which of two rows counts
        self._row, self._column = row, -1

    def _cell(self, attributes: dict[str, str]) -> None:
        address, column = attributes.get("r"), self._column + 1
        # Nearly every cell stands beside the one before it, and then its address is known beforehand.
        if address is not None and address != f"{_letters(column)}{self._row + 1}":
            row, column = place_of(address)
            if row != self._row or column <= self._column:
                raise Refused(DAMAGED)
        self._column, self._has_content = column, False
        style = attributes.get("s")
        is_percent = style is not None and self._is_percent(style)
        self._mark = (PERCENT if is_percent else 0) | (ERROR if attributes.get("t") == "e" else 0)
        is_within = self._row < self._most_rows and column < self._most_columns
        self._is_plain = is_within and not self._mark

    def _is_percent(self, style: str) -> bool:
        known = self._shows_percent.get(style)
        if known is None:
            known = self._shows_percent[style] = _whole(style) in self._percents
        return known

    def _content(self, tag: str) -> None:
        """Only cells that hold something count: programs write styles down to the last row."""
        if not self._has_content:
            self._has_content = True
            if self._row >= self._most_rows:
                raise Refused(TOO_MANY_ROWS)
            if self._column >= self._most_columns:
                raise Refused(TOO_MANY_COLUMNS)
        if tag == "f":
            self._mark |= FORMULA
            self._is_plain = False
        if tag == "v" and self._mark & ERROR:
            self._text = []
            self._parser.CharacterDataHandler = self._text.append
            self._parser.EndElementHandler = self._end_of_error
        if self._mark:
            self._count += 1
            if self._count > MOST_MARKS:
                raise Refused(TOO_MANY_MARKS)
            self.found.marks.setdefault(self._row, {})[self._column] = self._mark

    def _end_of_error(self, _tag: str) -> None:
        self.found.errors[self._row, self._column] = "".join(self._text)[:20]
        self._parser.CharacterDataHandler = None
        self._parser.EndElementHandler = None

    def _merged(self, area: str) -> None:
        first, _, last = area.partition(":")
        top, left = place_of(first)
        bottom, right = place_of(last or first)
        self.found.merged.append((top, left, bottom, right))
        if len(self.found.merged) > MOST_MARKS:
            raise Refused(TOO_MANY_MARKS)


_letters = lru_cache(maxsize=1024)(letters)


def place_of(address: str) -> tuple[int, int]:
    """Row and column, both from 0, of an address such as `C17`."""
    column = place = 0
    for each in address:
        if not "A" <= each <= "Z":
            break
        column = column * 26 + ord(each) - 64
        place += 1
    if not 1 <= place <= 3:
        raise Refused(DAMAGED)
    return _whole(address[place:]) - 1, column - 1


def _whole(text: str) -> int:
    """A plain number, as every address and style is."""
    if not (text.isascii() and text.isdigit() and len(text) <= 7):
        raise Refused(DAMAGED)
    return int(text)
