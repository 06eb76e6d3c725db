"""Addresses from outside never lead a browser to another host."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.web.redirects import LONGEST, is_local, local_redirect, local_target

CASES = Path(__file__).parents[4] / "shared" / "badinputs" / "cases.jsonl"

LEADS_AWAY = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\n/evil.example",
    "https:evil.example",
    "https:///evil.example",
    "https://portal.example@evil.example",
    "http://evil.example%2f@portal.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "",
    "/\u2028/evil.example",
    "/。evil.example",
    "/..//evil.example",
    "/./\\evil.example",
    "/members//evil.example",
    "?next=//evil.example",
    "/" + "a" * LONGEST,
]


@pytest.mark.parametrize("target", LEADS_AWAY)
def test_an_address_that_could_lead_away_gives_way_to_the_fallback(target: str) -> None:
    assert local_target(target, "/home") == "/home"


@pytest.mark.parametrize(
    "target", ["/", "/members?q=%E7%89%A7&sort=-kg", "/lines#line-3", "/verify/ZCA-1?c=a//b"]
)
def test_a_path_on_this_host_is_kept(target: str) -> None:
    assert local_target(target, "/home") == target


def test_no_address_at_all_gives_the_fallback() -> None:
    assert local_target(None, "/home") == "/home"


@given(st.text(alphabet="/\\.:@?#%abht\t\n\r \u2028。", max_size=30))
def test_whatever_is_accepted_starts_with_one_slash(target: str) -> None:
    if is_local(target):
        assert target.startswith("/")
        assert not target.startswith(("//", "/\\"))


def test_a_redirect_answers_303_so_that_a_form_is_not_sent_twice() -> None:
    with Flask("probe").test_request_context():
        response = local_redirect("//evil.example", "/home")
    assert (response.status_code, response.headers["Location"]) == (303, "/home")


@pytest.mark.skipif(
    not CASES.exists(), reason="the corpus of bad inputs is not part of the repository"
)
def test_the_corpus_of_bad_redirects_stays_on_this_host() -> None:
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    targets = [case["input"] for case in cases if case["field"] == "redirect"]
    assert len(targets) >= 10
    for target in targets:
        kept = local_target(target, "/home")
        assert kept.startswith("/")
        assert not kept.startswith(("//", "/\\"))
        assert "evil.example" not in kept.split("?")[0] or "%" in kept
