"""Reads a unit: exact codes and clear spellings are taken, doubtful ones are asked about, other things are refused."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from portal.calculation.units import UNITS, Dimension
from portal.intake.characters import forbidden, trim
from portal.intake.reading import Read, accepted, asked, failed, shown
from portal.intake.unit_spellings import CASED, CLEAR, DOUBTFUL, OTHER_THINGS

LONGEST = 40

# Named in a message when every unit would do.
_COMMON = "kWh, MWh, GJ, kg, t, L, m³, Nm³, km, t·km, …"

_LEFT_OUT = dict.fromkeys(map(ord, " .·•⋅∙・*×✕^-‐‑"), None)


def read_unit(
    raw: object,
    *,
    field: str = "unit",
    allowed: Collection[str] | None = None,
    offered: Collection[str] | None = None,
    confirmed: str | None = None,
) -> Read[str]:
    """Read a unit code of `calculation.units`; `allowed` are the codes that fit, `offered` those that a cure names.

    A doubtful spelling (ton, gal, mWh, 斤, Nm3) comes back as a question; send the chosen code as `confirmed`.
    """
    named = offered or allowed
    cure = _COMMON if named is None else ", ".join(named)
    if raw is None or (isinstance(raw, str) and not trim(raw[: LONGEST * 10])):
        return failed("unit.missing", field, allowed=cure)
    if not isinstance(raw, str):
        return failed("unit.not_a_text", field, given=shown(raw))
    if len(raw) > LONGEST * 10 or len(typed := trim(raw)) > LONGEST or forbidden(typed):
        return failed("unit.unknown", field, given=shown(raw), allowed=cure)
    meanings, is_clear = _meanings(typed)
    if not meanings or (_is_money(meanings) and not set(meanings) & set(allowed or ())):
        return _refused(typed, field, cure)
    fitting = tuple(code for code in meanings if allowed is None or code in allowed)
    if not fitting:
        return failed("unit.does_not_fit", field, given=shown(typed), allowed=cure)
    if is_clear:
        return accepted(fitting[0], field, typed=raw, read=fitting[0])
    if confirmed is not None and confirmed in fitting:
        return accepted(confirmed, field, typed=raw, read=confirmed)
    return asked("unit.doubtful", field, fitting, given=shown(typed))


def looks_like_unit(text: str) -> bool:
    """Whether the text beside a number would be understood as a unit, clear or doubtful."""
    return bool(_meanings(text)[0])


def clear_spelling(code: str) -> str:
    """The spelling that reads as this unit without a question, as a list of choices must send it: 市斤 for 斤."""
    return "市斤" if code == "斤" else code


def folded(text: str) -> str:
    """The key under which a spelling is listed."""
    return _unspaced(text).casefold()


def _unspaced(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_LEFT_OUT)


def _meanings(typed: str) -> tuple[tuple[str, ...], bool]:
    """The unit codes that a spelling may stand for, and whether it is clear; a doubtful one needs a question."""
    if typed in UNITS and typed not in DOUBTFUL:
        return (typed,), True
    cased = _unspaced(typed)
    key = cased.casefold()
    if clear := CASED.get(cased) or CLEAR.get(cased):
        return (clear,), True
    if cased in DOUBTFUL:
        return DOUBTFUL[cased], False
    if key in CLEAR:
        return (CLEAR[key],), True
    return DOUBTFUL.get(key, ()), False


def _refused(typed: str, field: str, cure: str) -> Read[str]:
    key = folded(typed)
    code = "unit.emission" if _is_emission(key) else OTHER_THINGS.get(key, "unit.unknown")
    return failed(code, field, given=shown(typed), allowed=cure)


def _is_money(codes: tuple[str, ...]) -> bool:
    """Whether this is money, which is asked for by name only: of an activity the physical amount counts."""
    return all(UNITS[code].dimension is Dimension.MONEY for code in codes)


def _is_emission(key: str) -> bool:
    return "co2" in key or "二氧化碳" in key or "碳当量" in key
