"""Whether two sights of a warning are the same thing: what stays is compared exactly, what moves only for having grown worse.

A sight is written as a short text after the subject of a warning: a fingerprint of what must be the same, and one number
of what may move. So a figure that changes a little keeps its reason, and nobody is asked or told again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.plausibility import figures
from portal.domain.warnings.seen import fingerprint

# So many times as far off as before is another thing than before: it is asked about again.
MATERIAL = Decimal("1.5")
# Months that the beginning of a change may move by, since it is an estimate that each further month improves.
NEAR = 3
MOST_SIZE = Decimal(999_999)


@dataclass(frozen=True, slots=True)
class _Sight:
    what: str = ""
    size: Decimal | None = None
    months: int = 0
    until: str = ""
    near: int | None = None


def sight(
    what: str = "",
    *,
    size: Decimal | None = None,
    months: Iterable[int] = (),
    until: date | None = None,
    near: int | None = None,
) -> str:
    """What a warning saw, in at most 15 characters, or with `until` and `near` in a few more.

    `what` must be the same; `size`, at least 1, may grow by half; of `months` (1 to 12) none may be added; `until` may
    not become later; `near`, a counted month, may move by three.
    """
    mask = sum(1 << month - 1 for month in set(months))
    parts = [
        fingerprint(what)[:6] if what else "",
        f"x{figures(min(size, MOST_SIZE))}" if size is not None else "",
        f"m{mask:03x}" if mask else "",
        f"u{until:%Y%m%d}" if until is not None else "",
        f"n{near}" if near is not None else "",
    ]
    return "+".join(filter(None, parts))


def side_of(ratio: Decimal) -> str:
    """On which side of 1 a ratio lies: too much by a factor is another thing than too little by it."""
    return "above" if ratio > 1 else "below"


def same_sight(then: str, now: str) -> bool:
    """Whether what is seen at an address now is what was seen then, and not much worse."""
    subject, _, before = then.partition("#")
    same_subject, _, after = now.partition("#")
    return subject == same_subject and (before == after or _covers(_read(before), _read(after)))


def what_stays(address: str) -> str:
    """What stays of an address: its subject, and the fingerprint of what must be the same."""
    subject, _, seen = address.partition("#")
    return f"{subject}#{_read(seen).what}" if seen else subject


def _covers(then: _Sight, now: _Sight) -> bool:
    if then.what != now.what or now.months & ~then.months or now.until > then.until:
        return False
    if (then.size is None) != (now.size is None) or (then.near is None) != (now.near is None):
        return False
    if then.size is not None and now.size is not None and now.size > then.size * MATERIAL:
        return False
    return then.near is None or now.near is None or abs(then.near - now.near) <= NEAR


def _read(seen: str) -> _Sight:
    named = {part[0]: part[1:] for part in seen.split("+") if part[:1] in _TOKENS}
    what = next((part for part in seen.split("+") if part[:1] not in _TOKENS), "")
    return _Sight(
        what,
        Decimal(named["x"]) if "x" in named else None,
        int(named.get("m", "0"), 16),
        named.get("u", ""),
        int(named["n"]) if "n" in named else None,
    )


# None of these is a hexadecimal digit, so a fingerprint is never taken for one.
_TOKENS = frozenset("xmun")
