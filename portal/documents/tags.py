"""Languages in the tags of a PDF: WeasyPrint 70 writes none, so a screen reader would spell Chinese as English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pydyf
from weasyprint.pdf import tags

_build_box_tree = tags._build_box_tree


def _build_with_language(box: Any, parent: Any, *rest: Any) -> Iterator[Any]:
    """Build the structure elements of a box, and mark those whose HTML element says its language."""
    element = getattr(box, "_box", box).element
    language = element.get("lang") if hasattr(element, "get") else None
    for tag in _build_box_tree(box, parent, *rest):
        if language and "Lang" not in tag:
            tag["Lang"] = pydyf.String(language)
        yield tag


def install() -> None:
    """Put our function in the place of WeasyPrint's private one; calling it again changes nothing.

    The tests read the languages back from a PDF, so an update that renames the function is noticed.
    """
    tags._build_box_tree = _build_with_language
