"""Finds which of several known things a text names, whatever its width, case and spaces."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from portal.intake.characters import forbidden, trim
from portal.intake.reading import Read, accepted, failed, shown

_LONGEST_NAME = 200


def read_choice(
    raw: object,
    field: str,
    choices: Mapping[str, str],
    codes: tuple[str, str],
    *,
    allowed: str = "",
) -> Read[str]:
    """Find the choice that a text names; `codes` are the problems of a missing and of an unknown one."""
    missing, unknown = codes
    if raw is None or (isinstance(raw, str) and not trim(raw[: _LONGEST_NAME * 2])):
        return failed(missing, field, allowed=allowed)
    if not isinstance(raw, str) or len(raw) > _LONGEST_NAME * 2 or forbidden(trim(raw)) is not None:
        return failed(unknown, field, given=shown(raw), allowed=allowed)
    key = choices.get(folded_name(raw))
    return (
        failed(unknown, field, given=shown(raw), allowed=allowed)
        if key is None
        else accepted(key, field, typed=key, read=key)
    )


@lru_cache(maxsize=4096)
def folded_name(spelling: str) -> str:
    """Names compare without regard to width, case and the spaces around them."""
    return " ".join(unicodedata.normalize("NFKC", trim(spelling)).casefold().split())
