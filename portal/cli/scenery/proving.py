"""The bench of warnings: what the rules find of planted mistakes, and what they say about what has none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

from portal.cli.scenery import dates, metering
from portal.cli.scenery.mistaken_rows import IN_ROWS
from portal.cli.scenery.mistakes import IN_AMOUNTS
from portal.cli.scenery.planting import Mistake, Planted
from portal.cli.scenery.trade import Supplier, supplier
from portal.domain.seasons import month_index
from portal.domain.warnings import RaisedWarning, Weight, find_warnings
from portal.domain.warnings.meters import find_meter_warnings

# Of so many suppliers, meters or groups one is left without a mistake.
CLEAN_SHARE = 3
MISTAKES: tuple[Mistake, ...] = (*IN_AMOUNTS, *IN_ROWS)
# A group of peers is a dozen members, so there are fewer of them.
SUPPLIERS_A_GROUP, SUPPLIERS_A_DATE = 12, 10


@dataclass(slots=True)
class KindResult:
    """What became of the mistakes of a kind: planted, found at all, found by a warning that names the cause.

    `by` counts the warnings that found one, each code once a mistake; a mistake that a door refused counts as found.
    """

    name: str
    size: str
    named_by: tuple[str, ...]
    planted: int = 0
    found: int = 0
    named: int = 0
    by: Counter[str] = field(default_factory=Counter)

    def count(self, codes: Collection[str]) -> None:
        """Count one mistake, and the codes of what touches it."""
        self.planted += 1
        self.found += bool(codes)
        self.named += any(code.startswith(self.named_by) for code in codes)
        self.by.update(set(codes))


@dataclass(slots=True)
class Part:
    """One kind of thing that the bench looks at, as lines or months of meters, with and without mistakes.

    `flagged` are clean ones that a warning names which asks for a reason, `noted` those that only a note names; `stray`
    are warnings that name none of them, of `cases` years. `by_code` says what the needless ones are.
    """

    name: str
    things: str
    kinds: list[KindResult]
    clean: int = 0
    flagged: int = 0
    noted: int = 0
    stray: int = 0
    cases: int = 0
    by_code: Counter[str] = field(default_factory=Counter)

    @property
    def planted(self) -> int:
        """How many mistakes were planted."""
        return sum(each.planted for each in self.kinds)

    @property
    def found(self) -> int:
        """How many of them were found."""
        return sum(each.found for each in self.kinds)

    @property
    def detection(self) -> float:
        """The share of mistakes that were found."""
        return self.found / self.planted if self.planted else 0.0

    @property
    def false_alarms(self) -> float:
        """The share of clean things that a warning names."""
        return self.flagged / self.clean if self.clean else 0.0

    def needless(self, kind: KindResult) -> int:
        """How many clean things a warning names that speaks of this kind of mistake; kinds may share it."""
        return sum(count for code, count in self.by_code.items() if code.startswith(kind.named_by))


@dataclass(frozen=True, slots=True)
class BenchResult:
    """What the bench counted, part by part. What a day brings is found by looking, so it is left out of the shares."""

    seed: int
    suppliers: int
    lines: Part
    meters: Part
    peers: Part
    dated: Part

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts in their order."""
        return (self.lines, self.meters, self.peers, self.dated)

    @property
    def detection(self) -> float:
        """The share of mistakes in figures that were found."""
        judged = (self.lines, self.meters, self.peers)
        return sum(each.found for each in judged) / max(1, sum(each.planted for each in judged))


