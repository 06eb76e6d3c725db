"""Three-way merging: every pair of what the portal and the file may have done to a row and to a column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portal.domain.merging import (
    WHOLE_ROW,
    Choice,
    Fate,
    FileRow,
    MergedCell,
    merge,
    steps,
    unchosen,
)

BASE = {"a": {"quantity": "1", "unit": "t"}}


def _row(key: str, number: int = 3, **values: str) -> FileRow:
    return FileRow(number, key, values)


def _touched(base, now, *file: FileRow):
    return merge(base, now, file)


def test_nothing_changed_is_no_difference():
    found = _touched(BASE, BASE, _row("a", quantity="1", unit="t"))
    assert found.rows == ()
    assert found.unchanged == 1


def test_column_changed_in_the_file_alone_is_taken():
    (row,) = _touched(BASE, BASE, _row("a", quantity="2", unit="t")).rows
    assert row.fate is Fate.CHANGED
    assert row.cells == (MergedCell("quantity", "1", "1", "2"),)
    assert row.conflicts == ()


OFFER = {"o": {"unit": "t", "quantity": ""}}


def _offered(now, *file: FileRow):
    return merge(OFFER, now, file, frozenset({"o"}))


@pytest.mark.parametrize(
    "row",
    [
        _row("o", quantity="", unit="t"),
        _row("o", quantity="", unit=""),
        _row("o", unit="t"),
        _row("o", quantity=""),
    ],
)
def test_offered_row_that_says_nothing_new_is_no_row(row):
    found = _offered({}, row, row)
    assert (found.rows, found.unchanged) == ((), 0)


def test_offered_row_that_was_filled_in_is_added_under_its_key():
    (row,) = _offered({}, _row("o", quantity="2", unit="t")).rows
    assert (row.fate, row.key, row.conflicts) == (Fate.ADDED, "o", ())
    assert {cell.column: cell.file for cell in row.cells} == {"quantity": "2", "unit": "t"}


def test_copy_of_an_offered_row_is_a_row_of_its_own_once_it_is_filled_in():
    filled = _row("o", quantity="2", unit="t")
    rows = _offered(
        {}, filled, _row("o", 4, quantity="", unit="t"), _row("o", 5, quantity="3")
    ).rows
    assert [(row.key, row.number) for row in rows] == [("o", 3), ("", 5)]


def test_offered_row_that_was_added_meanwhile_is_merged_like_any_other():
    now = {"o": {"quantity": "2", "unit": "t"}}
    assert _offered(now, _row("o", quantity="", unit="t")).rows == ()
    assert _offered(now, _row("o", quantity="2", unit="t")).unchanged == 1
    (row,) = _offered(now, _row("o", quantity="3", unit="t")).rows
    assert (row.fate, row.conflicts) == (Fate.CHANGED, ("quantity",))
    assert _offered(now).rows == _offered(now, _row("o", quantity="", unit="")).rows == ()


class _Counted(dict[str, dict[str, str]]):
    """Rows that count how often all of their keys are asked for."""

    asked = 0

    def keys(self):
        self.asked += 1
        return super().keys()


def test_keys_are_gone_through_once_however_many_rows_are_left_out():
    now = _Counted({str(number): {"quantity": "1"} for number in range(100)})
    base = dict(now.items())
    found = merge(base, now, [])
    assert len(found.rows) == 100
    assert now.asked <= 1


def test_column_changed_in_the_portal_alone_stays():
    now = {"a": {"quantity": "5", "unit": "t"}}
    found = _touched(BASE, now, _row("a", quantity="1", unit="t"))
    assert found.rows == ()
    assert found.unchanged == 1


def test_both_changed_different_columns_is_no_conflict():
    now = {"a": {"quantity": "5", "unit": "t"}}
    (row,) = _touched(BASE, now, _row("a", quantity="1", unit="kg")).rows
    assert row.conflicts == ()
    (step,) = steps(
        _touched(BASE, now, _row("a", quantity="1", unit="kg")), {}, with_removals=False
    )
    assert step.values == {"unit": "kg"}


def test_both_changed_alike_is_no_conflict():
    now = {"a": {"quantity": "5", "unit": "t"}}
    assert _touched(BASE, now, _row("a", quantity="5", unit="t")).rows == ()


@pytest.mark.parametrize(
    ("choice", "kept"), [(Choice.FILE, [{"quantity": "2"}]), (Choice.PORTAL, [])]
)
def test_both_changed_differently_is_a_conflict_that_a_choice_settles(choice, kept):
    now = {"a": {"quantity": "5", "unit": "t"}}
    found = _touched(BASE, now, _row("a", quantity="2", unit="t"))
    assert found.rows[0].conflicts == ("quantity",)
    assert unchosen(found, {}) == [("a", "quantity")]
    choices = {("a", "quantity"): choice}
    assert unchosen(found, choices) == []
    assert [step.values for step in steps(found, choices, with_removals=False)] == kept


def test_row_without_a_key_is_new():
    (row,) = _touched(BASE, BASE, _row("a", quantity="1", unit="t"), _row("", 4, quantity="9")).rows
    assert (row.fate, row.key, row.number) == (Fate.ADDED, "", 4)
    assert row.cells == (MergedCell("quantity", "", "", "9"),)


def test_row_without_anything_in_it_is_nothing():
    assert (
        _touched(BASE, BASE, _row("a", quantity="1", unit="t"), _row("", 4, quantity="")).rows == ()
    )


def test_copied_row_is_new_from_its_second_appearance():
    file = [_row("a", 3, quantity="1", unit="t"), _row("a", 4, quantity="7", unit="t")]
    (row,) = merge(BASE, BASE, file).rows
    assert (row.fate, row.number) == (Fate.ADDED, 4)


def test_key_that_nobody_knows_is_new():
    (row,) = _touched({}, {}, _row("x", quantity="1")).rows
    assert (row.fate, row.key) == (Fate.ADDED, "")


@pytest.mark.parametrize("file", [[], [_row("a", quantity="", unit="")]])
def test_row_left_out_or_emptied_is_removed_only_when_somebody_says_so(file):
    found = merge(BASE, BASE, file)
    assert [row.fate for row in found.rows] == [Fate.REMOVED]
    assert steps(found, {}, with_removals=False) == []
    (step,) = steps(found, {}, with_removals=True)
    assert step.is_removal


def test_row_left_out_of_the_file_and_changed_in_the_portal_is_a_conflict():
    now = {"a": {"quantity": "5", "unit": "t"}}
    found = merge(BASE, now, [])
    assert found.rows[0].conflicts == (WHOLE_ROW,)
    assert steps(found, {("a", WHOLE_ROW): Choice.PORTAL}, with_removals=True) == []
    (step,) = steps(found, {("a", WHOLE_ROW): Choice.FILE}, with_removals=False)
    assert step.is_removal


def test_row_removed_in_the_portal_and_changed_in_the_file_is_a_conflict():
    found = _touched(BASE, {}, _row("a", quantity="2", unit="t"))
    assert found.rows[0].fate is Fate.GONE_HERE
    assert steps(found, {("a", WHOLE_ROW): Choice.PORTAL}, with_removals=False) == []
    (step,) = steps(found, {("a", WHOLE_ROW): Choice.FILE}, with_removals=False)
    assert step.is_new
    assert step.values == {"quantity": "2", "unit": "t"}


def test_row_removed_in_the_portal_and_not_touched_in_the_file_stays_removed():
    assert _touched(BASE, {}, _row("a", quantity="1", unit="t")).rows == ()


def test_row_added_in_the_portal_meanwhile_is_left_alone():
    now = {**BASE, "b": {"quantity": "8"}}
    assert _touched(BASE, now, _row("a", quantity="1", unit="t")).rows == ()


def test_column_that_the_file_no_longer_has_is_not_emptied():
    found = _touched(BASE, BASE, _row("a", unit="t"))
    assert found.rows == ()


def test_removals_come_before_what_is_added():
    found = merge(BASE, BASE, [_row("", 3, quantity="2")])
    assert [step.is_removal for step in steps(found, {}, with_removals=True)] == [True, False]


_texts = some.dictionaries(some.sampled_from("xyz"), some.sampled_from(["", "1", "2"]), min_size=3)
_tables = some.dictionaries(some.sampled_from("abcd"), _texts)


def _as_file(table):
    return [FileRow(n, key, values) for n, (key, values) in enumerate(table.items(), start=3)]


@given(_tables, _tables)
def test_file_that_came_back_as_it_went_out_changes_nothing(base, now):
    assert merge(base, now, _as_file(base)).rows == ()


@given(_tables, _tables)
def test_portal_that_stands_as_it_was_handed_out_has_no_conflicts(base, file):
    found = merge(base, base, _as_file(file))
    assert all(not row.conflicts for row in found.rows)


@given(_tables, _tables, _tables)
def test_choosing_the_portal_everywhere_keeps_all_that_it_changed(base, now, file):
    found = merge(base, now, _as_file(file))
    choices = dict.fromkeys(unchosen(found, {}), Choice.PORTAL)
    for step in steps(found, choices, with_removals=False):
        stands, was = now.get(step.row.key, {}), base.get(step.row.key, {})
        assert all(stands.get(c, "") == was.get(c, "") for c in step.values if not step.is_new)
