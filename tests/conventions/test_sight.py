"""A request says whose rows it may see whenever it opens a session; elsewhere the portal acts for itself."""

from __future__ import annotations

import ast
from pathlib import Path


def _openings(root: Path) -> list[tuple[str, ast.Call]]:
    return [
        (f"{path.name}:{node.lineno}", node)
        for door in ("web", "api")
        for path in sorted((root / "portal" / door).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("reading", "writing")
        and "database" in ast.unparse(node.func.value)
    ]


def test_sessions_of_the_web_name_their_sight(root: Path) -> None:
    openings = _openings(root)
    assert len(openings) > 5
    assert [place for place, call in openings if not call.args and not call.keywords] == []
