"""What is kept in the repository speaks of the product, and what others wrote is marked, licensed and unchanged."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from tests.conventions.source import ROOT, tracked

# Put together from parts, so that this file is not among those that it finds.
NOT_OURS = re.compile(
    "|".join(
        (
            r"--(?:extra-)?index-" + "url",
            r'"resolved": *"' + "http",
            r"(?:registry|files|deb|security)\.[a-z]+\.(?:org|com|net)",
            "py" + r"pi\.(?:org|python\.org)",
            r"(?:^|[\s\"'=(])/" + r"(?:work|farm|root|home/\w+)/",
        )
    )
)
VENDORED = sorted(
    path.parent
    for folder in ("static/vendor", "tests/vendor", "portal/data")
    for path in (ROOT / folder).rglob("SHA256SUMS")
)
MARK = b"\0"


def test_no_file_names_a_machine_or_a_place_to_download_from() -> None:
    found = []
    for path in tracked():
        content = path.read_bytes()
        if MARK in content or "vendor" in path.parts:
            continue
        for number, line in enumerate(content.decode("utf-8").splitlines(), 1):
            if NOT_OURS.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number} {line.strip()[:80]}")
    assert found == []


def test_no_file_is_left_over_or_unreadable() -> None:
    odd = [
        path.relative_to(ROOT).as_posix()
        for path in tracked()
        if path.suffix in (".orig", ".rej", ".bak", ".log", ".sqlite3", ".mo")
        or path.name.endswith("~")
    ]
    assert odd == []


def test_every_vendored_folder_is_listed() -> None:
    folders = [
        path
        for name in ("static/vendor", "tests/vendor")
        for path in (ROOT / name).glob("*")
        if path.is_dir()
    ]
    assert folders, "nothing was found where vendored files are expected"
    assert sorted(set(folders) - set(VENDORED)) == []
    assert [path.name for path in folders if not re.search(r"-\d+\.\d+", path.name)] == [], (
        "a version belongs to the name"
    )


@pytest.mark.parametrize("folder", VENDORED, ids=lambda folder: folder.name)
def test_vendored_files_are_those_that_were_checked_in(folder: Path) -> None:
    promised = {}
    for line in (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines():
        digest, name = line.split()
        promised[name.lstrip("*./")] = digest
    for name, digest in promised.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    ours = {"SHA256SUMS", "README.md", "fonts.conf", "__init__.py"}
    assert present - ours - promised.keys() == set(), "a file without a checksum"
    assert any(re.match(r"LICEN[CS]E|COPYRIGHT|COPYING", name) for name in present), (
        "a licence is missing"
    )
