"""Mistakes that people make when they report, planted into clean years; each says how large it is and what it touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from portal.calculation.units import UNITS, Dimension
from portal.cli.scenery.trade import Supplier
from portal.domain.warnings import ReportedLine


@dataclass(frozen=True, slots=True)
class Planted:
    """What was planted: the keys of the lines that are wrong, and subjects that are wrong beside lines."""

    lines: frozenset[str]
    subjects: tuple[str, ...] = ()
    # Sources whose other lines are not counted as clean ones: they were compared with a wrong one.
    sources: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Mistake:
    """A kind of mistake: its name, how large it is, which warnings name it, and how it is planted (None: no room)."""

    name: str
    size: str
    named_by: tuple[str, ...]
    plant: Callable[[Random, Supplier], Planted | None]


def _lines(of: Supplier) -> list[ReportedLine]:
    return of.lines[of.year]


def _put(of: Supplier, changed: Sequence[ReportedLine], gone: frozenset[str] = frozenset()) -> None:
    by_key = {line.key: line for line in changed}
    of.lines[of.year] = [
        by_key.get(line.key, line) for line in of.lines[of.year] if line.key not in gone
    ]


def _planted(lines: Sequence[ReportedLine]) -> Planted:
    return Planted(
        frozenset(line.key for line in lines), sources=frozenset(line.series for line in lines)
    )


def _scaled(line: ReportedLine, ratio: Decimal) -> ReportedLine:
    quantity = (line.quantity * ratio).quantize(Decimal("0.01"))
    return replace(line, quantity=quantity, kg_co2e=quantity)


def _change(of: Supplier, lines: Sequence[ReportedLine], ratio: Decimal) -> Planted:
    _put(of, [_scaled(line, ratio) for line in lines])
    return _planted(lines)


def _sources(of: Supplier, *, monthly: bool) -> list[list[ReportedLine]]:
    """The judged year's sources that vary, each with its lines in their order."""
    found: dict[tuple[object, ...], list[ReportedLine]] = {}
    for line in _lines(of):
        key = (*line.series, tuple(sorted(line.parameters.items())))
        found.setdefault(key, []).append(line)
    flat = {(s.stream.category, s.site) for s in of.sources if s.is_flat}
    return [
        lines
        for lines in found.values()
        if (not monthly or len(lines) == 12) and lines[0].series not in flat
    ]


def _one_line(
    random: Random, of: Supplier, *, energy: bool = False, mass: bool = False
) -> ReportedLine | None:
    wanted = {Dimension.ENERGY} if energy else {Dimension.MASS} if mass else set(Dimension)
    lines = [
        line for line in _lines(of) if line.quantity > 1 and UNITS[line.unit].dimension in wanted
    ]
    return random.choice(lines) if lines else None


def _slip(
    factors: Sequence[str], *, energy: bool = False
) -> Callable[[Random, Supplier], Planted | None]:
    def plant(random: Random, of: Supplier) -> Planted | None:
        line = _one_line(random, of, energy=energy)
        return line and _change(of, [line], Decimal(random.choice(factors)))

    return plant


def _kg_for_t(random: Random, of: Supplier) -> Planted | None:
    line = _one_line(random, of, mass=True)
    if line is None:
        return None
    lines = [
        each
        for each in _lines(of)
        if (each.series, each.parameters) == (line.series, line.parameters)
    ]
    return _change(of, lines, Decimal(1000))


def _months_swapped(random: Random, of: Supplier) -> Planted | None:
    pairs = [
        (first, second)
        for lines in _sources(of, monthly=True)
        for place, first in enumerate(lines)
        for second in lines[place + 1 :]
        if first.quantity and second.quantity and _fold(first, second) >= Decimal("1.5")
    ]
    if not pairs:
        return None
    first, second = random.choice(pairs)
    changed = [
        replace(first, quantity=second.quantity, kg_co2e=second.quantity),
        replace(second, quantity=first.quantity, kg_co2e=first.quantity),
    ]
    _put(of, changed)
    return _planted([first, second])


def _fold(first: ReportedLine, second: ReportedLine) -> Decimal:
    ratio = first.quantity / second.quantity
    return max(ratio, 1 / ratio)


