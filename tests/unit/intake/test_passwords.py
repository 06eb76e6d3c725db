"""Passwords: long, unguessable, and never touched or repeated."""

from __future__ import annotations

import pytest

from portal.intake.common_passwords import COMMON_PASSWORDS
from portal.intake.passwords import read_password
from portal.intake.reading import Answer


@pytest.mark.parametrize(
    "typed",
    [
        "  twelve spaces count  ",
        "我家的牛喜欢吃苜蓿和青贮玉米",
        "k3!vZ9#qLm2@",
        "purple tractor sings 7",
        "ünïcödé pässwörd",
        "73927492837418264950",
        "qvkzmwpxjtrb",
        "QVKZMWPXJTRB",
        "$%&/()=?{[]}§!",
        "x7" + "qv9Lm!" * 21,
    ],
)
def test_good_password_is_taken_exactly_as_typed(typed):
    read = read_password(typed)
    assert read.value == typed
    assert read.answer is Answer.ACCEPT


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (None, "password.missing"),
        (12, "password.missing"),
        ("short", "password.too_short"),
        (" 8 spaces", "password.too_short"),
        ("x" * 129, "password.too_long"),
        ("x" * 131072, "password.too_long"),
        ("\x00abcdefgh12xyz", "password.unusable_character"),
        ("\ud800abcdefgh12xyz", "password.unusable_character"),
        ("qwerty123456", "password.common"),
        ("Password1234!", "password.common"),
        ("P@ssw0rd2026!!", "password.common"),
        ("iloveyou!!!!!", "password.common"),
        ("carbonportal2026", "password.context"),
        ("Zero-Carbon-2026", "password.context"),
        ("aaaaaaaaaaaa", "password.pattern"),
        ("abcabcabcabc", "password.pattern"),
        ("123456789012", "password.pattern"),
        ("abcdefghijklm", "password.pattern"),
        ("739274928374", "password.only_digits"),
        ("7392749283741826495", "password.only_digits"),
    ],
)
def test_weak_password_is_refused_with_its_own_cure(typed, code):
    assert [each.code for each in read_password(typed).problems] == [code]


def test_words_about_the_person_do_not_make_it_stronger():
    context = ("Anna Schmidt", "anna.schmidt@gruenhof.example", "Grünhof Dairy")
    assert read_password("annaschmidt2026").is_settled
    assert read_password("annaschmidt2026", context=context).problems[0].code == "password.context"
    assert read_password("anna likes purple tractors", context=context).is_settled


@pytest.mark.parametrize(
    "typed", sorted(each for each in COMMON_PASSWORDS if len(each) >= 12)[::10]
)
def test_long_common_passwords_are_refused(typed):
    assert read_password(typed).answer is Answer.REJECT


def test_problem_never_repeats_the_password():
    for typed in ("brief7", "qwerty123456", "x" * 129, "\x00secret-secret"):
        for problem in read_password(typed).problems:
            assert typed not in str(problem)
            assert "secret" not in str(problem)
