"""Reading the default target and the roadmap as they are typed; all else of the programme stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from portal.calculation.pathways import Kind, Part, Pathway
from portal.calculation.problems import Problem, problem
from portal.calculation.quantities import text
from portal.intake.numbers import NumberRules
from portal.intake.typed import Reading, Typed
from portal.services import programmes
from portal.services.programmes import InForce
from portal.services.series import ALL_SCOPES
from portal.services.work import Work
from portal.store.alliance import Alliance

_CUT = NumberRules(maximum=Decimal(100), unusual_from=None, decimals=2)
_YEAR = NumberRules(minimum=Decimal(2000), maximum=Decimal(2100), integer_digits=4, decimals=0)
TARGET_FIELDS = ("pathway", "part", "scopes", "target_year", "percent", "net_zero_year")
PHASE_FIELDS = ("until", "percent", "name_zh", "name_en", "text_zh", "text_en")
MOST_PHASES = 6
_LONGEST_TEXT = 1000


@dataclass(frozen=True, slots=True)
class SavedProgramme:
    """What saving came to: the version in force, or problems and nothing kept."""

    in_force: InForce | None
    problems: tuple[Problem, ...] = ()


def phase_field(place: int, name: str) -> str:
    """The name under which a part of a phase is typed."""
    return f"phases-{place}-{name}"


def change(work: Work, alliance: Alliance, typed: Typed, number: int) -> SavedProgramme:
    """Put the typed target and roadmap in force, unless the version that they were typed for no longer holds."""
    before = programmes.in_force(work.session, alliance.id)
    content, problems = _read(typed, work.today, before.content)
    if before.number != number:
        problems = [problem("programme.moved_on", ""), *problems]
    if problems:
        return SavedProgramme(None, tuple(problems))
    return SavedProgramme(programmes.change(work, alliance, content))


def _read(
    typed: Typed, today: date, before: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    reading = Reading(typed, today)
    target = _target(reading)
    phases = [_phase(reading, place) for place in range(MOST_PHASES) if _is_begun(typed, place)]
    if reading.is_settled:
        for found in (*_of_target(target), *_of_phases(phases)):
            reading.refuse(found)
    if not reading.is_settled:
        return {}, reading.problems
    return {
        **before,
        "target": {**target, "percent": text(target["percent"])},
        "phase": [{**phase, "percent": text(phase["percent"])} for _place, phase in phases],
    }, []


def _target(reading: Reading) -> dict[str, Any]:
    return {
        "kind": Kind.ABSOLUTE.value,
        "pathway": reading.choice("pathway", list(Pathway)),
        "part": reading.choice("part", list(Part)),
        "scopes": [int(s) for s in reading.choices("scopes", [str(s) for s in ALL_SCOPES])],
        "target_year": reading.whole("target_year", _YEAR),
        "percent": reading.percent("percent", _CUT),
        "net_zero_year": reading.whole("net_zero_year", _YEAR),
    }


def _is_begun(typed: Typed, place: int) -> bool:
    return any(typed.text(phase_field(place, name)) for name in PHASE_FIELDS)


def _phase(reading: Reading, place: int) -> tuple[int, dict[str, Any]]:
    texts = {name: reading.text(phase_field(place, name)) for name in ("name_zh", "name_en")} | {
        name: reading.long_text(phase_field(place, name), is_required=True, longest=_LONGEST_TEXT)
        for name in ("text_zh", "text_en")
    }
    return place, {
        "until": reading.whole(phase_field(place, "until"), _YEAR),
        "percent": reading.percent(phase_field(place, "percent"), _CUT),
        **texts,
    }


def _of_target(target: Mapping[str, Any]) -> Iterator[Problem]:
    if target["net_zero_year"] < target["target_year"]:
        yield problem("target.net_zero.before_target", "net_zero_year", year=target["target_year"])
    if target["pathway"] == Pathway.COMPOUND and target["percent"] >= 100:
        yield problem("target.percent.compound", "percent")


def _of_phases(phases: list[tuple[int, dict[str, Any]]]) -> Iterator[Problem]:
    if not phases:
        yield problem("programme.phases.missing", phase_field(0, "until"))
    for (_, earlier), (place, later) in pairwise(phases):
        if later["until"] <= earlier["until"] or later["percent"] < earlier["percent"]:
            yield problem("programme.phases.order", phase_field(place, "until"))
