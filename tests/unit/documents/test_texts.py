"""Text for paper: nothing unseen, nothing endless, nothing that the font can't show."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.documents.fonts import damaged_files, font_files, printable_characters
from portal.documents.texts import (
    LONGEST,
    STAND_IN,
    clean,
    set_in_type,
    unprintable,
    width_in_ems,
    wrapped_to_width,
)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("上海测试有限公司（第二厂）", "上海测试有限公司（第二厂）"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("evil\u202etxt.exe", "eviltxt.exe"),
        ("tag\U000e0041\U000e0042", "tag"),
        ("cafe\u0301", "café"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("heart\ufe0f", "heart"),
        ("\ud800lone", "lone"),
        ("no\xa0break", "no break"),
        ("\ue000\uffff", ""),
    ],
)
def test_clean_keeps_what_is_seen_and_drops_the_rest(text, cleaned):
    assert clean(text) == cleaned


def test_clean_cuts_a_long_text_and_says_so():
    cut = clean("A" * 1_000_000)
    assert len(cut) == LONGEST
    assert cut.endswith("A…")


@given(st.text())
def test_everything_set_in_type_has_a_glyph(text):
    assert printable_characters().issuperset(set_in_type(text))


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("𠮷野家 tCO₂e m³ 10⁴Nm³ ℃", "𠮷野家 tCO₂e m³ 10⁴Nm³ ℃"),
        ("𝐁old", "Bold"),
        ("milk 🥛!", f"milk {STAND_IN}!"),
        ("العربية", STAND_IN * 7),
    ],
)
def test_characters_without_glyph_are_spelled_plainly_or_stood_in_for(text, printed):
    assert set_in_type(text) == printed


def test_unprintable_names_each_character_once_and_only_those_without_any_spelling():
    assert unprintable("🥛 milk 𝐁 🥛 ب") == ("🥛", "ب")
    assert unprintable("绿源乳业 CO₂") == ()


def test_width_counts_a_chinese_character_as_one_em():
    assert width_in_ems("中文") == 2
    assert width_in_ems("ab") < 2


def test_shipped_fonts_are_the_bytes_that_were_checked_in():
    assert len(font_files()) == 2
    assert damaged_files() == []


def test_font_has_all_of_gb2312():
    ranks = [bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)]
    characters = {rank.decode("gb2312", errors="ignore") for rank in ranks} - {""}
    assert len(characters) == 6763
    assert printable_characters().issuperset(characters)


@pytest.mark.parametrize(
    ("text", "ems", "lines"),
    [
        ("生产活动量变化", 5, ["生产活动量", "变化"]),
        ("LED 照明改造，（二期）", 7, ["LED 照明改", "造，（二期）"]),
        ("结构与边界（2025 年）", 6, ["结构与边界", "（2025 年）"]),
        ("Change in production volume", 8, ["Change in", "production", "volume"]),
        ("Low-GWP refrigerants", 7, ["Low-GWP", "refrigerants"]),
        ("short", 8, ["short"]),
        ("", 8, [""]),
    ],
)
def test_text_breaks_as_its_script_breaks(text, ems, lines):
    assert wrapped_to_width(text, Decimal(ems), 3) == lines


def test_text_that_needs_too_many_lines_ends_with_a_mark():
    lines = wrapped_to_width("外购原材料与包装材料及其上游运输的全部排放", Decimal(6), 2)
    assert lines == ["外购原材料与", "包装材料及…"]
    assert wrapped_to_width("a" * 50, Decimal(8), 3)[0].endswith("a…")


@given(st.text("排放，（）“” abc-/"), st.integers(3, 12), st.integers(1, 4))
def test_lines_are_never_too_wide_or_too_many(text, ems, most):
    lines = wrapped_to_width(text, Decimal(ems), most)
    assert 1 <= len(lines) <= most
    assert all(width_in_ems(line) <= ems for line in lines)
