"""The steps from what was typed to a result, so that a person can follow a number and check it by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, Self

from portal.calculation.labels import FLAGS, Label
from portal.calculation.quantities import EXACT, text
from portal.calculation.selection import Flag

# What a formula shows of a number that never ends; everything shorter is shown in full.
_DIGITS_SHOWN = 12


class StepKind(StrEnum):
    """What a step does."""

    TYPED = "typed"
    CONVERTED = "converted"
    ASSUMED = "assumed"
    DENSITY = "density"
    HEAT = "heat"
    FACTOR = "factor"
    OWN_FACTOR = "own_factor"
    AMOUNT = "amount"
    GAS = "gas"
    CO2E = "co2e"
    MARKET = "market"
    OUTSIDE = "outside"


STEPS: Mapping[StepKind, Label] = {
    StepKind.TYPED: Label("Quantity as entered", "填报的活动数据"),
    StepKind.CONVERTED: Label("Unit conversion", "单位换算"),
    StepKind.ASSUMED: Label("Assumption", "采用的假设"),
    StepKind.DENSITY: Label("Volume to mass", "体积换算为质量"),
    StepKind.HEAT: Label("Heat content", "所含热量"),
    StepKind.FACTOR: Label("Emission factor", "排放因子"),
    StepKind.OWN_FACTOR: Label("Factor of the supplier or the site itself", "供应商或场所自有因子"),
    StepKind.AMOUNT: Label("Amount that emits", "产生排放的数量"),
    StepKind.GAS: Label("Mass of gas", "气体质量"),
    StepKind.CO2E: Label("CO2 equivalent", "二氧化碳当量"),
    StepKind.MARKET: Label("Market-based figure", "基于市场的数值"),
    StepKind.OUTSIDE: Label("Reported outside the scopes", "范围之外单独列报"),
}


@dataclass(frozen=True, slots=True)
class FactorUse:
    """A factor as one line used it: which row of which edition, its value, and why it was chosen."""

    id: str
    edition: str
    name: Label
    value: str
    unit: str
    source: str
    table: str
    year: int
    region: str
    why: Label
    flags: tuple[Flag, ...] = ()
    _said: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON; from_json reads them back.

        One object however often it is asked for, because one factor stands in thousands of lines.
        """
        if not self._said:
            self._said.update(self._plain())
        return self._said

    def _plain(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "edition": self.edition,
            "name": self.name.as_json(),
            "value": self.value,
            "unit": self.unit,
            "source": self.source,
            "table": self.table,
            "year": self.year,
            "region": self.region,
            "why": self.why.as_json(),
            "flags": [flag.value for flag in self.flags],
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Read back what as_json wrote."""
        return cls(
            id=raw["id"],
            edition=raw["edition"],
            name=Label(**raw["name"]),
            value=raw["value"],
            unit=raw["unit"],
            source=raw["source"],
            table=raw["table"],
            year=raw["year"],
            region=raw["region"],
            why=Label(**raw["why"]),
            flags=tuple(Flag(flag) for flag in raw["flags"]),
        )


class Step(NamedTuple):
    """One step: its kind, the sum as a person would write it, and the factor where it brings one in.

    `flag` says in words what is assumed. It is a named tuple because a long list of lines makes so many.
    """

    kind: StepKind
    formula: str
    factor: FactorUse | None = None
    flag: Flag | None = None

    @property
    def label(self) -> Label:
        """What the step does, in both languages."""
        return STEPS[self.kind]

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON with the words a person reads; from_json reads them back."""
        plain: dict[str, Any] = {
            "step": self.kind.value,
            "label": self.label.as_json(),
            "formula": self.formula,
        }
        if self.factor is not None:
            plain["factor"] = self.factor.as_json()
        if self.flag is not None:
            plain["flag"] = self.flag.value
            plain["note"] = FLAGS[self.flag].as_json()
        return plain

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Step":
        """Read back what as_json wrote."""
        factor, flag = raw.get("factor"), raw.get("flag")
        return cls(
            StepKind(raw["step"]),
            raw["formula"],
            None if factor is None else FactorUse.from_json(factor),
            None if flag is None else Flag(flag),
        )


def brief(amount: Decimal) -> str:
    """A number in a formula: in full where it ends soon, else its first twelve digits."""
    written = text(amount)
    return written if len(written) <= _DIGITS_SHOWN else text(_cut(amount))


def equation(left: str, amount: Decimal, unit: str) -> str:
    """ "3 t × 2 = 6 t": a result in full where it ends soon, else its first twelve digits after an ≈."""
    written = text(amount)
    if len(written) <= _DIGITS_SHOWN:
        return f"{left} = {written} {unit}"
    cut = _cut(amount)
    return f"{left} {'=' if cut == amount else '≈'} {text(cut)} {unit}"


def _cut(amount: Decimal) -> Decimal:
    if len(amount.as_tuple().digits) <= _DIGITS_SHOWN:
        return amount
    place = Decimal(1).scaleb(amount.adjusted() - _DIGITS_SHOWN + 1)
    return amount.quantize(place, context=EXACT)
