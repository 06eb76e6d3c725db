"""What the portal is made of is written down whole, may be handed on, and is held against advisories that were really read."""

from __future__ import annotations

import json
import platform
import sqlite3
import subprocess
import sys
from datetime import date, timedelta
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest

from supply.audit import DECISIONS, LONGEST, faults
from supply.bill import PORTAL, SHIPPED, TESTED, bill, pins, undecided
from tests.conventions.source import ROOT

TODAY = date(2026, 3, 2)
PINS = {"flask": "3.1.3", "pillow": "13.0.0"}
# Python's own installer stands beside the locks in every environment.
BUILD_TOOLS = {"setuptools"}
NOT_LOCKED = {"pip", PORTAL}


def addresses(content: dict[str, Any]) -> set[str]:
    return {each["purl"] for each in content["components"] if "purl" in each}


def test_bill_names_exactly_what_is_installed() -> None:
    installed = {
        f"pkg:pypi/{each.metadata['Name'].lower().replace('_', '-').replace('.', '-')}@{each.version}"
        for each in distributions(
            path=[
                str(
                    Path(
                        sys.prefix,
                        "lib",
                        f"python{sys.version_info[0]}.{sys.version_info[1]}",
                        "site-packages",
                    )
                )
            ]
        )
        if each.metadata["Name"].lower() not in NOT_LOCKED
    }
    listed = {each for each in addresses(bill()) if each.startswith("pkg:pypi/")}
    assert listed == installed


def test_bill_names_what_no_lock_pins() -> None:
    found = {(each["name"], each.get("version", "")) for each in bill()["components"]}
    assert ("CPython", platform.python_version()) in found
    assert ("SQLite", sqlite3.sqlite_version) in found
    names = {name for name, _ in found}
    assert {
        "OpenSSL",
        "Pango",
        "libjpeg_turbo",
        "libpq",
        "qpdf",
        "bootstrap",
        "htmx",
        "Portal Sans",
    } <= names
    assert "missing" not in {version for _, version in found}


def test_bill_tells_what_is_shipped_from_what_only_tests_need() -> None:
    scopes = {each["name"]: each["scope"] for each in bill()["components"] if "purl" in each}
    assert scopes["flask"] == scopes["htmx"] == "required"
    assert scopes["pytest"] == scopes["axe-core"] == "excluded"
    assert {name for name, scope in scopes.items() if scope == "required"} >= pins(SHIPPED).keys()


def test_every_reference_of_the_bill_leads_to_one_component() -> None:
    content = bill()
    parts = [part for each in content["components"] for part in each.get("components", ())]
    named = [each["bom-ref"] for each in (*content["components"], *parts)]
    named.append(content["metadata"]["component"]["bom-ref"])
    assert len(named) == len(set(named))
    for each in content["dependencies"]:
        assert {each["ref"], *each["dependsOn"]} <= set(named)
    reached: set[str] = set()
    needs = {each["ref"]: each["dependsOn"] for each in content["dependencies"]}
    waiting = [PORTAL]
    while waiting:
        each = waiting.pop()
        if each not in reached:
            reached.add(each)
            waiting += needs[each]
    unneeded = {pin.address for pin in pins(SHIPPED).values()} - reached
    assert {each.partition("@")[0].rpartition("/")[2] for each in unneeded} == BUILD_TOOLS


def test_same_locks_give_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for place in range(2):
        target = tmp_path / str(place)
        command = [sys.executable, "-m", "supply.bill", target]
        subprocess.run(command, cwd=ROOT, check=True)
        written.append(target.read_bytes())
    assert written[0] == written[1]
    assert json.loads(written[0])["bomFormat"] == "CycloneDX"


def test_every_licence_is_accepted_or_decided_on() -> None:
    assert undecided() == []


def looked_at(**changes: Any) -> dict[str, Any]:
    """What the tool reports of the pins, and what the test changes about the last one."""
    rows = [{"name": name, "version": version, "vulns": []} for name, version in PINS.items()]
    rows[-1] |= changes
    return {"dependencies": rows}


ADVISORY = {"id": "GHSA-test", "fix_versions": ["13.0.1"]}


def test_pins_without_advisories_pass() -> None:
    assert list(faults(looked_at(), PINS, {}, TODAY)) == []


@pytest.mark.parametrize(
    "report",
    [
        {"dependencies": []},
        looked_at(skip_reason="could not be audited"),
        looked_at(version="12.9.9"),
    ],
    ids=["nothing", "skipped", "another-version"],
)
def test_pin_that_was_not_looked_at_is_no_pass(report: dict[str, Any]) -> None:
    assert "pillow 13.0.0 was not looked at" in list(faults(report, PINS, {}, TODAY))


def test_advisory_is_lived_with_for_a_reason_and_a_time_only() -> None:
    report = looked_at(vulns=[ADVISORY])
    open_fault = "pillow 13.0.0: GHSA-test, fixed in 13.0.1"
    decided = {"why": "never called", "until": TODAY}
    assert list(faults(report, PINS, {}, TODAY)) == [open_fault]
    assert list(faults(report, PINS, {"GHSA-test": decided}, TODAY)) == []
    for worse in (
        {"why": " "},
        {"until": TODAY - timedelta(days=1)},
        {"until": TODAY + LONGEST + timedelta(days=1)},
    ):
        found = faults(report, PINS, {"GHSA-test": decided | worse}, TODAY)
        assert list(found) == [open_fault]


def test_decision_that_nothing_needs_is_taken_back() -> None:
    decided = {"GHSA-old": {"why": "never called", "until": TODAY}}
    assert list(faults(looked_at(), PINS, decided, TODAY)) == [
        "the decision about GHSA-old is not needed any more"
    ]


def test_decisions_are_kept_where_the_audit_reads_them() -> None:
    assert DECISIONS.is_file()
    assert pins(TESTED).keys() >= pins(SHIPPED).keys()
