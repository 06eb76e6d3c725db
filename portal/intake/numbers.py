"""One strict grammar for numbers: forms, workbooks and the API read their decimals, percentages and counts here."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from portal.calculation.problems import Problem, Severity, problem
from portal.calculation.quantities import EXACT, text
from portal.intake.characters import forbidden, trim
from portal.intake.number_shapes import (
    CommaText,
    Spelling,
    complaint,
    folded,
    is_comma_text,
    raised,
    scaled,
    spelled,
    without_unit,
)
from portal.intake.reading import Read, accepted, asked, failed, shown

# A number of 12 and 6 digits with its separators and sign needs 24 characters; the rest is room for leading zeros.
LONGEST = 40
MOST_RAW = 1000

# The canonical spelling, which every convention with a decimal point reads alike and which needs no remark.
_PLAIN = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?", re.ASCII)
# The same within what QUANTITY takes without a question or a remark: nearly all of a hundred thousand lines.
_USUAL = re.compile(r"(?:0|[1-9][0-9]{0,9})(?:\.[0-9]{0,5}[1-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class NumberRules:
    """What a field lets in: digits before and after the point, bounds, and from where on a value is flagged."""

    is_required: bool = True
    integer_digits: int = 12
    decimals: int = 6
    minimum: Decimal | None = Decimal(0)
    maximum: Decimal | None = None
    unusual_from: Decimal | None = Decimal(10) ** 10


QUANTITY = NumberRules()
PERCENT = NumberRules(maximum=Decimal(100), unusual_from=None)
COUNT = NumberRules(integer_digits=10, decimals=0, maximum=Decimal(2**31 - 1), unusual_from=None)


def read_number(
    raw: object,
    *,
    field: str = "quantity",
    locale: str = "zh",
    rules: NumberRules = QUANTITY,
    confirmed: str | None = None,
) -> Read[Decimal]:
    """Read a decimal from text in the locale's convention, or from an int or Decimal that a machine sent.

    Doubtful spellings (12万, 1E+5, seven decimals, 1,234 in German) come back as a question; send the chosen
    reading as `confirmed`. Floats are refused: the door must hand over the digits, not their nearest binary.
    """
    match raw:
        case None:
            return _missing(field, rules)
        case bool():
            return failed("number.not_a_number", field, given=shown(raw))
        case int() | Decimal():
            return _read_exact(raw, field, rules, confirmed)
        case str():
            return _read_text(raw, field, locale=locale, rules=rules, confirmed=confirmed)
        case _:
            return failed("number.not_a_number", field, given=shown(raw))


def read_percent(
    raw: object,
    *,
    field: str = "percent",
    locale: str = "zh",
    rules: NumberRules = PERCENT,
    confirmed: str | None = None,
) -> Read[Decimal]:
    """Read a percentage, 12 for 12 %, with or without its sign; 0.12 without the sign may mean 12 % and is asked."""
    if not isinstance(raw, str):
        return read_number(raw, field=field, locale=locale, rules=rules, confirmed=confirmed)
    typed = folded(trim(raw[:MOST_RAW]))
    bare = typed.removesuffix("%").rstrip()
    if isinstance(raw, CommaText):
        bare = CommaText(bare)
    if len(raw) > MOST_RAW or bare == typed:
        return _perhaps_a_share(raw, field, locale=locale, rules=rules, confirmed=confirmed)
    found = read_number(bare, field=field, locale=locale, rules=rules, confirmed=confirmed)
    if found.value is None:
        return found
    return accepted(found.value, field, typed=raw, read=text(found.value), warnings=found.problems)


def read_integer(
    raw: object,
    *,
    field: str = "count",
    locale: str = "zh",
    rules: NumberRules = COUNT,
    confirmed: str | None = None,
) -> Read[int]:
    """Read a whole number such as a head count; a decimal point is refused in text, even in 12.0."""
    if isinstance(raw, str):
        typed = folded(trim(raw[:MOST_RAW]))
        spelling = spelled(typed, comma=is_comma_text(raw, locale))
        if spelling is not None and spelling.has_mark:
            return failed("number.not_whole", field, given=shown(raw))
    found = read_number(raw, field=field, locale=locale, rules=rules, confirmed=confirmed)
    if found.value is None:
        return Read(None, tuple(_not_whole_if_rounded(each) for each in found.problems))
    return Read(int(found.value), found.problems, found.changes)


def _missing(field: str, rules: NumberRules) -> Read[Decimal]:
    return failed("number.missing", field) if rules.is_required else Read()


def _read_exact(
    raw: int | Decimal, field: str, rules: NumberRules, confirmed: str | None
) -> Read[Decimal]:
    """Read a number that a machine spelled; only its size and its decimals can be wrong."""
    if isinstance(raw, int):
        if raw.bit_length() > 128:
            return failed("number.too_large", field, given=shown(raw), digits=rules.integer_digits)
        return _checked(Decimal(raw), raw, field, rules, confirmed)
    if not raw.is_finite():
        return failed("number.not_finite", field, given=shown(raw))
    return _checked(without_binary_noise(raw, rules), raw, field, rules, confirmed)


def without_binary_noise(value: Decimal, rules: NumberRules) -> Decimal:
    """Undo what a spreadsheet's binary sums leave behind: 0.30000000000000004 is 0.3 at the 15 digits it shows."""
    digits = len(value.as_tuple().digits)
    if digits < 16 or digits > 18 or not -10 < value.adjusted() < 20:
        return value
    shown_by_sheet = EXACT.quantize(value, Decimal(1).scaleb(value.adjusted() - 14))
    return (
        shown_by_sheet if _decimals(shown_by_sheet) <= rules.decimals < _decimals(value) else value
    )


