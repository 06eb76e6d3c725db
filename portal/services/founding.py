"""Founding an alliance from a plan: its units, its reporting years and its members; what is there already stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from portal import data
from portal.calculation.gases import GwpSet
from portal.calculation.lines import Grid
from portal.intake.identifiers import read_code, read_credit_code
from portal.intake.texts import read_short_text
from portal.services import alliances, members
from portal.services.alliances import AllianceFacts, UnitFacts
from portal.services.work import Work
from portal.store.alliance import Alliance, OrgUnit, ReportingYear
from portal.store.members import Member

ALLIANCE_KEYS = frozenset(AllianceFacts.__dataclass_fields__)
UNIT_KEYS = frozenset(UnitFacts.__dataclass_fields__)
YEAR_KEYS = frozenset({"year", "edition", "gwp_set", "grid", "due_on"})
MEMBER_KEYS = frozenset(
    {"code", "name_zh", "name_en", "sector", "unit", "joined_on", "credit_code"}
)


class PlanError(ValueError):
    """The plan can't be carried out; the text names the part of it and the cure."""


def extend(work: Work, plan: Mapping[str, Any]) -> dict[str, int]:
    """Make the alliance what the plan says; returns how many units, years and members are new."""
    _expect(plan, frozenset({"alliance", "unit", "year", "member"}), frozenset(), "the file")
    alliance = _alliance(work, plan.get("alliance"))
    return {
        "units": sum(_unit(work, alliance, raw) for raw in _tables(plan, "unit")),
        "years": sum(_year(work, alliance, raw) for raw in _tables(plan, "year")),
        "members": sum(_member(work, alliance, raw) for raw in _tables(plan, "member")),
    }


def _alliance(work: Work, raw: Mapping[str, Any] | None) -> Alliance:
    known = work.session.scalars(select(Alliance).limit(1)).one_or_none()
    if known is not None:
        if raw is not None and raw.get("code") != known.code:
            raise PlanError(f"[alliance]: this portal serves {known.code}; it can serve no other")
        return known
    if raw is None:
        raise PlanError("[alliance] is missing: the portal has no alliance yet")
    _expect(raw, ALLIANCE_KEYS, ALLIANCE_KEYS, "[alliance]")
    for name in ("net_zero_year", "certificate_months"):
        if not isinstance(raw[name], int) or raw[name] < 1:
            raise PlanError(f"[alliance] {name} must be a whole number from 1")
    code = str(raw["code"])
    if not (code.isascii() and code.isalnum() and code == code.upper() and 2 <= len(code) <= 12):
        raise PlanError("[alliance] code must be 2 to 12 capital letters and digits")
    return alliances.found(work, AllianceFacts(**raw))


def _unit(work: Work, alliance: Alliance, raw: Mapping[str, Any]) -> bool:
    where = f"[[unit]] {raw.get('code', '')}"
    _expect(raw, UNIT_KEYS, UNIT_KEYS - {"parent"}, where)
    if _unit_of(work, raw["code"]) is not None:
        return False
    parent = _unit_of(work, raw["parent"]) if raw.get("parent") else None
    if raw.get("parent") and parent is None:
        raise PlanError(f"{where}: the unit above it, {raw['parent']}, must come before it")
    if parent is None and work.session.scalars(select(OrgUnit.id).limit(1)).first() is not None:
        raise PlanError(
            f"{where}: there is a unit at the top already; say in `parent` which one it is below"
        )
    facts = UnitFacts(**{"parent": "", **raw})
    alliances.add_unit(work, alliance, facts, parent)
    return True


def _year(work: Work, alliance: Alliance, raw: Mapping[str, Any]) -> bool:
    where = f"[[year]] {raw.get('year', '')}"
    _expect(raw, YEAR_KEYS, YEAR_KEYS - {"grid"}, where)
    if not isinstance(raw["year"], int) or not 2000 <= raw["year"] <= 2100:
        raise PlanError(f"{where}: year must be a whole number from 2000 to 2100")
    if raw["edition"] not in data.editions():
        raise PlanError(f"{where}: edition must be one of {', '.join(data.editions())}")
    _one_of(raw["gwp_set"], list(GwpSet), f"{where}: gwp_set")
    grid = raw.get("grid", Grid.NATIONAL.value)
    _one_of(grid, list(Grid), f"{where}: grid")
    due_on = _day(raw["due_on"], f"{where}: due_on")
    query = select(ReportingYear.id).where(
        ReportingYear.alliance_id == alliance.id, ReportingYear.year == raw["year"]
    )
    if work.session.scalars(query).first() is not None:
        return False
    alliances.open_year(
        work, alliance, raw["year"], raw["edition"], raw["gwp_set"], {"grid": grid}, due_on
    )
    return True


def _member(work: Work, alliance: Alliance, raw: Mapping[str, Any]) -> bool:
    where = f"[[member]] {raw.get('code', '')}"
    _expect(raw, MEMBER_KEYS, MEMBER_KEYS - {"credit_code", "name_en"}, where)
    code = _text(read_code(raw["code"]), f"{where}: code")
    if work.session.scalars(select(Member.id).where(Member.code == code)).first() is not None:
        return False
    unit = _unit_of(work, raw["unit"])
    if unit is None:
        raise PlanError(f"{where}: there is no unit {raw['unit']}")
    _one_of(raw["sector"], list(data.load_sectors()), f"{where}: sector")
    credit_code = raw.get("credit_code")
    members.create_member(
        work,
        alliance_id=alliance.id,
        unit=unit,
        code=code,
        name_zh=_text(read_short_text(raw["name_zh"]), f"{where}: name_zh"),
        name_en=_text(
            read_short_text(raw.get("name_en", ""), is_required=False), f"{where}: name_en"
        ),
        sector=raw["sector"],
        joined_on=_day(raw["joined_on"], f"{where}: joined_on"),
        credit_code=_text(read_credit_code(credit_code), f"{where}: credit_code")
        if credit_code
        else None,
    )
    return True


def _unit_of(work: Work, code: object) -> OrgUnit | None:
    return work.session.scalars(select(OrgUnit).where(OrgUnit.code == str(code))).one_or_none()


def _tables(plan: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    found = plan.get(name, [])
    if not isinstance(found, list):
        raise PlanError(f"write [[{name}]], with two brackets")
    return found


def _expect(
    raw: Mapping[str, Any], known: frozenset[str], needed: frozenset[str], where: str
) -> None:
    if unknown := sorted(raw.keys() - known):
        raise PlanError(
            f"{where}: {', '.join(unknown)} is not known; known are {', '.join(sorted(known))}"
        )
    if missing := sorted(needed - raw.keys()):
        raise PlanError(f"{where}: {', '.join(missing)} is missing")


def _one_of(value: object, allowed: Sequence[str], where: str) -> None:
    if value not in allowed:
        raise PlanError(f"{where} must be one of {', '.join(allowed)}")


def _day(value: object, where: str) -> date:
    if not isinstance(value, date):
        raise PlanError(f"{where} must be a day such as 2026-12-31, without quotes")
    return value


def _text(read: Any, where: str) -> str:
    if read.problems:
        raise PlanError(f"{where} can't be taken ({read.problems[0].code})")
    return read.value or ""
