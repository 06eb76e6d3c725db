"""Reads the fields of one form or one record, whichever door it came through, and gathers what is wrong with all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from portal.calculation.problems import Problem, Severity
from portal.intake.characters import trim
from portal.intake.dates import DateRules, read_date
from portal.intake.numbers import QUANTITY, NumberRules, read_integer, read_number, read_percent
from portal.intake.raw import answers, as_text, kept
from portal.intake.reading import Change, Read, failed, shown
from portal.intake.texts import LONGEST_SHORT, read_long_text, read_short_text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed by field, in the convention of a locale; `confirmed` holds chosen readings of doubtful values.

    Values are text, or numbers that a machine spelled, which mean the same in every locale.
    """

    values: Mapping[str, object]
    locale: str = "zh"
    confirmed: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """What a field holds, without spaces around it; empty where nothing was typed."""
        value = self.values.get(name)
        return "" if value is None else str(value).strip()

    def raw(self) -> dict[str, object]:
        """What is kept beside the read values, so that nothing typed is lost."""
        typed = {name: kept(value) for name, value in self.values.items()}
        return {**typed, "confirmed": answers(self.confirmed)}


@dataclass(slots=True)
class Reading:
    """Reads one field after the other; `problems` and `changes` gather on the way."""

    typed: Typed
    today: date
    problems: list[Problem] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def is_settled(self) -> bool:
        """Whether nothing was refused and no question waits."""
        return all(each.severity is Severity.WARNING for each in self.problems)

    def refuse(self, found: Problem) -> None:
        """Add a problem that no single field shows."""
        self.problems.append(found)

    def text(self, name: str, *, is_required: bool = True, longest: int = LONGEST_SHORT) -> str:
        """A line of text; empty where it was left out or refused."""
        read = read_short_text(self._of(name), field=name, is_required=is_required, longest=longest)
        return self._take(read) or ""

    def long_text(self, name: str, *, is_required: bool = False, longest: int = 1000) -> str:
        """A text of several lines; empty where it was left out or refused."""
        read = read_long_text(self._of(name), field=name, is_required=is_required, longest=longest)
        return self._take(read) or ""

    def number(self, name: str, rules: NumberRules = QUANTITY) -> Decimal | None:
        """A decimal; None where it was left out or refused."""
        return self._numeric(read_number, name, rules)

    def percent(self, name: str, rules: NumberRules) -> Decimal | None:
        """A percentage, 12 for 12 %; None where it was left out or refused."""
        return self._numeric(read_percent, name, rules)

    def whole(self, name: str, rules: NumberRules) -> int | None:
        """A whole number; None where it was left out or refused."""
        return self._numeric(read_integer, name, rules)

    def day(self, name: str, rules: DateRules) -> date | None:
        """A day; None where it was left out or refused."""
        read = read_date(
            self._of(name),
            today=self.today,
            field=name,
            rules=rules,
            confirmed=self.typed.confirmed.get(name),
        )
        return self._take(read)

    def choice(self, name: str, offered: Collection[str], *, is_required: bool = True) -> str:
        """One of the codes that are offered; empty where none was chosen."""
        given = trim(as_text(self._of(name)))
        if not given:
            return self._take(failed("choice.missing", name)) or "" if is_required else ""
        if given not in offered:
            return self._take(failed("choice.not_offered", name, given=shown(given))) or ""
        return given

    def choices(self, name: str, offered: Collection[str]) -> tuple[str, ...]:
        """Several of the codes that are offered, separated by commas, each once and in the order of the offer."""
        given = [each for each in as_text(self._of(name)).split(",") if each]
        if not given:
            self._take(failed("choice.missing", name))
        for each in given:
            if each not in offered:
                self._take(failed("choice.not_offered", name, given=shown(each)))
        return tuple(each for each in offered if each in given)

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return as_text(self._of(name)) in ("y", "1", "true", "on")

    def _numeric(self, reader: Callable[..., Read[T]], name: str, rules: NumberRules) -> T | None:
        read = reader(
            self._of(name),
            field=name,
            locale=self.typed.locale,
            rules=rules,
            confirmed=self.typed.confirmed.get(name),
        )
        return self._take(read)

    def _of(self, name: str) -> object:
        found = self.typed.values.get(name)
        return "" if found is None else found

    def _take(self, read: Read[T]) -> T | None:
        self.problems += read.problems
        self.changes += read.changes
        return read.value
