"""Looks through a table once: what its columns and texts seem to be, and what a person has to say about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from portal.calculation.problems import Problem, problem
from portal.intake.line_rules import LineRules
from portal.intake.tables.cells import Row, cell_text
from portal.intake.tables.guessing import MOST_TEXTS, Guess, guess_columns, settle_texts
from portal.intake.tables.mapping import NAMED, TableMapping, shape_of_titles
from portal.intake.tables.rows import seen_texts
from portal.services.evidence import FIELD
from portal.services.line_reading import problem_json, problem_of
from portal.services.tables.reading import OpenTable, RefusedTable

SHOWN_ROWS = 6
_LONGEST_SHOWN = 60
# Such a table is refused as it is: nothing that a person could choose would mend it.
_HOPELESS = frozenset({"table.column.same_title"})


@dataclass(frozen=True, slots=True)
class Survey:
    """What a table looks like: its sheet and the others, its first rows, its texts and how often each stands there.

    `offers` holds, for texts that are not known, what they may mean; `doubts` the columns that were only guessed.
    """

    sheet: str
    sheets: tuple[str, ...]
    hidden_count: int
    hides_rows: bool
    encoding: str
    separator: str
    rows: int
    sample: tuple[tuple[int, tuple[str, ...]], ...]
    texts: Mapping[str, Mapping[str, int]]
    offers: Mapping[str, Mapping[str, Sequence[str]]]
    doubts: frozenset[int]
    problems: tuple[Problem, ...]
    is_remembered: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain values for JSON; from_json reads them back."""
        return {
            "sheet": self.sheet,
            "sheets": list(self.sheets),
            "hidden_count": self.hidden_count,
            "hides_rows": self.hides_rows,
            "encoding": self.encoding,
            "separator": self.separator,
            "rows": self.rows,
            "sample": [[number, list(cells)] for number, cells in self.sample],
            "texts": {kind: dict(texts) for kind, texts in self.texts.items()},
            "offers": {
                kind: {text: list(codes) for text, codes in known.items()}
                for kind, known in self.offers.items()
            },
            "doubts": sorted(self.doubts),
            "problems": [problem_json(each) for each in self.problems],
            "is_remembered": self.is_remembered,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Read back what to_json wrote."""
        return cls(
            sheet=raw["sheet"],
            sheets=tuple(raw["sheets"]),
            hidden_count=raw["hidden_count"],
            hides_rows=raw["hides_rows"],
            encoding=raw["encoding"],
            separator=raw["separator"],
            rows=raw["rows"],
            sample=tuple((number, tuple(cells)) for number, cells in raw["sample"]),
            texts=raw["texts"],
            offers=raw["offers"],
            doubts=frozenset(raw["doubts"]),
            problems=tuple(problem_of(each) for each in raw["problems"]),
            is_remembered=raw["is_remembered"],
        )


def survey(
    table: OpenTable,
    rules: LineRules,
    find: Callable[[str], TableMapping | None],
    titles_in: int | None = None,
) -> tuple[TableMapping, Survey]:
    """Look through the table; `find` gives the mapping of an earlier table by the shape of its titles."""
    sample = table.sample()
    guess = guess_columns(sample, rules, titles_in)
    _refuse_hopeless(guess)
    before = find(shape_of_titles(guess.mapping.titles))
    if before is not None:
        guess = replace(guess, mapping=_again(before, guess.mapping), doubts=frozenset())
    return _looked_through(table, sample, guess, rules, is_remembered=before is not None)


def survey_with(
    table: OpenTable, rules: LineRules, mapping: TableMapping
) -> tuple[TableMapping, Survey]:
    """Look through the table again under what somebody said of its columns."""
    return _looked_through(table, table.sample(), Guess(mapping), rules, is_remembered=False)


def _looked_through(
    table: OpenTable,
    sample: Sequence[Row],
    guess: Guess,
    rules: LineRules,
    *,
    is_remembered: bool,
) -> tuple[TableMapping, Survey]:
    count = 0

    def counted() -> Iterator[Row]:
        nonlocal count
        for row in table.rows():
            count += row.number > guess.mapping.header and not row.is_blank
            yield row

    texts = seen_texts(guess.mapping, counted(), most=MOST_TEXTS)
    if not count:
        raise RefusedTable(problem("table.file.no_rows", FIELD))
    settled = settle_texts(guess, texts, rules)
    form = table.form
    return settled.mapping, Survey(
        sheet=table.sheet,
        sheets=table.sheets,
        hidden_count=table.hidden_count,
        hides_rows=table.hides_rows,
        encoding="" if form is None else form.encoding,
        separator="" if form is None else form.separator,
        rows=count,
        sample=tuple(_shown(row) for row in _below(sample, settled.mapping.header)),
        texts=texts,
        offers={kind: {text: match.offers for text, match in found.items()} for kind, found in settled.open.items()},
        doubts=settled.doubts,
        problems=settled.problems,
        is_remembered=is_remembered,
    )  # fmt: skip


def _below(sample: Sequence[Row], header: int) -> list[Row]:
    return [row for row in sample if row.number > header and not row.is_blank][:SHOWN_ROWS]


def _shown(row: Row) -> tuple[int, tuple[str, ...]]:
    return row.number, tuple(cell_text(each)[:_LONGEST_SHOWN] for each in row.cells)


def _refuse_hopeless(guess: Guess) -> None:
    for each in guess.problems:
        if each.code in _HOPELESS:
            raise RefusedTable(each)


def _again(before: TableMapping, now: TableMapping) -> TableMapping:
    """An earlier mapping for a table of the same titles, wherever they stand now and whatever year it is about."""
    return replace(
        before, header=now.header, titles=now.titles, year=now.year, numbers=now.numbers,
        texts={kind: before.texts.get(kind, {}) for kind in NAMED},
    )  # fmt: skip
