"""What must not be written anywhere in the portal, because each of these has been somebody's incident."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from tests.conventions.source import Module, modules, spelled, templates

FORBIDDEN_CALLS = {
    "render_template_string": "a template from a value runs what the value says",
    "from_string": "a template from a value runs what the value says",
    "eval": "runs what the value says",
    "exec": "runs what the value says",
    "mktemp": "another process can take the name first",
    "yaml.load": "builds any object that the file names",
    "marshal.loads": "builds any object that the bytes name",
    "os.system": "a shell reads the value",
    "os.popen": "a shell reads the value",
}
FORBIDDEN_IMPORTS = {"pickle", "shelve", "dill", "marshal", "xml", "telnetlib", "ftplib"}
# Where one of them is needed after all, with what makes it safe there.
IMPORTS_ALLOWED = {
    "portal/store/inspection/xlsx.py": "expat itself, which is told to refuse document types",
    "portal/store/inspection/sheet_scan.py": "expat itself, over parts that the former let through",
}
# Chance that guards nothing: pauses between polls, and the people of the demo.
CHANCE_ALLOWED = ("portal/jobs/worker.py", "portal/jobs/queue.py", "portal/cli/scenery/")
# Hashes, modes and paddings that are broken, or that let a changed byte go unnoticed.
WEAK = re.compile(
    r"(?:hashlib|hashes)\.(?:md4|md5|sha1|new|ripemd160|sha224)"
    r"|(?:ciphers\.)?modes\.\w+|algorithms\.\w+|.*\.(?:TripleDES|ARC4|Blowfish)",
    re.IGNORECASE,
)
PLACED = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
SHOWN_AS_IT_IS = {"Markup", "literal_column", "text", "exec_driver_sql"}
# Calls that build what is shown or run as it is from parts, each with the reason why no value of a person is among them.
ASSEMBLED_ALLOWED: dict[str, str] = {
    "portal/store/base.py": "names of pragmas that stand in the module",
    "portal/store/migration.py": "the number of the migration lock",
    "portal/web/forms/options.py": "each value is escaped once, when the list is written",
}


def test_no_call_runs_what_a_value_says() -> None:
    found = [
        f"{module.path}:{call.lineno} {name}: {reason}"
        for module in modules()
        for call in module.calls()
        for name, reason in FORBIDDEN_CALLS.items()
        if spelled(call.func) == name or spelled(call.func).endswith(f".{name}")
    ]
    assert found == []


def test_no_unsafe_reader_is_imported() -> None:
    found = [
        f"{module.path}:{node.lineno} {name}"
        for module in modules()
        if module.path not in IMPORTS_ALLOWED
        for node in ast.walk(module.tree)
        for name in _imported(node)
        if name.split(".")[0] in FORBIDDEN_IMPORTS
    ]
    assert found == []


def test_no_shell_and_no_unchecked_certificate() -> None:
    found = [
        f"{module.path}:{call.lineno} {keyword.arg}"
        for module in modules()
        for call in module.calls()
        for keyword in call.keywords
        if isinstance(keyword.value, ast.Constant)
        and (keyword.arg, keyword.value.value)
        in {("shell", True), ("verify", False), ("debug", True)}
    ]
    assert found == []


def test_markup_and_sql_are_written_out_not_assembled() -> None:
    found = [
        f"{module.path}:{call.lineno} {spelled(call.func)}"
        for module in modules()
        if module.path not in ASSEMBLED_ALLOWED
        for call in module.calls()
        if spelled(call.func).split(".")[-1] in SHOWN_AS_IT_IS
        and call.args
        and _is_assembled(call.args[0])
    ]
    assert found == []


def test_chance_that_guards_something_is_the_systems_own() -> None:
    found = [
        f"{module.path}:{node.lineno} {name}"
        for module in modules()
        if not module.path.startswith(CHANCE_ALLOWED)
        for node in ast.walk(module.tree)
        for name in _imported(node)
        if name.split(".")[0] == "random" or (name == "uuid" and _takes(node, "uuid1"))
    ]
    assert found == []


def test_no_weak_hash_and_no_bare_cipher_is_used() -> None:
    found = [
        f"{module.path}:{call.lineno} {spelled(call.func)}"
        for module in modules()
        for call in module.calls()
        if WEAK.fullmatch(spelled(call.func))
    ]
    assert found == []


def test_patterns_and_formats_are_written_out_not_made_of_values() -> None:
    made = [
        f"{module.path}:{call.lineno} {spelled(call.func)}"
        for module in modules()
        for call in module.calls()
        if call.args
        and spelled(call.func).split(".")[0] == "re"
        and spelled(call.func).split(".")[-1] in PLACED
        and not _is_written_out(call.args[0])
    ]
    formatted = [
        f"{module.path}:{node.lineno} % on a value"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Mod)
        and isinstance(node.left, ast.JoinedStr)
    ]
    assert (made, formatted) == ([], [])


def test_exceptions_for_the_tools_name_their_rule_and_their_reason() -> None:
    bare = [
        f"{module.path}:{number} {comment}"
        for module in (*modules(), *modules("tests"), *modules("migrations"))
        for number, comment in _comments(module.text)
        if _is_unexplained(comment)
    ]
    assert bare == []


def test_no_template_shows_a_value_unescaped() -> None:
    unsafe = re.compile(r"\|\s*safe\b|autoescape\s+false|\bMarkup\(")
    assert [template.path for template in templates() if unsafe.search(template.text)] == []


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return []


def _takes(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names}


def _is_written_out(pattern: ast.expr) -> bool:
    """Tell whether a pattern stands in the module, with nothing in it but constants of the module and escaped texts."""
    match pattern:
        case ast.Constant():
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.isupper()
        case ast.FormattedValue(value=value):
            return _is_written_out(value)
        case ast.JoinedStr(values=parts):
            return all(map(_is_written_out, parts))
        case ast.BinOp(left=left, right=right):
            return _is_written_out(left) and _is_written_out(right)
        case ast.Call(func=func):
            return spelled(func) == "re.escape"
        case _:
            return False


def _is_assembled(argument: ast.expr) -> bool:
    """Tell whether a text is put together from values, where a plain text or a constant's name is meant."""
    if isinstance(argument, ast.JoinedStr):
        return True
    if isinstance(argument, ast.BinOp):
        return (
            isinstance(argument.op, ast.Mod)
            or _is_assembled(argument.left)
            or _is_assembled(argument.right)
        )
    return isinstance(argument, ast.Call) and spelled(argument.func).endswith((".format", ".join"))


