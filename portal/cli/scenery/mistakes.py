"""Mistakes in amounts that people make when they report: slips, exchanges, copies, leaps, drift."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random

from portal.cli.scenery.planting import (
    Mistake,
    Planted,
    change,
    lines_of,
    one_line,
    planted_in,
    put,
    scaled,
    sources_of,
)
from portal.cli.scenery.trade import Supplier, with_quantity
from portal.domain.warnings import ReportedLine


def _slip(
    factors: Sequence[str], *, energy: bool = False
) -> Callable[[Random, Supplier], Planted | None]:
    def plant(random: Random, of: Supplier) -> Planted | None:
        line = one_line(random, of, energy=energy)
        return None if line is None else change(of, [line], Decimal(random.choice(factors)))

    return plant


def _kg_for_t(random: Random, of: Supplier) -> Planted | None:
    line = one_line(random, of, mass=True)
    if line is None:
        return None
    lines = [
        each
        for each in lines_of(of)
        if (each.series, each.parameters) == (line.series, line.parameters)
    ]
    return change(of, lines, Decimal(1000))


def _months_swapped(random: Random, of: Supplier) -> Planted | None:
    pairs = [
        (first, second)
        for lines in sources_of(of, monthly=True)
        for place, first in enumerate(lines)
        for second in lines[place + 1 :]
        if first.quantity and second.quantity and _fold(first, second) >= Decimal("1.5")
    ]
    if not pairs:
        return None
    first, second = random.choice(pairs)
    changed = [
        with_quantity(first, second.quantity),
        with_quantity(second, first.quantity),
    ]
    put(of, changed)
    return planted_in([first, second])


def _fold(first: ReportedLine, second: ReportedLine) -> Decimal:
    ratio = first.quantity / second.quantity
    return max(ratio, 1 / ratio)


def _exchange(random: Random, of: Supplier, *, by_site: bool) -> Planted | None:
    sources = sources_of(of, monthly=False)
    pairs = [
        (first, second)
        for place, first in enumerate(sources)
        for second in sources[place + 1 :]
        if len(first) == len(second)
        and (first[0].category == second[0].category) == by_site
        and (first[0].site == second[0].site) != by_site
        and first[0].unit == second[0].unit
        and first[0].parameters.keys() == second[0].parameters.keys()
        and (not by_site or first[0].parameters == second[0].parameters)
        and _fold(_total(first), _total(second)) >= Decimal("1.5")
    ]
    if not pairs:
        return None
    first, second = random.choice(pairs)
    changed = []
    for one, other in zip(first, second, strict=True):
        changed.append(with_quantity(one, other.quantity))
        changed.append(with_quantity(other, one.quantity))
    put(of, changed)
    return planted_in([*first, *second])


def _total(lines: Sequence[ReportedLine]) -> ReportedLine:
    return replace(lines[0], quantity=sum((each.quantity for each in lines), Decimal("0.01")))


def _sites_swapped(random: Random, of: Supplier) -> Planted | None:
    return _exchange(random, of, by_site=True)


def _categories_swapped(random: Random, of: Supplier) -> Planted | None:
    return _exchange(random, of, by_site=False)


def _copied(random: Random, of: Supplier) -> Planted | None:
    """A source by month, or the whole year of somebody who reports by the year."""
    sources = sources_of(of, monthly=True)
    yearly = [line for line in lines_of(of) if line.month is None]
    lines = random.choice(sources) if sources else yearly if len(yearly) > 3 else None
    if lines is None:
        return None
    last = {(*line.slot, line.choices): line for line in of.lines[of.year - 1]}
    pairs = [(ln, last[(*ln.slot, ln.choices)]) for ln in lines]
    put(of, [with_quantity(ln, old.quantity) for ln, old in pairs])
    return planted_in(lines)


def _zero(random: Random, of: Supplier) -> Planted | None:
    line = one_line(random, of)
    return None if line is None else change(of, [line], Decimal(0))


def _jump(random: Random, of: Supplier) -> Planted | None:
    sources = sources_of(of, monthly=False)
    ratio = Decimal(f"{random.uniform(1.8, 4):.3f}")
    ratio = ratio if random.random() < 0.6 else 1 / ratio
    return change(of, random.choice(sources), ratio) if sources else None


def _stuck(random: Random, of: Supplier) -> Planted | None:
    sources = sources_of(of, monthly=True)
    if not sources:
        return None
    lines = random.choice(sources)
    count, first = random.randrange(3, 7), random.randrange(0, 6)
    run = lines[first : first + count]
    if not run[0].quantity:
        return None
    put(of, [with_quantity(line, run[0].quantity) for line in run])
    return planted_in(run)


def _spike(random: Random, of: Supplier) -> Planted | None:
    sources = [lines for lines in sources_of(of, monthly=True) if any(ln.quantity for ln in lines)]
    if not sources:
        return None
    line = random.choice([each for each in random.choice(sources) if each.quantity])
    return change(of, [line], Decimal(f"{random.uniform(1.9, 5):.3f}"))


def _fall(random: Random, of: Supplier) -> Planted | None:
    sources = [lines for lines in sources_of(of, monthly=True) if any(ln.quantity for ln in lines)]
    if not sources:
        return None
    line = random.choice([each for each in random.choice(sources) if each.quantity])
    return change(of, [line], 1 / Decimal(f"{random.uniform(2.5, 6):.3f}"))


def _drift(random: Random, of: Supplier) -> Planted | None:
    sources = sources_of(of, monthly=True)
    if not sources:
        return None
    lines = random.choice(sources)
    end = random.uniform(1.8, 2.5)
    ratios = [1 + (end - 1) * place / 11 for place in range(12)]
    pairs = zip(lines, ratios, strict=True)
    put(of, [scaled(line, Decimal(f"{ratio:.4f}")) for line, ratio in pairs])
    return planted_in(lines)


def _level(random: Random, of: Supplier) -> Planted | None:
    sources = sources_of(of, monthly=True)
    if not sources:
        return None
    lines = random.choice(sources)[random.randrange(3, 9) :]
    ratio = Decimal(f"{random.uniform(1.7, 3):.3f}")
    return change(of, lines, ratio if random.random() < 0.6 else 1 / ratio)


def _energy(random: Random, of: Supplier) -> Planted | None:
    """All energy of a site is off while production is as it was."""
    sites = sorted({line.site for line in lines_of(of)})
    site = random.choice(sites)
    lines = [
        line
        for lines in sources_of(of, monthly=False)
        for line in lines
        if line.site == site and line.scope == 2
    ]
    ratio = Decimal(f"{random.uniform(1.8, 3):.3f}")
    return change(of, lines, ratio if random.random() < 0.6 else 1 / ratio) if lines else None


def _output(random: Random, of: Supplier) -> Planted | None:
    (product, made), *_rest = of.outputs[of.year].items()
    ratio = Decimal(random.choice(("10", "0.1", "1000", "0.001", "2.5", "0.4")))
    of.outputs[of.year][product] = made * ratio
    return Planted(frozenset(), (f"output/{product[0]}", "inventory/outputs"))


SLIPS = ("line.slip.",)
IN_AMOUNTS: tuple[Mistake, ...] = (
    Mistake("unit ×1000", "one line × or ÷ 1000", SLIPS, _slip(("1000", "0.001"))),
    Mistake("unit ×3.6", "one line of energy × or ÷ 3.6", SLIPS, _slip(("3.6", "0.2777778"), energy=True)),
    Mistake("unit 万", "one line × or ÷ 10,000", SLIPS, _slip(("10000", "0.0001"))),
    Mistake("kg for t", "all lines of a source of mass × 1000", (*SLIPS, "series."), _kg_for_t),
    Mistake("unit tce", "one line of energy × or ÷ 29.3", SLIPS, _slip(("29.3076", "0.0341208"), energy=True)),
    Mistake("unit ×1,000,000", "one line × or ÷ a million", SLIPS, _slip(("1000000", "0.000001"))),
    Mistake("point ×10", "one line × or ÷ 10", SLIPS, _slip(("10", "0.1"))),
    Mistake("point ×100", "one line × or ÷ 100", SLIPS, _slip(("100", "0.01"))),
    Mistake("months swapped", "two months of a source, 1.5 times apart or more", ("series.months.swapped", "line."), _months_swapped),
    Mistake("sites swapped", "a source of two sites, 1.5 times apart or more", ("series.exchanged",), _sites_swapped),
    Mistake("categories swapped", "two sources of a site in one unit, 1.5 times apart or more", ("series.exchanged",), _categories_swapped),
    Mistake("copy of last year", "all lines of a monthly source, or of a yearly reporter", ("series.copied", "year.copied"), _copied),
    Mistake("zero", "one line 0", ("line.quantity.zero",), _zero),
    Mistake("year on year", "a source's year × or ÷ 1.8 to 4", ("series.", "line."), _jump),
    Mistake("stuck", "3 to 6 equal months", ("series.months.equal",), _stuck),
    Mistake("spike", "one month × 1.9 to 5", ("line.",), _spike),
    Mistake("fall", "one month ÷ 2.5 to 6", ("line.",), _fall),
    Mistake("drift", "a climb over the year to 1.8 to 2.5 times", ("series.months.",), _drift),
    Mistake("level jump", "from a month on × or ÷ 1.7 to 3", ("series.months.",), _level),
    Mistake("energy against output", "a site's power and heat × or ÷ 1.8 to 3", ("series.", "line."), _energy),
    Mistake("output", "production × or ÷ 10, 1000 or 2.5", ("output.", "year.intensity."), _output),
)  # fmt: skip
