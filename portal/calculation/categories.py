"""Emission source categories: what a line of one asks for, where it is counted, and how it is computed. They are data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from portal.calculation.units import UNITS, Dimension, units_of


class ParameterKind(StrEnum):
    """What a parameter holds: one of a few words, or a number."""

    CHOICE = "choice"
    DECIMAL = "decimal"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a parameter; `keys` are the words that factor patterns know it by."""

    code: str
    name_en: str
    name_zh: str
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something a line of the category asks for or takes, besides quantity, unit and period."""

    name: str
    kind: ParameterKind
    name_en: str
    name_zh: str
    hint_en: str = ""
    hint_zh: str = ""
    is_required: bool = False
    default: str | None = None
    options: tuple[Option, ...] = ()
    unit: str = ""
    least: Decimal | None = None
    most: Decimal | None = None

    def option(self, code: str) -> Option | None:
        """The choice with that code, or None."""
        return next((option for option in self.options if option.code == code), None)


@dataclass(frozen=True, slots=True)
class Slot:
    """A factor that a category asks for: id patterns with {placeholders}, best match first.

    `field` is what a person may change when nothing fits or several fit.
    """

    patterns: tuple[str, ...]
    may_be_foreign: bool = True
    field: str = "category"


@dataclass(frozen=True)
class Category:
    """An emission source type. `scope` is 1, 2 or 3; `ghg_category` numbers the scope-3 category, else 0."""

    id: str
    scope: int
    ghg_category: int
    name_en: str
    name_zh: str
    hint_en: str
    hint_zh: str
    recipe: str
    dimensions: tuple[Dimension, ...]
    units: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    slots: Mapping[str, Slot]
    settings: Mapping[str, str]

    @cached_property
    def _by_name(self) -> Mapping[str, Parameter]:
        return {each.name: each for each in self.parameters}

    def parameter(self, name: str) -> Parameter | None:
        """The parameter with that name, or None."""
        return self._by_name.get(name)

    @cached_property
    def accepted_units(self) -> tuple[str, ...]:
        """Every unit a quantity may be typed in, the offered ones first."""
        every = (unit.code for dimension in self.dimensions for unit in units_of(dimension))
        return tuple(dict.fromkeys((*self.units, *every)))


@dataclass(frozen=True, slots=True)
class Sector:
    """A kind of supplier: the categories it usually has, and whose fuel standard binds it."""

    id: str
    name_en: str
    name_zh: str
    hint_en: str
    hint_zh: str
    standard: str
    output_unit: str
    categories: tuple[str, ...]


def category_of(raw: Mapping[str, object], shared: Mapping[str, Mapping[str, object]]) -> Category:
    """Make a category from its plain description; `shared` holds parameters that several categories take."""
    names = _table(raw, "names")
    hints = _table(raw, "hints")
    slots = {name: _slot(value) for name, value in _mapping(raw, "factors").items()}
    parameters = tuple(_parameter(each, shared) for each in _list(raw, "parameters"))
    units = tuple(str(code) for code in _list(raw, "units"))
    _check_units(str(raw["id"]), units)
    return Category(
        id=str(raw["id"]),
        scope=int(str(raw["scope"])),
        ghg_category=int(str(raw.get("ghg_category", 0))),
        name_en=names["en"],
        name_zh=names["zh"],
        hint_en=hints["en"],
        hint_zh=hints["zh"],
        recipe=str(raw["recipe"]),
        dimensions=tuple(dict.fromkeys(UNITS[code].dimension for code in units)),
        units=units,
        parameters=parameters,
        slots=slots,
        settings=_table(raw, "settings"),
    )


def _check_units(category: str, units: tuple[str, ...]) -> None:
    unknown = [code for code in units if code not in UNITS]
    if unknown or not units:
        raise ValueError(f"category {category} offers units that don't exist: {unknown}")


def _parameter(raw: object, shared: Mapping[str, Mapping[str, object]]) -> Parameter:
    if isinstance(raw, str):
        return _parameter_of(raw, shared[raw])
    if not isinstance(raw, Mapping):
        raise TypeError("a parameter is the name of a shared one, or a table")
    name = str(raw["name"])
    base = shared[str(raw["like"])] if "like" in raw else {}
    return _parameter_of(name, {**base, **raw})


def _parameter_of(name: str, raw: Mapping[str, object]) -> Parameter:
    names, hints = _table(raw, "names"), _table(raw, "hints")
    default = raw.get("default")
    return Parameter(
        name=name,
        kind=ParameterKind(str(raw["kind"])),
        name_en=names["en"],
        name_zh=names["zh"],
        hint_en=hints.get("en", ""),
        hint_zh=hints.get("zh", ""),
        is_required=bool(raw.get("required", False)),
        default=None if default is None else str(default),
        options=tuple(_option(each) for each in _list(raw, "options")),
        unit=str(raw.get("unit", "")),
        least=_decimal(raw.get("least")),
        most=_decimal(raw.get("most")),
    )


def _option(raw: object) -> Option:
    if not isinstance(raw, Mapping):
        raise TypeError("an option is a table")
    keys = {str(k): str(v) for k, v in raw.items() if k not in {"code", "en", "zh"}}
    return Option(str(raw["code"]), str(raw["en"]), str(raw["zh"]), keys)


def _slot(raw: object) -> Slot:
    if isinstance(raw, Mapping):
        return Slot(
            tuple(str(pattern) for pattern in _list(raw, "patterns")),
            bool(raw.get("foreign", True)),
            str(raw.get("field", "category")),
        )
    if not isinstance(raw, list):
        raise TypeError("a factor is a list of patterns, or a table with one")
    return Slot(tuple(str(pattern) for pattern in raw))


def _decimal(raw: object) -> Decimal | None:
    return None if raw is None else Decimal(str(raw))


def _mapping(raw: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = raw.get(name, {})
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a table")
    return value


def _table(raw: Mapping[str, object], name: str) -> dict[str, str]:
    return {str(key): str(value) for key, value in _mapping(raw, name).items()}


def _list(raw: Mapping[str, object], name: str) -> list[object]:
    value = raw.get(name, [])
    if not isinstance(value, list):
        raise TypeError(f"{name} must be a list")
    return value
