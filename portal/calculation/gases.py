"""Greenhouse gases and what a kilogram of each comes to under a set of global warming potentials."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache

from portal.calculation.factors import Factor
from portal.calculation.problems import refuse
from portal.calculation.words import N_

CO2 = "co2"
CH4_FOSSIL = "ch4_fossil"
CH4_BIOGENIC = "ch4_biogenic"
N2O = "n2o"
# Reported outside the scopes, never in a total.
CO2_BIOGENIC = "co2_biogenic"
# A factor that was published without its gases: kilograms of CO2e under the set of its source.
UNSPLIT = "co2e"


class GwpSet(StrEnum):
    """The set of 100-year potentials of an inventory: one for an organisation and a year."""

    AR4 = "AR4"
    AR5 = "AR5"
    AR6 = "AR6"
    GBT = "GBT"


GWP_SET_NAMES: Mapping[GwpSet, str] = {
    GwpSet.AR4: N_("IPCC AR4 (CH4 25, N2O 298)"),
    GwpSet.AR5: N_("IPCC AR5 (CH4 28, N2O 265)"),
    GwpSet.AR6: N_("IPCC AR6 (CH4 29.8 fossil, 27.0 biogenic, N2O 273)"),
    GwpSet.GBT: N_("GB/T 32151 (AR6 generic: CH4 27.9, N2O 273)"),
}

_COLUMN: Mapping[GwpSet, str] = {
    GwpSet.AR4: "ar4",
    GwpSet.AR5: "ar5",
    GwpSet.AR6: "ar6",
    GwpSet.GBT: "ar6",
}
# Only AR6 tells fossil from biogenic methane here. AR5's 30 is meant for methane that escapes unburnt and
# must not be used where the fuel's carbon is already counted in full; all fossil methane here is of that kind.
_METHANE_ROWS: Mapping[GwpSet, tuple[str, str]] = {
    GwpSet.AR4: ("gwp.ch4", "gwp.ch4"),
    GwpSet.AR5: ("gwp.ch4", "gwp.ch4"),
    GwpSet.AR6: ("gwp.ch4_fossil", "gwp.ch4_nonfossil"),
    GwpSet.GBT: ("gwp.ch4", "gwp.ch4"),
}
# Refrigerant CO2 is CO2, and hydrocarbon parts of blends count as nothing (not among the Kyoto gases).
_SAME_AS = {"r-744": CO2}
_UNCOUNTED = frozenset({"r-290", "r-600", "r-600a", "r-717"})
_MONTREAL = ("hcfc-", "cfc-")


@dataclass(frozen=True, slots=True)
class Gas:
    """A gas or a blend: its key, its row in the library, its parts by mass (itself alone for a single gas)."""

    key: str
    row: Factor
    parts: tuple[tuple[str, Decimal], ...]

    @property
    def name_en(self) -> str:
        """Its English name."""
        return self.row.name_en

    @property
    def name_zh(self) -> str:
        """Its Chinese name."""
        return self.row.name_zh

    @property
    def is_blend(self) -> bool:
        """Whether it is a mixture of several gases."""
        return len(self.parts) > 1


@cache
def is_outside_scopes(gas: str) -> bool:
    """Whether the gas is one of the Montreal Protocol, which is reported outside the scopes."""
    return gas.startswith(_MONTREAL)


def key_of(printed: str) -> str:
    """Our key of a gas as the library prints it: "HFC125" is hfc-125, "r_404a" is r-404a, "SF6" is sf6."""
    name = printed.lower().replace("_", "-")
    if name == "hfc4310mee":
        return "hfc-43-10mee"
    match = re.fullmatch(r"(hfc|hcfc|cfc|hfo|r)-?(\d\w*)", name)
    return f"{match[1]}-{match[2]}" if match else name


def gases(rows: Iterable[Factor]) -> Mapping[str, Gas]:
    """The F-gases and blends of an edition by key, from its rows of potentials; a blend's row names its mixture."""
    found = {}
    for row in rows:
        key = key_of(row.id.removeprefix("gwp."))
        if key in {CO2, CO2_BIOGENIC, "ch4", "ch4-fossil", "ch4-nonfossil", "co2-biogenic", N2O}:
            continue
        parts = _parts(row.texts.get("composition", "")) or ((_SAME_AS.get(key, key), Decimal(1)),)
        found[key] = Gas(key, row, parts)
    return found


def _parts(composition: str) -> tuple[tuple[str, Decimal], ...]:
    parts = []
    for part in filter(None, (piece.strip() for piece in composition.split(";"))):
        printed, share = part.rsplit(" ", 1)
        parts.append((key_of(printed), Decimal(share.rstrip("%")).scaleb(-2)))
    return tuple(parts)


def potentials(rows: Iterable[Factor], gwp_set: GwpSet) -> Mapping[str, Decimal]:
    """Kilograms of CO2e per kilogram of each gas under a set; a gas the set doesn't give is absent."""
    by_id = {row.id: row for row in rows}
    column = _COLUMN[gwp_set]
    fossil, biogenic = _METHANE_ROWS[gwp_set]
    found = {
        key_of(row_id.removeprefix("gwp.")): row.numbers[column]
        for row_id, row in by_id.items()
        if column in row.numbers
    }
    found |= dict.fromkeys(_UNCOUNTED - found.keys(), Decimal(0))
    found[CH4_FOSSIL] = by_id[fossil].numbers[column]
    found[CH4_BIOGENIC] = by_id[biogenic].numbers[column]
    found[CO2_BIOGENIC] = Decimal(0)
    found[UNSPLIT] = Decimal(1)
    return found


def potential(gas: str, table: Mapping[str, Decimal], gwp_set: GwpSet) -> Decimal:
    """Kilograms of CO2e per kilogram of one gas; a gas that the set doesn't give is refused."""
    try:
        return table[gas]
    except KeyError:
        raise refuse("line.gas.no_potential", "parameters.gas", gas=gas, gwp_set=gwp_set) from None
