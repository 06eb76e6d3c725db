"""File names: shown to people, never used as paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.intake.filenames import read_filename


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("报告.xlsx", "报告.xlsx"),
        ("..\\..\\evil.pdf", "evil.pdf"),
        ("C:\\Users\\a\\bill.pdf", "bill.pdf"),
        ("/etc/passwd.pdf", "passwd.pdf"),
        ("CON.pdf", "CON.pdf"),
        ('a".pdf', 'a".pdf'),
        ("a.pdf ", "a.pdf"),
        ("A.PDF", "A.PDF"),
        ("a.exe.pdf", "a.exe.pdf"),
        ("e\u0301.png", "é.png"),
        ("<img src=x onerror=alert(1)>.pdf", "<img src=x onerror=alert(1)>.pdf"),
    ],
)
def test_name_is_cleaned_for_people(typed, name):
    assert read_filename(typed).value == name


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "filename.missing"),
        (None, "filename.missing"),
        ("\u202efdp.exe", "filename.unseen_character"),
        ("a.pdf\x00.exe", "filename.unseen_character"),
        ("a\r\nb.pdf", "filename.unseen_character"),
        (".htaccess", "filename.not_a_name"),
        (".pdf", "filename.not_a_name"),
        ("..", "filename.not_a_name"),
        ("folder/", "filename.not_a_name"),
        ("a.pdf:stream", "filename.not_a_name"),
        ("a.pdf.", "filename.extension"),
        ("a.pdf.exe", "filename.extension"),
        ("a.html", "filename.extension"),
        ("a.svg", "filename.extension"),
        ("report", "filename.extension"),
        ("a.ｐｄｆ", "filename.extension"),
        ("x" * 5000 + ".pdf", "filename.too_long"),
    ],
)
def test_name_is_refused_with_its_own_cure(typed, code):
    assert [each.code for each in read_filename(typed).problems] == [code]


@given(st.text(alphabet=st.sampled_from("aé测👩\u200d👧e\u0301 "), min_size=1, max_size=300))
def test_long_name_is_shortened_on_a_character_and_keeps_its_extension(stem):
    value = read_filename(f"x{stem}.xlsx").value
    if value is not None:
        assert len(value.encode()) <= 255
        assert value.endswith(".xlsx")
        assert read_filename(value).value == value


def test_shortened_name_says_so():
    read = read_filename("测" * 120 + ".pdf")
    assert read.value is not None
    assert read.value.endswith("测….pdf")
    assert read.changes
