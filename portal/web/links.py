"""Where the things that messages name are found, and the words of what has a code: for templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from flask import Flask, url_for
from flask_babel import gettext

from portal.calculation.problems import Problem
from portal.domain.evidence import NOTE_TEXTS
from portal.domain.warnings import RaisedWarning, subject_of
from portal.services import certificate_list
from portal.services.pages import PAGE_SIZE
from portal.services.places import day_of
from portal.store.certificates import Certificate
from portal.store.lines import ActivityLine
from portal.web import formats, names
from portal.web.requests import moment
from portal.web.words import PROBLEMS, say

# What blocks a year lies on one of these pages; `line` and `category` begin the address of a problem.
_PAGES = {
    "set_up": "supplier.set_up",
    "signatory": "supplier.set_up",
    "sites": "supplier.site_list",
}
_PAGES_OF_YEAR = {
    "lines": "supplier.line_table",
    "category": "supplier.not_applicable",
    "questions": "supplier.questions",
}

# What warnings name that is an amount, in digits; years and counts are short enough as they are.
AMOUNTS = frozenset({"last", "median"})
# What they name that is kilograms of CO2e: whole ones are enough.
KILOGRAMS = frozenset({"saving", "source", "measured", "expected", "before", "claimed", "now"})


def address_of(problem: Problem, year: int) -> str:
    """The page on which what blocks a year can be put right."""
    kind = problem.field.split("/", 1)[0]
    if kind in _PAGES:
        return url_for(_PAGES[kind])
    values = problem.named_values
    if kind == "line":
        return _line_place(problem.field.split("/")[1], int(values["position"]), year)
    return url_for(_PAGES_OF_YEAR[kind], year=year)


def line_address(line: ActivityLine, year: int) -> str:
    """The line's place in the table of its year."""
    return _line_place(line.key, line.position, year)


def _line_place(key: object, position: int, year: int) -> str:
    return url_for("supplier.line_table", year=year, page=_page(position), _anchor=f"line-{key}")


def line_name(line: ActivityLine) -> str:
    """A line as a person finds it again: number, category, period."""
    parts = [
        gettext("Line %(number)s", number=line.position),
        names.category_name(line.category) if line.category else "",
        formats.period(line.start_on, line.end_on) if line.start_on and line.end_on else "",
    ]
    return gettext(", ").join(part for part in parts if part)


def _page(position: int) -> int:
    return (max(position, 1) - 1) // PAGE_SIZE + 1


def standing_of(certificate: Certificate) -> str:
    """Where a certificate stands today, as a word."""
    return certificate_list.standing_of(certificate, day_of(moment()))


def say_warning(warning: Mapping[str, Any]) -> str:
    """The words of a frozen warning; one of a release whose rules are gone is shown by its code."""
    code = warning["code"]
    if code not in PROBLEMS:
        return str(code)
    return _say(code, warning["values"].items())


def warning_words(warning: RaisedWarning) -> str:
    """The words of a warning that stands."""
    return _say(warning.code, warning.values)


def _say(code: str, values: Iterable[tuple[str, str]]) -> str:
    """The words with their amounts written as everywhere on a page."""
    return say(Problem(code, "", tuple((name, _written(name, value)) for name, value in values)))


def _written(name: str, value: str) -> str:
    if name in KILOGRAMS:
        return formats.decimal(Decimal(value), 0)
    return formats.decimal(Decimal(value)) if name in AMOUNTS else value


def evidence_note(note: str) -> str:
    """What is to be known about a file; a note of a release whose checks are gone is shown by its code."""
    known = {each.value: words for each, words in NOTE_TEXTS.items()}
    return gettext(known[note]) if note in known else note


def place_of(warning: Mapping[str, Any]) -> str:
    """What a warning is about: a category and site, in words; nothing for a single line."""
    about = subject_of(warning["subject"])
    if about.kind not in ("series", "category"):
        return ""
    named = names.category_name(about.key)
    return f"{named}{gettext(', ')}{about.part}" if about.part else named


def init_app(app: Flask) -> None:
    """Give the templates the names and links of this module."""
    app.jinja_env.globals.update(
        address_of=address_of,
        line_address=line_address,
        line_name=line_name,
        place_of=place_of,
        say=say,
        say_warning=say_warning,
        evidence_note=evidence_note,
        standing_of=standing_of,
        warning_words=warning_words,
        **names.GLOBALS,
    )
