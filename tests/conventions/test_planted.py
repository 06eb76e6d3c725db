"""The planted faults keep fitting the code: `make bite` takes minutes, so this says at once which one no longer does."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.planted.bite import Copy, bite
from tests.planted.patches import FOLDER, ROOT, Patch, all_patches, is_there, named

LEAST = 40
THEMES = {
    "access",
    "backup",
    "browser",
    "certificates",
    "exports",
    "files",
    "jobs",
    "ledger",
    "login",
    "numbers",
    "operation",
    "privacy",
}  # fmt: skip
PATCHES = all_patches()


def test_there_are_faults_of_every_kind() -> None:
    assert len(PATCHES) >= LEAST
    assert {patch.name.partition("/")[0] for patch in PATCHES} == THEMES
    assert set(FOLDER.rglob("*.patch")) == {patch.path for patch in PATCHES}


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.name)
def test_fault_says_what_it_is_and_fits_the_code(patch: Patch) -> None:
    assert re.fullmatch(r"[A-Z].{20,}\.", patch.mistake)
    assert patch.tests
    assert [test for test in patch.tests if not is_there(test)] == []
    touched = re.findall(r"^\+\+\+ b/(\S+)$", patch.path.read_text(encoding="utf-8"), re.MULTILINE)
    assert touched
    assert {name.split("/")[0] for name in touched} <= {"portal", "templates"}
    fits = subprocess.run(
        ["git", "apply", "--check", str(patch.path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert fits.returncode == 0, f"make the patch anew: {fits.stderr}"


def test_every_fault_is_another_one() -> None:
    assert len({patch.mistake for patch in PATCHES}) == len(PATCHES)


def test_faults_are_found_by_words_of_their_names() -> None:
    assert named([]) == PATCHES
    assert {patch.name.partition("/")[0] for patch in named(["ledger/"])} == {"ledger"}
    with pytest.raises(LookupError, match="no planted fault"):
        named(["a fault that nobody made"])


SOUND = "def add(a, b):\n    return a + b\n"
TEST = "from sums import add\n\n\ndef test_sum():\n    assert add(2, 3) == 5\n"


@pytest.mark.parametrize(
    ("unsound", "found"),
    [
        ("    return a - b\n", "test_sums.py::test_sum"),
        ("    return b + a\n", ""),
        ("    return a +\n", ""),
    ],
    ids=["caught", "not caught", "not even read"],
)
def test_only_a_test_that_fails_has_caught_a_mistake(
    tmp_path: Path, unsound: str, found: str
) -> None:
    checkout, patch = tmp_path / "checkout", tmp_path / "sums" / "wrong.patch"
    for place in (checkout, patch.parent):
        place.mkdir()
    (checkout / "sums.py").write_text(SOUND, encoding="utf-8")
    (checkout / "test_sums.py").write_text(TEST, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=checkout, check=True)
    subprocess.run(["git", "add", "--all"], cwd=checkout, check=True)
    patch.write_text(
        "Adds up wrongly.\ncaught by: test_sums.py\n\ndiff --git a/sums.py b/sums.py\n"
        "--- a/sums.py\n+++ b/sums.py\n@@ -1,2 +1,2 @@\n def add(a, b):\n-    return a + b\n"
        f"+{unsound}",
        encoding="utf-8",
    )
    copy = Copy.of(checkout, tmp_path / "copy")

    outcome = bite(copy, Patch(patch))

    assert (outcome.test, outcome.is_caught) == (found, bool(found))
    assert (copy.folder / "sums.py").read_text(encoding="utf-8") == SOUND


def test_what_is_not_there_is_told() -> None:
    own = "tests/conventions/test_planted.py"
    assert is_there(own)
    assert is_there(f"{own}::test_what_is_not_there_is_told")
    assert not is_there(f"{own}::test_that_nobody_wrote")
    assert not is_there("tests/conventions/test_that_nobody_wrote.py")
