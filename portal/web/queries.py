"""Reading the query of a list page: what is left out has a default, what can't be meant is refused with 400.

Silently ignoring it would show another list than the one that the address asks for.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, date, datetime
from uuid import UUID

from flask import abort, request

from portal.services.pages import LARGEST_PAGE

LONGEST_SEARCH = 100
LARGEST_NUMBER = 2**31 - 1


def whole(name: str) -> int | None:
    """A whole number that every database can compare, or None when none is given."""
    text = request.args.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= LARGEST_NUMBER):
        abort(400)
    return int(text)


def page_number() -> int:
    """The page asked for, 1 unless said otherwise."""
    number = whole("page")
    if number == 0 or (number or 0) > LARGEST_PAGE:
        abort(400)
    return number or 1


def word(name: str, allowed: Container[object] | None = None, default: str = "") -> str:
    """A word out of `allowed`; the default when none is given."""
    text = request.args.get(name, default)
    if allowed is None:
        return text[:LONGEST_SEARCH] if text.isprintable() else abort(400)
    if text in allowed:
        return text
    if text:
        abort(400)
    return default


def search_text(name: str = "q") -> str:
    """What was typed into a search box, without characters that no name has."""
    text = request.args.get(name, "").strip()[:LONGEST_SEARCH]
    return "".join(character for character in text if character.isprintable())


def ticked(name: str) -> bool:
    """Whether a box of the filter is ticked."""
    return request.args.get(name, "") in ("1", "on", "true")


def uid(name: str) -> UUID | None:
    """A public id, or None when none is given."""
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        abort(400)


def day(name: str) -> date | None:
    """A day, or None when none is given."""
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        abort(400)
    # Days around it can be reckoned with.
    return found if 1900 <= found.year < 2200 else abort(400)


def moment(name: str) -> datetime:
    """A moment with its offset; 400 without one."""
    try:
        found = datetime.fromisoformat(request.args.get(name, ""))
    except ValueError:
        abort(400)
    if found.tzinfo is None or not 1900 <= found.year < 2200:
        abort(400)
    return found.astimezone(UTC)
