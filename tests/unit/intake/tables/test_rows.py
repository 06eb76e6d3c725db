"""Rows become raw lines with the address of each cell; what is wrong with a row itself is said beside it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from portal.calculation.problems import problem
from portal.domain.cells import letters
from portal.intake.read import read_line
from portal.intake.tables.cells import Row, cell_text
from portal.intake.tables.rows import Counts, read_through
from tests.unit.intake.tables.own import RULES, guessed, rows

TITLES = ("site_code", "period", "activity", "quantity", "unit")


def test_problem_of_a_line_names_its_cell():
    table = rows(TITLES, (), ("SITE-001", "2025-01", "electricity", "n/a", "kWh"))
    (line,) = read_through(guessed(table).mapping, table, "Energy")
    found = read_line(line.raw(), RULES)
    assert [each.field for each in found.problems] == ["Energy!D3"]
    assert line.row == 3


def test_cell_of_a_month_is_the_one_that_a_problem_names():
    table = rows(
        ("site", "energy", "unit", "1月", "2月"),
        ("SITE-001", "electricity", "kWh", "5", "about 6"),
    )
    found = [
        each.field
        for line in read_through(guessed(table).mapping, table, "S")
        for each in read_line(line.raw(), RULES).problems
    ]
    assert found == ["S!E2"]


def test_blank_amount_is_refused_where_it_is_the_only_one():
    table = rows(TITLES, ("SITE-001", "2025-01", "electricity", None, "kWh"))
    (line,) = read_through(guessed(table).mapping, table, "S")
    assert [each.code for each in read_line(line.raw(), RULES).problems] == ["number.missing"]


def test_cells_behind_the_last_title_make_the_row_doubtful():
    good = ("SITE-001", "2025-01", "electricity", "1", "kWh")
    table = rows(TITLES, good, (*good, "", "extra"))
    first, second = read_through(guessed(table).mapping, table, "S")
    assert first.problems == ()
    assert [(each.code, each.field) for each in second.problems] == [("table.row.too_long", "S!G3")]


def test_flaw_of_a_column_that_is_left_out_does_not_matter():
    flaw = problem("line.arithmetic", "S!F2")
    titles = (*TITLES, "Total")
    cells = ("SITE-001", "2025-01", "electricity", "1", "kWh", None)
    for place, count in ((5, 0), (3, 1)):
        table = [*rows(titles), Row(2, cells, {place: (flaw,)})]
        (line,) = read_through(guessed(table).mapping, table, "S")
        assert len(line.problems) == count


def test_rows_are_counted():
    table = rows(TITLES, ("SITE-001", "2025-01", "electricity", "1", "kWh"), ())
    counts = Counts()
    assert len(list(read_through(guessed(table).mapping, table, "S", counts))) == 1
    assert (counts.rows, counts.left_out) == (1, 0)


def test_typed_cells_say_what_a_person_would_type():
    said = [cell_text(each) for each in (Decimal("0.30000000000000004"), Decimal("12E+2"), True)]
    assert said == ["0.3", "1200", "TRUE"]
    assert cell_text(date(2025, 1, 1)) == "2025-01"
    assert cell_text(date(2025, 1, 15)) == "2025-01-15"


def test_letters_of_columns():
    assert [letters(place) for place in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"
    ]  # fmt: skip