def _read_text(
    raw: str, field: str, *, locale: str, rules: NumberRules, confirmed: str | None
) -> Read[Decimal]:
    comma = is_comma_text(raw, locale)
    if rules is QUANTITY and not comma and _USUAL.fullmatch(raw):
        return Read(Decimal(raw))
    if len(raw) <= LONGEST and not comma and _PLAIN.fullmatch(raw):
        return _checked(Decimal(raw), raw, field, rules, confirmed)
    typed = trim(raw[:MOST_RAW])
    if len(raw) > MOST_RAW or len(typed) > LONGEST:
        return failed("number.too_long", field, longest=LONGEST)
    if not typed:
        return _missing(field, rules)
    if forbidden(typed) is not None:
        return failed("number.invisible", field, given=shown(raw))
    number = folded(typed)
    here, there = spelled(number, comma=comma), spelled(number, comma=not comma)
    if here is not None and not (comma and there is not None and there.value != here.value):
        return _checked(here.value, raw, field, rules, confirmed)
    if _is_foreign(number, here, there, comma=comma):
        candidates = [each.value for each in (here, there) if each is not None]
        return _ask_which("number.separators_doubtful", candidates, raw, field, rules, confirmed)
    return _read_unusual(number, raw, field, comma=comma, rules=rules, confirmed=confirmed)


def _is_foreign(number: str, here: Spelling | None, there: Spelling | None, *, comma: bool) -> bool:
    """Whether the other convention reads the text, so that a question makes sense.

    Where the point is the decimal mark, 12,34 or 2.450.000 is a slip and not a convention: only a text that uses both
    separators, as 1.234,5 does, is clearly written in the other one.
    """
    if there is None:
        return False
    return comma or (here is None and "," in number and ("." in number or " " in number))


def _read_unusual(
    number: str, raw: str, field: str, *, comma: bool, rules: NumberRules, confirmed: str | None
) -> Read[Decimal]:
    """Read 12万, 12k and 1.2E+5 as questions; say of everything else why it is no number."""
    if (split := scaled(number)) is not None:
        spelling = spelled(split[0], comma=comma)
        if spelling is not None:
            return _ask_which(
                "number.scaled",
                [EXACT.multiply(spelling.value, Decimal(split[1]))],
                raw,
                field,
                rules,
                confirmed,
            )
    if (power := raised(number)) is not None:
        spelling = spelled(power[0], comma=comma)
        if spelling is not None:
            return _ask_raised(spelling.value, power[1], raw, field, rules, confirmed)
    if (parts := without_unit(number)) is not None:
        return failed("number.with_unit", field, given=shown(raw), number=parts[0], unit=parts[1])
    return failed(complaint(number), field, given=shown(raw))


def _ask_raised(
    mantissa: Decimal, power: int, raw: str, field: str, rules: NumberRules, confirmed: str | None
) -> Read[Decimal]:
    """Look at the size before any arithmetic: writing out 1e999999999 would need a gigabyte."""
    if mantissa != 0 and mantissa.adjusted() + power >= rules.integer_digits:
        return failed("number.too_large", field, given=shown(raw), digits=rules.integer_digits)
    if mantissa != 0 and mantissa.adjusted() + power < -rules.decimals:
        return failed("number.too_small", field, given=shown(raw), decimals=rules.decimals)
    value = EXACT.scaleb(mantissa, power) if mantissa != 0 else Decimal(0)
    return _ask_which("number.exponent", [value], raw, field, rules, confirmed)


