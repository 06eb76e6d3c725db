"""The libraries are at least those that end a known trap, and the lists of exact versions are complete."""

from __future__ import annotations

import configparser
import re
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.conventions.source import ROOT

LOCKS = ("requirements.lock", "requirements-test.lock")


def asked_for(extra: str | None = None) -> list[Requirement]:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    text = setup["options.extras_require"][extra] if extra else setup["options"]["install_requires"]
    return [Requirement(line) for line in text.splitlines() if line.strip()]


def locked(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("requirement", asked_for(), ids=lambda requirement: requirement.name)
def test_installed_version_is_at_least_the_least(requirement: Requirement) -> None:
    assert requirement.specifier.contains(Version(version(requirement.name)))


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_fits_what_setup_asks_for(lock: str) -> None:
    pinned = locked(lock)
    wanted = asked_for() + (asked_for("test") if lock == "requirements-test.lock" else [])
    for requirement in wanted:
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), (
            requirement
        )


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    for entry in re.split(r"^(?=[a-z])", text, flags=re.MULTILINE):
        if entry[:1].isalpha():
            assert "--hash=sha256:" in entry, entry.split()[0]
    assert "://" not in text
    assert "--find-links" not in text


def test_tests_run_on_the_versions_that_are_shipped() -> None:
    shipped, tested = locked("requirements.lock"), locked("requirements-test.lock")
    assert {name: tested.get(name) for name in shipped} == shipped