def _comments(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _is_unexplained(comment: str) -> bool:
    if re.match(r"#\s*(?:ruff:\s*)?noqa", comment):
        return not re.match(r"#\s*noqa: [A-Z]+\d+(?:, ?[A-Z]+\d+)* -- \S", comment)
    if re.match(r"#\s*type:\s*ignore", comment):
        return not re.match(r"#\s*type: ignore\[[\w, -]+\]\s+(?:#|--) ?\S", comment)
    return False


def test_the_rules_above_see_what_they_look_for() -> None:
    planted = Module(
        "portal/planted.py",
        "",
        ast.parse(
            'text(f"SELECT {name}"); Markup("<b>%s" % name); Markup("<b>"); text("SELECT 1" + name)'
        ),
    )
    assert [_is_assembled(call.args[0]) for call in planted.calls()] == [True, True, False, False]
    for text, is_fine in (
        ("'[a-z]+'", True),
        ("f'[{_SIGNS}]'", True),
        ("re.escape(typed)", True),
        ("typed", False),
        ("f'^{typed}$'", False),
    ):
        assert _is_written_out(ast.parse(text, mode="eval").body) is is_fine, text
    assert WEAK.fullmatch("hashlib.md5")
    assert WEAK.fullmatch("hashes.SHA1")
    assert WEAK.fullmatch("modes.ECB")
    assert not WEAK.fullmatch("hashlib.sha256")
    assert _is_unexplained("# noqa")
    assert _is_unexplained("# noqa: E501")
    assert not _is_unexplained("# noqa: E501 -- a table reads better wide")
    assert _is_unexplained("# type: ignore")
    assert not _is_unexplained("# type: ignore[arg-type]  # the library's stub is wrong")
