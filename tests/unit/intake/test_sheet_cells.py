"""What a cell means as typed text: exact digits and days, and what is refused with its cell."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portal.calculation.problems import Severity
from portal.domain.cells import EMPTY, Cell
from portal.domain.workbooks import MESSAGES
from portal.intake.numbers import read_number
from portal.intake.sheet_cells import number_text, period_text, read_cell


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (EMPTY, ""),
        (Cell(" 007 "), " 007 "),
        (Cell(Decimal("1200.0")), "1200"),
        (Cell(Decimal("0.1")), "0.1"),
        (Cell(Decimal("1E+22")), "10000000000000000000000"),
        (Cell(Decimal("0.30000000000000004")), "0.3"),
        (Cell(Decimal("-0.0")), "0"),
        (Cell(Decimal("Infinity")), "Infinity"),
        (Cell(Decimal("0.12"), is_percent=True), "12%"),
        (Cell(date(2025, 3, 1)), "2025-03-01"),
        (Cell(datetime(2025, 3, 1)), "2025-03-01"),
        (Cell(datetime(2025, 3, 1, 6)), "2025-03-01T06:00:00"),
    ],
)
def test_cell_is_read_as_if_it_had_been_typed(cell, text):
    read = read_cell(cell, "Data!C3")
    assert read.value == text
    assert read.problems == ()


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (Cell(True), "cell.truth"),
        (Cell(False), "cell.truth"),
        (Cell(error="#DIV/0!"), "cell.error"),
        (Cell(error="#N/A", is_formula=True), "cell.error"),
        (Cell(is_formula=True), "cell.formula_unknown"),
        (Cell("", is_formula=True), "cell.formula_unknown"),
        (Cell(is_covered=True), "cell.covered"),
        (Cell("x" * 9, is_cut=True), "cell.too_long"),
    ],
)
def test_what_is_no_value_is_refused_with_its_cell_and_a_cure(cell, code):
    (found,) = read_cell(cell, "Data!C3").problems
    assert found.code == code
    assert "Data!C3" in MESSAGES[code] % found.named_values


def test_result_of_a_formula_is_taken_with_a_remark():
    read = read_cell(Cell(Decimal("2.0"), is_formula=True), "Data!C3")
    assert read.value == "2"
    assert [found.severity for found in read.problems] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Cell(date(2025, 3, 1)), "2025-03"),
        (Cell(datetime(2025, 3, 1)), "2025-03"),
        (Cell(date(2025, 3, 2)), "2025-03-02"),
        (Cell(datetime(2025, 3, 1, 6)), None),
        (Cell("2025-03"), None),
    ],
)
def test_first_day_of_a_month_in_a_cell_of_a_period_is_the_month(cell, text):
    assert period_text(cell) == text


@given(some.decimals(min_value=0, max_value=10**11, places=4, allow_nan=False))
def test_double_of_any_quantity_of_fifteen_digits_reads_as_that_quantity(quantity):
    double = Decimal(repr(float(quantity)))
    assert read_number(number_text(double)).value == quantity
