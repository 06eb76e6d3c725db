"""Suppliers for the bench of warnings: years of clean lines with all that makes honest figures look odd.

Noise is a Student-t with few degrees of freedom that remembers the month before; years grow; the Spring Festival moves
between January and February; sites close for weeks; lines are opened, machines replaced, meters charged at a flat rate,
amounts rounded. None of this is an error, and none of it may be taken for one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from math import log
from random import Random

from portal.cli.scenery.streams import OUTPUTS, SEASONS, STREAMS, Rhythm, Season, Stream
from portal.domain.warnings import CHANGING, Evidence, Product, ReportedLine

YEARS_BEFORE = 3
# Kinds of sources by the first word of their category: the scope, and about how many kg CO2e a unit comes to.
SCOPES = {"electricity": 2, "heat": 2} | dict.fromkeys(
    ("purchased", "freight", "upstream", "water", "waste", "travel"), 3
)
KG_OF_UNIT = {
    "MWh": "570", "kWh": "0.57", "GJ": "110", "L": "2.6", "m³": "2.2", "万m³": "22000", "t": "600", "kg": "1500",
    "t·km": "0.1", "p·km": "0.03", "room·night": "30", "head": "1800",
}  # fmt: skip
KG_OF_CATEGORY = {
    "water.supply": "0.3",
    "wastewater.ch4": "0.6",
    "mobile.lng": "2.8",
    "upstream.electricity": "60",
}
# How old the factor of a grid may be: they are published one to three years late.
FACTOR_AGES = (1, 1, 2, 2, 3)
FREEDOM = 4
MEMORY = 0.3
# The first day of the new year by the moon's calendar, as month and day.
SPRING_FESTIVAL = {
    2019: (2, 5), 2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """A source of a site, with its noise and habits."""

    stream: Stream
    site: str
    amount: float
    noise: float
    scope: int
    rhythm: Rhythm
    is_flat: bool = False
    digits: int = 4
    rests_in_summer: bool = False
    saving_from: int | None = None
    saving: float = 1.0
    factor_age: int | None = None


@dataclass(frozen=True, slots=True)
class Events:
    """What happened at a supplier, by counted month: factors on everything of a site, or on all that is made."""

    shutdowns: Mapping[tuple[str, int], float]
    opened: int | None
    capacity: float
    holiday: float


@dataclass(frozen=True, slots=True)
class Supplier:
    """A supplier with its sources and what happened there; `year` is the one that is judged."""

    sector: str
    year: int
    growth: float
    sources: Sequence[Source]
    events: Events
    lines: dict[int, list[ReportedLine]] = field(default_factory=dict)
    outputs: dict[int, dict[Product, Decimal]] = field(default_factory=dict)

    def evidence(self) -> Evidence:
        """What the rules look at when the judged year is complete."""
        return Evidence(
            year=self.year,
            lines=self.lines[self.year],
            last_year=self.lines[self.year - 1],
            history={},
            expected=(),
            output_count=len(self.outputs[self.year]),
            not_applicable=frozenset(),
            through=date(self.year + 1, 2, 1),
            earlier=[
                line
                for year in range(self.year - YEARS_BEFORE, self.year - 1)
                for line in self.lines[year]
            ],
            outputs=self.outputs,
        )


def supplier(random: Random, number: int) -> Supplier:
    """One supplier with four clean years."""
    sector = random.choice(sorted(STREAMS))
    year = random.choice((2023, 2024, 2025))
    sites = [f"S{place}" for place in range(1, random.choice((1, 1, 2, 2, 3, 4)) + 1)]
    sources = [source for site in sites for source in _sources(random, sector, site, year)]
    found = Supplier(
        sector, year, random.uniform(-0.06, 0.1), sources, _events(random, sites, year)
    )
    _fill(random, found, f"m{number}")
    return found


def _sources(random: Random, sector: str, site: str, year: int) -> Iterator[Source]:
    """A site has most of its sector's sources; one in six suppliers reports by the year."""
    size = random.lognormvariate(0, 0.6)
    reports_yearly = random.random() < 0.16
    for place, stream in enumerate(STREAMS[sector]):
        if place and random.random() < 0.25:
            continue
        saves = random.random() < 0.06
        yield Source(
            stream=stream,
            site=site,
            amount=stream.amount * size * random.lognormvariate(0, 0.3),
            noise=min(0.18, random.lognormvariate(log(0.05), 0.5)),
            scope=SCOPES.get(stream.category.split(".")[0], 1),
            rhythm=Rhythm.YEARLY if reports_yearly else stream.rhythm,
            is_flat=random.random() < 0.03,
            digits=2 if random.random() < 0.05 else 4,
            rests_in_summer=stream.season is Season.WINTER and random.random() < 0.3,
            saving_from=12 * year + random.randrange(12) if saves else None,
            saving=random.uniform(0.76, 0.92),
            factor_age=random.choice(FACTOR_AGES) if stream.category in CHANGING else None,
        )


