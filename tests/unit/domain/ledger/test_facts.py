"""An entry commits to the whole fact and shows of it only what is public anyway."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from portal.domain.ledger.facts import INTENDED, SALT_BYTES, Entry, Fact

SALT = bytes(range(SALT_BYTES))
FACT = Fact(
    0,
    datetime(2026, 1, 1, tzinfo=UTC),
    "inventory.saved",
    "an-account",
    "M-1",
    "inventory/7",
    "",
    "aa",
    {"n": 1},
)


def test_leaf_changes_when_any_part_of_the_fact_or_the_salt_changes() -> None:
    others = [
        replace(FACT, sequence=1),
        replace(FACT, at=datetime(2026, 1, 2, tzinfo=UTC)),
        replace(FACT, kind="inventory.opened"),
        replace(FACT, actor="another"),
        replace(FACT, on_behalf_of="M-2"),
        replace(FACT, subject="inventory/8"),
        replace(FACT, before="aa", after=""),
        replace(FACT, detail={"n": 2}),
    ]
    entries = [Entry(FACT, SALT), Entry(FACT, SALT[::-1]), *(Entry(each, SALT) for each in others)]
    assert len({entry.leaf() for entry in entries}) == len(entries)


def test_entry_shows_nothing_of_what_a_member_does() -> None:
    shown = Entry(FACT, SALT).data()
    assert set(json.loads(shown)) == {"commitment", "sequence"}
    for secret in ("an-account", "M-1", "inventory", "2026"):
        assert secret.encode() not in shown


def test_entry_of_a_certificate_shows_its_number_and_the_digest_of_its_facts() -> None:
    fact = replace(FACT, kind=INTENDED, subject="certificate/ZCA-2026-00001", after="ab" * 32)
    shown = json.loads(Entry(fact, SALT).data())
    assert shown["subject"] == "certificate/ZCA-2026-00001"
    assert shown["digest"] == "ab" * 32
    assert shown["kind"] == INTENDED
    assert "actor" not in shown
    assert "on_behalf_of" not in shown


def test_entry_refuses_a_salt_that_could_be_tried_out() -> None:
    with pytest.raises(ValueError):
        Entry(FACT, b"short")
