"""Mistakes in what there is and where: rows that are missing, repeated or overlap, whole sources left out, old factors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

from portal.cli.scenery.planting import (
    Mistake,
    Planted,
    lines_of,
    one_line,
    planted_in,
    put,
    scaled,
    sources_of,
)
from portal.cli.scenery.trade import Supplier
from portal.intake.numbers import read_number


def _gone(random: Random, of: Supplier, places: Callable[[Random], range]) -> Planted | None:
    sources = sources_of(of, monthly=True)
    if not sources:
        return None
    lines = random.choice(sources)
    gone = frozenset(lines[place].key for place in places(random))
    put(of, [], gone)
    left = [line for line in lines if line.key not in gone]
    return planted_in(left)


def _partial(random: Random, of: Supplier) -> Planted | None:
    """The months from some month on are not there, or a year's line covers half of it."""
    yearly = [
        line for line in lines_of(of) if line.end.year > line.start.year and line.start.month == 1
    ]
    yearly = [line for line in yearly if line.month is None]
    if yearly and random.random() < 0.4:
        line = random.choice(yearly)
        month = random.randrange(5, 11)
        short = scaled(line, Decimal(month) / 12)
        put(of, [replace(short, end=line.start.replace(month=month + 1))])
        return planted_in([line])
    return _gone(random, of, lambda chance: range(chance.randrange(5, 11), 12))


def _gap(random: Random, of: Supplier) -> Planted | None:
    def places(chance: Random) -> range:
        first = chance.randrange(1, 10)
        return range(first, first + chance.choice((1, 2)))

    return _gone(random, of, places)


def _negative(random: Random, of: Supplier) -> Planted | None:
    """A minus that is typed before an amount, as the doors read it."""
    line = one_line(random, of)
    if line is None:
        return None
    read = read_number(f"-{line.quantity}", field="quantity", locale="zh")
    if read.value is None:
        return Planted(frozenset({line.key}), refused=read.problems[0].code)
    put(of, [replace(line, quantity=read.value)])
    return planted_in([line])


def _repeated(random: Random, of: Supplier) -> Planted | None:
    line = one_line(random, of)
    if line is None:
        return None
    twin = replace(line, key=f"{line.key}/again", position=line.position + 100)
    lines_of(of).append(twin)
    return planted_in([line, twin])


def _overlap(random: Random, of: Supplier) -> Planted | None:
    """The year's total typed below its months."""
    sources = sources_of(of, monthly=True)
    if not sources:
        return None
    lines = random.choice(sources)
    first = lines[0]
    total = replace(
        scaled(first, Decimal(12)),
        key=f"{first.key}/year",
        position=100,
        end=date(of.year + 1, 1, 1),
    )
    lines_of(of).append(total)
    return planted_in([*lines, total])


def _beyond(random: Random, of: Supplier) -> Planted | None:
    """A bill that runs into the next year."""
    last = [line for line in lines_of(of) if line.end == date(of.year + 1, 1, 1)]
    if not last:
        return None
    line = random.choice(last)
    put(of, [replace(line, end=date(of.year + 1, 1, random.randrange(8, 28)))])
    return planted_in([line])


def _first_year(random: Random, of: Supplier) -> Planted | None:
    """A month that is far too high in a source that no earlier year has."""
    sources = [lines for lines in sources_of(of, monthly=True) if all(ln.quantity for ln in lines)]
    if not sources:
        return None
    line = random.choice(random.choice(sources))
    for year in of.lines:
        if year != of.year:
            of.lines[year] = [each for each in of.lines[year] if each.series != line.series]
    put(of, [scaled(line, Decimal(f"{random.uniform(10, 30):.3f}"))])
    return planted_in([line])


def _left_out(random: Random, of: Supplier) -> Planted | None:
    """A kind of source is not reported at all."""
    categories = sorted({line.category for line in lines_of(of)})
    return _without(of, [random.choice(categories)])


def _without(of: Supplier, categories: list[str]) -> Planted:
    gone = [line for line in lines_of(of) if line.category in categories]
    put(of, [], frozenset(line.key for line in gone))
    subjects = [f"category/{each}" for each in categories]
    scopes = [f"inventory/scope{scope}" for scope in (1, 2, 3)]
    return replace(planted_in(gone), subjects=(*subjects, *scopes))


def _no_output(random: Random, of: Supplier) -> Planted | None:
    of.outputs[of.year] = {}
    return Planted(frozenset(), ("inventory/outputs",))


def _scope(random: Random, of: Supplier) -> Planted | None:
    """All of a scope that weighs is left out, or is a fraction of what it was."""
    kg: dict[int, Decimal] = {}
    for line in of.lines[of.year - 1]:
        kg[line.scope] = kg.get(line.scope, Decimal(0)) + line.kg_co2e
    total = sum(kg.values())
    heavy = [scope for scope in sorted(kg) if Decimal("0.4") <= kg[scope] / total <= Decimal("0.9")]
    if not heavy:
        return None
    scope = random.choice(heavy)
    lines = [line for line in lines_of(of) if line.scope == scope]
    if random.random() < 0.5:
        return _without(of, sorted({line.category for line in lines}))
    ratio = Decimal(f"{1 / random.uniform(4, 8):.3f}")
    put(of, [scaled(line, ratio) for line in lines])
    scopes = [f"inventory/scope{scope}" for scope in (1, 2, 3)]
    return replace(planted_in(lines), subjects=tuple(scopes))


def _old_factor(random: Random, of: Supplier) -> Planted | None:
    """A source that is assessed with the mix that a grid had four to eight years before."""
    lines = [line for line in lines_of(of) if line.factor_year is not None]
    if not lines:
        return None
    series = random.choice(sorted({line.series for line in lines}))
    own = [line for line in lines if line.series == series]
    year = of.year - random.randrange(4, 9)
    put(of, [replace(line, factor_year=year) for line in own])
    return planted_in(own)


IN_ROWS: tuple[Mistake, ...] = (
    Mistake("partial year", "the last 2 to 7 months missing, in lines or in a yearly period", ("series.month.missing", "series.days.missing"), _partial),
    Mistake("gap", "one or two months missing in between", ("series.month.missing",), _gap),
    Mistake("negative", "a minus before one amount", ("number.negative",), _negative),
    Mistake("repeated line", "one line twice", ("line.duplicate",), _repeated),
    Mistake("overlap", "a year's total beside its months", ("series.period.overlap",), _overlap),
    Mistake("period beyond the year", "one line that ends 8 to 27 days late", ("line.period.beyond_year",), _beyond),
    Mistake("first year", "one month × 10 to 30 in a source that no earlier year has", ("line.quantity.odd_month",), _first_year),
    Mistake("source left out", "all lines of a category", ("category.last_year.absent",), _left_out),
    Mistake("no production", "production not entered", ("inventory.output.absent",), _no_output),
    Mistake("scope ratio", "a scope that is 40 % of the whole or more left out, or ÷ 4 to 8", ("year.scope.shifted",), _scope),
    Mistake("factor too old", "a source of power with a factor of 4 to 8 years before", ("factor.outdated",), _old_factor),
)  # fmt: skip
