"""What is odd about a year beside earlier ones: copies, exchanges, growth, production, days, shares, dates, peers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count

import pytest

from portal.domain.comparisons import LEAST_MEMBERS
from portal.domain.peers import Made, PeerGroup
from portal.domain.warnings import (
    INTERNAL,
    KIND_NAMES,
    MESSAGES,
    Evidence,
    RaisedWarning,
    ReportedLine,
    Weight,
    find_warnings,
)
from portal.domain.warnings.dated import (
    Step,
    beside_peers,
    ending_certificate,
    late_report,
    missed_path,
    overdue_steps,
)

YEAR = 2025
SHAPE = (100, 92, 104, 97, 111, 131, 140, 137, 118, 99, 84, 81)
MILK = ("raw milk", "t")
_numbers = count(1)


def a_year(
    amounts: Sequence[int | Decimal], year: int = YEAR, site: str = "plant", **changes: object
) -> list[ReportedLine]:
    """Months of a source, as many as there are amounts."""
    return [
        replace(_line(Decimal(amount), year, month, month + 1, site), **changes)
        for month, amount in enumerate(amounts, start=1)
    ]


def _line(quantity: Decimal, year: int, start: int, end: int, site: str) -> ReportedLine:
    number = next(_numbers)
    until = date(year + (end - 1) // 12, (end - 1) % 12 + 1, 1)
    return ReportedLine(
        key=f"l{number}",
        position=number,
        category="electricity.grid",
        site=site,
        start=date(year, start, 1),
        end=until,
        quantity=quantity,
        unit="kWh",
        kg_co2e=quantity,
        has_evidence=True,
        parameters={},
    )


def scaled(factor: str) -> list[Decimal]:
    """The usual months, each a little off so that nothing is a copy, times a factor."""
    return [Decimal(each) * Decimal(factor) + place % 3 for place, each in enumerate(SHAPE)]


def found(
    lines: list[ReportedLine], last: list[ReportedLine], **changes: object
) -> list[RaisedWarning]:
    seen = Evidence(YEAR, lines, last, {}, (), frozenset(), date(YEAR + 1, 3, 1))
    return find_warnings(replace(seen, **changes))


def codes(lines: list[ReportedLine], last: list[ReportedLine], **changes: object) -> list[str]:
    return [each.code for each in found(lines, last, **changes)]


def test_steady_year_is_left_alone() -> None:
    assert codes(a_year(scaled("1.08")), a_year(SHAPE, YEAR - 1)) == []


def test_copy_of_last_year_is_told_once_for_the_source() -> None:
    (warning,) = found(a_year(SHAPE), a_year(SHAPE, YEAR - 1))
    assert (warning.code, warning.named_values["count"]) == ("series.copied", "12")


def test_year_of_yearly_lines_that_equal_last_years_is_a_copy_as_a_whole() -> None:
    def lines(year: int, changed: Decimal) -> list[ReportedLine]:
        amounts = (Decimal(812), Decimal(45), Decimal("3.7"), Decimal(9100) + changed)
        return [
            replace(_line(amount, year, 1, 13, "plant"), category=f"kind.{place}")
            for place, amount in enumerate(amounts)
        ]

    last = lines(YEAR - 1, Decimal(0))
    (copied,) = [each for each in found(lines(YEAR, Decimal(0)), last) if "copied" in each.code]
    assert (copied.code, len(copied.lines)) == ("year.copied", 4)
    assert codes(lines(YEAR, Decimal(80))[1:], last[1:]) == []


def test_flat_rate_is_no_copy_and_not_stuck() -> None:
    assert codes(a_year([500] * 12), a_year([500] * 12, YEAR - 1)) == []


def test_sites_that_changed_places_are_named_with_each_other() -> None:
    last = [*a_year(SHAPE, YEAR - 1), *a_year(scaled("2"), YEAR - 1, "farm")]
    now = [*a_year(scaled("2.02")), *a_year(scaled("1.01"), site="farm")]
    (warning,) = found(now, last)
    assert warning.code == "series.exchanged"
    assert warning.named_values == {"category": "electricity.grid", "site": "farm"}
    assert len(warning.lines) == 24


def test_months_that_changed_places_are_one_warning() -> None:
    amounts = scaled("1.05")
    amounts[0], amounts[6] = amounts[6], amounts[0]
    (warning,) = found(a_year(amounts), a_year(SHAPE, YEAR - 1))
    assert warning.code == "series.months.swapped"
    assert set(warning.named_values.values()) == {"2025-01", "2025-07"}


def test_step_in_the_year_names_the_month_and_drift_is_told_from_it() -> None:
    step = [each * (1 if place < 5 else 2) for place, each in enumerate(scaled("1"))]
    (warning,) = found(a_year(step), a_year(SHAPE, YEAR - 1))
    assert (warning.code, warning.named_values["month"]) == ("series.months.level", "2025-06")
    climb = [each * (11 + place) / 11 for place, each in enumerate(scaled("1"))]
    assert codes(a_year(climb), a_year(SHAPE, YEAR - 1)) == ["series.months.drift"]


def test_growth_is_held_against_production() -> None:
    now, last = a_year(scaled("1.8")), a_year(SHAPE, YEAR - 1)
    made = {YEAR - 1: {MILK: Decimal(100)}, YEAR: {MILK: Decimal(180)}}
    assert codes(now, last, outputs=made) == []
    made[YEAR] = {MILK: Decimal(101)}
    assert set(codes(now, last, outputs=made)) == {"series.output.apart", "year.intensity.apart"}
    assert codes(now, last) == ["series.year.grown"]


def test_production_that_slipped_is_told_and_not_blamed_on_the_sources() -> None:
    made = {YEAR - 1: {MILK: Decimal(100)}, YEAR: {MILK: Decimal(100_000)}}
    said = codes(a_year(scaled("1.02")), a_year(SHAPE, YEAR - 1), outputs=made)
    assert set(said) == {"output.quantity.slip", "year.intensity.apart"}


def test_half_a_year_in_one_line_is_told_when_last_year_was_whole() -> None:
    now = [_line(Decimal(600), YEAR, 1, 7, "plant")]
    last = [_line(Decimal(1200), YEAR - 1, 1, 13, "plant")]
    assert "series.days.missing" in codes(now, last)
    assert "series.days.missing" not in codes(now, last, through=date(YEAR, 7, 1))


def test_nothing_where_there_was_something_asks_for_a_reason() -> None:
    now, last = a_year(scaled("1")), a_year(SHAPE, YEAR - 1)
    now[3] = replace(now[3], quantity=Decimal(0))
    assert codes(now, last) == ["line.quantity.zero"]
    last[3] = replace(last[3], quantity=Decimal(0))
    assert codes(now, last) == []


def test_shutdown_that_all_sources_share_is_no_oddity_of_one() -> None:
    def sources(factor: str, year: int, low: int | None) -> list[ReportedLine]:
        lines = []
        for category in ("a", "b", "c", "d"):
            amounts = [
                each * (Decimal("0.4") if place == low else 1)
                for place, each in enumerate(scaled(factor))
            ]
            lines += a_year(amounts, year, category=category)
        return lines

    last = sources("1", YEAR - 1, None)
    assert codes(sources("1.05", YEAR, 6), last) == []
    alone = [line for line in sources("1.05", YEAR, 6) if line.category == "a"]
    assert codes(alone, [line for line in last if line.category == "a"]) == ["line.month.low"]


def test_share_of_a_scope_that_shifts_is_a_note() -> None:
    last = [*a_year(SHAPE, YEAR - 1, scope=1), *a_year(SHAPE, YEAR - 1, category="x", scope=2)]
    now = [*a_year(scaled("1.01"), scope=1), *a_year(scaled("0.2"), category="x", scope=2)]
    shifted = [each for each in found(now, last) if each.code == "year.scope.shifted"]
    assert [each.weight for each in shifted] == [Weight.NOTE, Weight.NOTE]


def test_old_factor_of_a_grid_is_a_note_and_of_a_fuel_is_not() -> None:
    grid = a_year(scaled("1"), factor_year=YEAR - 4)
    fuel = a_year(scaled("1"), category="mobile.diesel", factor_year=1996)
    assert [each.code for each in found([*grid, *fuel], [])] == ["factor.outdated"]
    assert found(a_year(scaled("1"), factor_year=YEAR - 3), []) == []


def test_late_report_grows_serious_after_two_weeks() -> None:
    due = date(2026, 3, 31)
    assert list(late_report(YEAR, due, due)) == []
    assert [each.weight for each in late_report(YEAR, due, date(2026, 4, 1))] == [Weight.CHECK]
    assert [each.weight for each in late_report(YEAR, due, date(2026, 4, 20))] == [Weight.SERIOUS]


def test_path_certificate_and_steps_are_told_when_their_day_comes() -> None:
    assert list(missed_path(YEAR, Decimal(100), Decimal(100))) == []
    (missed,) = missed_path(YEAR, Decimal(120), Decimal(100))
    assert missed.named_values == {"year": "2025", "percent": "20"}
    today = date(2026, 3, 1)
    assert list(ending_certificate("ZCA-2025-00001", date(2026, 9, 1), today)) == []
    (ends,) = ending_certificate("ZCA-2025-00001", date(2026, 3, 10), today)
    assert ends.weight is Weight.CHECK
    steps = [Step("a", "LED", date(2026, 2, 1)), Step("a", "LED", today), Step("b", "PV", today)]
    (late,) = overdue_steps(steps, today)
    assert (late.subject, late.named_values["count"]) == ("action/a", "1")


def peers_apart(others: list[Made]) -> list[RaisedWarning]:
    """What is said of a member who emits five times as much for a unit as the others."""
    own = Made(Decimal(50), Decimal(1))
    return list(beside_peers(YEAR, own, PeerGroup([own, *others])))


@pytest.mark.parametrize("size", [LEAST_MEMBERS - 1, LEAST_MEMBERS])
def test_peers_are_compared_in_groups_of_five_or_more(size: int) -> None:
    said = peers_apart([Made(Decimal(10), Decimal(1))] * size)
    assert [each.code for each in said] == ["year.peers.apart"] * (size >= LEAST_MEMBERS)
    assert {each.code for each in said} <= INTERNAL


def test_peers_are_not_compared_where_one_dominates() -> None:
    others = [Made(Decimal(10), Decimal(1))] * 5
    assert peers_apart([*others, Made(Decimal(1000), Decimal(100))]) == []


def test_every_warning_has_a_name_for_lists() -> None:
    assert MESSAGES.keys() <= KIND_NAMES.keys()


def test_emissions_are_told_of_where_the_target_allows_none() -> None:
    for allowed in ("0", "-5"):
        (found,) = missed_path(2030, Decimal(480_000), Decimal(allowed))
        assert found.code == "target.none_allowed"
        assert found.named_values == {"year": "2030", "tonnes": "480"}
    assert list(missed_path(2030, Decimal(0), Decimal(0))) == []


def test_sources_are_looked_at_each_beside_each_only_while_they_are_few() -> None:
    def exchanges(pairs: int) -> int:
        sites = [(f"A{place}", f"B{place}") for place in range(pairs)]
        small, large = scaled("1"), scaled("9")
        last = [
            line
            for one, other in sites
            for line in (*a_year(small, YEAR - 1, one), *a_year(large, YEAR - 1, other))
        ]
        now = [
            line
            for one, other in sites
            for line in (*a_year(large, site=one), *a_year(small, site=other))
        ]
        return sum(each.code == "series.exchanged" for each in found(now, last))

    assert exchanges(1) == 1
    assert exchanges(101) == 0
