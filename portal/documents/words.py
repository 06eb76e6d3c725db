"""How a report speaks that is in one language first: its own wording, and the other one small beside its headings."""

from __future__ import annotations

from dataclasses import dataclass

from portal.documents.facts import Language, Name


@dataclass(frozen=True, slots=True)
class Words:
    """How the report speaks: one language first, the other one small beside its headings."""

    language: Language

    def first(self, zh: str, en: str) -> str:
        """The wording in the report's own language."""
        return Name(zh, en).first(self.language)

    def second(self, zh: str, en: str) -> str:
        """The wording in the other language."""
        return Name(zh, en).second(self.language)

    def of(self, name: Name) -> str:
        """A name in the report's own language, or in the other where it has only that."""
        return name.first(self.language)

    @property
    def code(self) -> str:
        """The language tag of the report's own language."""
        return "en" if self.language is Language.EN else "zh-CN"

    @property
    def second_code(self) -> str:
        """The language tag of the other language."""
        return "zh-CN" if self.language is Language.EN else "en"
