"""Every state that the database can hold has words and a tone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint

from portal.store.base import Base
from portal.web.status import STATUSES, status_of

# The table, and the noun under which its states are shown.
NOUNS = {
    "inventory": "inventory",
    "submission": "submission",
    "finding": "finding",
    "certificate": "certificate",
    "member": "member",
    "job": "job",
}


def states(table: str) -> set[str]:
    checks = [c for c in Base.metadata.tables[table].constraints if isinstance(c, CheckConstraint)]
    known = [re.match(r"(?:state|status) in \((.*)\)$", str(check.sqltext)) for check in checks]
    return {name for found in known if found for name in re.findall(r"'(\w+)'", found[1])}


@pytest.mark.parametrize(("table", "noun"), NOUNS.items())
def test_each_state_of_the_database_has_words(table: str, noun: str) -> None:
    kept = states(table)
    assert kept
    assert kept <= STATUSES[noun].keys()


def test_an_unknown_state_is_a_bug() -> None:
    with pytest.raises(KeyError):
        status_of("submission", "lost")


def test_each_tone_has_its_rule_in_the_style_sheet() -> None:
    css = (Path(__file__).parents[3] / "static" / "css" / "parts.css").read_text(encoding="utf-8")
    tones = {status.tone for states in STATUSES.values() for status in states.values()}
    assert [tone for tone in tones if f".tag-{tone} " not in css] == []
