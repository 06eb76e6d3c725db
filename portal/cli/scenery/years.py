"""A member's year of activity data, as a careful reporter would type it; a few careless ones too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple

from portal.cli.scenery.cast import MemberSketch
from portal.cli.scenery.streams import FURTHER_SITE, OUTPUTS, SEASONS, STREAMS, Rhythm, Stream

NOISE = 0.045
BASE_YEAR = 2020


class Typed(NamedTuple):
    """One row as typed: texts in the columns of the table, parameters by name."""

    category: str
    quantity: str
    unit: str
    site: str
    period: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class Oddity:
    """What a careless reporter did to a year; the warnings find it."""

    slip_of_thousand: bool = False
    missing_month: bool = False
    repeated_row: bool = False
    dropped_digit: bool = False

    @property
    def is_odd(self) -> bool:
        """Whether anything is odd at all."""
        return any(
            (self.slip_of_thousand, self.missing_month, self.repeated_row, self.dropped_digit)
        )


NOTHING_ODD = Oddity()


def rows_of(member: MemberSketch, year: int, oddity: Oddity = NOTHING_ODD) -> list[Typed]:
    """The rows of a member's year: the same for the same member and year, whatever was made before."""
    random = Random(f"{member.code}/{year}")  # noqa: S311 -- a demo must be the same every time
    rows = [
        row
        for site, stream in _sources(member)
        for row in _stream_rows(random, member, site, stream, year)
    ]
    return _made_odd(random, rows, oddity) if oddity.is_odd else rows


def output_of(member: MemberSketch, year: int) -> tuple[str, str, str]:
    """(product, quantity, unit) of a member's year."""
    product, unit, amount = OUTPUTS[member.sector]
    return product, f"{amount * member.size * _grown(member, year):.0f}", unit


def _sources(member: MemberSketch) -> Iterator[tuple[str, Stream]]:
    first, *further = member.sites
    for stream in STREAMS[member.sector]:
        yield first.code, stream
    for site in further:
        share = 0.3 if site.kind == "office" else 1.0
        yield site.code, replace(FURTHER_SITE, amount=FURTHER_SITE.amount * share)


def _stream_rows(
    random: Random, member: MemberSketch, site: str, stream: Stream, year: int
) -> Iterator[Typed]:
    amount = stream.amount * member.size * _grown(member, year)
    # What follows the output (animals, feed, freight) is harder to cut than what a machine uses.
    trend = member.trend * (0.6 if stream.follows_output else 1)
    amount *= (1 + trend) ** (year - BASE_YEAR)
    season = SEASONS[stream.season]
    for period, months in _periods(stream.rhythm, year):
        share = sum(season[month] for month in months) / sum(season)
        quantity = amount * share * random.gauss(1, NOISE)
        text = f"{max(quantity, 0.1):.{stream.digits}f}"
        yield Typed(stream.category, text, stream.unit, site, period, dict(stream.parameters))


def _grown(member: MemberSketch, year: int) -> float:
    return (1 + member.growth) ** (year - BASE_YEAR)


def _periods(rhythm: Rhythm, year: int) -> list[tuple[str, range]]:
    match rhythm:
        case Rhythm.MONTHLY:
            return [(f"{year}-{month + 1:02d}", range(month, month + 1)) for month in range(12)]
        case Rhythm.QUARTERLY:
            return [(f"{year}-Q{place + 1}", range(3 * place, 3 * place + 3)) for place in range(4)]
        case Rhythm.YEARLY:
            return [(str(year), range(12))]


def _made_odd(random: Random, rows: list[Typed], oddity: Oddity) -> list[Typed]:
    monthly = [
        place
        for place, row in enumerate(rows)
        if row.period.count("-") == 1 and "Q" not in row.period
    ]
    random.shuffle(monthly)
    first, second, third, fourth = monthly[:4]
    changed = list(rows)
    if oddity.slip_of_thousand:
        changed[first] = _scaled(rows[first], 1000)
    if oddity.dropped_digit:
        changed[second] = _scaled(rows[second], 0.1)
    if oddity.repeated_row:
        changed.append(rows[third])
    if oddity.missing_month:
        changed.remove(changed[fourth])
    return changed


def _scaled(row: Typed, ratio: float) -> Typed:
    return row._replace(quantity=f"{float(row.quantity) * ratio:.1f}")
