"""Which factor answers a question, and why: one, none, or several that are equally good."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from portal.calculation.factors import Edition, Factor, Tier
from portal.calculation.units import UNITS, Dimension


class Fit(IntEnum):
    """How a factor's validity meets the year that is asked for; the lower number is preferred."""

    VALID = 0
    EARLIER = 1
    LATER = 2


class Flag(StrEnum):
    """What a reader must know about a factor that was used, or about how it was used."""

    STALE = "stale_factor"
    LATER = "later_factor"
    STANDARD_BEFORE_FORCE = "standard_before_force"
    OTHER_SECTOR = "other_sector_standard"
    UNVERIFIED = "unverified_factor"
    LOW_CONFIDENCE = "low_confidence"
    MIXED_GWP = "mixed_gwp"
    NO_RESIDUAL_MIX = "no_residual_mix"
    NORMAL_CONDITIONS = "assumed_normal_conditions"
    TTW_ONLY = "without_upstream"
    MONTREAL = "montreal_gas"


@dataclass(frozen=True, slots=True)
class Query:
    """A question to an edition.

    `patterns` name what is technically the same thing, best match first; `areas` are the regions that hold
    the place, nearest first; `year` is the activity year. A factor must be per one of the `dimensions`, or state
    an energy content in one of the units of `through`; None asks for no unit at all (parameters).
    """

    patterns: tuple[str, ...]
    country: str
    areas: tuple[str, ...]
    year: int
    sector: str
    dimensions: frozenset[Dimension] | None = None
    through: frozenset[str] = frozenset()
    may_be_foreign: bool = True
    early_standards: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """The answer: the factor with its tier, fit and flags; or no factor; or the rivals that tie."""

    factor: Factor | None = None
    tier: Tier | None = None
    fit: Fit | None = None
    flags: tuple[Flag, ...] = ()
    rivals: tuple[str, ...] = ()

    @property
    def is_several(self) -> bool:
        """Whether more than one factor is equally good, so that a person must say which."""
        return bool(self.rivals)


@dataclass(frozen=True, slots=True, order=True)
class _Rank:
    """The order of selection, most important first; `doubt` keeps unverified and later factors behind all others."""

    doubt: int
    tier: Tier
    distance_in_place: int
    fit: Fit
    years_apart: int
    pattern: int
    newest_first: int


def select(edition: Edition, query: Query) -> Choice:
    """Choose by methods, section 0.5; the same question to the same edition is answered from memory.

    The tier comes first (sector standard, national publication, IPCC, another country's official set, secondary),
    then the place, then the year: the same one, else the nearest earlier one. Verified factors come before
    unverified ones of any tier, and a factor of a later year is only used when there is nothing earlier.
    """
    known = edition.remembered.get(query)
    if isinstance(known, Choice):
        return known
    choice = _choose(_ranked(edition, query), query)
    edition.remembered[query] = choice
    return choice


def _ranked(edition: Edition, query: Query) -> list[tuple[_Rank, Factor]]:
    found: dict[str, tuple[_Rank, Factor]] = {}
    for position, pattern in enumerate(query.patterns):
        for row in edition.matching(pattern):
            if row.id not in found and _is_usable(row, query):
                found[row.id] = _rank(row, query, position), row
    return sorted(found.values(), key=lambda pair: pair[0])


def _is_usable(row: Factor, query: Query) -> bool:
    if query.dimensions is not None and not _is_reachable(row, query):
        return False
    if row.region in query.areas:
        return True
    # A row for another part of the same country, or another part of the world, describes another place.
    is_foreign = len(row.country) == 2 and row.country != query.country
    return is_foreign and query.may_be_foreign and row.region == row.country


def _is_reachable(row: Factor, query: Query) -> bool:
    if row.per is None or query.dimensions is None:
        return False
    is_direct = UNITS[row.per].dimension in query.dimensions
    return is_direct or row.texts.get("ncv_unit") in query.through


def _rank(row: Factor, query: Query, position: int) -> _Rank:
    fit, apart = _fit(row, query)
    place = query.areas.index(row.region) if row.region in query.areas else len(query.areas)
    doubt = 2 * (not row.is_trusted) + (fit is Fit.LATER)
    newest = -row.valid_from.toordinal()
    return _Rank(doubt, _tier(row, query), place, fit, apart, position, newest)


def _tier(row: Factor, query: Query) -> Tier:
    family = row.family
    if len(row.country) == 2 and row.country != query.country:
        return max(family.tier, Tier.FOREIGN)
    if family.sector is not None:
        return Tier.SECTOR_STANDARD if family.sector == query.sector else Tier.NATIONAL
    return family.tier


def _is_before_force(row: Factor, query: Query) -> bool:
    return row.family.sector is not None and row.valid_from.year > query.year


def _fit(row: Factor, query: Query) -> tuple[Fit, int]:
    first = row.valid_from.year
    last = None if row.valid_to is None else row.valid_to.year
    if query.year < first:
        # One method for a whole series of years: a standard also answers for the years before it came into force.
        if query.early_standards and _is_before_force(row, query):
            return Fit.VALID, 0
        return Fit.LATER, first - query.year
    if last is not None and query.year > last:
        return Fit.EARLIER, query.year - last
    return Fit.VALID, 0


def _choose(ranked: list[tuple[_Rank, Factor]], query: Query) -> Choice:
    if not ranked:
        return Choice()
    best, row = ranked[0]
    rivals = tuple(other.id for rank, other in ranked if rank == best)
    if len(rivals) > 1:
        return Choice(rivals=rivals)
    return Choice(row, best.tier, best.fit, tuple(_flags(row, best, query)))


def doubts(row: Factor) -> tuple[Flag, ...]:
    """What is doubtful about a factor itself, whatever it is used for."""
    if row.is_trusted:
        return ()
    return (Flag.UNVERIFIED if row.verification == "unverified" else Flag.LOW_CONFIDENCE,)


def _flags(row: Factor, rank: _Rank, query: Query) -> Iterable[Flag]:
    if _is_before_force(row, query) and rank.fit is Fit.VALID:
        yield Flag.STANDARD_BEFORE_FORCE
    if rank.fit is Fit.EARLIER:
        yield Flag.STALE
    if rank.fit is Fit.LATER:
        yield Flag.LATER
    if row.family.sector not in {None, query.sector} and row.country == query.country:
        yield Flag.OTHER_SECTOR
    yield from doubts(row)
