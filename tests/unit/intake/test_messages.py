"""Every problem of this floor has words, each with the names that its code gives it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import portal.intake
from portal.domain import evidence
from portal.intake.messages import MESSAGES, READ_AS

FOLDER = Path(portal.intake.__file__).parent
FAMILIES = (
    "choice|number|percent|unit|date|period|text|code|credit_code|email|url|password|filename|line"
    "|timestamp|reading|meter"
)
WORDS = ("messages.py", "reading_messages.py")
CODE = re.compile(rf'"((?:{FAMILIES})\.[a-z_.]+)"')


def _used_codes() -> set[str]:
    sources = (path.read_text() for path in FOLDER.glob("*.py") if path.name not in WORDS)
    return {code for source in sources for code in CODE.findall(source)}


def test_every_code_in_use_has_words_and_no_words_are_left_over():
    assert _used_codes() == set(MESSAGES)


@pytest.mark.parametrize(
    "text",
    [*MESSAGES.values(), *evidence.MESSAGES.values(), *evidence.NOTE_TEXTS.values(), READ_AS],
)
def test_words_are_whole_sentences_with_named_places_only(text):
    assert text[-1] in ".?:"
    assert not re.search(r"%(?!\([a-z]+\)s)", text), "no bare percent sign in a message"