def _exchange(random: Random, of: Supplier, *, by_site: bool) -> Planted | None:
    sources = _sources(of, monthly=False)
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
        changed.append(replace(one, quantity=other.quantity, kg_co2e=other.quantity))
        changed.append(replace(other, quantity=one.quantity, kg_co2e=one.quantity))
    _put(of, changed)
    return _planted([*first, *second])


def _total(lines: Sequence[ReportedLine]) -> ReportedLine:
    return replace(lines[0], quantity=sum((each.quantity for each in lines), Decimal("0.01")))


def _sites_swapped(random: Random, of: Supplier) -> Planted | None:
    return _exchange(random, of, by_site=True)


def _categories_swapped(random: Random, of: Supplier) -> Planted | None:
    return _exchange(random, of, by_site=False)


def _copied(random: Random, of: Supplier) -> Planted | None:
    """A source by month, or the whole year of somebody who reports by the year."""
    sources = _sources(of, monthly=True)
    yearly = [line for line in _lines(of) if line.month is None]
    lines = random.choice(sources) if sources else yearly if len(yearly) > 3 else None
    if lines is None:
        return None
    last = {
        (*line.slot, tuple(sorted(line.parameters.items()))): line for line in of.lines[of.year - 1]
    }
    pairs = [(ln, last[(*ln.slot, tuple(sorted(ln.parameters.items())))]) for ln in lines]
    _put(of, [replace(ln, quantity=old.quantity, kg_co2e=old.kg_co2e) for ln, old in pairs])
    return _planted(lines)


def _gone(random: Random, of: Supplier, places: Callable[[Random], range]) -> Planted | None:
    sources = _sources(of, monthly=True)
    if not sources:
        return None
    lines = random.choice(sources)
    gone = frozenset(lines[place].key for place in places(random))
    _put(of, [], gone)
    left = [line for line in lines if line.key not in gone]
    return _planted(left)


def _partial(random: Random, of: Supplier) -> Planted | None:
    """The months from some month on are not there, or a year's line covers half of it."""
    yearly = [
        line for line in _lines(of) if line.end.year > line.start.year and line.start.month == 1
    ]
    yearly = [line for line in yearly if line.month is None]
    if yearly and random.random() < 0.4:
        line = random.choice(yearly)
        month = random.randrange(5, 11)
        short = _scaled(line, Decimal(month) / 12)
        _put(of, [replace(short, end=line.start.replace(month=month + 1))])
        return _planted([line])
    return _gone(random, of, lambda chance: range(chance.randrange(5, 11), 12))


def _gap(random: Random, of: Supplier) -> Planted | None:
    def places(chance: Random) -> range:
        first = chance.randrange(1, 10)
        return range(first, first + chance.choice((1, 2)))

    return _gone(random, of, places)


def _zero(random: Random, of: Supplier) -> Planted | None:
    line = _one_line(random, of)
    return line and _change(of, [line], Decimal(0))


def _jump(random: Random, of: Supplier) -> Planted | None:
    sources = _sources(of, monthly=False)
    ratio = Decimal(f"{random.uniform(1.8, 4):.3f}")
    ratio = ratio if random.random() < 0.6 else 1 / ratio
    return _change(of, random.choice(sources), ratio) if sources else None


def _stuck(random: Random, of: Supplier) -> Planted | None:
    sources = _sources(of, monthly=True)
    if not sources:
        return None
    lines = random.choice(sources)
    count, first = random.randrange(3, 7), random.randrange(0, 6)
    run = lines[first : first + count]
    if not run[0].quantity:
        return None
    _put(of, [replace(line, quantity=run[0].quantity, kg_co2e=run[0].quantity) for line in run])
    return _planted(run)


def _spike(random: Random, of: Supplier) -> Planted | None:
    sources = [lines for lines in _sources(of, monthly=True) if any(ln.quantity for ln in lines)]
    if not sources:
        return None
    line = random.choice([each for each in random.choice(sources) if each.quantity])
    return _change(of, [line], Decimal(f"{random.uniform(1.9, 5):.3f}"))


