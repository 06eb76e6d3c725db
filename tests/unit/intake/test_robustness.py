"""Whatever is typed or sent, a reader answers, fast, and with words."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.calculation.problems import Severity
from portal.intake.dates import read_date
from portal.intake.emails import read_email
from portal.intake.filenames import read_filename
from portal.intake.identifiers import read_code, read_credit_code
from portal.intake.messages import MESSAGES
from portal.intake.numbers import read_integer, read_number, read_percent
from portal.intake.passwords import read_password
from portal.intake.periods import read_period
from portal.intake.reading import Answer, Read
from portal.intake.texts import read_long_text, read_short_text
from portal.intake.units import read_unit
from portal.intake.urls import read_url

TODAY = date(2026, 11, 24)
READERS: dict[str, Callable[[Any], Read[Any]]] = {
    "number": read_number,
    "german number": lambda raw: read_number(raw, locale="de"),
    "percent": read_percent,
    "integer": read_integer,
    "unit": read_unit,
    "date": lambda raw: read_date(raw, today=TODAY),
    "period": lambda raw: read_period(raw, today=TODAY),
    "short text": read_short_text,
    "long text": read_long_text,
    "code": read_code,
    "credit code": read_credit_code,
    "email": read_email,
    "url": read_url,
    "password": lambda raw: read_password(raw, context=("Anna Müller", "乳业")),
    "file name": read_filename,
}

SIGNS = "0123456789.,+-−eE ()%万亿年月日/~:@\u00a0\u200b\u3000１２kWhmMNaFHQ第一季度上半年fy'_\"<>\\\ud800\ufeff"
ANY_TEXT = st.text() | st.text(alphabet=SIGNS, max_size=40)
ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | ANY_TEXT
    | st.dates()
    | st.datetimes(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("name", READERS)
@given(raw=ANY_TEXT | ANY_JSON)
def test_reader_answers_whatever_is_sent(name, raw):
    read = READERS[name](raw)
    for problem in read.problems:
        said = MESSAGES[problem.code] % problem.named_values
        assert len(said) < 600
        assert said.isprintable()
        assert (problem.severity is Severity.QUESTION) == bool(problem.readings)
    if read.answer in (Answer.ASK, Answer.REJECT):
        assert read.value is None


@pytest.mark.parametrize("name", READERS)
@given(raw=ANY_TEXT)
def test_every_offered_reading_settles_the_question(name, raw):
    confirmable: dict[str, Callable[[str, str], Read[Any]]] = {
        "number": lambda typed, answer: read_number(typed, confirmed=answer),
        "german number": lambda typed, answer: read_number(typed, locale="de", confirmed=answer),
        "percent": lambda typed, answer: read_percent(typed, confirmed=answer),
        "unit": lambda typed, answer: read_unit(typed, confirmed=answer),
        "date": lambda typed, answer: read_date(typed, today=TODAY, confirmed=answer),
        "period": lambda typed, answer: read_period(typed, today=TODAY, confirmed=answer),
    }
    asked = READERS[name](raw)
    for reading in (
        asked.problems[0].readings if asked.answer is Answer.ASK and name in confirmable else ()
    ):
        assert confirmable[name](raw, reading).is_settled


@given(
    value=st.decimals(min_value=0, max_value=Decimal("999999999999.999999"), places=6),
    group=st.sampled_from(["", ",", " ", "\u00a0", "\u202f"]),
)
def test_formatted_number_reads_back_exactly(value, group):
    whole, _, part = format(value, ",f").partition(".")
    assert read_number(f"{whole.replace(',', group)}.{part}").value == value


@given(
    value=st.decimals(min_value=0, max_value=Decimal("999999999999.999999"), places=6),
    group=st.sampled_from(["", ".", " ", "\u00a0"]),
)
def test_number_formatted_with_a_decimal_comma_reads_back_exactly(value, group):
    whole, _, part = format(value, ",f").partition(".")
    typed = f"{whole.replace(',', group)},{part}"
    assert read_number(typed, locale="de", confirmed=format(value.normalize(), "f")).value == value


@given(value=st.decimals(min_value=0, max_value=Decimal("999999999999.999999"), places=6))
def test_machine_decimal_reads_back_exactly_in_any_context(value):
    with localcontext() as context:
        context.prec = 3
        read = read_number(value)
    assert read.value == value


@given(day=st.dates(min_value=date(2000, 1, 1), max_value=TODAY))
def test_day_reads_back_from_every_clear_spelling(day):
    for pattern in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"):
        assert read_date(day.strftime(pattern), today=TODAY).value == day


ATTACKS = [
    "(",
    "a@",
    "1,",
    "1 ",
    " ",
    "-",
    "1-",
    "2025-",
    "2025年",
    "年",
    "1e",
    ".",
    "a.",
    "@",
    "a" * 3,
    "A-",
    "\u0301",
    "%",
    "%2",
    "/",
    "\u200d",
    "12万",
    "至",
    "~",
    "\\",
    "xn--",
    "é",
    "q1",
]


@pytest.mark.parametrize("name", READERS)
def test_reader_is_quick_on_five_thousand_repeated_characters(name):
    for attack in ATTACKS:
        for text in (
            (attack * 5000)[:5000],
            "2025" + (attack * 5000)[:4990] + "!",
            "http://" + (attack * 5000)[:1990],
        ):
            started = time.process_time()
            READERS[name](text)
            assert time.process_time() - started < 0.25, (name, attack)


def test_moment_in_a_date_cell_is_no_day():
    assert read_date(datetime(2025, 3, 7, 10, 0), today=TODAY).answer is Answer.REJECT
    assert read_date(datetime(2025, 3, 7), today=TODAY).value == date(2025, 3, 7)
