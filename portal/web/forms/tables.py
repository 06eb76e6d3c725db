"""The questions about somebody's own table: which column is what, what its texts mean, and what stands for all rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField

from portal import data
from portal.calculation.units import UNITS
from portal.domain.cells import letters
from portal.intake.raw import storable
from portal.intake.read import PARAMETER
from portal.intake.tables.mapping import NAMED, ROLES, Numbers, TableMapping, is_role
from portal.intake.tables.matching import LEFT_OUT
from portal.intake.units import clear_spelling
from portal.services.tables.surveys import Survey
from portal.services.workbook_texts import parameters_of
from portal.store.members import Site
from portal.web.forms.fields import PortalForm, required
from portal.web.names import category_choices, in_language, name_of

MOST_ASKED = 100
FIXED = ("category", "site", "unit", "period")

Choices = list[tuple[str, str]]


class TableForm(PortalForm):
    """One file with a table in it."""

    file = FileField(
        lazy_gettext("Your table"), validators=[required(lazy_gettext("Choose a file"))]
    )


@dataclass(frozen=True, slots=True)
class ColumnQuestion:
    """One column: its letter, its title, what stands in it, and what it is taken for."""

    place: int
    letter: str
    title: str
    values: tuple[str, ...]
    role: str
    is_doubtful: bool
    own: str


@dataclass(frozen=True, slots=True)
class TextQuestion:
    """A text that is not known: in how many rows it stands, what it may mean, and what was answered."""

    name: str
    text: str
    count: int
    offered: Choices
    others: Choices
    answer: str


@dataclass(frozen=True, slots=True)
class KnownText:
    """A text that was understood, and as what."""

    text: str
    meaning: str
    count: int


def columns_of(mapping: TableMapping, found: Survey) -> list[ColumnQuestion]:
    """The columns in their order, each with its first values."""
    return [
        ColumnQuestion(
            place,
            letters(place),
            mapping.titles[place] if place < len(mapping.titles) else "",
            tuple(_value(cells, place) for _, cells in found.sample[:3] if _value(cells, place)),
            role,
            place in found.doubts,
            mapping.own.get(place, {}).get("category", "") if role == "quantity" else "",
        )
        for place, role in enumerate(mapping.roles)
    ]


def _value(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def role_choices() -> Choices:
    """What a column can be: the columns of a line, then what some categories ask for."""
    asked: dict[str, str] = {}
    for category in data.load_categories().values():
        for each in category.parameters:
            asked.setdefault(PARAMETER + each.name, in_language(each.name_zh, each.name_en))
    return [
        ("", gettext("Leave out")),
        *((role, role_name(role)) for role in ROLES),
        *asked.items(),
    ]


def role_name(role: str) -> str:
    """What a reader calls a column of a line."""
    return {
        "category": gettext("Category"),
        "quantity": gettext("Quantity"),
        "unit": gettext("Unit"),
        "site": gettext("Site"),
        "period": gettext("Period"),
        "start": gettext("First day"),
        "end": gettext("Last day"),
        "year": gettext("Year"),
        "month": gettext("Quantity of one month"),
        "note": gettext("Note"),
    }.get(role, role)


def last_page(found: Survey) -> int:
    """How many pages the texts that are asked about take."""
    most = max((len(open_texts(found, kind)) for kind in NAMED), default=0)
    return max(1, -(-most // MOST_ASKED))


def next_page(mapping: TableMapping, found: Survey) -> int:
    """The first page on which a text has no answer yet; 0 where there is none."""
    known = mapping.texts
    unanswered = (
        place // MOST_ASKED + 1
        for kind in NAMED
        for place, text in enumerate(open_texts(found, kind))
        if text not in known.get(kind, {}) and list(found.offers[kind][text]) != [LEFT_OUT]
    )
    return min(unanswered, default=0)


def texts_of(
    mapping: TableMapping, found: Survey, sites: Sequence[Site], page: int = 1
) -> dict[str, list[TextQuestion]]:
    """The texts of a page that somebody has to say the meaning of, by kind, the most frequent first."""
    every = all_choices(sites)
    asked: dict[str, list[TextQuestion]] = {kind: [] for kind in NAMED}
    first = (page - 1) * MOST_ASKED
    for kind in NAMED:
        names = dict(every[kind])
        of_page = open_texts(found, kind)[first : first + MOST_ASKED]
        for number, text in enumerate(of_page, start=first):
            offers = found.offers[kind][text]
            offered = [(code, names[code]) for code in offers if code in names]
            answer = mapping.texts.get(kind, {}).get(text, "")
            if not answer and list(offers) == [LEFT_OUT]:
                answer = LEFT_OUT
            asked[kind].append(
                TextQuestion(
                    f"text-{kind}-{number}",
                    text,
                    found.texts.get(kind, {}).get(text, 0),
                    offered,
                    [each for each in every[kind] if each not in offered],
                    answer,
                )
            )
    return asked


def open_texts(found: Survey, kind: str) -> list[str]:
    """The texts of a kind that were not known, in the order in which the page asks."""
    counts = found.texts.get(kind, {})
    return sorted(found.offers.get(kind, {}), key=lambda text: (-counts.get(text, 0), text))


def known_texts(
    mapping: TableMapping, found: Survey, sites: Sequence[Site]
) -> dict[str, list[KnownText]]:
    """The texts that were understood, by kind."""
    every = all_choices(sites)
    known: dict[str, list[KnownText]] = {kind: [] for kind in NAMED}
    for kind in NAMED:
        names = dict(every[kind])
        for text, count in sorted(found.texts.get(kind, {}).items()):
            code = mapping.texts.get(kind, {}).get(text, "")
            if code and text not in found.offers.get(kind, {}):
                known[kind].append(KnownText(text, names.get(code, code), count))
    return known


def all_choices(sites: Sequence[Site]) -> dict[str, Choices]:
    """Everything that a text of each kind can mean."""
    leave = (LEFT_OUT, gettext("Leave these rows out"))
    return {
        "category": [leave, *category_choices()],
        "site": [leave, *((site.code, f"{site.code} {name_of(site)}") for site in sites)],
        "unit": [leave, *((clear_spelling(code), code) for code in UNITS)],
    }


def answered(
    mapping: TableMapping, found: Survey, sent: Mapping[str, str], sites: Sequence[Site]
) -> TableMapping:
    """The mapping with what was sent; a value that was not offered is left as it was."""
    parameters = parameters_of(data.load_categories().values())
    roles = tuple(
        sent[name] if is_role(sent.get(name := f"role-{place}", "?"), parameters) else role
        for place, role in enumerate(mapping.roles)
    )
    return replace(
        mapping,
        roles=roles,
        texts=_texts(mapping, found, sent, sites),
        fixed=_fixed(mapping, sent, sites),
        year=_year(sent.get("year", ""), mapping.year),
        numbers=Numbers(sent["numbers"])
        if sent.get("numbers") in set(Numbers)
        else mapping.numbers,
    )


def _texts(
    mapping: TableMapping, found: Survey, sent: Mapping[str, str], sites: Sequence[Site]
) -> dict[str, dict[str, str]]:
    every = all_choices(sites)
    texts = {kind: dict(mapping.texts.get(kind, {})) for kind in NAMED}
    for kind in NAMED:
        codes = {code for code, _ in every[kind]}
        for number, text in enumerate(open_texts(found, kind)):
            answer = sent.get(f"text-{kind}-{number}")
            if answer in codes:
                texts[kind][text] = answer
            elif answer == "":
                texts[kind].pop(text, None)
    return texts


def _fixed(mapping: TableMapping, sent: Mapping[str, str], sites: Sequence[Site]) -> dict[str, str]:
    """What stands for all rows; the period is free text, which the reader of lines judges."""
    every = all_choices(sites)
    fixed = dict(mapping.fixed)
    for column in FIXED:
        answer = sent.get(f"fixed-{column}")
        if answer is None:
            continue
        codes = {code for code, _ in every.get(column, [])} - {LEFT_OUT}
        if answer in codes or (column == "period" and answer.strip()):
            fixed[column] = str(storable(answer.strip()[:60]))
        elif answer == "":
            fixed.pop(column, None)
    return fixed


def _year(sent: str, before: int) -> int:
    return (
        int(sent)
        if len(sent) == 4 and sent.isascii() and sent.isdigit() and int(sent) >= 2000
        else before
    )
