"""Finds the longest functions, modules and templates; printed after each run, so that the tail stays short."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.conventions.source import modules, templates

LISTED = 10


def report() -> Iterator[str]:
    """Write one line per list; nothing here fails a run."""
    yield from _list("functions, look again at more than 40 lines", _functions())
    yield from _list("modules, look again at more than 350 lines", _lengths(modules()))
    yield from _list("templates, look again at more than 120 lines", _lengths(templates()))


def _list(title: str, sizes: list[tuple[int, str]]) -> Iterator[str]:
    yield f"longest {title}:"
    for lines, name in sorted(sizes, reverse=True)[:LISTED]:
        yield f"  {lines:5} {name}"


def _functions() -> list[tuple[int, str]]:
    return [
        (node.end_lineno - node.lineno + 1, f"{module.path}:{node.lineno} {node.name}")
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _lengths(files) -> list[tuple[int, str]]:
    return [(len(file.text.splitlines()), file.path) for file in files]
