"""The statement in a QR code: small, signed, in one spelling."""

from dataclasses import replace
from datetime import date

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain import statements
from portal.domain.ledger.notes import NotANote, NotSigned, SigningKey
from portal.domain.statements import Statement

KEY = SigningKey("portal.example.com/log", bytes(range(32)))
STATEMENT = Statement(
    "ZCA-2026-00042",
    "inventory",
    2025,
    "北方平原食品包装材料（呼和浩特）有限公司",
    "12,345.678 tCO2e",
    date(2028, 11, 27),
    "ab" * 32,
)


def test_statement_is_read_from_what_a_scanner_sees() -> None:
    scanned = f"https://portal.example.com/verify/ZCA-2026-00042?c=abcd#{STATEMENT.signed(KEY)}"
    read = statements.opened(statements.digits_in(scanned), [KEY.verifier])
    assert read.agrees_with(STATEMENT)
    assert read.member == STATEMENT.member


def test_long_name_is_cut_between_two_characters() -> None:
    long = replace(STATEMENT, member="零碳联盟" * 20)
    read = statements.opened(long.signed(KEY), [KEY.verifier])
    assert long.member.startswith(read.member)
    assert len(read.member.encode()) <= statements.MOST_NAME_BYTES
    assert read.agrees_with(long)


def test_statement_about_other_facts_does_not_agree() -> None:
    assert not replace(STATEMENT, facts_digest="ac" * 32).agrees_with(STATEMENT)
    assert not replace(STATEMENT, result="1 tCO2e").agrees_with(STATEMENT)


def test_statement_needs_a_known_key() -> None:
    with pytest.raises(NotSigned):
        statements.opened(STATEMENT.signed(KEY), [SigningKey("x", bytes(32)).verifier])


@settings(max_examples=500)
@given(st.integers(0, 10**6), st.integers(1, 9))
def test_statement_fails_when_any_digit_changes(place: int, by: int) -> None:
    digits = STATEMENT.signed(KEY)
    place %= len(digits)
    changed = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    with pytest.raises((NotANote, NotSigned)):
        statements.opened(changed, [KEY.verifier])


@pytest.mark.parametrize("digits", ["", "0", "7", "12x", "0" + STATEMENT.signed(KEY), "9" * 2000])
def test_what_is_no_statement_is_refused(digits: str) -> None:
    with pytest.raises(NotANote):
        statements.opened(digits, [KEY.verifier])


def test_code_stays_coarse_enough_for_a_phone() -> None:
    address = "https://portal.example.com/verify/ZCA-2026-00042?c=abcdefghijklmnop#"
    code = segno.make([address, STATEMENT.signed(KEY)], error="m", micro=False)
    assert int(code.version) <= 13
