"""Reading the query of a list page: what can't be read is left out, so that a mistyped address still shows a list."""

from __future__ import annotations

from uuid import UUID

from flask import request

LONGEST_SEARCH = 100
LARGEST_NUMBER = 1_000_000


def whole(name: str) -> int | None:
    """A whole number from 0 to a million, or None."""
    text = request.args.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 7):
        return None
    return min(int(text), LARGEST_NUMBER)


def page_number() -> int:
    """The page asked for, 1 unless said otherwise."""
    return whole("page") or 1


def word(name: str, allowed: object = None, default: str = "") -> str:
    """A word out of `allowed`, or the default."""
    text = request.args.get(name, default)
    return text if allowed is None or text in allowed else default  # type: ignore[operator]  # any container


def search_text(name: str = "q") -> str:
    """What was typed into a search box, without characters that no name has."""
    text = request.args.get(name, "").strip()[:LONGEST_SEARCH]
    return "".join(character for character in text if character.isprintable())


def ticked(name: str) -> bool:
    """Whether a box of the filter is ticked."""
    return request.args.get(name, "") in ("1", "on", "true")


def uid(name: str) -> UUID | None:
    """A public id, or None."""
    try:
        return UUID(request.args.get(name, ""))
    except ValueError:
        return None
