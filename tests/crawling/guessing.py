"""Addresses and form values that somebody guesses: one's own with other members' ids put in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from urllib.parse import urlencode

from flask import Flask

from portal.web.access import ACCESS
from tests.crawling.needles import UID
from tests.crawling.walking import Form
from tests.factories.marked import MarkedShelf
from tests.factories.things import ANYTHING, APPROVED_YEAR, MAKERS, YEARS

# Words of an address that are nobody's, each with all values that lead somewhere.
WORDS: Mapping[str, tuple[str, ...]] = {
    "year": tuple(str(year) for year in YEARS),
    "progress_year": (str(APPROVED_YEAR),),
    "quarter": ("1",),  # the whole year is what an address without a quarter means
    "dossier_kind": ("plan", "progress", "restatement"),
    "dossier_year": ("0", str(APPROVED_YEAR), ANYTHING["restatement_year"]),
}
# Parameters that some list takes, of whoever may open it; each is tried on every page.
PARAMETERS = {
    "site": "site",
    "line": "line",
    "unit": "member",
    "action": "action",
    "file": "evidence",
    "submission": "submission",
    "certificate": "certificate",
}
FIXED = ("page=2", "sort=-name", "sort=gap", "all=1", "state=approved", "standing=valid", "part=1")
# Where a form names a thing whose kind isn't known from the address, one of each of these is put there.
TRIED_FOR_ANY = ("action", "evidence", "frozen_line", "line", "reported_action", "site")
NOT_OF_A_MEMBER = {"alliance_invitation", "job"}
OF_ALL = {"trial"}


def ids_of(shelf: MarkedShelf) -> dict[str, str]:
    """What an address holds for each kind of thing of a member."""
    return {kind: make(shelf) for kind, make in MAKERS.items() if kind not in NOT_OF_A_MEMBER}


def addresses(
    app: Flask, method: str, own: Mapping[str, str], foreign: Mapping[str, str]
) -> Iterator[str]:
    """Every route with a foreign id wherever it names a thing, and with one's own id wherever there is another one."""
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if method not in (rule.methods or ()):
            continue
        kinds = ACCESS[rule.endpoint].objects
        named = [argument for argument, kind in kinds.items() if kind in foreign.keys() - OF_ALL]
        if not named:
            continue
        choices = {
            argument: _values(kinds.get(argument, "filename"), own, foreign)
            for argument in rule.arguments
        }
        for picked in product(*choices.values()):
            values = dict(zip(choices, picked, strict=True))
            if any(values[argument] == foreign[kinds[argument]] for argument in named):
                yield _filled(rule.rule, values)


def _values(kind: str, own: Mapping[str, str], foreign: Mapping[str, str]) -> tuple[str, ...]:
    if kind in foreign:
        return tuple({foreign[kind]: 0, own[kind]: 0})
    return WORDS.get(kind, (ANYTHING.get(kind, "1"),))


def _filled(rule: str, values: Mapping[str, str]) -> str:
    for argument, value in values.items():
        rule = re.sub(rf"<(?:\w+:)?{argument}>", value, rule)
    return rule


def queries(shelf: MarkedShelf, foreign: Mapping[str, str], *, is_whole: bool) -> Iterator[str]:
    """Queries that ask a list for what is another member's: all at once, or one after the other."""
    things = {
        "q": shelf.mark.start,
        "member": shelf.member.code,
        **{name: foreign[kind] for name, kind in PARAMETERS.items()},
    }
    yield urlencode(things)
    if is_whole:
        yield from FIXED
        yield from (urlencode({name: value}) for name, value in things.items())


def swapped(
    form: Form, own: Mapping[str, str], foreign: Mapping[str, str], sites: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """A form with each id that stands in it, or that may be chosen, changed to another member's.

    Of fields that repeat for each row of a table only the first row's are changed.
    """
    codes = {own[kind]: foreign[kind] for kind in foreign} | dict(sites)
    done = set()
    for name in {**form.values, **form.options}:
        offered = {form.values.get(name, ""), *form.options.get(name, [])}
        others = {codes[value] for value in offered if value in codes}
        if not others and any(UID.fullmatch(value) for value in offered):
            others = {foreign[kind] for kind in TRIED_FOR_ANY}
        column = re.sub(r"\d+", "", name)
        if others and column not in done and name != "code":
            done.add(column)
            for value in sorted(others):
                yield {**form.values, name: value}
