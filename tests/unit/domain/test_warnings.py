"""What the rules find odd in a year of data, and what they leave alone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count

import pytest

from portal.domain.plausibility import figures, is_outlier, median, slip_of
from portal.domain.warnings import (
    MESSAGES,
    Evidence,
    RaisedWarning,
    ReportedLine,
    Weight,
    find_warnings,
    same_sight,
)

_numbers = count(1)


def a_line(
    quantity: str, *, year: int = 2025, month: int | None = None, **changes: object
) -> ReportedLine:
    number = next(_numbers)
    start = date(year, month or 1, 1)
    end = date(year + (month or 12) // 12, (month or 12) % 12 + 1, 1)
    line = ReportedLine(
        key=f"line-{number}",
        position=number,
        category="electricity.grid",
        site="plant",
        start=start,
        end=end,
        quantity=Decimal(quantity),
        unit="kWh",
        kg_co2e=Decimal(quantity) / 2,
        has_evidence=True,
        parameters={},
    )
    return replace(line, **changes)


def found(
    lines: list[ReportedLine],
    last_year: list[ReportedLine] = [],  # noqa: B006 -- never changed
    **changes: object,
) -> list[RaisedWarning]:
    seen = Evidence(2025, lines, last_year, {}, (), frozenset(), date(2026, 3, 1))
    return find_warnings(replace(seen, **changes))


def codes(*arguments: object, **changes: object) -> list[str]:
    return [warning.code for warning in found(*arguments, **changes)]


def test_nothing_is_odd_about_a_steady_year() -> None:
    assert found([a_line("120000")], [a_line("100000", year=2024)]) == []


@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        ("450000", "line.quantity.jump"),
        ("20000", "line.quantity.drop"),
        ("1000000", "line.slip.ten"),
        ("1100", "line.slip.hundred"),
        ("105", "line.slip.thousand"),
        ("98000000", "line.slip.thousand"),
        ("10", "line.slip.ten_thousand"),
        ("100000000000", "line.slip.million"),
        ("360000", "line.slip.mega_joule"),
        ("2900000", "line.quantity.jump"),
    ],
)
def test_line_warned_when_it_differs_from_last_year_by_a_tell_tale_factor(
    quantity: str, code: str
) -> None:
    line = a_line(quantity)
    (warning,) = found([line], [a_line("100000", year=2024)])
    assert warning.code == code
    assert warning.subject == f"line/{line.key}"
    assert warning.named_values["last"] == "100000"


def test_units_are_converted_before_comparing() -> None:
    assert found([a_line("100", unit="MWh")], [a_line("100000", year=2024)]) == []


def test_joules_and_coal_are_taken_for_each_other_only_where_one_of_them_is_typed() -> None:
    mixed = codes([a_line("2930", unit="GJ")], [a_line("100", unit="GJ", year=2024)])
    assert mixed == ["line.slip.coal_equivalent"]


def test_heat_units_are_no_explanation_for_a_mass() -> None:
    grown = codes([a_line("3600", unit="kg")], [a_line("1000", unit="kg", year=2024)])
    assert grown == ["line.quantity.jump"]


def test_other_animals_are_not_compared() -> None:
    cows, calves = {"animal": "cow"}, {"animal": "calf"}
    now, before = a_line("10", parameters=cows), a_line("1000", year=2024, parameters=calves)
    assert "line.slip.hundred" not in codes([now], [before])


def test_two_meters_are_compared_each_with_its_own_counterpart() -> None:
    now = [a_line("100000"), a_line("500")]
    before = [a_line("99000", year=2024), a_line("490", year=2024)]
    assert found(now, before) == []


def test_duplicate_names_both_lines() -> None:
    first, second = a_line("5000"), a_line("5000")
    (warning,) = found([first, second])
    assert warning.code == "line.duplicate"
    assert warning.weight is Weight.SERIOUS
    assert warning.named_values == {"position": str(second.position), "other": str(first.position)}


def test_month_missing_when_the_series_is_monthly() -> None:
    months = [
        a_line(str(1000 + month), month=month) for month in range(1, 13) if month not in (5, 11)
    ]
    (warning,) = found(months)
    assert warning.code == "series.month.missing"
    assert warning.named_values["months"] == "2025-05, 2025-11"


def test_month_that_has_not_ended_is_not_missing() -> None:
    months = [a_line(str(1000 + month), month=month) for month in range(1, 7)]
    assert found(months, through=date(2025, 7, 20)) == []


def test_year_line_beside_a_month_counts_twice() -> None:
    year, march = a_line("12000"), a_line("1003", month=3)
    (warning,) = found([march, year])
    assert warning.code == "series.period.overlap"
    assert set(warning.lines) == {year.key, march.key}


def test_same_period_of_two_animal_classes_is_no_overlap() -> None:
    cows, calves = (
        a_line("10", parameters={"animal": "cow"}),
        a_line("4", month=2, parameters={"animal": "calf"}),
    )
    assert found([cows, calves]) == []


def test_odd_month_is_found_where_last_year_is_unknown() -> None:
    months = [a_line("1000", month=month, position=month) for month in range(1, 12)]
    (warning,) = found([*months, a_line("7100", month=12)])
    assert warning.code == "line.quantity.odd_month"
    assert warning.named_values["ratio"] == "7.1"


def test_months_of_one_year_against_a_year_line_are_compared_as_totals() -> None:
    months = [a_line("1000", month=month) for month in range(1, 13)]
    assert "series.total.jump" in codes(months, [a_line("1000", year=2024)])
    assert "series.total.drop" in codes(months, [a_line("1000000", year=2024)])


def test_total_far_from_the_median_of_earlier_years_is_an_outlier() -> None:
    history = {("electricity.grid", "plant"): [Decimal(each) for each in (1000, 1010, 990, 1005)]}
    assert codes([a_line("4000")], history=history) == ["series.total.outlier"]
    assert codes([a_line("2100")], history=history) == []


def test_bare_lines_of_a_series_ask_once() -> None:
    bare = [a_line(str(1000 + month), month=month, has_evidence=False) for month in range(1, 13)]
    (warning,) = found(bare)
    assert warning.code == "series.evidence.missing"
    assert warning.named_values == {"count": "12"}
    assert warning.weight is Weight.NOTE


def test_period_beyond_the_year_is_named() -> None:
    line = a_line("1000", start=date(2024, 7, 1), end=date(2025, 7, 1))
    assert codes([line]) == ["line.period.beyond_year"]


def test_expected_category_asked_for_until_it_is_reported_or_not_applicable() -> None:
    expected = ("electricity.grid", "stationary.diesel", "water.supply")
    absent = found([a_line("1")], expected=expected, not_applicable=frozenset({"water.supply"}))
    assert [(warning.code, warning.subject) for warning in absent] == [
        ("category.expected.absent", "category/stationary.diesel")
    ]


def test_two_lines_of_nothing_are_no_duplicates() -> None:
    assert "line.duplicate" not in codes([a_line("0"), a_line("0")])


def test_category_of_last_year_is_missed() -> None:
    steam = a_line("1", year=2024, category="heat.steam")
    assert "category.last_year.absent" in codes([a_line("1")], [steam])


def test_year_without_production_is_asked_for_it() -> None:
    assert codes([a_line("1")], output_count=0) == ["inventory.output.absent"]


def test_heaviest_warning_comes_first() -> None:
    first, second = a_line("5", has_evidence=False), a_line("5", has_evidence=False)
    assert codes([first, second]) == ["line.duplicate", "series.evidence.missing"]


@pytest.mark.parametrize(("now", "holds"), [("470", True), ("640", True), ("690", False)])
def test_acknowledgement_lapses_when_what_is_seen_grows_worse(now: str, *, holds: bool) -> None:
    before = [a_line("100", year=2024)]
    line = a_line("450")
    (once,), (again,) = found([line], before), found([replace(line, quantity=Decimal(now))], before)
    assert (once.code, once.subject) == (again.code, again.subject)
    assert same_sight(once.address, again.address) is holds


def test_acknowledgement_of_too_much_is_none_of_too_little() -> None:
    before = [a_line("100", year=2024)]
    line = a_line("1000")
    (once,), (again,) = found([line], before), found([replace(line, quantity=Decimal(10))], before)
    assert once.code == again.code == "line.slip.ten"
    assert not same_sight(once.address, again.address)


def test_acknowledgement_of_missing_evidence_holds_for_the_whole_series() -> None:
    line = a_line("450", has_evidence=False)
    (once,), (again,) = found([line]), found([replace(line, quantity=Decimal(470))])
    assert once.address == again.address


def test_address_fits_its_column() -> None:
    key = "0f8fad5b-d9cb-469f-a165-70867728950e"
    line = a_line("1", key=key, site=key, category="c" * 60, has_evidence=False)
    (warning,) = found([line])
    assert len(warning.address) <= 120


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_every_message_can_be_said(code: str) -> None:
    named = dict.fromkeys(re.findall(r"%\((\w+)\)s", MESSAGES[code]), "1")
    assert "%" not in MESSAGES[code] % named


def test_every_warning_has_its_message() -> None:
    lines = [
        a_line("5", month=1, has_evidence=False),
        a_line("5", month=1),
        a_line("5", month=3),
        a_line("9"),
    ]
    steam = a_line("1", year=2024, category="heat.steam")
    assert {warning.code for warning in found(lines, [steam])} <= set(MESSAGES)


def test_slip_needs_its_dimension() -> None:
    assert slip_of(Decimal("3.6"), "kWh") == "line.slip.mega_joule"
    assert slip_of(Decimal("3.6"), "kg") is None
    assert slip_of(1 / Decimal(1000), "kg") == "line.slip.thousand"
    assert slip_of(Decimal("29.3"), "tce") == "line.slip.coal_equivalent"
    assert slip_of(Decimal("29.3"), "kWh") is None


def test_outlier_needs_enough_years() -> None:
    assert not is_outlier(Decimal(9000), [Decimal(1), Decimal(1), Decimal(1)])


def test_median_of_even_and_odd_counts() -> None:
    assert median([Decimal(3), Decimal(1), Decimal(2)]) == 2
    assert median([Decimal(4), Decimal(1)]) == Decimal("2.5")


@pytest.mark.parametrize(
    ("number", "text"),
    [("123456.7", "123457"), ("3.14159", "3.14"), ("0.00012345", "0.000123"), ("0", "0")],
)
def test_figures_for_messages_have_no_exponent(number: str, text: str) -> None:
    assert figures(Decimal(number)) == text
