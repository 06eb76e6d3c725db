"""Reading what was typed about an action: its particulars, its estimate and its milestones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal import data
from portal.calculation.problems import Problem, problem
from portal.domain.actions import Status
from portal.domain.levers import Area, Ledger, Method
from portal.intake.dates import DateRules
from portal.intake.numbers import NumberRules
from portal.intake.reading import Change
from portal.intake.typed import Reading, Typed
from portal.services.action_estimates import ESTIMATE_FIELDS, Basis, basis_of, estimate
from portal.services.sources import source_book
from portal.services.work import Work
from portal.store.members import Member

_MOST = Decimal(10) ** 10
_MONEY = NumberRules(is_required=False, maximum=_MOST, unusual_from=None, decimals=2)
_SIGNED = NumberRules(
    is_required=False, minimum=-_MOST, maximum=_MOST, unusual_from=None, decimals=2
)
_MONTHS = NumberRules(is_required=False, maximum=Decimal(60), decimals=0, unusual_from=None)
_LIFETIME = NumberRules(minimum=Decimal(1), maximum=Decimal(50), decimals=0, unusual_from=None)
_START = DateRules(earliest=date(2000, 1, 1), latest=date(2060, 12, 31))
_DAY = DateRules(earliest=date(2000, 1, 1), latest=date(2060, 12, 31), is_required=False)
MOST_MILESTONES = 12
MILESTONE_FIELDS = ("name", "due", "done")
FIELDS = (
    "lever",
    "name",
    "site",
    "area",
    "category",
    "ledger",
    "method",
    *ESTIMATE_FIELDS,
    "start",
    "ramp_months",
    "lifetime_years",
    "owner_name",
    "owner_post",
    "supervisor_name",
    "supervisor_post",
    "capex",
    "opex",
    "money_saved",
    "water_m3",
    "energy_kwh",
    "waste_t",
    "status",
    "stopped_reason",
    "note",
    "explanation",
    "may_be_copied",
)
# Names of people stay with the live row: what is frozen and what the ledger digests names posts only.
_PERSONAL = frozenset({"owner_name", "supervisor_name"})


@dataclass(frozen=True, slots=True)
class ReadAction:
    """The columns to keep and the milestones, or no columns and everything that is wrong at once."""

    columns: dict[str, Any] | None
    milestones: Sequence[tuple[str, date, date | None]]
    problems: tuple[Problem, ...]
    changes: tuple[Change, ...]


def read_action(work: Work, member: Member, typed: Typed, basis: Basis | None = None) -> ReadAction:
    """The columns to keep, or None with everything that is wrong at once; `basis` where many are read together."""
    reading = Reading(typed, work.today)
    if basis is None:
        basis = basis_of(work.session, member, source_book(work.session, member.id))
    columns = _columns(reading, basis)
    milestones = _milestones(reading)
    if not reading.is_settled or columns is None:
        return ReadAction(None, (), tuple(reading.problems), ())
    kept = {name: value for name, value in typed.raw().items() if name not in _PERSONAL}
    return ReadAction(
        columns | {"raw": kept},
        milestones,
        tuple(reading.problems),
        tuple(reading.changes),
    )


def _columns(reading: Reading, basis: Basis) -> dict[str, Any] | None:
    lever = reading.choice("lever", list(data.load_levers()), is_required=False)
    site = reading.choice("site", list(basis.sites), is_required=False)
    category = reading.choice("category", list(data.load_categories()))
    method = reading.choice("method", list(Method))
    found = (
        estimate(reading, basis, Method(method), category, site) if method and category else None
    )
    status = reading.choice("status", list(Status))
    reason = reading.long_text("stopped_reason")
    if status == Status.STOPPED and not reason:
        reading.refuse(problem("action.status.reason_missing", "stopped_reason"))
    columns = {
        "lever": lever,
        "name": reading.text("name"),
        "site_id": basis.sites[site].id if site else None,
        "area": reading.choice("area", list(Area)),
        "category": category,
        "ledger": reading.choice("ledger", list(Ledger)),
        "method": method,
        "start_on": reading.day("start", _START),
        "ramp_months": reading.whole("ramp_months", _MONTHS) or 0,
        "lifetime_years": reading.whole("lifetime_years", _LIFETIME),
        **{
            name: reading.text(name, is_required=False)
            for name in ("owner_name", "owner_post", "supervisor_name", "supervisor_post")
        },
        **{
            name: reading.number(name, rules) or Decimal(0)
            for name, rules in (
                ("capex", _MONEY),
                ("opex", _SIGNED),
                ("money_saved", _SIGNED),
                ("water_m3", _SIGNED),
                ("energy_kwh", _SIGNED),
                ("waste_t", _SIGNED),
            )
        },
        "status": status,
        "stopped_reason": reason,
        "note": reading.long_text("note", longest=5000),
        "explanation": reading.long_text("explanation"),
        "may_be_copied": reading.flag("may_be_copied"),
    }
    if found is None:
        return None
    return columns | {
        "kg_saving": found.kg_saving,
        "basis_year": found.basis_year,
        "estimate": found.workings,
    }


def _milestones(reading: Reading) -> list[tuple[str, date, date | None]]:
    found = []
    if any(reading.typed.values.get(f"milestones-{MOST_MILESTONES}-{f}") for f in MILESTONE_FIELDS):
        reading.refuse(
            problem(
                "milestone.too_many", f"milestones-{MOST_MILESTONES}-name", most=MOST_MILESTONES
            )
        )
    for place in range(MOST_MILESTONES):
        prefix = f"milestones-{place}-"
        values = {f: reading.typed.text(prefix + f) for f in MILESTONE_FIELDS}
        if not any(values.values()):
            continue
        name = reading.text(prefix + "name", is_required=False)
        due = reading.day(prefix + "due", _DAY)
        done = reading.day(prefix + "done", _DAY)
        if not name:
            reading.refuse(problem("milestone.name.missing", prefix + "name"))
        elif due is None:
            reading.refuse(problem("milestone.due.missing", prefix + "due", name=name))
        elif done is not None and done > reading.today:
            reading.refuse(problem("milestone.done.ahead", prefix + "done", name=name))
        else:
            found.append((name, due, done))
    return found
