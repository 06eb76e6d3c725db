"""The portal's translations for words that are written without a request."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from portal.resources import TRANSLATIONS

CHINESE, ENGLISH = "zh_Hans_CN", "en"
DOMAIN = "messages"


@lru_cache
def catalogue(language: str) -> NullTranslations:
    """The messages of a language; English is what the code says. Raises FileNotFoundError rather than write in another."""
    if language == ENGLISH:
        return NullTranslations()
    folder = TRANSLATIONS / language / "LC_MESSAGES"
    compiled, source = folder / f"{DOMAIN}.mo", folder / f"{DOMAIN}.po"
    if compiled.exists() and not source.exists():
        with compiled.open("rb") as file:
            return Translations(file, DOMAIN)
    # In a checkout the source is the truth: a compiled file may be older than it.
    with source.open("rb") as file:
        words = read_po(file, locale=language)
    buffer = BytesIO()
    write_mo(buffer, words)
    buffer.seek(0)
    return Translations(buffer, DOMAIN)
