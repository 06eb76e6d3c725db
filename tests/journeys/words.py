"""What a page says, in its language: the portal's own catalogue, asked by the English words."""

from __future__ import annotations

from dataclasses import dataclass

from babel.support import Translations

from portal.resources import TRANSLATIONS
from portal.web.language import LANGUAGES


@dataclass(frozen=True)
class Words:
    """The words of one language."""

    code: str

    def __call__(self, english: str, **values: object) -> str:
        """The words for an English text; a text without a translation is a hole and fails."""
        text = self._catalogue().gettext(english)
        assert text != english or self.code == "en", f"not translated: {english}"
        return text % values if values else text

    def counted(self, one: str, many: str, count: int) -> str:
        """The words for a number of things."""
        return self._catalogue().ngettext(one, many, count) % {"num": count}

    def in_context(self, context: str, english: str) -> str:
        """The words for an English text that means several things."""
        return self._catalogue().pgettext(context, english)

    def _catalogue(self) -> Translations:
        found = Translations.load(str(TRANSLATIONS), [LANGUAGES[self.code].locale])
        return found if isinstance(found, Translations) else Translations()
