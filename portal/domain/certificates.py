"""Rules of certificates: numbers, codes, validity, and what a stranger is told."""

from __future__ import annotations

import base64
import calendar
import hmac
import re
import unicodedata
from datetime import date, timedelta
from enum import StrEnum

from portal.domain.words import N_

CODE_BYTES = 10  # 80 bits: not to be guessed
_NUMBER = re.compile(r"[A-Z0-9]{2,12}-\d{4}-\d{5}", re.ASCII)


class Kind(StrEnum):
    """What is certified: an inventory of a year, or a member's progress towards its target."""

    INVENTORY = "inventory"
    PROGRESS = "progress"


class State(StrEnum):
    """Where a certificate stands in the books."""

    ISSUING = "issuing"
    VALID = "valid"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


class Standing(StrEnum):
    """What a stranger is told; expiry follows from the day, so it is never stored."""

    VALID = "valid"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


KIND_NAMES = {Kind.INVENTORY: N_("Inventory"), Kind.PROGRESS: N_("Progress")}
STANDING_NAMES = {
    Standing.VALID: N_("Valid"),
    Standing.EXPIRED: N_("Expired"),
    Standing.SUPERSEDED: N_("Superseded"),
    Standing.REVOKED: N_("Revoked"),
    Standing.UNKNOWN: N_("Unknown"),
}


def series_name(alliance_code: str, year: int) -> str:
    """The series that numbers of certificates issued in `year` come from."""
    return f"{alliance_code}-{year}"


def number_text(series: str, place: int) -> str:
    """The printed number, for instance ZCA-2026-00042."""
    return f"{series}-{place:05d}"


def is_number(text: str) -> bool:
    """Whether a text has the shape of a certificate number."""
    return _NUMBER.fullmatch(text) is not None


def typed_number(typed: str) -> str:
    """The number as it is printed, whatever width, case and spaces it was typed with."""
    return "".join(unicodedata.normalize("NFKC", typed).split()).upper()


def _plain(typed: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", typed) if c.isalnum())


def code_text(random: bytes) -> str:
    """The check code printed beside the number: 16 letters and digits from 80 random bits."""
    if len(random) != CODE_BYTES:
        raise ValueError(f"a code is made of {CODE_BYTES} random bytes")
    return base64.b32encode(random).decode("ascii").lower()


def is_same_code(known: str, given: str) -> bool:
    """Compare codes in constant time, forgiving case, width, spaces and hyphens."""
    cleaned = _plain(given).lower().encode("utf-8", "replace")
    return hmac.compare_digest(known.encode("utf-8"), cleaned)


def valid_until(issued_on: date, months: int) -> date:
    """The last day of validity: the day before the same day `months` later."""
    place = issued_on.month - 1 + months
    year, month = issued_on.year + place // 12, place % 12 + 1
    day = min(issued_on.day, calendar.monthrange(year, month)[1])
    return date(year, month, day) - timedelta(days=1)


def standing(state: State, last_day: date, today: date) -> Standing:
    """What a stranger is told today about a certificate."""
    if state is State.REVOKED:
        return Standing.REVOKED
    if state is State.SUPERSEDED:
        return Standing.SUPERSEDED
    return Standing.VALID if today <= last_day else Standing.EXPIRED
