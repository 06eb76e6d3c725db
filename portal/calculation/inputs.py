"""What a method may be given: each input with its kind and its domain, and how to say what is wrong with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.calculation.problems import CalculationError, Problem, problem, refuse

# Reads one raw value, named for messages, into what the method takes.
Reader = Callable[[str, object], object]

# No quantity on Earth needs more; a larger exponent would only fill the memory.
LARGEST = Decimal("1E+30")


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a method: its name, how it is read, and whether it may be left out."""

    name: str
    read: Reader
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Method:
    """A formula under the name that worked examples call it by."""

    compute: Callable[..., dict[str, Decimal]]
    inputs: tuple[Input, ...]


def required(**readers: Reader) -> tuple[Input, ...]:
    """Inputs that must be given."""
    return tuple(Input(name, read) for name, read in readers.items())


def optional(**readers: Reader) -> tuple[Input, ...]:
    """Inputs that may be left out; the method's own default then holds."""
    return tuple(Input(name, read, is_required=False) for name, read in readers.items())


def number(
    *,
    least: int | None = None,
    most: int | None = None,
    above: int | None = None,
    is_whole: bool = False,
) -> Reader:
    """A reader of decimals within bounds: from `least` to `most`, or strictly more than `above`."""
    allowed = _bounds(least, most, above, is_whole)

    def read(name: str, raw: object) -> Decimal:
        value = _decimal(name, raw, allowed)
        inside = (
            (least is None or value >= least)
            and (most is None or value <= most)
            and (above is None or value > above)
            and (not is_whole or value == value.to_integral_value())
        )
        if not inside:
            raise refuse("case.input.out_of_domain", name, input=name, given=value, allowed=allowed)
        return value

    return read


def _bounds(least: int | None, most: int | None, above: int | None, is_whole: bool) -> str:
    noun = "a whole number" if is_whole else "a number"
    if above is not None:
        return f"{noun} above {above}" + ("" if most is None else f" and up to {most}")
    if least is None:
        return noun if most is None else f"{noun} of at most {most}"
    return f"{noun} of at least {least}" if most is None else f"{noun} from {least} to {most}"


def _decimal(name: str, raw: object, allowed: str) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        raise refuse(
            "case.input.not_a_number", name, input=name, given=_short(raw), allowed=allowed
        )
    value = Decimal(raw)
    if not value.is_finite() or abs(value) >= LARGEST:
        raise refuse(
            "case.input.out_of_domain", name, input=name, given=_short(raw), allowed=allowed
        )
    return value


def _short(raw: object) -> str:
    text = (
        {None: "null", True: "true", False: "false"}.get(raw)
        if raw is None or isinstance(raw, bool)
        else str(raw)
    )
    text = str(text)
    return text if len(text) <= 40 else text[:39] + "…"


def choice(*codes: str) -> Reader:
    """A reader of one of a few words."""
    allowed = ", ".join(codes)

    def read(name: str, raw: object) -> str:
        if not isinstance(raw, str) or raw not in codes:
            raise refuse(
                "case.input.out_of_domain",
                name,
                input=name,
                given=_short(raw),
                allowed=f"one of {allowed}",
            )
        return raw

    return read


def truth(name: str, raw: object) -> bool:
    """A reader of true or false."""
    if not isinstance(raw, bool):
        raise refuse(
            "case.input.out_of_domain", name, input=name, given=_short(raw), allowed="true or false"
        )
    return raw


def note(name: str, raw: object) -> str:
    """A reader of words that only inform: names of classes or seasons."""
    if not isinstance(raw, str):
        raise refuse(
            "case.input.out_of_domain", name, input=name, given=_short(raw), allowed="a text"
        )
    return raw


def day(name: str, raw: object) -> date:
    """A reader of a day, spelled YYYY-MM-DD."""
    try:
        found = date.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        found = None
    if found is None or found.isoformat() != raw:
        raise refuse(
            "case.input.out_of_domain",
            name,
            input=name,
            given=_short(raw),
            allowed="a day as YYYY-MM-DD",
        )
    return found


def many(read_one: Reader) -> Reader:
    """A reader of a list with at least one entry."""

    def read(name: str, raw: object) -> list[object]:
        entries = _entries(name, raw)
        return [read_one(f"{name}[{position}]", entry) for position, entry in enumerate(entries, 1)]

    return read


def _entries(name: str, raw: object) -> Sequence[object]:
    if not isinstance(raw, list) or not raw:
        raise refuse(
            "case.input.out_of_domain",
            name,
            input=name,
            given=_short(raw),
            allowed="a list with at least one entry",
        )
    return raw


def pair(first: Reader, second: Reader) -> Reader:
    """A reader of a list of exactly two values."""

    def read(name: str, raw: object) -> tuple[object, object]:
        if not isinstance(raw, list) or len(raw) != 2:
            raise refuse(
                "case.input.out_of_domain",
                name,
                input=name,
                given=_short(raw),
                allowed="a list of two values",
            )
        return first(f"{name}[1]", raw[0]), second(f"{name}[2]", raw[1])

    return read


def record(
    make: Callable[..., object], inputs: Sequence[Input], ignored: Sequence[Input] = ()
) -> Reader:
    """A reader of an object with named values, handed to `make`; the ignored ones are checked and dropped."""

    def read(name: str, raw: object) -> object:
        values = read_all(raw, (*inputs, *ignored), prefix=f"{name}.", name=name)
        for dropped in ignored:
            values.pop(dropped.name, None)
        return make(**values)

    return read


def read_all(
    raw: object, inputs: Sequence[Input], *, prefix: str = "", name: str = "inputs"
) -> dict[str, object]:
    """Read an object's values; unknown, missing and unfit ones are all refused at once, the first as the error."""
    if not isinstance(raw, Mapping):
        raise refuse(
            "case.input.out_of_domain",
            name,
            input=name,
            given=_short(raw),
            allowed="an object with named values",
        )
    known = {each.name: each for each in inputs}
    values: dict[str, object] = {}
    allowed = ", ".join(known)
    strangers = [prefix + str(given) for given in raw if given not in known]
    problems = [_input_problem("unknown", stranger, allowed) for stranger in strangers]
    for each in inputs:
        if each.name not in raw:
            if each.is_required:
                problems.append(_input_problem("missing", prefix + each.name, allowed))
            continue
        try:
            values[each.name] = each.read(prefix + each.name, raw[each.name])
        except CalculationError as error:
            problems.extend(error.problems)
    if problems:
        raise CalculationError(*problems)
    return values


def _input_problem(trouble: str, name: str, allowed: str) -> Problem:
    return problem(f"case.input.{trouble}", name, input=name, allowed=allowed)
