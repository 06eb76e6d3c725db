"""The bench of warnings: what the rules find of planted mistakes, and what they say about lines without one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from portal.cli.scenery.mistakes import MISTAKES, Mistake, Planted
from portal.cli.scenery.trade import Supplier, supplier
from portal.domain.warnings import RaisedWarning, Weight, find_warnings

# Of so many suppliers one is left without a mistake.
CLEAN_SHARE = 3


@dataclass(slots=True)
class KindResult:
    """What became of the mistakes of a kind: planted, found at all, and found by a warning that names the cause."""

    mistake: Mistake
    planted: int = 0
    found: int = 0
    named: int = 0


@dataclass(slots=True)
class BenchResult:
    """What the bench counted; `flagged` are clean lines that a warning names, `stray` warnings that name no line."""

    seed: int
    suppliers: int
    kinds: list[KindResult] = field(default_factory=list)
    clean_lines: int = 0
    flagged: int = 0
    stray: int = 0
    clean_years: int = 0
    checks: int = 0
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
        """The share of clean lines that a warning names."""
        return self.flagged / self.clean_lines if self.clean_lines else 0.0


def run(seed: int, suppliers: int) -> BenchResult:
    """Plant a mistake of each kind in turn, and look at what is found; every third supplier has none."""
    random = Random(seed)  # noqa: S311 -- a bench must be the same every time
    result = BenchResult(seed, suppliers, [KindResult(each) for each in MISTAKES])
    turn = 0
    for number in range(suppliers):
        of = supplier(random, number)
        if number % CLEAN_SHARE == 0:
            _count_clean(result, of, Planted(frozenset()), _seen(of))
            continue
        kind = result.kinds[turn % len(result.kinds)]
        turn += 1
        planted = kind.mistake.plant(random, of)
        found = _seen(of)
        if planted is not None:
            _count_planted(kind, planted, found)
        _count_clean(result, of, planted or Planted(frozenset()), found)
    return result


def _seen(of: Supplier) -> list[RaisedWarning]:
    return [each for each in find_warnings(of.evidence()) if each.weight >= Weight.CHECK]


def _count_planted(kind: KindResult, planted: Planted, found: Sequence[RaisedWarning]) -> None:
    touching = [
        each
        for each in found
        if planted.lines.intersection(each.lines) or each.subject in planted.subjects
    ]
    kind.planted += 1
    kind.found += bool(touching)
    kind.named += any(each.code.startswith(kind.mistake.named_by) for each in touching)


def _count_clean(
    result: BenchResult, of: Supplier, planted: Planted, found: Sequence[RaisedWarning]
) -> None:
    """Count lines of sources without a mistake. A warning about a whole source flags each of the lines that it names."""
    clean = {
        line.key for line in of.lines[of.year] if line.series not in planted.sources
    } - planted.lines
    flagged: set[str] = set()
    for each in found:
        hit = clean.intersection(each.lines)
        if planted.lines.intersection(each.lines) or each.subject in planted.subjects:
            continue
        if hit:
            result.by_code[each.code] += len(hit - flagged)
            flagged |= hit
        elif not each.lines and not planted.lines and not planted.subjects:
            result.stray += 1
            result.by_code[each.code] += 1
    result.clean_lines += len(clean)
    result.flagged += len(flagged)
    result.clean_years += 1
    result.checks += len(of.lines[of.year])
