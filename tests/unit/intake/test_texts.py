"""Texts: kept as typed, in one normal form, and without what nobody can see."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.intake.characters import forbidden
from portal.intake.reading import Answer
from portal.intake.texts import read_long_text, read_short_text


@pytest.mark.parametrize(
    "text",
    [
        "上海测试有限公司（第二厂）",
        "O'Brien & Söhne <b>",
        "{{7*7}}",
        "=cmd|'/C calc'!A0",
        "null",
        "ﬁ ① ㈱",
        "العربية",
        "ภาษาไทย",
        "\u0915\u094d\u200d\u0937",
        "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "👩‍👩‍👧‍👦🏳️‍🌈",
        "1️⃣",
        "葛\U000e0100城",
        "𠮷野家",
        "\u2800点字 x",
    ],
)
def test_honest_text_is_kept_character_for_character(text):
    for read in (read_short_text(text), read_long_text(text)):
        assert read.value == unicodedata.normalize("NFC", text)
        assert read.answer is Answer.ACCEPT


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a\x00b", "text.unseen_character"),
        ("a\x1b[31m", "text.unseen_character"),
        ("a\u200bb", "text.unseen_character"),
        ("a\u200db", "text.unseen_character"),
        ("acme\u200d", "text.unseen_character"),
        ("a\u00adb", "text.unseen_character"),
        ("a\u202eb", "text.unseen_character"),
        ("\u2066a\u2069", "text.unseen_character"),
        ("a\u200eb", "text.unseen_character"),
        ("a\ufeffb", "text.unseen_character"),
        ("a\ufffeb", "text.unseen_character"),
        ("a\U0001ffffb", "text.unseen_character"),
        ("a\ufdd0", "text.unseen_character"),
        ("a\ue000", "text.unseen_character"),
        ("a\ufffdb", "text.unseen_character"),
        ("a\ud800", "text.unseen_character"),
        ("🏴\U000e0067\U000e007f", "text.unseen_character"),
        ("a\u2028b", "text.line_break"),
        ("a\x85b", "text.line_break"),
        ("a\nb", "text.line_break"),
        ("a\tb", "text.line_break"),
        ("Z\u0351\u036b\u0343\u032a\u0302", "text.stacked_marks"),
        ("\u0301a", "text.stacked_marks"),
        (" \u3000\u00a0", "text.missing"),
        ("\u2800\u2800", "text.blank"),
        ("\u3164", "text.blank"),
        ("\ufe0f", "text.blank"),
        ("", "text.missing"),
        (None, "text.missing"),
        (5, "text.not_a_text"),
        (["a"], "text.not_a_text"),
        ("x" * 201, "text.too_long"),
        ("x" * 10**6, "text.too_long"),
    ],
)
def test_text_is_refused_with_its_own_cure(text, code):
    assert [each.code for each in read_short_text(text).problems] == [code]


def test_problem_names_the_character_and_its_place():
    assert read_short_text("acme\u200b").problems[0].named_values == {
        "character": "U+200B",
        "place": "5",
    }


def test_length_is_counted_in_characters_after_trimming():
    assert read_short_text("  " + "测" * 200 + "\n").is_settled
    assert read_long_text("测" * 5000).is_settled
    assert read_long_text("测" * 5001).answer is Answer.REJECT
    assert read_short_text("e\u0301" * 200).value == "é" * 200


def test_long_text_keeps_its_lines_with_one_kind_of_break():
    read = read_long_text("one\r\n\ttwo\rthree\n")
    assert read.value == "one\n\ttwo\nthree"
    assert read.answer is Answer.ACCEPT
    assert read_long_text("a\u2028b").problems[0].code == "text.line_break"


def test_byte_order_mark_in_front_is_taken_away_and_shown():
    read = read_short_text("\ufeffname")
    assert read.value == "name"
    assert read.answer is Answer.ACCEPT_NORMALIZED


def test_optional_text_may_be_empty():
    assert read_long_text(" ", is_required=False).is_settled
    assert read_long_text(None, is_required=False).value is None


@given(st.text(max_size=250))
def test_what_is_accepted_can_be_stored_and_reads_the_same_again(text):
    for reader in (read_short_text, read_long_text):
        value = reader(text).value
        if value is not None:
            assert reader(value).value == value
            assert reader(value).answer is Answer.ACCEPT
            assert value.encode("utf-8").decode("utf-8") == value
            assert "\x00" not in value
            assert forbidden(value, line_breaks=True) is None
