"""Which category, site or unit a text of somebody's table means: known, or offered for a person to choose."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from portal.calculation.problems import Severity
from portal.intake.characters import forbidden, trim
from portal.intake.choices import folded_name
from portal.intake.line_rules import LineRules
from portal.intake.tables.synonyms import CLEAR, SEVERAL
from portal.intake.unit_spellings import CLEAR as CLEAR_UNITS
from portal.intake.units import clear_spelling, folded, read_unit

# Rows that a person chose to leave out, such as those of totals.
LEFT_OUT = "-"
MOST_OFFERS = 5
_ALIKE = 70
_TOTALS = frozenset({"合计", "总计", "小计", "total", "subtotal", "grandtotal", "sum", "全年合计", "本年合计"})  # fmt: skip
_DROPPED = dict.fromkeys(map(ord, " \t-_·.,，。/\\"), None)


@dataclass(frozen=True, slots=True)
class Match:
    """What a text may mean: `code` where it is beyond doubt, else what is offered, the likeliest first."""

    code: str = ""
    offers: tuple[str, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Whether nobody has to be asked."""
        return bool(self.code)


def folded_words(text: str) -> str:
    """A name without width, case, spaces and separators, as the table of synonyms lists it."""
    return unicodedata.normalize("NFKC", trim(text)).casefold().translate(_DROPPED)


def match_category(text: str, rules: LineRules) -> Match:
    """A category by its id or name, or by a synonym with one meaning; everything else is offered."""
    if not _is_plain(text):
        return Match()
    known = rules.category_ids.get(folded_name(text))
    word = folded_words(text)
    if known is None and CLEAR.get(word) in rules.categories:
        known = CLEAR[word]
    if known is not None:
        return Match(known)
    if word in _TOTALS:
        return Match(offers=(LEFT_OUT,))
    if word in SEVERAL:
        return Match(offers=tuple(each for each in SEVERAL[word] if each in rules.categories))
    return Match(offers=_alike(word, _category_names(rules)))


def match_site(text: str, rules: LineRules) -> Match:
    """A site by its code or its name; one that is only alike is offered, since a wrong site takes wrong factors."""
    if not _is_plain(text):
        return Match()
    known = rules.site_keys.get(folded_name(text))
    if known is not None:
        return Match(known)
    word = folded_words(text)
    if word in _TOTALS:
        return Match(offers=(LEFT_OUT,))
    return Match(offers=_alike(word, [(folded_words(name), key) for name, key in rules.sites.items()]))  # fmt: skip


def match_unit(text: str, allowed: Iterable[str] | None = None) -> Match:
    """A unit by a spelling with one meaning; the readings of a doubtful one are offered, and what looks alike."""
    if not _is_plain(text):
        return Match()
    read = read_unit(text, allowed=None if allowed is None else tuple(allowed))
    if read.value is not None:
        return Match(clear_spelling(read.value))
    questions = [each for each in read.problems if each.severity is Severity.QUESTION]
    if questions:
        return Match(offers=tuple(clear_spelling(each) for each in questions[0].readings))
    named = [(spelling, clear_spelling(code)) for spelling, code in CLEAR_UNITS.items()]
    return Match(offers=_alike(folded(text), named, shortest=3))


def _is_plain(text: str) -> bool:
    typed = trim(text[:400])
    return 0 < len(typed) <= 200 and forbidden(typed) is None


def _category_names(rules: LineRules) -> list[tuple[str, str]]:
    named = [
        (folded_words(name), each.id)
        for each in rules.categories.values()
        for name in (each.id.partition(".")[2], each.name_en, each.name_zh)
    ]
    several = [(name, code) for name, codes in SEVERAL.items() for code in codes]
    return [
        *((name, code) for name, code in (*CLEAR.items(), *several) if code in rules.categories),
        *named,
    ]


def _alike(word: str, named: list[tuple[str, str]], *, shortest: int = 2) -> tuple[str, ...]:
    """The codes whose names look most like a word, each once, the likeliest first."""
    if len(word) < shortest:
        return ()
    names = [name for name, _ in named]
    found = process.extract(word, names, scorer=fuzz.WRatio, limit=20, score_cutoff=_ALIKE)
    return tuple(dict.fromkeys(named[place][1] for _, _, place in found))[:MOST_OFFERS]


def is_total(text: str) -> bool:
    """Whether a row is named as the sum of others."""
    return folded_words(text[:40]) in _TOTALS


def matches(kind: str, rules: LineRules, texts: Iterable[str]) -> Mapping[str, Match]:
    """What each of some texts of one kind (category, site or unit) may mean."""
    by_kind = {"category": match_category, "site": match_site}
    if kind == "unit":
        return {text: match_unit(text) for text in texts}
    return {text: by_kind[kind](text, rules) for text in texts}
