"""Both languages are complete: every text of code and templates has a translation that fits it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conventions.catalogues import MAIN, catalogues, read, said, texts_of

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%")
CJK = "\u4e00-\u9fff"
# 3.5 and 10:30 and https:// are no punctuation of a sentence; a sign that touches a Chinese character is.
ASCII_BESIDE_CHINESE = re.compile(rf"[{CJK}][,.;:!?()]|[,;:!?()][{CJK}]")


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
    assert stale == []


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.stem)
def test_no_translation_is_empty_or_doubtful(path: Path) -> None:
    messages = [m for m in read(path) if m.id]
    assert messages
    assert [m.id for m in messages if m.fuzzy or not all(texts_of(m))] == []


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.stem)
def test_translations_name_the_same_values(path: Path) -> None:
    odd = [
        text
        for message in read(path)
        for text in (texts_of(message) if message.id else [])
        if _values(text) != _values(_first(message.id, -1))
    ]
    assert odd == []


def test_no_text_has_a_bare_percent_sign() -> None:
    # It would be taken for the start of a placeholder, in one language or in the other.
    texts = [text for _, text in said()] + [
        t for path in catalogues() for m in read(path) if m.id for t in texts_of(m)
    ]
    assert [text for text in texts if "%" in PLACEHOLDER.sub("", text)] == []


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.stem)
def test_chinese_has_chinese_punctuation(path: Path) -> None:
    texts = [text for message in read(path) if message.id for text in texts_of(message)]
    plain = [(text, PLACEHOLDER.sub("名", text)) for text in texts]
    assert [text for text, filled in plain if ASCII_BESIDE_CHINESE.search(filled)] == []


def _values(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text)) - {""}


def _first(text: str | tuple[str, ...] | list[str], place: int = 0) -> str:
    return text if isinstance(text, str) else text[place]