def _events(random: Random, sites: Sequence[str], year: int) -> Events:
    shutdowns = {
        (site, 12 * each + random.randrange(12)): random.uniform(0.45, 0.8)
        for site in sites
        for each in range(year - YEARS_BEFORE, year + 1)
        if random.random() < 0.12
    }
    opened = 12 * year + random.randrange(-12, 12) if random.random() < 0.15 else None
    return Events(
        shutdowns, opened, random.uniform(1.12, 1.35), random.choice((0.0, 0.1, 0.2, 0.3))
    )


def _fill(random: Random, of: Supplier, prefix: str) -> None:
    years = range(of.year - YEARS_BEFORE, of.year + 1)
    product, unit, amount = OUTPUTS[of.sector]
    made = amount * random.lognormvariate(0, 0.6)
    for year in years:
        of.lines[year] = []
        level = sum(_level(of, 12 * year + month) for month in range(12)) / 12
        quantity = made * level * random.gauss(1, 0.03)
        of.outputs[year] = {(product, unit): Decimal(f"{quantity:.4g}")}
    for source in of.sources:
        memory = 0.0
        flat = random.uniform(0.9, 1.1)
        for year in years:
            months = []
            for month in range(12):
                memory = MEMORY * memory + student(random) * source.noise
                months.append(_month(of, source, 12 * year + month, memory))
            if source.is_flat:
                months = [source.amount / 12 * flat] * 12
            of.lines[year] += _lines(source, year, months, f"{prefix}/{len(of.lines[year])}")


def student(random: Random) -> float:
    """A plain noise with heavy tails, of spread one."""
    chi = sum(random.gauss(0, 1) ** 2 for _ in range(FREEDOM))
    return float(random.gauss(0, 1) / (chi / FREEDOM) ** 0.5 / (FREEDOM / (FREEDOM - 2)) ** 0.5)


def _level(of: Supplier, index: int) -> float:
    """How much is made in a counted month beside the first year: growth, and a line that was opened."""
    grown: float = (1 + of.growth) ** ((index - 12 * (of.year - YEARS_BEFORE)) / 12)
    opened = of.events.opened
    return grown * (of.events.capacity if opened is not None and index >= opened else 1)


def _month(of: Supplier, source: Source, index: int, noise: float) -> float:
    month = index % 12
    season = SEASONS[source.stream.season]
    if source.rests_in_summer and 4 <= month <= 8:
        return 0.0
    share = season[month] / sum(season)
    quantity = source.amount * share * _level(of, index) * max(0.2, 1 + noise)
    quantity *= of.events.shutdowns.get((source.site, index), 1)
    quantity *= 1 - of.events.holiday * _holiday_share(index)
    if source.saving_from is not None and index >= source.saving_from:
        quantity *= source.saving
    return quantity


def _holiday_share(index: int) -> float:
    """The part of the two weeks around the Spring Festival that lies in a month, as a part of that month's half."""
    year, month = divmod(index, 12)
    festival = date(year, *SPRING_FESTIVAL[year])
    days = [festival.toordinal() + day for day in range(-5, 9)]
    return sum(1 for day in days if date.fromordinal(day).month == month + 1) / len(days)


def _lines(
    source: Source, year: int, months: Sequence[float], prefix: str
) -> Iterator[ReportedLine]:
    size = {Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3, Rhythm.YEARLY: 12}[source.rhythm]
    for first in range(0, 12, size):
        amount = sum(months[first : first + size])
        end = first + size
        quantity = _rounded(amount, source.digits)
        yield ReportedLine(
            key=f"{prefix}/{source.site}/{source.stream.category}/{year}/{first}",
            position=first,
            category=source.stream.category,
            site=source.site,
            start=date(year, first + 1, 1),
            end=date(year + end // 12, end % 12 + 1, 1),
            quantity=quantity,
            unit=source.stream.unit,
            kg_co2e=kg_of(source.stream.category, source.stream.unit, quantity),
            has_evidence=True,
            parameters=source.stream.parameters,
            scope=source.scope,
            factor_year=None if source.factor_age is None else year - source.factor_age,
        )


def with_quantity(line: ReportedLine, quantity: Decimal) -> ReportedLine:
    """The line with another quantity, assessed anew."""
    return replace(line, quantity=quantity, kg_co2e=kg_of(line.category, line.unit, quantity))


def kg_of(category: str, unit: str, quantity: Decimal) -> Decimal:
    """About what a quantity comes to in kg CO2e, so that sources weigh as they do in life."""
    return quantity * Decimal(KG_OF_CATEGORY.get(category) or KG_OF_UNIT[unit])


def _rounded(amount: float, digits: int) -> Decimal:
    return Decimal(f"{amount:.{digits}g}").quantize(Decimal("0.01")) if amount else Decimal(0)
