"""What is remembered of earlier lines changes nothing about the next: it comes to the same as if it were read alone."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal.data import load_categories
from portal.intake import numbers, texts
from portal.intake.line_rules import LineRules
from portal.intake.numbers import read_number
from portal.intake.raw import RawLine
from portal.intake.read import read_line

RULES = LineRules(
    today=date(2026, 11, 24),
    inventory_year=2025,
    sites={"S1": "S1", "一号工厂": "S1", "S2": "S2"},
    categories=load_categories(),
)
TYPED: dict[str, tuple[object, ...]] = {
    "category": ("electricity.grid", "外购电力", "heat.steam", "livestock.enteric", "nothing", "", None, True, 1),
    "quantity": ("1", "1,250.5", "12万", "", None, "-3", Decimal("0.30000000000000004"), 7, True),
    "unit": ("kWh", "度", "t", "ton", "斤", "", None, "head", 1, True),
    "site": ("S1", "一号工厂", "s2", "S\u202e1", "", None, 1),
    "period": ("2025-03", "2025年3月", "2025", "2025-2", "2031", "", None, date(2025, 3, 1), 202503, True),
    "start": (None, "", "2025-03-01"),
    "end": (None, "", "2025-03-31", "2025-02-01"),
    "note": ("", None, " a ", "a\x00b"),
    "parameters.animal": (None, "", "dairy_breeding_lactating", "unicorn"),
    "parameters.enthalpy": (None, "", "2800", "x", Decimal("2800"), True),
    "parameters.foo": (None, "", "bar"),
}  # fmt: skip
ANSWERS = ({}, {"unit": "t"}, {"quantity": "120000"}, {"period": "2025-02-01/2025-02-28"})


def test_lines_come_to_the_same_whatever_was_read_before_them():
    chance = random.Random(20261128)
    rules = replace(RULES, remembered={})
    for _ in range(3000):
        fields = {column: chance.choice(values) for column, values in TYPED.items()}
        answers = chance.choice(ANSWERS)
        raw = RawLine.of_form("line", fields)
        fresh = replace(RULES, remembered={})
        assert read_line(raw, rules, answers) == read_line(raw, fresh, answers)
    assert 100 < len(rules.remembered) < 3000


def test_addresses_of_sheets_are_never_mixed_up():
    rules = replace(RULES, remembered={})
    for row in (7, 8):
        raw = RawLine.of_sheet("Energy", row, {"unit": "C"}, {"unit": "nonsense"})
        assert f"Energy!C{row}" in {each.field for each in read_line(raw, rules).problems}
    assert rules.remembered == {}


def test_what_is_remembered_has_an_end(monkeypatch):
    monkeypatch.setattr("portal.intake.line_rules._MOST_REMEMBERED", 10)
    rules = replace(RULES, remembered={})
    for number in range(100):
        read_line(RawLine.of_form("line", {"site": f"S{number}"}), rules)
    assert len(rules.remembered) <= 10


@pytest.mark.parametrize("locale", ["zh", "en", "de"])
def test_plain_digits_are_read_as_the_long_way_reads_them(monkeypatch, locale):
    chance = random.Random(20261128)
    typed = ["0", "00", "0.0", "1.", ".5", "9" * 12, "9" * 13, "9" * 41, "10000000000", "0.0000001"]
    for _ in range(2000):
        whole, part = chance.randrange(10 ** chance.randint(1, 14)), chance.randint(0, 8)
        digits = "".join(chance.choice("0123456789") for _ in range(part))
        typed.append(f"{whole}.{digits}" if digits else str(whole))
    short = [read_number(each, locale=locale) for each in typed]
    for known in ("_PLAIN", "_USUAL"):
        monkeypatch.setattr(numbers, known, numbers.re.compile("(?!)"))
    assert short == [read_number(each, locale=locale) for each in typed]
    assert sum(each.value is not None for each in short) > 100


def test_plain_texts_are_read_as_the_long_way_reads_them(monkeypatch):
    given = ["", " ", "a", "bill 17", " a", "a ", "  ", "~", "a\nb", "a\tb", "x" * 5000, "x" * 5001]
    given += ["é", "\x7f", "a\x00b", "年", "a\u200bb"]
    short = [read(each) for each in given for read in (texts.read_long_text, texts.read_short_text)]
    monkeypatch.setattr(texts, "_is_plain", lambda _: False)
    assert short == [
        read(each) for each in given for read in (texts.read_long_text, texts.read_short_text)
    ]
    assert sum(each.value is not None for each in short) > 10
