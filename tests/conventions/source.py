"""The files that the conventions are about, read once: modules with their syntax trees, templates with their text."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file, with what ast makes of it."""

    path: str
    text: str
    tree: ast.Module

    @property
    def floor(self) -> str:
        """Name the floor: the first folder under `portal`, or the file itself."""
        return self.path.split("/")[1]

    @property
    def name(self) -> str:
        return self.path.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")

    def calls(self) -> Iterator[ast.Call]:
        """Walk through everything that is called in this module."""
        yield from (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))


@dataclass(frozen=True, slots=True)
class Template:
    """One template with its text."""

    path: str
    text: str


@cache
def tracked() -> tuple[Path, ...]:
    """Return the files that the repository keeps."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return tuple(ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file())


@cache
def modules(folder: str = "portal") -> tuple[Module, ...]:
    """Return the Python files under a folder of the checkout."""
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found.append(Module(path.relative_to(ROOT).as_posix(), text, ast.parse(text, str(path))))
    return tuple(found)


@cache
def templates() -> tuple[Template, ...]:
    """Return every file under `templates/`."""
    return tuple(
        Template(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "templates").rglob("*"))
        if path.is_file()
    )


def spelled(node: ast.expr) -> str:
    """Spell a dotted name such as `datetime.now`, or nothing for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{spelled(node.value)}.{node.attr}"
    return ""
