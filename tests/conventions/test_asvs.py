"""docs/asvs.csv names for every requirement of levels 1 and 2 what shows it, and all that it names is there."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from functools import cache

import pytest

from tests.conventions.source import ROOT

# The levels of the requirements of each section of ASVS 5.0.0, in their order; level 3 is not listed in the file.
SECTIONS = {
    "V1.1": "22", "V1.2": "1111122223", "V1.3": "112222222223", "V1.4": "222", "V1.5": "123",
    "V2.1": "122", "V2.2": "112", "V2.3": "12223", "V2.4": "23",
    "V3.1": "3", "V3.2": "113", "V3.3": "12223", "V3.4": "11222233", "V3.5": "11122333", "V3.6": "3", "V3.7": "22333",
    "V4.1": "12233", "V4.2": "23333", "V4.3": "22", "V4.4": "1222",
    "V5.1": "2", "V5.2": "112333", "V5.3": "113", "V5.4": "222",
    "V6.1": "122", "V6.2": "111111112222", "V6.3": "11223333", "V6.4": "112233", "V6.5": "22222333",
    "V6.6": "2223", "V6.7": "33", "V6.8": "2222",
    "V7.1": "222", "V7.2": "1111", "V7.3": "22", "V7.4": "11222", "V7.5": "223", "V7.6": "22",
    "V8.1": "1233", "V8.2": "1123", "V8.3": "133", "V8.4": "23",
    "V9.1": "111", "V9.2": "1222",
    "V10.1": "22", "V10.2": "223", "V10.3": "22223", "V10.4": "1111122222233333", "V10.5": "22222",
    "V10.6": "22", "V10.7": "222",
    "V11.1": "2233", "V11.2": "22233", "V11.3": "11233", "V11.4": "1222", "V11.5": "23", "V11.6": "23", "V11.7": "33",
    "V12.1": "12233", "V12.2": "11", "V12.3": "22223",
    "V13.1": "2333", "V13.2": "222223", "V13.3": "2233", "V13.4": "1222233",
    "V14.1": "22", "V14.2": "12223333", "V14.3": "122",
    "V15.1": "12233", "V15.2": "12233", "V15.3": "1222222", "V15.4": "3333",
    "V16.1": "2", "V16.2": "22222", "V16.3": "2222", "V16.4": "222", "V16.5": "2223",
    "V17.1": "23", "V17.2": "22223333", "V17.3": "22",
}  # fmt: skip
IN_ALL, LEVEL_1, LEVEL_2 = 345, 70, 183
VERDICTS = {"pass", "not applicable"}  # "open" is for the way to a release, and for no release


@cache
def rows() -> list[dict[str, str]]:
    with (ROOT / "docs" / "asvs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shown(verdict: str = "pass") -> list[tuple[str, str]]:
    """Each requirement with each thing that shows it."""
    return [
        (row["requirement"], each)
        for row in rows()
        if row["verdict"] == verdict
        for each in row["shown_by"].split()
    ]


@cache
def defined_in(path: str) -> frozenset[str]:
    """The tests that a module defines, by name."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@cache
def sections_of(path: str) -> frozenset[str]:
    """The anchors of a page's headings, as they are made where the repository is shown."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    headings = re.findall(r"(?m)^#+ +(.+)$", file.read_text(encoding="utf-8"))
    return frozenset(re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings)


def is_there(named: str) -> bool:
    if "::" in named:
        path, _, name = named.partition("::")
        return path.startswith("tests/") and name in defined_in(path)
    path, _, anchor = named.partition("#")
    return path.startswith("docs/") and anchor in sections_of(path)


def test_every_requirement_of_both_levels_is_listed_once_in_its_order() -> None:
    wanted = [
        (f"{section}.{place}", level)
        for section, levels in SECTIONS.items()
        for place, level in enumerate(levels, 1)
    ]

    assert len(wanted) == IN_ALL
    assert Counter(row["level"] for row in rows()) == {"1": LEVEL_1, "2": LEVEL_2}
    assert [(row["requirement"], row["level"]) for row in rows()] == [
        (name, level) for name, level in wanted if level != "3"
    ]


def test_nothing_is_open() -> None:
    assert [row["requirement"] for row in rows() if row["verdict"] not in VERDICTS] == []


def test_every_requirement_says_what_it_is_about_in_few_words() -> None:
    assert [row["requirement"] for row in rows() if not 1 <= len(row["about"].split()) <= 14] == []


def test_what_passes_is_shown_and_what_does_not_apply_has_its_reason() -> None:
    unshown = [r["requirement"] for r in rows() if r["verdict"] == "pass" and not r["shown_by"]]
    unexplained = [r["requirement"] for r in rows() if r["verdict"] != "pass" and not r["reason"]]
    shown_anyway = [r["requirement"] for r in rows() if r["verdict"] != "pass" and r["shown_by"]]

    assert (unshown, unexplained, shown_anyway) == ([], [], [])


def test_all_that_is_named_is_there() -> None:
    assert len(shown()) > 300
    assert [f"{name}: {each}" for name, each in shown() if not is_there(each)] == []


def test_only_what_asks_for_writing_is_shown_by_writing_alone() -> None:
    by_words_alone = {
        row["requirement"]
        for row in rows()
        if row["verdict"] == "pass" and "::" not in row["shown_by"]
    }
    # The first section of a chapter asks for documentation.
    assert [name for name in sorted(by_words_alone) if not re.match(r"V\d+\.1\.", name)] == []


@pytest.mark.parametrize(
    ("named", "there"),
    [
        ("tests/conventions/test_asvs.py::test_all_that_is_named_is_there", True),
        ("tests/conventions/test_asvs.py::test_that_nobody_wrote", False),
        ("tests/conventions/test_gone.py::test_nothing_is_open", False),
        ("tests/conventions/test_asvs.py::shown", False),
        ("docs/security.md#ways-in", True),
        ("docs/security.md#back-doors", False),
        ("docs/gone.md#ways-in", False),
        ("docs/security.md", False),
    ],
)
def test_the_rules_above_see_what_they_look_for(named: str, there: bool) -> None:
    assert is_there(named) is there
