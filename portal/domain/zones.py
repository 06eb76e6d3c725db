"""The time zones that this machine knows, looked up once: each look reads its whole table of zones."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones


@cache
def zone_names() -> frozenset[str]:
    """Names such as Asia/Shanghai."""
    return frozenset(available_timezones())
