"""The built wheel alone, installed in an empty environment, serves a page: nothing of the checkout is needed."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.conventions.source import ROOT, tracked
from tests.serving import served

OUTER = ("templates", "static", "migrations")
DAY = "1764288000"


def built(folder: Path) -> Path:
    """Build the wheel from a copy of what is tracked, so that the checkout stays as it is."""
    copy, wheels = folder / "copy", folder / "wheel"
    for path in tracked():
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        wheels,
        copy,
    ]
    environ = {**os.environ, "SOURCE_DATE_EPOCH": DAY}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environ)
    assert done.returncode == 0, done.stderr
    (found,) = wheels.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel beside the libraries of this environment, but without the checkout; return its Python."""
    home = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(home, with_pip=False)
    (packages,) = home.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    # Appended, so that the wheel's own package comes first; .pth files in there are not followed.
    (packages / "libraries.pth").write_text("\n".join(site.getsitepackages()))
    return home / "bin" / "python"


def test_wheel_brings_every_file_that_the_portal_reads(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    for folder in OUTER:
        expected = {
            f"portal/{path.relative_to(ROOT).as_posix()}"
            for path in tracked()
            if path.is_relative_to(ROOT / folder)
        }
        assert len(expected) > 3
        assert expected - inside == set(), folder
    assert "portal/translations/zh_Hans_CN/LC_MESSAGES/messages.mo" in inside
    assert {
        name for name in inside if name.startswith("portal/data/factors/") and name.endswith(".csv")
    }
    assert {
        name for name in inside if name.startswith("portal/data/fonts/") and name.endswith(".ttf")
    }
    assert not [
        name
        for name in inside
        if "__pycache__" in name or ".git" in name or name.startswith(("tests/", "docs/"))
    ]


def test_wheel_is_the_same_to_the_byte_when_built_again(wheel: Path, tmp_path: Path) -> None:
    assert built(tmp_path).read_bytes() == wheel.read_bytes()


def test_wheel_serves_a_page_when_installed_alone(installed: Path, tmp_path: Path) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "PORTAL_DEMO": "1",
        "PORTAL_FOLDER": str(tmp_path / "var"),
    }
    where = subprocess.run(
        [installed, "-c", "import portal; print(portal.__file__)"], cwd=tmp_path, env=environ, check=True,
        capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert str(ROOT) not in where
    subprocess.run(
        [installed, "-m", "portal", "init"],
        cwd=tmp_path,
        env=environ,
        check=True,
        capture_output=True,
    )
    with served(installed, environ, tmp_path) as portal:
        page = portal.get("/login")
        assert page.status == 200
        assert "</html>" in page.text
        assert portal.get("/static/css/portal.css").status == 200
