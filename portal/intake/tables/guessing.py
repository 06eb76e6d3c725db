"""Guesses what a table's columns and texts are: by their titles, and where these say nothing by what stands below them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from portal.calculation.problems import Problem, problem
from portal.intake.line_rules import LineRules
from portal.intake.numbers import read_number
from portal.intake.periods import read_period
from portal.intake.tables.cells import Cell, Row, cell_text, is_filled
from portal.intake.tables.headers import Header, find_header, header_at
from portal.intake.tables.mapping import MONTH, NAMED, YEAR, Numbers, TableMapping
from portal.intake.tables.matching import (
    Match,
    is_total,
    match_category,
    match_site,
    match_unit,
    matches,
)
from portal.intake.tables.months import month_of, year_in
from portal.intake.tables.titles import folded_title, meaning_of, parameter_titles, unit_in

SAMPLE = 60
MOST_TEXTS = 300
# So many of a column's cells have to agree before its content says what it is.
_MOSTLY = Decimal("0.8")
_FEWEST_MONTHS = 2


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping to begin with; what is in `doubts` (columns by place) and `open` (texts by kind) a person settles."""

    mapping: TableMapping
    doubts: frozenset[int] = frozenset()
    open: Mapping[str, Mapping[str, Match]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def certain(self) -> TableMapping:
        """The mapping without what is doubtful, for whoever can't ask anybody."""
        roles = tuple(
            "" if place in self.doubts else role for place, role in enumerate(self.mapping.roles)
        )
        return replace(self.mapping, roles=roles)


def guess_columns(rows: Sequence[Row], rules: LineRules, titles_in: int | None = None) -> Guess:
    """Guess the columns of a table from its first rows; texts are settled by `settle_texts` once all were seen.

    `titles_in` is the row that somebody says the titles stand in, 0 for none.
    """
    header = find_header(rows) if titles_in is None else header_at(rows, titles_in)
    if header is None:
        width = max((len(row.cells) for row in rows[:SAMPLE]), default=0)
        found = Header(0, ("",) * width)
        problems: tuple[Problem, ...] = (problem("table.header.not_found", "header"),)
    else:
        found, problems = header, _twice(header)
    below = [row for row in rows if row.number > found.number and not row.is_blank][:SAMPLE]
    roles, doubts, own = _by_titles(found, below, rules)
    _by_content(found, below, rules, roles, doubts)
    mapping = TableMapping(
        header=found.number,
        titles=found.titles,
        roles=tuple(roles),
        year=year_in([*found.above]) or rules.inventory_year,
        own=own,
        fixed=_fixed(found, roles, rules),
        numbers=_numbers(roles, below),
    )
    return Guess(mapping, frozenset(doubts), {}, problems)


def settle_texts(guess: Guess, texts: Mapping[str, Collection[str]], rules: LineRules) -> Guess:
    """Settle what the texts of the table mean where that is beyond doubt; what is not stays open, with offers."""
    known = {kind: dict(guess.mapping.texts.get(kind, {})) for kind in NAMED}
    still_open: dict[str, dict[str, Match]] = {}
    for kind, found in texts.items():
        unknown = [text for text in found if text not in known[kind]][:MOST_TEXTS]
        for text, match in matches(kind, rules, unknown).items():
            if match.is_settled:
                known[kind][text] = match.code
            else:
                still_open.setdefault(kind, {})[text] = match
    return replace(guess, mapping=replace(guess.mapping, texts=known), open=still_open)


def _twice(header: Header) -> tuple[Problem, ...]:
    """Two columns with one title can't be told apart by anybody, so such a table is refused as it is."""
    seen: dict[str, str] = {}
    problems = []
    for title in header.titles:
        folded = folded_title(title)
        meaning = meaning_of(title)
        if folded in seen and meaning is not None and meaning.role:
            named = f"{seen[folded]}, {title}"
            problems.append(
                problem("table.column.same_title", meaning.role, column=meaning.role, titles=named)
            )
        seen.setdefault(folded, title)
    return tuple(problems)


def _by_titles(
    header: Header, below: Sequence[Row], rules: LineRules
) -> tuple[list[str], set[int], dict[int, dict[str, str]]]:
    """The role of each column by its title, the doubtful ones, and what the lines of one column share."""
    asked = parameter_titles(rules.categories)
    months = [place for place, title in enumerate(header.titles) if month_of(title) is not None]
    are_months = len(months) >= _FEWEST_MONTHS
    roles: list[str] = []
    doubts: set[int] = set()
    own: dict[int, dict[str, str]] = {}
    for place, title in enumerate(header.titles):
        meaning = meaning_of(title)
        if are_months and place in months:
            roles.append(MONTH)
        elif meaning is not None:
            roles.append(meaning.role)
            if not meaning.is_certain:
                doubts.add(place)
        elif (role := asked.get(folded_title(title))) is not None:
            roles.append(role)
        elif (named := _amount_of(title, place, below, rules)) is not None:
            roles.append("quantity")
            own[place] = named
        else:
            roles.append("")
    return roles, doubts, own


def _amount_of(
    title: str, place: int, below: Sequence[Row], rules: LineRules
) -> dict[str, str] | None:
    """“Electricity (kWh)” above figures: the column holds amounts of one category."""
    words, unit = unit_in(title)
    match = match_category(words, rules)
    is_named = match.is_settled or (bool(unit) and bool(match.offers) and not is_total(words))
    if not is_named or not _mostly(below, place, _is_number):
        return None
    return {"category": words, **({"unit": unit} if unit else {})}


def _by_content(
    header: Header,
    below: Sequence[Row],
    rules: LineRules,
    roles: list[str],
    doubts: set[int],
) -> None:
    """Give a role to columns whose title says nothing, each role once; whoever can be asked confirms it."""
    tests = {
        "period": lambda cell: _is_period(cell, rules),
        "site": lambda cell: match_site(cell_text(cell), rules).is_settled,
        "category": lambda cell: match_category(cell_text(cell), rules).is_settled,
        "unit": lambda cell: isinstance(cell, str) and match_unit(cell).is_settled,
        "quantity": _is_number,
    }
    for role, test in tests.items():
        if role in roles or (role in ("period", "quantity") and MONTH in roles):
            continue
        if role == "period" and ("start" in roles or YEAR in roles):
            continue
        for place, known in enumerate(roles):
            title = header.titles[place]
            is_free = not known and (not title or meaning_of(title) is None)
            if is_free and _mostly(below, place, test):
                roles[place] = role
                doubts.add(place)
                break


def _mostly(below: Sequence[Row], place: int, test: object) -> bool:
    cells = [row.cell(place) for row in below if is_filled(row.cell(place))]
    fitting = sum(bool(test(cell)) for cell in cells)  # type: ignore[operator]  # a test of one cell
    return bool(cells) and fitting >= _MOSTLY * len(cells)


def _is_number(cell: Cell) -> bool:
    if isinstance(cell, bool):
        return False
    if isinstance(cell, Decimal | int):
        return True
    if not isinstance(cell, str):
        return False
    return any(read_number(cell, locale=locale).value is not None for locale in ("en", "de"))


def _is_period(cell: Cell, rules: LineRules) -> bool:
    if isinstance(cell, date):
        return True
    return isinstance(cell, str) and read_period(cell, today=rules.today).value is not None


def _fixed(header: Header, roles: Sequence[str], rules: LineRules) -> dict[str, str]:
    """What every line of the table shares: the unit in the title of its amounts, and the only site there is."""
    fixed: dict[str, str] = {}
    for place, role in enumerate(roles):
        meaning = meaning_of(header.titles[place]) if role == "quantity" else None
        if meaning is not None and meaning.unit and "unit" not in roles:
            fixed["unit"] = unit_in(header.titles[place])[1]
    keys = set(rules.sites.values())
    if "site" not in roles and len(keys) == 1:
        fixed["site"] = keys.pop()
    return fixed


def _numbers(roles: Sequence[str], below: Sequence[Row]) -> Numbers:
    """Comma where some amount can only be read so and none can only be read the other way."""
    places = [place for place, role in enumerate(roles) if role in ("quantity", MONTH)]
    typed = [row.cell(place) for row in below for place in places]
    texts = [each for each in typed if isinstance(each, str)]
    with_comma = [_reads_only(each, "de", "en") for each in texts]
    with_point = [_reads_only(each, "en", "de") for each in texts]
    return Numbers.COMMA if any(with_comma) and not any(with_point) else Numbers.POINT


def _reads_only(text: str, one: str, other: str) -> bool:
    return (
        read_number(text, locale=one).value is not None
        and read_number(text, locale=other).value is None
        and "," in text + "."
    )