def _ask_which(
    code: str,
    candidates: list[Decimal],
    raw: object,
    field: str,
    rules: NumberRules,
    confirmed: str | None,
) -> Read[Decimal]:
    """Ask which of the values was meant; those that the rules refuse are no candidates, and with none left it is refused."""
    checked = [_checked(value, raw, field, rules, confirmed) for value in candidates]
    possible = [each for each in checked if each.value is not None]
    if not possible:
        return checked[0]
    readings = {text(each.value): each for each in possible if each.value is not None}
    if confirmed is not None and confirmed in readings:
        return readings[confirmed]
    return asked(code, field, tuple(readings), given=shown(raw))


def _rounded(value: Decimal, rules: NumberRules) -> Decimal:
    return EXACT.quantize(value, Decimal(1).scaleb(-rules.decimals))


def _decimals(value: Decimal) -> int:
    """How many decimals the value needs, whatever its length; trailing zeros need none."""
    _, digits, exponent = value.as_tuple()
    if value == 0 or not isinstance(exponent, int):
        return 0
    trailing = next(place for place, digit in enumerate(reversed(digits)) if digit)
    return max(0, -exponent - trailing)


def _checked(
    value: Decimal, raw: object, field: str, rules: NumberRules, confirmed: str | None
) -> Read[Decimal]:
    """Hold the value against the rules: size first, then sign and bounds, then decimals."""
    if value != 0 and value.adjusted() >= rules.integer_digits:
        return failed("number.too_large", field, given=shown(raw), digits=rules.integer_digits)
    if (outside := _outside(value, raw, field, rules)) is not None:
        return outside
    if _decimals(value) > rules.decimals:
        return _ask_to_round(value, raw, field, rules, confirmed)
    return _taken(value, raw, field, rules)


def _outside(value: Decimal, raw: object, field: str, rules: NumberRules) -> Read[Decimal] | None:
    if rules.minimum is not None and value < rules.minimum:
        code = "number.negative" if rules.minimum == 0 else "number.below"
        return failed(code, field, given=shown(raw), minimum=text(rules.minimum))
    if rules.maximum is not None and value > rules.maximum:
        return failed("number.above", field, given=shown(raw), maximum=text(rules.maximum))
    return None


def _ask_to_round(
    value: Decimal, raw: object, field: str, rules: NumberRules, confirmed: str | None
) -> Read[Decimal]:
    rounded = _rounded(value, rules) if value.adjusted() >= -rules.decimals - 1 else Decimal(0)
    if rounded == 0:
        return failed("number.too_small", field, given=shown(raw), decimals=rules.decimals)
    if rounded.adjusted() >= rules.integer_digits:
        return failed("number.too_large", field, given=shown(raw), digits=rules.integer_digits)
    if confirmed == text(rounded):
        return _taken(rounded, raw, field, rules)
    return asked(
        "number.decimals", field, (text(rounded),), given=shown(raw), decimals=rules.decimals
    )


def _taken(value: Decimal, raw: object, field: str, rules: NumberRules) -> Read[Decimal]:
    written = text(value)
    if raw == written:  # as most numbers come
        settled = value if str(value) == written else Decimal(written)
        return Read(settled, _flags(settled, field, rules))
    settled = Decimal(written)
    typed = (
        text(raw) if isinstance(raw, Decimal) and raw == settled and not raw.is_signed() else raw
    )
    typed = str(typed) if isinstance(typed, int) else typed
    return accepted(
        settled, field, typed=typed, read=text(settled), warnings=_flags(settled, field, rules)
    )


def _flags(value: Decimal, field: str, rules: NumberRules) -> tuple[Problem, ...]:
    if rules.unusual_from is None or abs(value) < rules.unusual_from:
        return ()
    return (problem("number.unusual", field, severity=Severity.WARNING, given=text(value)),)


def _perhaps_a_share(
    raw: str, field: str, *, locale: str, rules: NumberRules, confirmed: str | None
) -> Read[Decimal]:
    """Ask about 0.12 without a percent sign: a share of one may have been meant, that is 12 %."""
    plain = read_number(raw, field=field, locale=locale, rules=rules)
    if plain.value is None or not 0 < plain.value < 1:
        return read_number(raw, field=field, locale=locale, rules=rules, confirmed=confirmed)
    candidates = [plain.value, plain.value * 100]
    return _ask_which("percent.perhaps_a_share", candidates, raw, field, rules, confirmed)


def _not_whole_if_rounded(found: Problem) -> Problem:
    """A count is never rounded: what would be a question about decimals is an error here."""
    if found.code not in ("number.decimals", "number.too_small"):
        return found
    return replace(found, code="number.not_whole", severity=Severity.ERROR, readings=())
