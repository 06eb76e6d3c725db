"""The house stands: imports go down, rooms carry signs and good names, the lower floors stay pure."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from tests.conventions.source import ROOT, Module, modules, spelled

VAGUE_NAMES = {
    "common",
    "forms",
    "helper",
    "helpers",
    "misc",
    "models",
    "stuff",
    "tools",
    "util",
    "utils",
}
PURE_FLOORS = ("calculation", "domain", "intake")
# What gives another answer tomorrow, on another machine, or the second time.
IMPURE_CALLS = re.compile(
    r"(?:^|\.)(?:now|utcnow|today|fromtimestamp|getenv|urandom|uuid1|uuid4|token_\w+)$"
    r"|^(?:input|open|print|float|exec|eval|id|hash|globals)$|^(?:os|time|random|secrets)\."
)
# A float on a pure floor needs a reason here.
FLOATS_ALLOWED: dict[str, str] = {}
# Who ends a transaction, and whose it is.
COMMITS = {
    "portal/api/bearers.py": "the count of a token's requests, which stays when the request is refused",
    "portal/api/calls.py": "a program's, after its view; and who opened what, after that",
    "portal/api/v1/evidence.py": "one that has read only, so that nobody waits while a file is looked into",
    "portal/services/work.py": "a command's or a job's",
    "portal/services/restoring.py": "the savepoint in which people are erased again; the restore commits around it",
    "portal/store/base.py": "what a failed COMMIT left open, when its connection goes back to the pool",
    "portal/web/readings.py": "who opened what, after the request's own transaction",
    "portal/web/requests.py": "a request's, after its view",
    "portal/web/sessions.py": "the visitor's own row, which stays when the request is refused",
    "portal/web/throttle.py": "the count of tries, which stays when the request is refused",
}


def pure_modules() -> list[Module]:
    return [module for module in modules() if module.floor in PURE_FLOORS]


def test_imports_keep_every_contract() -> None:
    # A process of its own: the linter's logging configuration silences the loggers of whoever calls it.
    command = [Path(sys.executable).parent / "lint-imports", "--config", "setup.cfg", "--no-cache"]
    linted = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_every_room_has_a_sign_of_three_sentences() -> None:
    unsigned = []
    for module in modules():
        if module.path.endswith("/__init__.py"):
            sign = ast.get_docstring(module.tree) or ""
            sentences = [text for text in re.split(r"[.;:?](?:\s|$)", sign) if len(text) > 10]
            if len(sentences) < 3:
                unsigned.append(module.path)
    assert unsigned == []


def test_no_module_has_a_vague_name() -> None:
    parts = {(module.path, module.name.rsplit(".", 1)[-1]) for module in modules()}
    assert [
        path
        for path, name in sorted(parts)
        if name in VAGUE_NAMES and not path.endswith("__init__.py")
    ] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [
        m.path
        for folder in ("portal", "tests", "migrations")
        for m in modules(folder)
        if not ast.get_docstring(m.tree)
    ] == []


def test_every_public_function_says_what_it_does() -> None:
    silent = [
        f"{module.path}:{node.lineno} {node.name}"
        for module in modules()
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_pure_floors_ask_nothing_of_the_world() -> None:
    asked = [
        f"{module.path}:{call.lineno} {spelled(call.func)}"
        for module in pure_modules()
        for call in module.calls()
        if IMPURE_CALLS.search(spelled(call.func))
    ]
    assert asked == []


def test_pure_floors_reckon_without_floats() -> None:
    floats = [
        f"{module.path}:{node.lineno} {node.value}"
        for module in pure_modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    assert [place for place in floats if place.split(":")[0] not in FLOATS_ALLOWED] == []


def test_services_and_store_take_the_moment_as_an_argument() -> None:
    asked = [
        f"{module.path}:{call.lineno} {spelled(call.func)}"
        for module in modules()
        if module.floor in ("services", "store", "documents", "mail")
        for call in module.calls()
        if re.search(r"(?:^|\.)(?:now|utcnow|today)$", spelled(call.func))
        and not spelled(call.func).startswith("func.")
    ]
    assert asked == []


def test_only_the_owner_of_a_transaction_commits() -> None:
    commits = {
        module.path
        for module in modules()
        if module.floor in ("services", "store", "documents", "mail", "web", "api")
        for call in module.calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("commit", "rollback")
    }
    assert commits <= COMMITS.keys()


def test_imports_stand_at_the_top_except_where_start_up_time_asks() -> None:
    hidden = [
        f"{module.path}:{node.lineno}"
        for module in modules()
        if module.floor not in ("app.py", "cli")
        for function in ast.walk(module.tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []
