"""What a year's values are called in a workbook, in its language, and the way back: names of categories, options, periods."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from portal.calculation.categories import Category, Parameter, ParameterKind
from portal.calculation.quantities import text
from portal.documents.facts import Language, Name
from portal.domain.merging import Values
from portal.domain.workbooks import LINE_COLUMNS, LONGEST_TEXT
from portal.intake.read import PARAMETER
from portal.services.lines import shown_values
from portal.store.inventories import Output
from portal.store.lines import ActivityLine

_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{0,40})?", re.ASCII)
_NUMBERS = frozenset({"quantity"})


@dataclass(frozen=True)
class Texts:
    """How values of a year stand in a workbook of one language; `site_codes` by the sites' ids."""

    language: Language
    categories: Mapping[str, Category]
    site_codes: Mapping[int, str]

    def name(self, thing: Any) -> str:
        """The name of a category, an option or a site in the workbook's language."""
        return Name(thing.name_zh, thing.name_en).first(self.language)

    def category(self, category_id: str) -> str:
        """The name of a category; its id where that is no category any more, or where two have one name."""
        known = self.categories.get(category_id)
        if known is None:
            return category_id
        name = self.name(known)
        return name if self._ids[_folded(name)] == category_id else category_id

    @cached_property
    def _ids(self) -> Mapping[str, str]:
        """From every folded spelling of a category to its id; the name in this language wins, then ids."""
        every = self.categories.values()
        other = {_folded(name): each.id for each in every for name in (each.name_zh, each.name_en)}
        ids = {_folded(each.id): each.id for each in every}
        own = {_folded(self.name(each)): each.id for each in reversed([*every])}
        return {**other, **ids, **own}

    def line(self, line: ActivityLine) -> dict[str, str]:
        """The texts of a line by column, as the workbook shows them."""
        return self.raw_line(shown_values(line, self.site_codes))

    def raw_line(self, shown: Mapping[str, str]) -> dict[str, str]:
        """The texts of a line by column, from the values of its columns."""
        days = "/".join(filter(None, (shown.get("start", ""), shown.get("end", ""))))
        texts = {column: shown.get(column, "") for column in LINE_COLUMNS}
        texts["period"] = shown.get("period") or days
        texts |= {column: value for column, value in shown.items() if column.startswith(PARAMETER)}
        return self.canonical(texts)

    def output(self, output: Output) -> dict[str, str]:
        """The texts of a product by column."""
        texts = {"product": output.product, "quantity": text(output.quantity), "unit": output.unit}
        return {column: _tidy(column, value) for column, value in texts.items()}

    def canonical(self, values: Values) -> dict[str, str]:
        """The texts of a line in the one spelling in which they are compared.

        What names a category or an option in whatever language is called by its name here; the rest is as typed.
        """
        tidy = {column: _tidy(column, value) for column, value in values.items()}
        category_id = self.category_id(tidy.get("category", ""))
        if category_id is not None:
            tidy["category"] = self.category(category_id)
            asked = self.categories[category_id]
            for column, value in tidy.items():
                tidy[column] = self._named_option(asked, column, value)
        return tidy

    def category_id(self, name: str) -> str | None:
        """The category that a text names, or None."""
        return self._ids.get(_folded(name)) if name else None

    def typed(self, values: Values, category: str) -> dict[str, str]:
        """What the reader of lines is given for these texts; `category` is the text of the row's category."""
        category_id = self.category_id(category)
        typed = dict(values)
        if "category" in typed and category_id is not None:
            typed["category"] = category_id
        known = self.categories.get(category_id or "")
        for column, value in values.items():
            option = _option(known, column, value) if known else None
            if option is not None:
                typed[column] = option.code
        return typed

    def _named_option(self, category: Category, column: str, value: str) -> str:
        option = _option(category, column, value)
        if option is not None:
            return self.name(option)
        parameter = _parameter(category, column)
        is_number = parameter is not None and parameter.kind is ParameterKind.DECIMAL
        return _number(value) if is_number else value


def canonical_output(values: Values) -> dict[str, str]:
    """The texts of a product in the one spelling in which they are compared."""
    return {column: _tidy(column, value) for column, value in values.items()}


def parameters_of(categories: Iterable[Category]) -> dict[str, list[Parameter]]:
    """What the categories ask for, by name and in their order; one name may be asked for in several ways."""
    found: dict[str, list[Parameter]] = {}
    for category in categories:
        for parameter in category.parameters:
            found.setdefault(parameter.name, []).append(parameter)
    return found


def _parameter(category: Category, column: str) -> Parameter | None:
    if not column.startswith(PARAMETER):
        return None
    return category.parameter(column.removeprefix(PARAMETER))


def _option(category: Category, column: str, value: str) -> Any:
    """The option of a category's choice that a text names, by its code or by its name in either language."""
    parameter = _parameter(category, column)
    if parameter is None or not value:
        return None
    wanted = _folded(value)
    for option in parameter.options:
        if _folded(option.code) == wanted:
            return option
    names = (o for o in parameter.options if wanted in (_folded(o.name_zh), _folded(o.name_en)))
    return next(names, None)


def _tidy(column: str, value: str) -> str:
    tidy = value.replace("\r\n", "\n").replace("\r", "\n").strip()[:LONGEST_TEXT].rstrip()
    return _number(tidy) if column in _NUMBERS else tidy


def _number(value: str) -> str:
    """The canonical digits of a plain number; anything else stays as it was typed."""
    return text(Decimal(value)) if _PLAIN_NUMBER.fullmatch(value) else value


def _folded(spelling: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", spelling).casefold().split())
