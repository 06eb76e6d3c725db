"""The catalogues and the texts that code and templates say, as the tests about them need both."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages import Message
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po

from tests.conventions.source import ROOT

LOCALES = ROOT / "portal" / "translations"
MAIN = LOCALES / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
LAZY = ("lazy_gettext", "lazy_ngettext:1,2", "lazy_pgettext:1c,2")


def catalogues() -> list[Path]:
    """Return every source catalogue, the main one even where it is missing."""
    return sorted({MAIN, *LOCALES.glob("*/LC_MESSAGES/*.po")})


@cache
def read(path: Path) -> Catalog:
    """Return a catalogue as it stands, obsolete entries left aside."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


@cache
def said() -> dict[tuple[str | None, str], str]:
    """Return every text to translate, by context and text, with a place where it is said."""
    with (LOCALES / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    keywords = DEFAULT_KEYWORDS | parse_keywords(LAZY)
    found = {}
    for folder in ("portal", "templates"):
        extracted = extract_from_dir(ROOT / folder, methods, options, keywords)
        for name, line, message, _, context in extracted:
            text = message if isinstance(message, str) else message[0]
            found.setdefault((context, text), f"{folder}/{name}:{line}")
    return found


def texts_of(message: Message) -> list[str]:
    """Return all translations of a message: one, or one per plural form."""
    return [message.string] if isinstance(message.string, str) else list(message.string)
