"""Draws the ordinary rows of the table from stencils: the template's own output with the places of the values marked.

The template draws a row once for each of the few shapes that an ordinary row has; fifty rows are then filled in within
a millisecond. A row with a problem, a question or a remark goes through the template itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, cast

from flask import get_template_attribute
from markupsafe import Markup, escape

from portal.services.line_page import LinePage
from portal.web.forms.line_rows import KeptRows
from portal.web.forms.line_table import FileLink, LineOptions, LineRow, line_words
from portal.web.forms.options import OptionList
from portal.web.language import catalogue

# Signs that no reader of the portal lets in, so that none can stand in a text.
_OPENING, _CLOSING = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPENING}(\\w+){_CLOSING}")
MOST_FILES = 4


class Drawn:
    """A row that is drawn already; every value in it was escaped when it was filled in."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __html__(self) -> str:
        return self._text


@dataclass(frozen=True, slots=True)
class _Shape:
    """What decides how an ordinary row looks, apart from its values."""

    is_kept: bool
    has_last_year: bool
    has_result: bool
    must_confirm_removal: bool
    files: int


@dataclass(frozen=True, slots=True)
class _Marked:
    """Stands for a list of options: whatever is chosen, it draws its mark."""

    name: str

    def selected(self, _value: str | None) -> Markup:
        """The mark in place of the options."""
        return escape(_mark(self.name))


class _Kept:
    """A row that was drawn for an earlier page and has not changed since."""

    __slots__ = ("drawn",)

    def __init__(self, drawn: Drawn) -> None:
        self.drawn = drawn


# Rows by everything that they show; about eight kilobytes each.
_KEPT: dict[tuple[object, ...], _Kept] = {}
MOST_KEPT = 1500


def drawn_page(page: LinePage, options: LineOptions) -> list[LineRow | _Kept]:
    """The rows of a page as they are kept; a page that was not gathered anew is not drawn anew either."""
    words = catalogue()
    rows: list[LineRow | _Kept] | None = page.drawings.get(words)
    if rows is None:
        rows = page.drawings[words] = _joined(page, options)
    return rows


def _joined(page: LinePage, options: LineOptions) -> list[LineRow | _Kept]:
    """The rows in their order; neighbours that are drawn come as one."""
    frame = (catalogue(), options.categories.html, options.sites.html)
    rows: list[LineRow | _Kept] = []
    run: list[str] = []
    for index, line in enumerate(page.lines):
        shows = (*frame, index, *_shown_of(line, page))
        row = _KEPT.get(shows) or _drawn_anew(index, line, page, options, shows)
        if isinstance(row, _Kept):
            run.append(row.drawn.__html__())
            continue
        rows += [_Kept(Drawn("".join(run)))] if run else []
        rows.append(row)
        run = []
    return rows + ([_Kept(Drawn("".join(run)))] if run else [])


def _drawn_anew(
    index: int, line: Any, page: LinePage, options: LineOptions, shows: tuple[object, ...]
) -> LineRow | _Kept:
    (row,) = draw([KeptRows(page).row(index, line)], options)
    if not isinstance(row.drawn, Drawn):
        return row
    kept = _Kept(row.drawn)
    if shows[-1]:
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        _KEPT[shows] = kept
    return kept


def _shown_of(line: Any, page: LinePage) -> tuple[object, ...]:
    """Everything about a line that its row shows; a line with remarks or problems shows more and is never kept."""
    key = line.key
    is_plain = line.is_complete and key not in page.notices and key not in page.questions
    files = tuple(page.files.get(key, ()))
    last = page.last_year.get(key)
    return (key, line.version, line.position, line.kg_co2e, files, last, is_plain)


def draw(rows: Sequence[LineRow], options: LineOptions) -> list[LineRow]:
    """The rows, each ordinary one with its drawing."""
    words = catalogue()
    return [
        replace(row, drawn=_drawn(row, options, words)) if _is_ordinary(row) else row
        for row in rows
    ]


def _is_ordinary(row: LineRow) -> bool:
    has_more = row.errors or row.asked or row.inputs or row.remarks or row.result_note
    return not has_more and len(row.files) <= MOST_FILES


def _drawn(row: LineRow, options: LineOptions, words: Any) -> Drawn:
    shape = _Shape(
        row.details_url is not None,
        row.last_year is not None,
        row.result is not None,
        row.must_confirm_removal,
        len(row.files),
    )
    values = row.values
    texts: dict[str, str] = {
        "prefix": row.prefix,
        "index": str(row.index),
        "number": str(row.number),
        "key": _escaped(values.get("key", "")),
        "version": _escaped(values.get("version", "")),
        "quantity": _escaped(values.get("quantity", "")),
        "last_year": _escaped(row.last_year or ""),
        "result": _escaped(row.result or ""),
        "details_url": _escaped(row.details_url or ""),
        "evidence_url": _escaped(row.evidence_url or ""),
        "trace_url": _escaped(row.trace_url or ""),
        "category": options.categories.selected(values.get("category")),
        "unit": row.units.selected(values.get("unit")),
        "period": options.periods.selected(values.get("period")),
        "site": options.sites.selected(values.get("site")),
    }
    for place, file in enumerate(row.files):
        texts[f"file_{place}"] = _escaped(file.name)
        texts[f"href_{place}"] = _escaped(file.href)
    return Drawn(_stencil(words, shape) % texts)


def _escaped(text: str) -> str:
    return str(escape(text))


@lru_cache(maxsize=128)
def _stencil(_words: Any, shape: _Shape) -> str:
    """The template's drawing of a row of that shape, as a text with %(name)s in place of each value."""
    options = LineOptions(
        *(cast(OptionList, _Marked(name)) for name in ("category", "unit", "period", "site"))
    )
    row = _MarkedRow(
        index=cast(int, _mark("index")),
        number=cast(int, _mark("number")),
        values=_marked_values(shape),
        units=options.units,
        last_year=_mark("last_year") if shape.has_last_year else None,
        result=_mark("result") if shape.has_result else None,
        trace_url=_mark("trace_url") if shape.is_kept else None,
        evidence_url=_mark("evidence_url") if shape.is_kept else None,
        details_url=_mark("details_url") if shape.is_kept else None,
        files=[FileLink(_mark(f"file_{n}"), _mark(f"href_{n}")) for n in range(shape.files)],
        must_confirm_removal=shape.must_confirm_removal,
    )
    drawn = str(
        get_template_attribute("parts/lines.html", "line_rows")([row], options, line_words())
    )
    return _MARK.sub(r"%(\1)s", drawn.replace("%", "%%"))


class _MarkedRow(LineRow):
    """A row whose values are marks; its controls' names begin with one too."""

    @property
    def prefix(self) -> str:
        """The mark of what the names of the row's controls begin with."""
        return _mark("prefix")


def _marked_values(shape: _Shape) -> Mapping[str, str]:
    version = _mark("version") if shape.is_kept else ""
    return {"key": _mark("key"), "version": version, "quantity": _mark("quantity")}


def _mark(name: str) -> str:
    return f"{_OPENING}{name}{_CLOSING}"
