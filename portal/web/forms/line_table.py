"""What the table of activity lines draws: one row as typed, with its errors, its result and its remarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from flask_babel import gettext

from portal.web.forms.options import OptionList
from portal.web.language import catalogue


@dataclass(frozen=True, slots=True)
class FileLink:
    """A piece of evidence as a line shows it."""

    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning of the portal or a question of the reviewer under a line; `noun` and `state` name its status."""

    noun: str
    state: str
    text: str
    href: str | None = None
    act: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about one column: which of the readings was meant. `name` ends the control's name, as in `confirm-quantity`."""

    name: str
    text: str
    readings: Sequence[str]


@dataclass(frozen=True, slots=True)
class ParameterInput:
    """A further value that the line's category needs; `name` ends the control's name. Without options it is a number."""

    name: str
    label: str
    value: str
    unit: str = ""
    options: OptionList | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of the table.

    `index` names its controls (`lines-<index>-quantity`), `number` is what people call it. `values` is the text as
    typed by column (key, version, category, quantity, unit, period, site), `errors` one message by column.
    `drawn` is the row as HTML where it was drawn from a stencil. `result` is written in tCO₂e already; without one, `result_note` says what is missing.
    """

    index: int
    number: int
    values: Mapping[str, str]
    units: OptionList
    errors: Mapping[str, str] = field(default_factory=dict)
    last_year: str | None = None
    result: str | None = None
    result_note: str | None = None
    trace_url: str | None = None
    files: Sequence[FileLink] = ()
    evidence_url: str | None = None
    details_url: str | None = None
    remarks: Sequence[Remark] = ()
    asked: Sequence[Asked] = ()
    inputs: Sequence[ParameterInput] = ()
    must_confirm_removal: bool = False
    drawn: object | None = None

    @property
    def prefix(self) -> str:
        """What the names of the line's controls begin with."""
        return f"lines-{self.index}"


@dataclass(frozen=True, slots=True)
class LineOptions:
    """The options that all lines share; `units` are all units, for the rows that the page's script adds."""

    categories: OptionList
    units: OptionList
    periods: OptionList
    sites: OptionList


def line_words() -> dict[str, str]:
    """The words of the table's rows in the reader's language."""
    return _line_words(catalogue())


@cache
def _line_words(_words: Any) -> dict[str, str]:
    return {
        "line": gettext("Line"),
        "on_line": gettext("line {number}"),
        "category": gettext("Category"),
        "quantity": gettext("Quantity"),
        "unit": gettext("Unit"),
        "period": gettext("Period"),
        "site": gettext("Site"),
        "evidence": gettext("Evidence"),
        "details": gettext("Details"),
        "last_year": gettext("Last year:"),
        "change": gettext("Change"),
        "add": gettext("Add"),
        "remove": gettext("Remove"),
    }