def run(seed: int, suppliers: int) -> BenchResult:
    """Plant a mistake of each kind in turn, and look at what is found; every third has none."""
    return BenchResult(
        seed,
        suppliers,
        _lines(Random(f"{seed}/lines"), suppliers),  # noqa: S311 -- a bench must be the same every time
        _meters(Random(f"{seed}/meters"), suppliers),  # noqa: S311 -- as above
        _peers(Random(f"{seed}/peers"), suppliers // SUPPLIERS_A_GROUP),  # noqa: S311 -- as above
        _dated(Random(f"{seed}/dates"), suppliers // SUPPLIERS_A_DATE),  # noqa: S311 -- as above
    )


def _kind(of: Mistake | metering.MeterMistake | dates.DatedKind) -> KindResult:
    return KindResult(of.name, of.size, of.named_by)


def _lines(random: Random, suppliers: int) -> Part:
    part = Part("lines", "lines", [_kind(each) for each in MISTAKES])
    turn = 0
    for number in range(suppliers):
        of = supplier(random, number)
        if number % CLEAN_SHARE == 0:
            _count_clean(part, of, Planted(frozenset()), _seen(of, ()))
            continue
        mistake, kind = MISTAKES[turn % len(MISTAKES)], part.kinds[turn % len(MISTAKES)]
        turn += 1
        planted = mistake.plant(random, of)
        found = _seen(of, mistake.named_by)
        if planted is not None:
            kind.count(_touching(planted, found))
        _count_clean(part, of, planted or Planted(frozenset()), found)
    return part


def _seen(of: Supplier, named_by: tuple[str, ...]) -> list[RaisedWarning]:
    """All that the rules say; a note doesn't ask for a reason, so it finds only what it speaks of."""
    return [
        each
        for each in find_warnings(of.evidence())
        if each.weight >= Weight.CHECK or each.code.startswith(named_by or NOTES)
    ]


# Notes that bench suppliers can come by.
NOTES = ("factor.outdated", "year.scope.shifted")


def _touching(planted: Planted, found: Iterable[RaisedWarning]) -> list[str]:
    if planted.refused:
        return [planted.refused]
    return [
        each.code
        for each in found
        if planted.lines.intersection(each.lines) or each.subject in planted.subjects
    ]


def _count_clean(
    part: Part, of: Supplier, planted: Planted, found: Sequence[RaisedWarning]
) -> None:
    """Count lines of sources without a mistake. A warning about a whole source flags each of the lines that it names."""
    clean = {
        line.key for line in of.lines[of.year] if line.series not in planted.sources
    } - planted.lines
    flagged: set[str] = set()
    noted: set[str] = set()
    for each in found:
        if planted.lines.intersection(each.lines) or each.subject in planted.subjects:
            continue
        into = noted if each.weight is Weight.NOTE else flagged
        hit = clean.intersection(each.lines)
        if hit:
            part.by_code[each.code] += len(hit - into)
            into |= hit
        elif not each.lines and not planted.lines and not planted.subjects:
            part.stray += 1
            part.by_code[each.code] += 1
    part.clean += len(clean)
    part.flagged += len(flagged)
    part.noted += len(noted)
    part.cases += 1


def _meters(random: Random, count: int) -> Part:
    kinds = metering.METER_MISTAKES
    part = Part("meters", "months of meters", [_kind(each) for each in kinds])
    turn = 0
    for number in range(count):
        of = metering.meter(random, number)
        mistake, kind = kinds[turn % len(kinds)], part.kinds[turn % len(kinds)]
        months: range | None = None
        is_clean = number % CLEAN_SHARE == 0
        if not is_clean and not mistake.is_written:
            months = mistake.plant(random, of)
        metering.read(random, of)
        if not is_clean and mistake.is_written:
            months = mistake.plant(random, of)
        turn += not is_clean
        found = find_meter_warnings(of.evidence(), metering.SINCE)
        if months is not None:
            kind.count({each.code for each in found if months_named(each).intersection(months)})
        elif is_clean:
            _count_months(part, found)
    return part


def months_named(warning: RaisedWarning) -> set[int]:
    """The months that a warning about a meter speaks of, by their place among all of its months."""
    day = date.fromisoformat(warning.named_values["day"])
    first = month_index(day.year, day.month) - month_index(metering.BEGUN.year, 1)
    if warning.code in ("meter.level", "meter.drift"):
        return set(range(first, metering.MONTHS))
    return set(range(first, first + int(warning.named_values.get("count", 1))))


def _count_months(part: Part, found: Iterable[RaisedWarning]) -> None:
    flagged: set[int] = set()
    for each in found:
        hit = months_named(each)
        part.by_code[each.code] += len(hit - flagged)
        flagged |= hit
    part.clean += metering.MONTHS - metering.FIRST_JUDGED
    part.flagged += len(flagged)
    part.cases += 1


def _peers(random: Random, count: int) -> Part:
    size = "figures of all years × or ÷ 10 to 1000, in a group that may be compared"
    part = Part("peers", "members", [KindResult("unlike peers", size, ("year.peers.",))])
    for number in range(count):
        of = dates.group(random)
        if of is None:
            continue
        if number % CLEAN_SHARE:
            wrong, place = dates.unlike(random, of)
            part.kinds[0].count([each.code for each in wrong.said_of(place)])
            continue
        for place in range(len(of.members)):
            codes = [each.code for each in of.said_of(place)]
            part.by_code.update(codes)
            part.flagged += bool(codes)
            part.clean += 1
        part.cases += 1
    return part


def _dated(random: Random, count: int) -> Part:
    part = Part("days", "things", [_kind(each) for each in dates.DATED_KINDS])
    for number in range(count):
        for each, kind in zip(dates.DATED_KINDS, part.kinds, strict=True):
            has_come = number % CLEAN_SHARE != 0
            codes = [warning.code for warning in each.said(random, has_come)]
            if has_come:
                kind.count(codes)
                continue
            part.by_code.update(codes)
            part.flagged += bool(codes)
            part.clean += 1
            part.cases += 1
    return part
