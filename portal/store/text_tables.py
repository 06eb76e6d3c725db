"""Reads tables in text files row after row, however long they are: CSV in the encodings and with the separators that offices use."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from portal.domain.cells import LARGEST_TEXT, LONGEST_CELL
from portal.store.text_pieces import (
    MARKUP,
    UNUSABLE,
    is_broken_utf8,
    marked_encoding,
    pieces,
    soundness,
)

_SAMPLE = 64 * 1024
_SAMPLE_LINES = 40
_SEPARATORS = "\t;,|"
_SEPARATOR_LINE = re.compile(r'"?sep=(?P<separator>[\t;,|])"?\s*', re.IGNORECASE)
# Far more than a row of full cells; what is longer has lost its line breaks.
LONGEST_LINE = LONGEST_CELL * 8


@dataclass(frozen=True, slots=True)
class TableLimits:
    """How much of a table is read: rows below and with the titles, columns, and bytes of the file."""

    rows: int
    columns: int = 200
    bytes: int = LARGEST_TEXT


class UnreadableTable(Exception):
    """The file is no table that can be read; the code and the values say why."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class TextForm:
    """How a text file is written: its encoding and the character between its cells."""

    encoding: str
    separator: str


def form_of(file: BinaryIO, limits: TableLimits) -> TextForm:
    """Find out how the file is written, looking at all of its bytes once; no byte is ever replaced by a guess."""
    size = file.seek(0, io.SEEK_END)
    if size > limits.bytes:
        raise UnreadableTable("table.file.too_large", most=limits.bytes // (1024 * 1024))
    file.seek(0)
    if not file.read(_SAMPLE).strip(b"\0 \t\r\n"):
        raise UnreadableTable("table.file.empty")
    encoding = _encoding(file)
    file.seek(0)
    sample = file.read(_SAMPLE).decode(encoding, "ignore")
    if MARKUP.match(sample.lstrip("\ufeff \t\r\n")):
        raise UnreadableTable("table.file.web_page")
    return TextForm(encoding, _separator(sample))


def read_rows(
    file: BinaryIO, form: TextForm, limits: TableLimits
) -> Iterator[tuple[int, list[str]]]:
    """Give the rows with their numbers, counted as a sheet does; blank rows count, a line that names the separator doesn't."""
    with _text(file, form.encoding) as lines:
        reader = csv.reader(_checked(lines), delimiter=form.separator, strict=True)
        number = 0
        try:
            for cells in reader:
                number += 1
                if number > limits.rows:
                    raise UnreadableTable("table.file.too_many_rows", most=limits.rows)
                if len(cells) > limits.columns:
                    raise UnreadableTable("table.file.too_many_columns", most=limits.columns)
                yield number, cells
        except csv.Error as error:
            raise UnreadableTable("table.file.quotes", row=number + 1) from error


@contextmanager
def _text(file: BinaryIO, encoding: str) -> Iterator[io.TextIOWrapper]:
    """The file as text, left open afterwards: whoever opened it closes it."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="strict", newline="")
    try:
        yield text
    finally:
        text.detach()


def _checked(lines: io.TextIOWrapper) -> Iterator[str]:
    """The lines, each looked at; the first one is dropped where it only names the separator."""
    is_first = True
    number = 0
    while line := lines.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise UnreadableTable("table.file.long_line", line=number, most=LONGEST_LINE)
        if UNUSABLE.search(line):
            raise UnreadableTable("table.file.not_text")
        if is_first and _SEPARATOR_LINE.fullmatch(line):
            is_first = False
            continue
        is_first = False
        yield line


def _encoding(file: BinaryIO) -> str:
    file.seek(0)
    beginning = file.read(_SAMPLE)
    if (marked := marked_encoding(beginning)) is not None:
        return _proven(file, marked)
    if (wide := _wide(beginning)) is not None:
        return _proven(file, wide)
    broken, sound = soundness(file)
    if not broken:
        return "utf-8"
    if is_broken_utf8(broken, sound):
        raise UnreadableTable("table.file.not_text")
    return _proven(file, "gb18030", is_likely=_is_chinese)


def _wide(beginning: bytes) -> str | None:
    """UTF-16 without its mark: nearly every second byte of a table of digits and Latin letters is zero."""
    even, odd = beginning[0::2], beginning[1::2]
    if not odd or max(even.count(0), odd.count(0)) * 3 < len(odd):
        return None
    return "utf-16-be" if even.count(0) > odd.count(0) else "utf-16-le"


def _proven(file: BinaryIO, encoding: str, is_likely: Callable[[str], bool] | None = None) -> str:
    """The encoding, if all of the file is sound in it, and, where it is asked, likely."""
    try:
        for text in pieces(file, encoding):
            if is_likely is not None and not is_likely(text):
                raise UnreadableTable("table.file.not_text")
    except UnicodeDecodeError as error:
        raise UnreadableTable("table.file.not_text") from error
    return encoding


def _is_chinese(text: str) -> bool:
    """Whether at least half of what is beyond ASCII is everyday Chinese: nearly any two bytes are some rare character."""
    foreign = [each for each in text if not each.isascii()]
    everyday = "".join(foreign).encode("gb2312", "ignore")
    return len(everyday) >= len(foreign)


def _separator(sample: str) -> str:
    """The character that parts the first lines most often and most evenly."""
    lines = sample.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:_SAMPLE_LINES]
    if lines and (named := _SEPARATOR_LINE.fullmatch(lines[0])):
        return named["separator"]
    filled = [line for line in lines if line.strip()]
    return max(_SEPARATORS, key=lambda each: _evenness(filled, each))


def _evenness(lines: list[str], separator: str) -> tuple[int, int]:
    """How many lines have the same number of cells as most have, where that is more than one; and that number."""
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=separator)]
    except csv.Error:
        return 0, 0
    several = [width for width in widths if width > 1]
    if not several:
        return 0, 0
    usual = max(set(several), key=several.count)
    return several.count(usual), usual
