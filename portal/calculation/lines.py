"""What is assessed and under what: an activity line, and the context it shares with all lines of its inventory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from portal.calculation.categories import Category
from portal.calculation.factors import Edition
from portal.calculation.gases import Gas, GwpSet, gases, potentials
from portal.calculation.periods import Period
from portal.calculation.places import Places


class Grid(StrEnum):
    """Which grid average purchased electricity takes; one choice for all members of an alliance."""

    NATIONAL = "national"
    PROVINCIAL = "provincial"


@dataclass(frozen=True, slots=True)
class Options:
    """The alliance's choices where the methods leave one.

    `include_ch4_n2o` adds methane and nitrous oxide of combustion, which the Chinese guidelines leave out;
    `sector` says whose fuel standard binds (farm, food or other); `early_standards` applies a national
    standard to years before it came into force too, so that a series of years rests on one method.
    """

    grid: Grid = Grid.NATIONAL
    include_ch4_n2o: bool = False
    sector: str = "food"
    early_standards: bool = True


@dataclass(frozen=True)
class AssessmentContext:
    """What all lines of an inventory share: the factor edition, the categories, the places, the GWP set, the options."""

    edition: Edition
    categories: Mapping[str, Category]
    places: Places
    gwp_set: GwpSet = GwpSet.GBT
    options: Options = Options()
    # What was chosen for one line is the same for the next alike; only true within this context.
    remembered: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def potentials(self) -> Mapping[str, Decimal]:
        """Kilograms of CO2e per kilogram of each gas."""
        return potentials(self.edition.table("gwp"), self.gwp_set)

    @cached_property
    def gases(self) -> Mapping[str, Gas]:
        """The fluorinated gases and blends by key."""
        return gases(self.edition.table("gwp"))


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """A quantity of a category at a place in a period; parameters are numbers or the codes of choices."""

    key: str
    category: str
    quantity: Decimal
    unit: str
    period: Period
    country: str = "CN"
    region: str = ""
    parameters: Mapping[str, str | Decimal] = field(default_factory=dict)
    has_evidence: bool = True
