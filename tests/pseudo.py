"""A pseudo language: every translation stands in ⟦brackets⟧, so that text without them was never translated.

What people typed (`translate="no"`) and what the portal ships as data in both languages is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from lxml import html

from portal import data
from portal.calculation.units import UNITS
from portal.documents.certificate import DOES_NOT_CLAIM
from portal.documents.facts import Name
from portal.mail import catalogues, messages
from portal.resources import TRANSLATIONS
from portal.web import language
from portal.web.forms import line_options
from portal.web.language import LANGUAGES
from portal.web.security import setup as login
from tests.conventions.catalogues import texts_of

OPEN, CLOSE = "⟦", "⟧"
CJK = "\u3400-\u9fff"
SPOKEN = (
    "alt",
    "aria-description",
    "aria-label",
    "aria-valuetext",
    "data-label",
    "label",
    "placeholder",
    "title",
)
UNSEEN = ("script", "style")
NAMING = (
    "title",
    "desc",
    "text",
)  # of a page or a chart: they hold no markup that could leave a name aside
INLINE = {"a", "abbr", "b", "code", "del", "em", "i", "ins", "q", "small", "span", "strong", "time"}
SOMETHING = "名"  # stands where people typed, in a language that nobody knows
HALF_WIDTH = re.compile(rf"[{CJK}] ?[,.;:!?()]|[,;:!?()] ?[{CJK}]")
BUTTONS = ("submit", "button", "reset")

# Signs, codes and names that read the same in every language.
SYMBOLS = (
    "tCO₂e", "CO₂e", "CO2e", "CO₂", "CO2", "SHA-256", "PDF", "XLSX", "CSV", "PNG", "JPEG", "kB", "MB", "QR",
    "AR4", "AR5", "AR6", "GBT", "Firefox", "Linux", "B", *(each.name for each in LANGUAGES.values()),
)  # fmt: skip
ADDRESSES = re.compile(r"https?://\S+")
DATES = re.compile(r"\d{4}年(\d+月)?(\d+日)?|\d+月\d+日|GMT\+\d\d:\d\d")
CODES = re.compile(r"(?<![A-Za-z])[A-Z]+\d+(?![A-Za-z\d])")


def write_catalogues(folder: Path) -> None:
    """Write the pseudo language's catalogues into a folder."""
    for source in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"):
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3])
        for message in catalogue:
            if message.id:
                wrapped = tuple(f"{OPEN}{text}{CLOSE}" for text in texts_of(message))
                message.string = wrapped[0] if isinstance(message.string, str) else wrapped
        target = folder / source.relative_to(TRANSLATIONS).with_suffix(".mo")
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            write_mo(file, catalogue)


