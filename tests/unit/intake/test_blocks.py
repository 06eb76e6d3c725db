"""Blocks pasted from a workbook."""

from __future__ import annotations

import pytest

from portal.intake.blocks import MOST_ROWS, is_cut, read_block


def test_cells_come_in_the_order_of_the_table() -> None:
    (row,) = read_block("electricity.grid\t1,200\tkWh\t2025-01\tS1\tmain meter\r\n")
    assert row == {
        "category": "electricity.grid",
        "quantity": "1,200",
        "unit": "kWh",
        "period": "2025-01",
        "site": "S1",
        "note": "main meter",
    }


@pytest.mark.parametrize(
    "header", ["Site\tPeriod\tActivity\tQuantity\tUnit", "场所编码\t期间\t活动\t数量\t单位"]
)
def test_titles_in_either_language_say_where_the_columns_are(header: str) -> None:
    (row,) = read_block(f"{header}\nS1\t2025\tWater\t7\tm3")
    assert row == {
        "site": "S1",
        "period": "2025",
        "category": "Water",
        "quantity": "7",
        "unit": "m3",
    }


def test_columns_without_meaning_are_left_out() -> None:
    (row,) = read_block("Quantity\tMeter no.\tUnit\n5\tA-17\tkg")
    assert row == {"quantity": "5", "unit": "kg"}


def test_quoted_cells_keep_tabs_and_quotes() -> None:
    (row,) = read_block('Water\t5\tm3\t2025\tS1\t"said ""ok""\tby phone"')
    assert row["note"] == 'said "ok"\tby phone'


def test_text_without_tabs_is_parted_by_commas_or_semicolons() -> None:
    assert read_block("Water,5,m3,2025,S1")[0]["unit"] == "m3"
    assert read_block("Water;1,5;m3;2025;S1")[0]["quantity"] == "1,5"


def test_empty_rows_are_left_out() -> None:
    assert len(read_block("\n\nWater\t5\n\t\n\nWater\t6\n")) == 2


def test_nothing_is_no_block() -> None:
    assert read_block(" \n\t\n") == []


def test_rows_beyond_the_limit_are_cut_and_told() -> None:
    text = "Water\t5\n" * (MOST_ROWS + 20)
    assert len(read_block(text)) == MOST_ROWS
    assert is_cut(text)
    assert not is_cut("Water\t5\n" * MOST_ROWS)


@pytest.mark.parametrize("text", ["\x00\t5", '"open\t5', "\t" * 5000, "a" * 300_000])
def test_odd_text_raises_nothing(text: str) -> None:
    assert isinstance(read_block(text), list)
