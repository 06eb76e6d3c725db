"""A file of meter readings: its rows become raw lines one after the other, each value with the cell it stands in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from portal.calculation.problems import CalculationError, refuse
from portal.domain.cells import letters
from portal.intake.raw import RawLine
from portal.intake.tables.cells import Cell, Row, cell_text

LONGEST_TEXT = 1000
MOST_CELLS = 26
_NEEDED = frozenset({"meter", "value"})
_WHEN = frozenset({"ts", "day"})
_TITLES: Mapping[str, str] = {
    title: column
    for column, titles in {
        "meter": ("meter", "meter code", "serial", "serial number", "电表", "电表号", "水表", "气表", "表", "表号", "表计", "表计编号", "仪表", "仪表编号", "计量表"),
        "ts": ("ts", "time", "timestamp", "date and time", "read at", "时间", "抄表时间", "读数时间"),
        "day": ("date", "day", "reading date", "日期", "抄表日期", "抄表日"),
        "value": ("value", "reading", "count", "数值", "读数", "示数", "表底", "表码", "抄表读数", "本期读数", "本次读数", "止码"),
        "unit": ("unit", "单位"),
        "start": ("start", "from", "开始", "开始时间"),
        "reason": ("reason", "correction", "原因", "更正原因"),
    }.items()
    for title in titles
}  # fmt: skip

_BEFORE_UNIT = re.compile(r" *\(([^()]{1,20})\)$")
_DAY = re.compile(
    r"(\d{4}) ?[-/.年] ?(\d{1,2}) ?[-/.月] ?(\d{1,2}) ?日?"
    r"(?:(?:[ T]+|(?<=日))(\d{1,2})[:时点](\d{2})分?(?::?(\d{2})秒?)?)?",
    re.ASCII,
)
_TIME = re.compile(r"(\d{1,2})[:时点](\d{2})分?(?::?(\d{2})秒?)?", re.ASCII)


def read_file(rows: Iterable[Row]) -> Iterator[RawLine]:
    """The readings of a file; columns with other titles are left out, empty rows too.

    Raises CalculationError when the first row doesn't name the columns, and for a cell whose value is not known.
    """
    columns: dict[int, str] | None = None
    unit = ""
    for row in rows:
        if row.is_blank:
            continue
        if columns is None:
            columns = _columns(row)
            unit = _unit_in(row, columns)
        else:
            yield _raw(row, columns, unit)
    if columns is None:
        raise refuse("reading.file.columns", "file")


def _columns(titles: Row) -> dict[int, str]:
    """Which column stands in which place; a title that comes twice counts where it comes first."""
    found: dict[int, str] = {}
    for place, title in enumerate(titles.cells[:MOST_CELLS]):
        column = _column(title) if isinstance(title, str) else None
        if column is not None and column not in found.values():
            found[place] = column
    if not (set(found.values()) >= _NEEDED and _WHEN & set(found.values())):
        raise refuse("reading.file.columns", "file")
    return found


def _column(title: str) -> str | None:
    """The column that a title names; that of the values with or without a unit behind it in brackets.

    What stands behind any other title may say how it is meant (UTC, for one), so that title is not known.
    """
    folded = _folded(title)
    bare = _TITLES.get(_BEFORE_UNIT.sub("", folded))
    return _TITLES.get(folded) or (bare if bare == "value" else None)


def _unit_in(titles: Row, columns: Mapping[int, str]) -> str:
    """The unit that stands in brackets behind the title of the values, where no column has it."""
    if "unit" in columns.values():
        return ""
    place = next(place for place, column in columns.items() if column == "value")
    found = _BEFORE_UNIT.search(_plain(str(titles.cells[place])))
    return "" if found is None else found[1].strip()


def _plain(title: str) -> str:
    return unicodedata.normalize("NFKC", title[:LONGEST_TEXT]).strip("\ufeff \t")


def _folded(title: str) -> str:
    return _plain(title).casefold()


def _raw(row: Row, columns: Mapping[int, str], unit: str) -> RawLine:
    fields: dict[str, object] = {"unit": unit} if unit else {}
    cells: dict[str, str] = {}
    for place, column in columns.items():
        if flaws := row.flaws.get(place):
            raise CalculationError(flaws[0])
        cells[column] = f"{letters(place)}{row.number}"
        value = _value(row.cell(place))
        if column in ("ts", "day", "start") and isinstance(value, str):
            value = _spelled(value)
        if value != "":
            fields[column] = value
    if "day" in fields:
        fields["ts"] = _joined(fields.pop("day"), fields.get("ts"))
        cells.setdefault("ts", cells["day"])
    return RawLine(f"A{row.number}", fields, cells=cells)


def _value(cell: Cell) -> object:
    """A cell as the readers of moments and numbers take it; a day in a workbook is its beginning."""
    if isinstance(cell, date):
        return _moment(cell).isoformat(" ")
    if isinstance(cell, str):
        return cell.strip()[:LONGEST_TEXT]
    is_number = cell is not None and not isinstance(cell, bool)
    return cell if is_number else cell_text(cell)


def _joined(day: object, time: object) -> object:
    """The moment of a day and of the time in a column beside it; a day alone is its beginning."""
    if time is None or not isinstance(day, str) or not day.endswith(" 00:00:00"):
        return day
    found = _TIME.fullmatch(unicodedata.normalize("NFKC", time)) if isinstance(time, str) else None
    if found is None:  # no time, so the moment is none either, and is refused as it stands
        return f"{day[:10]} {time}"
    hour, minute, second = (int(each or 0) for each in found.groups())
    return f"{day[:10]} {hour:02}:{minute:02}:{second:02}"


def _spelled(text: str) -> str:
    """A day, or a day and a time, as people and sheets write them; a day alone is its beginning, as it is in a workbook."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text))
    if found is None:
        return text
    year, month, day, hour, minute, second = (int(each or 0) for each in found.groups())
    return f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"


def _moment(day: date) -> datetime:
    """The moment in the meter's place; a sheet's binary days miss a second by a hair, so it is rounded to the whole one."""
    if not isinstance(day, datetime):
        return datetime(day.year, day.month, day.day)  # noqa: DTZ001 -- its zone is the meter's
    return (day + timedelta(milliseconds=500)).replace(microsecond=0)