def _drift(random: Random, of: Supplier) -> Planted | None:
    sources = _sources(of, monthly=True)
    if not sources:
        return None
    lines = random.choice(sources)
    end = random.uniform(1.8, 2.5)
    ratios = [1 + (end - 1) * place / 11 for place in range(12)]
    pairs = zip(lines, ratios, strict=True)
    _put(of, [_scaled(line, Decimal(f"{ratio:.4f}")) for line, ratio in pairs])
    return _planted(lines)


def _level(random: Random, of: Supplier) -> Planted | None:
    sources = _sources(of, monthly=True)
    if not sources:
        return None
    lines = random.choice(sources)[random.randrange(3, 9) :]
    ratio = Decimal(f"{random.uniform(1.7, 3):.3f}")
    return _change(of, lines, ratio if random.random() < 0.6 else 1 / ratio)


def _energy(random: Random, of: Supplier) -> Planted | None:
    """All energy of a site is off while production is as it was."""
    sites = sorted({line.site for line in _lines(of)})
    site = random.choice(sites)
    lines = [
        line
        for lines in _sources(of, monthly=False)
        for line in lines
        if line.site == site and line.scope == 2
    ]
    ratio = Decimal(f"{random.uniform(1.8, 3):.3f}")
    return _change(of, lines, ratio if random.random() < 0.6 else 1 / ratio) if lines else None


def _output(random: Random, of: Supplier) -> Planted | None:
    (product, made), *_rest = of.outputs[of.year].items()
    ratio = Decimal(random.choice(("10", "0.1", "1000", "0.001", "2.5", "0.4")))
    of.outputs[of.year][product] = made * ratio
    return Planted(frozenset(), (f"output/{product[0]}", "inventory/outputs"))


SLIPS = ("line.slip.",)
MISTAKES: tuple[Mistake, ...] = (
    Mistake("unit ×1000", "one line × or ÷ 1000", SLIPS, _slip(("1000", "0.001"))),
    Mistake("unit ×3.6", "one line of energy × or ÷ 3.6", SLIPS, _slip(("3.6", "0.2777778"), energy=True)),
    Mistake("unit 万", "one line × or ÷ 10,000", SLIPS, _slip(("10000", "0.0001"))),
    Mistake("kg for t", "all lines of a source of mass × 1000", (*SLIPS, "series."), _kg_for_t),
    Mistake("point ×10", "one line × or ÷ 10", SLIPS, _slip(("10", "0.1"))),
    Mistake("point ×100", "one line × or ÷ 100", SLIPS, _slip(("100", "0.01"))),
    Mistake("months swapped", "two months of a source, 1.5 times apart or more", ("series.months.swapped", "line."), _months_swapped),
    Mistake("sites swapped", "a source of two sites, 1.5 times apart or more", ("series.exchanged",), _sites_swapped),
    Mistake("categories swapped", "two sources of a site in one unit, 1.5 times apart or more", ("series.exchanged",), _categories_swapped),
    Mistake("copy of last year", "all lines of a monthly source, or of a yearly reporter", ("series.copied", "year.copied"), _copied),
    Mistake("partial year", "the last 2 to 7 months missing, in lines or in a yearly period", ("series.month.missing", "series.days.missing"), _partial),
    Mistake("gap", "one or two months missing in between", ("series.month.missing",), _gap),
    Mistake("zero", "one line 0", ("line.quantity.zero",), _zero),
    Mistake("year on year", "a source's year × or ÷ 1.8 to 4", ("series.", "line."), _jump),
    Mistake("stuck", "3 to 6 equal months", ("series.months.equal",), _stuck),
    Mistake("spike", "one month × 1.9 to 5", ("line.",), _spike),
    Mistake("drift", "a climb over the year to 1.8 to 2.5 times", ("series.months.",), _drift),
    Mistake("level jump", "from a month on × or ÷ 1.7 to 3", ("series.months.",), _level),
    Mistake("energy against output", "a site's power and heat × or ÷ 1.8 to 3", ("series.", "line."), _energy),
    Mistake("output", "production × or ÷ 10, 1000 or 2.5", ("output.", "year.intensity."), _output),
)  # fmt: skip