def bracket(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let applications and letters that are made from now on speak the pseudo language of a folder instead of Chinese."""
    for module in (language, login, catalogues):
        monkeypatch.setattr(module, "TRANSLATIONS", folder)
    # Charts say a few words of their own, in either language, as papers do.
    first = Name.first
    monkeypatch.setattr(Name, "first", lambda name, lang: f"{OPEN}{first(name, lang)}{CLOSE}")
    forget()


def forget() -> None:
    """Drop what is kept for a language, so that the next reader gets it from the catalogue of the moment."""
    for kept in (catalogues, messages, line_options):
        for value in vars(kept).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def untranslated(page: str, typed: Collection[str] = ()) -> list[str]:
    """Every text of a page, seen or spoken, that has words outside the brackets; a title or chart may name what was `typed`."""
    found = []
    for place, text in texts(page):
        own = text
        if place in NAMING:
            for name in typed:
                own = own.replace(name, "")
        if has_words(own):
            found.append(f"{place}: {text}")
    return found


def chinese_in(page: str, typed: Collection[str] = ()) -> list[str]:
    """Every text of an English page that has Chinese in it; a sentence may name what was `typed`."""
    found = []
    for place, text in texts(page):
        own = text
        for name in typed:
            own = own.replace(name, "")
        if re.search(f"[{CJK}]", _symbols().sub("", own)):
            found.append(f"{place}: {text}")
    return found


def texts(page: str) -> Iterator[tuple[str, str]]:
    """Every text of a page with its place, what people typed left aside."""
    yield from _texts(html.document_fromstring(page), translates=True)


def _texts(element: Any, *, translates: bool) -> Iterator[tuple[str, str]]:
    if not isinstance(element.tag, str) or element.tag in UNSEEN or _is_step(element):
        return
    translates = {"no": False, "yes": True}.get(element.get("translate"), translates)
    name = element.tag + "".join(f".{word}" for word in (element.get("class") or "").split()[:1])
    if translates:
        is_button = element.tag == "input" and element.get("type") in BUTTONS
        spoken = [*SPOKEN, "value"] if is_button else SPOKEN
        yield from ((f"{name}[{word}]", element.get(word)) for word in spoken if element.get(word))
        yield from ((name, text) for text in [element.text] if text)
    for child in element:
        yield from _texts(child, translates=translates)
        if translates and child.tail:
            yield name, child.tail


def odd_punctuation(page: str) -> list[str]:
    """Every run of text of a page, as it is read, in which a half-width sign touches a Chinese character."""
    parts: list[str] = []
    _run(html.document_fromstring(page), parts, translates=True)
    lines = "".join(parts).replace(OPEN, "").replace(CLOSE, "").splitlines()
    return [" ".join(line.split()) for line in lines if HALF_WIDTH.search(line)]


def _run(element: Any, parts: list[str], *, translates: bool) -> None:
    if not isinstance(element.tag, str) or element.tag in UNSEEN or _is_step(element):
        return
    translates = {"no": False, "yes": True}.get(element.get("translate"), translates)
    edge = "" if element.tag in INLINE else "\n"
    parts.append(edge)
    if translates:
        parts.append(" ".join((element.text or "").splitlines()))
    else:
        parts.append(SOMETHING)
    for child in element:
        if translates:
            _run(child, parts, translates=True)
            parts.append(" ".join((child.tail or "").splitlines()))
    parts.append(edge)


def _is_step(element: Any) -> bool:
    """Whether this is a step of a calculation, which is kept in both languages as data."""
    return "trace-step" in (element.get("class") or "").split()


def has_words(text: str) -> bool:
    """Whether letters or characters are left when brackets, data, dates, codes and symbols are taken out."""
    own = outside(text)
    return _is_word(own) and any(_is_word(part) for part in re.split("[；;]", own))


def _is_word(text: str) -> bool:
    if _plain(text) in _data():
        return False
    for known in (ADDRESSES, DATES, CODES, _symbols()):
        text = known.sub(" ", text)
    return _plain(text) not in _data() and re.search(rf"[A-Za-z{CJK}]", text) is not None


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(" .0123456789·–-,、，：:（）()")


def outside(text: str) -> str:
    """What of a text is in no brackets; they nest."""
    depth, kept = 0, []
    for sign in text:
        depth -= sign == CLOSE
        if depth == 0 and sign != CLOSE:
            kept.append(sign if sign != OPEN else " ")
        depth += sign == OPEN
    return "".join(kept)


@cache
def _symbols() -> re.Pattern[str]:
    every = sorted({*SYMBOLS, *UNITS}, key=len, reverse=True)
    return re.compile(rf"(?<![A-Za-z])({'|'.join(map(re.escape, every))})(?![A-Za-z])")


@cache
def _data() -> frozenset[str]:
    """The Chinese wording of everything that is shipped as data, and of countries."""
    found = {*Locale("zh").territories.values(), *(claim.zh for claim in DOES_NOT_CLAIM)}
    for named in (
        data.load_categories(),
        data.load_sectors(),
        data.load_provinces(),
        data.load_levers(),
        UNITS,
    ):
        for thing in named.values():
            found |= set(_wordings(thing))
    return frozenset(_plain(text) for text in found)


def _wordings(thing: Any) -> Iterator[str]:
    if isinstance(thing, tuple):
        for each in thing:
            yield from _wordings(each)
    elif is_dataclass(thing):
        for field in fields(thing):
            value = getattr(thing, field.name)
            if field.name.endswith("_zh"):
                yield value
            else:
                yield from _wordings(value)
