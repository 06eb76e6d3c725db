"""Both languages are complete: every text of code and templates has a translation that fits it."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages import Message
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from tests.conventions.catalogues import (
    LOCALES,
    LOGIN,
    MAIN,
    catalogues,
    marked,
    read,
    said,
    texts_of,
)

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}|%(s)|%%")
CJK = "\u3400-\u9fff"
# 3.5 and 10:30 and https:// are no punctuation of a sentence; a sign that touches a Chinese character is.
ASCII_BESIDE_CHINESE = re.compile(
    rf"[{CJK}] ?[,.;:!?()]|[,;:!?()] ?[{CJK}]|[{CJK}]['\"]|['\"][{CJK}]"
)

# Texts that are the same in both languages, because they are no words of either.
SAME = {"YYYY-MM-DD"}


def test_every_text_has_a_translation() -> None:
    catalogue = read(MAIN)
    missing = [
        f"{place} {text!r}"
        for (context, text), place in sorted(said().items(), key=lambda item: item[1])
        if catalogue.get(text, context) is None
    ]
    assert missing == [], "run make messages, then translate"


def test_catalogue_holds_nothing_that_nobody_says() -> None:
    stale = [m.id for m in read(MAIN) if m.id and (m.context, _first(m.id)) not in said()]
    assert stale == [], "run make messages"


def test_collecting_stops_at_a_template_that_cannot_be_parsed() -> None:
    # Without it a broken template loses its texts without a word: then nothing is missing, and nothing is translated.
    with (LOCALES / "babel.cfg").open(encoding="utf-8") as file:
        _, options = parse_mapping_cfg(file)
    of_templates = {name: found for name, found in options.items() if not name.endswith(".py")}
    assert of_templates
    assert {found.get("silent") for found in of_templates.values()} == {"false"}


def test_every_marked_text_is_collected() -> None:
    # `_("a" if b else "c")` and `_(f"{a}")` are marked for a reader, but not for the collector.
    lost = [f"{place} {text!r}" for place, text in marked() if text not in {t for _, t in said()}]
    assert lost == []


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.stem)
def test_no_translation_is_empty_or_doubtful(path: Path) -> None:
    messages = _messages(path)
    assert messages
    assert [m.id for m in messages if m.fuzzy or not all(texts_of(m))] == []


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.stem)
def test_no_obsolete_text_is_kept(path: Path) -> None:
    assert "#~" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.stem)
def test_head_says_how_plurals_are_formed(path: Path) -> None:
    assert read(path).num_plurals == 1
    assert "nplurals=1; plural=0;" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.stem)
def test_translations_name_the_same_values(path: Path) -> None:
    odd = [
        text
        for message in _messages(path)
        for text in texts_of(message)
        if _values(text) != _values(_first(message.id, -1))
    ]
    assert odd == []


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.stem)
def test_nothing_is_left_in_english(path: Path) -> None:
    foreign = [
        text
        for message in _messages(path)
        for text in texts_of(message)
        if re.search("[A-Za-z]", PLACEHOLDER.sub("", text))
        and not re.search(f"[{CJK}]", text)
        and text not in SAME
    ]
    assert foreign == []


def test_no_text_has_a_bare_percent_sign() -> None:
    # It would be taken for the start of a placeholder, in one language or in the other.
    texts = [text for _, text in said()] + [t for m in _messages(MAIN) for t in texts_of(m)]
    assert [text for text in texts if "%" in re.sub(r"%\(\w+\)[sd]|%%", "", text)] == []


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.stem)
def test_chinese_has_chinese_punctuation(path: Path) -> None:
    texts = [text for message in _messages(path) for text in texts_of(message)]
    plain = [(text, re.sub("<[^>]+>", "", PLACEHOLDER.sub("名", text))) for text in texts]
    assert [text for text, filled in plain if ASCII_BESIDE_CHINESE.search(filled)] == []


def test_login_library_is_translated_completely() -> None:
    # Its own Chinese catalogue lacks two texts of three, and calls things by other names than this portal.
    template = files("flask_security") / "translations" / "flask_security.pot"
    with template.open("rb") as file:
        wanted = {_first(message.id) for message in read_po(file) if message.id}
    translated = {_first(message.id) for message in _messages(LOGIN)}
    assert wanted - translated == set()
    assert translated - wanted == set()


def _messages(path: Path) -> list[Message]:
    return [message for message in read(path) if message.id]


def _values(text: str) -> list[tuple[str, ...]]:
    return sorted(found for found in PLACEHOLDER.findall(text) if any(found))


def _first(text: str | tuple[str, ...] | list[str], place: int = 0) -> str:
    return text if isinstance(text, str) else text[place]
