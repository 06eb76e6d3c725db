"""Codes: plain ones in one spelling, and credit codes with their check character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.intake.identifiers import credit_check_character, read_code, read_credit_code

# A company's code as printed in its public reports, and the example body of the standard.
REAL = ["91110000802100433B", "91350100M000100Y43"]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("SITE-001", "SITE-001"),
        ("site_1.b", "SITE_1.B"),
        ("ＣＯＮ", "CON"),
        (" A1 ", "A1"),
        (REAL[0].lower(), REAL[0]),
    ],
)
def test_code_is_read_in_its_one_spelling(typed, code):
    assert read_code(typed).value == code


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "code.missing"),
        (None, "code.missing"),
        (7, "code.not_a_text"),
        ("0", "code.length"),
        ("A" * 33, "code.length"),
        ("../ABC", "code.characters"),
        ("A..B", "code.characters"),
        ("A/B", "code.characters"),
        ("a b", "code.characters"),
        ("-A", "code.characters"),
        ("一厂", "code.characters"),
        ("\u0430bc", "code.characters"),
        ("SITE-001\u200b", "code.characters"),
        ("91310000MA1K35XE1", "credit_code.length"),
        ("91310000ma1k35xe1x", "credit_code.check"),
    ],
)
def test_code_is_refused_with_its_own_cure(typed, problem):
    assert [each.code for each in read_code(typed).problems] == [problem]


@pytest.mark.parametrize("code", REAL)
def test_real_credit_codes_pass(code):
    assert read_credit_code(code).value == code
    assert read_credit_code(f" {code[:4]} {code[4:].lower()}").value == code


@pytest.mark.parametrize("code", REAL)
def test_every_single_slip_in_a_credit_code_is_found(code):
    for place, right in enumerate(code):
        for wrong in "0123456789ABCDEFGHJKLMNPQRTUWXY":
            if wrong != right:
                slipped = code[:place] + wrong + code[place + 1 :]
                assert not read_credit_code(slipped).is_settled, slipped


def test_credit_code_names_what_is_wrong():
    assert read_credit_code("CON").problems[0].code == "credit_code.length"
    assert read_credit_code("9111000080210O433B").problems[0].code == "credit_code.characters"


@given(
    st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9),
    st.from_regex(r"[0-9]{6}", fullmatch=True),
)
def test_code_with_a_computed_check_character_is_read(body, region):
    first_17 = "91" + region + body
    assert read_credit_code(first_17 + credit_check_character(first_17)).is_settled
