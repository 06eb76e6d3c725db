"""Numbers: one grammar for what is typed, and questions where a reading could be a thousand times another."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.intake.number_shapes import CommaText
from portal.intake.numbers import NumberRules, read_integer, read_number, read_percent
from portal.intake.reading import Answer


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12.5", "12.5"),
        ("0", "0"),
        ("+5", "5"),
        ("００１２．５０", "12.5"),
        ("1,234,567.89", "1234567.89"),
        ("１，２３４", "1234"),
        ("1 234.5", "1234.5"),
        ("1\u202f234\u202f567", "1234567"),
        (".5", "0.5"),
        ("5.", "5"),
        ("12.5000000", "12.5"),
        ("\ufeff12", "12"),
        ("−0", "0"),
    ],
)
def test_number_is_read_when_only_one_reading_exists(typed, value):
    read = read_number(typed)
    assert read.value == Decimal(value)
    assert str(read.value) == value
    assert bool(read.changes) == (typed != value)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "number.missing"),
        (None, "number.missing"),
        ("无", "number.none_written"),
        ("n/a", "number.none_written"),
        ("NaN", "number.not_finite"),
        ("-Infinity", "number.not_finite"),
        ("−5", "number.negative"),
        ("(5)", "number.negative_notation"),
        ("5-", "number.negative_notation"),
        ("12,34", "number.separators"),
        ("2.450.000", "number.separators"),
        ("0,123", "number.separators"),
        ("1,234 567", "number.separators"),
        ("١٢٣", "number.other_digits"),
        ("१२", "number.other_digits"),
        ("①", "number.other_digits"),
        ("5²", "number.other_digits"),
        ("一百二十", "number.in_words"),
        ("0b101", "number.programming"),
        ("1_000", "number.programming"),
        ("=1+1", "number.expression"),
        ("1×10^5", "number.expression"),
        ("10~20", "number.range"),
        ("1/3", "number.fraction"),
        ("¼", "number.fraction"),
        ("≤5", "number.inequality"),
        ("约12", "number.approximate"),
        ("12左右", "number.approximate"),
        ("￥12", "number.currency"),
        ("12万元", "number.currency"),
        ("12%", "number.percent"),
        ("#N/A", "number.spreadsheet_error"),
        ("1\u200b2", "number.invisible"),
        ("12\u202c", "number.invisible"),
        ("12m³", "number.with_unit"),
        ("9" * 13, "number.too_large"),
        ("9" * 41, "number.too_long"),
        ("0.0000001", "number.too_small"),
        ("1e-400", "number.too_small"),
        ("1e400", "number.too_large"),
        (True, "number.not_a_number"),
        (1.5, "number.not_a_number"),
        ([1], "number.not_a_number"),
        (Decimal("NaN"), "number.not_finite"),
        (Decimal("1E+999999"), "number.too_large"),
        pytest.param(10**5000, "number.too_large", id="five thousand digits"),
    ],
)
def test_number_is_refused_with_its_own_cure(typed, code):
    read = read_number(typed)
    assert read.value is None
    assert [each.code for each in read.problems] == [code]


@pytest.mark.parametrize(
    ("typed", "locale", "readings"),
    [
        ("12万", "zh", ("120000",)),
        ("1.2 亿", "zh", ("120000000",)),
        ("12k", "en", ("12000",)),
        ("1.5E+3", "en", ("1500",)),
        ("0.1234567", "en", ("0.123457",)),
        ("1.234,5", "en", ("1234.5",)),
        ("1,234", "de", ("1.234", "1234")),
        ("1.234", "de", ("1234", "1.234")),
        ("1,234.5", "de_DE", ("1234.5",)),
    ],
)
def test_doubtful_number_is_asked_and_taken_once_answered(typed, locale, readings):
    asked = read_number(typed, locale=locale)
    assert asked.answer is Answer.ASK
    assert asked.problems[0].readings == readings
    for reading in readings:
        answered = read_number(typed, locale=locale, confirmed=reading)
        assert str(answered.value) == reading
        assert answered.is_settled


def test_answer_to_another_question_settles_nothing():
    assert read_number("12万", confirmed="12").answer is Answer.ASK
    assert read_number("13万", confirmed="120000").answer is Answer.ASK


def test_unit_beside_the_number_is_named_in_the_cure():
    problem = read_number("12万度").problems[0]
    assert problem.named_values == {"given": "12万度", "number": "12", "unit": "万度"}


def test_largest_number_is_kept_to_the_last_digit_and_flagged():
    read = read_number("999,999,999,999.999999")
    assert str(read.value) == "999999999999.999999"
    assert read.answer is Answer.ACCEPT_FLAGGED


def test_rounding_up_may_not_add_a_digit():
    assert read_number("999999999999.9999999").answer is Answer.REJECT


def test_machine_number_is_read_without_questions_about_its_spelling():
    assert str(read_number(Decimal("1E+5")).value) == "100000"
    assert read_number(Decimal("12.0")).answer is Answer.ACCEPT
    assert read_number(12).answer is Answer.ACCEPT


def test_binary_noise_of_a_spreadsheet_is_undone_and_shown():
    read = read_number(Decimal(repr(0.1 + 0.2)))
    assert str(read.value) == "0.3"
    assert read.changes[0].typed == "0.30000000000000004"


def test_optional_number_left_empty_is_nothing_and_not_zero():
    read = read_number(" ", rules=NumberRules(is_required=False))
    assert read.value is None
    assert read.is_settled


@pytest.mark.parametrize(
    ("typed", "value"), [("100", "100"), ("12％", "12"), ("0.5 %", "0.5"), ("0", "0")]
)
def test_percentage_is_read_with_or_without_its_sign(typed, value):
    assert str(read_percent(typed).value) == value


def test_share_of_one_is_asked_when_it_may_be_a_percentage():
    asked = read_percent("0.12")
    assert asked.problems[0].readings == ("0.12", "12")
    assert read_percent("0.12", confirmed="12").value == 12


@pytest.mark.parametrize("typed", ["101", "-0.0001", "12‰", "%", "百分之五", "1/2"])
def test_percentage_outside_its_bounds_or_spelling_is_refused(typed):
    assert read_percent(typed).answer is Answer.REJECT


@pytest.mark.parametrize(
    ("typed", "value"), [("12", 12), ("１２", 12), ("1,234", 1234), (Decimal("12.0"), 12)]
)
def test_whole_number_is_read_as_an_integer(typed, value):
    read = read_integer(typed)
    assert read.value == value
    assert type(read.value) is int


@pytest.mark.parametrize(
    "typed", ["12.0", "12.", "12.5", "2147483648", "-1", Decimal("0.5"), "1.2345k"]
)
def test_whole_number_is_never_rounded_or_guessed(typed):
    assert read_integer(typed).answer is Answer.REJECT


def test_text_with_a_decimal_comma_is_read_so_in_every_language() -> None:
    assert read_number(CommaText("1,5"), locale="en").value == Decimal("1.5")
    assert read_percent(CommaText("12,5 %"), locale="zh").value == Decimal("12.5")
    assert read_integer(CommaText("1.234"), locale="en").problems == (
        read_integer("1.234", locale="de").problems
    )
