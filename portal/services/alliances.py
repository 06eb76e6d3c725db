"""The alliance itself: founding it, its units, the years it opens for reporting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select

from portal.domain.canonical import digest
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict
from portal.services.work import Work
from portal.store.alliance import Alliance, OrgClosure, OrgUnit, ReportingYear


@dataclass(frozen=True, slots=True)
class AllianceFacts:
    """What an alliance is called, and for how long its certificates are valid."""

    code: str
    name_zh: str
    name_en: str
    leader_zh: str
    leader_en: str
    net_zero_year: int
    certificate_months: int
    contact_email: str


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A node of the lead company's tree; `parent` is the code of the node above, empty for the root."""

    code: str
    parent: str
    level: str
    name_zh: str
    name_en: str


def contact_of(work: Work) -> str:
    """The address that suppliers may write to; empty where there is none any more."""
    query = select(Alliance.contact_email).order_by(Alliance.id).limit(1)
    return work.session.scalars(query).first() or ""


def found(work: Work, facts: AllianceFacts) -> Alliance:
    """Found the alliance that this portal serves; there is one."""
    work.demand(Permission.ALLIANCE_SETTINGS_EDIT)
    if work.session.scalars(select(Alliance.id).limit(1)).first() is not None:
        raise Conflict("alliance.exists")
    alliance = Alliance(created_at=work.moment, **asdict(facts))
    work.session.add(alliance)
    work.session.flush()
    work.record("alliance.founded", f"alliance/{facts.code}", after=digest(asdict(facts)))
    return alliance


def add_unit(work: Work, alliance: Alliance, facts: UnitFacts, parent: OrgUnit | None) -> OrgUnit:
    """Add a node to the tree, with a row for each of its ancestors."""
    work.demand(Permission.ALLIANCE_SETTINGS_EDIT)
    unit = OrgUnit(
        uid=work.new_uid(),
        alliance_id=alliance.id,
        parent_id=None if parent is None else parent.id,
        code=facts.code,
        name_zh=facts.name_zh,
        name_en=facts.name_en,
        level=facts.level,
    )
    work.session.add(unit)
    work.session.flush()
    work.session.add(OrgClosure(ancestor_id=unit.id, descendant_id=unit.id, depth=0))
    for row in _ancestors(work, parent):
        work.session.add(
            OrgClosure(ancestor_id=row.ancestor_id, descendant_id=unit.id, depth=row.depth + 1)
        )
    work.session.flush()
    work.record("unit.added", f"unit/{unit.uid}", after=digest(asdict(facts)))
    return unit


def open_year(
    work: Work,
    alliance: Alliance,
    year: int,
    edition: str,
    gwp_set: str,
    options: Mapping[str, str],
    due_on: date,
) -> ReportingYear:
    """Open a year for reporting, with the factor edition and the GWP set that all of it rests on."""
    work.demand(Permission.ALLIANCE_SETTINGS_EDIT)
    opened = ReportingYear(
        alliance_id=alliance.id,
        year=year,
        edition=edition,
        gwp_set=gwp_set,
        options=dict(options),
        due_on=due_on,
    )
    work.session.add(opened)
    work.session.flush()
    facts = {"edition": edition, "gwp_set": gwp_set, "options": dict(options), "due_on": due_on}
    work.record("year.opened", f"year/{year}", after=digest(facts))
    return opened


def _ancestors(work: Work, parent: OrgUnit | None) -> list[OrgClosure]:
    if parent is None:
        return []
    query = select(OrgClosure).where(OrgClosure.descendant_id == parent.id)
    return list(work.session.scalars(query))
