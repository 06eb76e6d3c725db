"""The reviewer sees what changed, beside the version before and beside last year."""

from dataclasses import replace
from decimal import Decimal

from portal.domain.review import Change, FrozenLine, change_percent, compare


def line(key: str, position: int, quantity: str = "10", year: int = 2025) -> FrozenLine:
    return FrozenLine(
        key=key,
        position=position,
        category="electricity.grid",
        scope=2,
        site="S1",
        start=f"{year}-01-01",
        end=f"{year}-02-01",
        quantity=Decimal(quantity),
        unit="MWh",
        parameters={},
        note="",
        kg_co2e=Decimal(quantity) * 500,
        evidence=(),
    )


def test_changed_lines_come_first_then_unchanged_by_position() -> None:
    before = [line("a", 1), line("b", 2), line("c", 3)]
    now = [line("a", 1), line("b", 2, "11"), line("d", 4)]
    rows = compare(now, before, [])
    assert [(row.line.key, row.change) for row in rows] == [
        ("b", Change.CHANGED),
        ("c", Change.REMOVED),
        ("d", Change.ADDED),
        ("a", Change.UNCHANGED),
    ]
    assert rows[0].before is not None
    assert rows[0].before.quantity == 10


def test_first_submission_has_only_added_lines() -> None:
    assert [row.change for row in compare([line("a", 1)], None, [])] == [Change.ADDED]


def test_last_years_counterpart_is_found_by_category_site_and_month() -> None:
    rows = compare([line("a", 1)], None, [line("x", 1, "9", year=2024)])
    assert rows[0].last_year is not None
    assert rows[0].last_year.quantity == 9


def test_two_lines_in_one_slot_take_one_counterpart_each() -> None:
    last_year = [line("x", 1, "1", 2024), line("y", 2, "2", 2024)]
    rows = compare([line("a", 1), line("b", 2)], None, last_year)
    assert [row.last_year.quantity for row in rows if row.last_year] == [1, 2]


def test_moved_line_is_not_a_changed_line() -> None:
    rows = compare([line("a", 5)], [line("a", 1)], [])
    assert rows[0].change is Change.UNCHANGED


def test_new_evidence_is_a_change() -> None:
    now = replace(line("a", 1), evidence=("ff",))
    assert compare([now], [line("a", 1)], [])[0].change is Change.CHANGED


def test_change_percent_has_no_answer_without_a_base() -> None:
    assert change_percent(Decimal(110), Decimal(100)) == 10
    assert change_percent(Decimal(1), Decimal(0)) is None
