"""How a mistake is planted into a supplier of the bench: what is wrong then, and the hands that the kinds of mistakes share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from portal.calculation.units import UNITS, Dimension
from portal.cli.scenery.trade import Supplier, with_quantity
from portal.domain.warnings import ReportedLine


@dataclass(frozen=True, slots=True)
class Planted:
    """What was planted: the keys of the lines that are wrong, and subjects that are wrong beside lines.

    `refused` is the code of the problem with which the reader refused it; then no line has come to be wrong.
    """

    lines: frozenset[str]
    subjects: tuple[str, ...] = ()
    # Sources whose other lines are not counted as clean ones: they were compared with a wrong one.
    sources: frozenset[tuple[str, str]] = frozenset()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A kind of mistake: its name, how large it is, which warnings name it, and how it is planted (None: no room)."""

    name: str
    size: str
    named_by: tuple[str, ...]
    plant: Callable[[Random, Supplier], Planted | None]


def lines_of(of: Supplier) -> list[ReportedLine]:
    """The lines of the judged year."""
    return of.lines[of.year]


def put(of: Supplier, changed: Sequence[ReportedLine], gone: frozenset[str] = frozenset()) -> None:
    """Put changed lines into the places of those with their keys, and leave some out."""
    by_key = {line.key: line for line in changed}
    of.lines[of.year] = [
        by_key.get(line.key, line) for line in of.lines[of.year] if line.key not in gone
    ]


def planted_in(lines: Sequence[ReportedLine]) -> Planted:
    """What was planted, where these lines are wrong."""
    return Planted(
        frozenset(line.key for line in lines), sources=frozenset(line.series for line in lines)
    )


def scaled(line: ReportedLine, ratio: Decimal) -> ReportedLine:
    """The line with so many times its quantity, to a hundredth."""
    return with_quantity(line, (line.quantity * ratio).quantize(Decimal("0.01")))


def change(of: Supplier, lines: Sequence[ReportedLine], ratio: Decimal) -> Planted:
    """Scale some lines of the judged year."""
    put(of, [scaled(line, ratio) for line in lines])
    return planted_in(lines)


def sources_of(of: Supplier, *, monthly: bool) -> list[list[ReportedLine]]:
    """The judged year's sources that vary, each with its lines in their order."""
    found: dict[tuple[object, ...], list[ReportedLine]] = {}
    for line in lines_of(of):
        key = (*line.series, line.choices)
        found.setdefault(key, []).append(line)
    flat = {(s.stream.category, s.site) for s in of.sources if s.is_flat}
    return [
        lines
        for lines in found.values()
        if (not monthly or len(lines) == 12) and lines[0].series not in flat
    ]


def one_line(
    random: Random, of: Supplier, *, energy: bool = False, mass: bool = False
) -> ReportedLine | None:
    """Any line that is more than one unit, of a kind of unit where that matters."""
    wanted = {Dimension.ENERGY} if energy else {Dimension.MASS} if mass else set(Dimension)
    lines = [
        line for line in lines_of(of) if line.quantity > 1 and UNITS[line.unit].dimension in wanted
    ]
    return random.choice(lines) if lines else None
