"""The catalogues and the texts that code and templates say, as the tests about them need both."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages import Message
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from tests.conventions.source import ROOT, modules, spelled, templates

LOCALES = ROOT / "portal" / "translations"
MAIN = LOCALES / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
LOGIN = MAIN.with_name("flask_security.po")
LAZY = ("lazy_gettext", "lazy_ngettext:1,2", "lazy_pgettext:1c,2")

# Where the text stands among the arguments of each function that marks one.
MARKS = {
    "_": 0,
    "N_": 0,
    "gettext": 0,
    "lazy_gettext": 0,
    "ngettext": 0,
    "lazy_ngettext": 0,
    "pgettext": 1,
    "lazy_pgettext": 1,
}


def catalogues() -> list[Path]:
    """Return every source catalogue, the portal's own two even where they are missing."""
    return sorted({MAIN, LOGIN, *LOCALES.glob("*/LC_MESSAGES/*.po")})


@cache
def read(path: Path) -> Catalog:
    """Return a catalogue as it stands, obsolete entries left aside."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


@cache
def said() -> dict[tuple[str | None, str], str]:
    """Return every text to translate, by context and text, with a place where it is said."""
    with (LOCALES / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    keywords = DEFAULT_KEYWORDS | parse_keywords(LAZY)
    found = {}
    for folder in ("portal", "templates"):
        extracted = extract_from_dir(ROOT / folder, methods, options, keywords)
        for name, line, message, _, context in extracted:
            text = message if isinstance(message, str) else message[0]
            found.setdefault((context, text), f"{folder}/{name}:{line}")
    return found


def marked() -> Iterator[tuple[str, str]]:
    """Yield every text that stands in a call of a marking function, in whatever expression, with its place."""
    for module in modules():
        for call in module.calls():
            place = MARKS.get(spelled(call.func).rpartition(".")[2])
            if place is not None and len(call.args) > place:
                for text in _texts_of_code(call.args[place]):
                    yield f"{module.path}:{call.lineno}", text
    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
    for template in templates():
        if template.path.endswith((".html", ".txt", ".svg")):
            for call in environment.parse(template.text).find_all(nodes.Call):
                place = MARKS.get(call.node.name) if isinstance(call.node, nodes.Name) else None
                if place is not None and len(call.args) > place:
                    for text in _texts_of_template(call.args[place]):
                        yield f"{template.path}:{call.lineno}", text


def _texts_of_code(node: ast.expr) -> Iterator[str]:
    """Every piece of text in an expression but the keys that something is looked up by."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
    elif not isinstance(node, ast.Call | ast.Subscript | ast.Attribute):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from _texts_of_code(child)


def _texts_of_template(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Const):
        if isinstance(node.value, str):
            yield node.value
    elif not isinstance(node, nodes.Call | nodes.Getitem | nodes.Getattr):
        for child in node.iter_child_nodes():
            yield from _texts_of_template(child)


def texts_of(message: Message) -> list[str]:
    """Return all translations of a message: one, or one per plural form."""
    return [message.string] if isinstance(message.string, str) else list(message.string)
