"""A member's year with finished lines, made by the portal's own calculation; quantities and units are always given."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

from portal.calculation.assessment import Assessment
from portal.calculation.periods import Period
from portal.services import assessments, inventories
from portal.services.work import Work
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine
from portal.store.members import Member, Site


def a_line(
    work: Work,
    inventory: Inventory,
    site: Site,
    position: int,
    *,
    category: str,
    quantity: str,
    unit: str,
    period: Period | None = None,
    parameters: dict[str, str] | None = None,
) -> ActivityLine:
    """A finished line, worked out as the portal does it."""
    member = work.session.get_one(Member, inventory.member_id)
    reporting = inventories.reporting_year(work.session, member.alliance_id, inventory.year)
    period = period or Period.of_year(inventory.year)
    key = uuid4()
    found = assessments.assess_line(
        assessments.context_of(reporting, member.sector),
        key=str(key),
        category=category,
        quantity=Decimal(quantity),
        unit=unit,
        period=period,
        year=inventory.year,
        site=site,
        parameters=parameters or {},
        has_evidence=False,
    )
    assert isinstance(found, Assessment), found
    line = ActivityLine(
        key=key,
        inventory_id=inventory.id,
        position=position,
        raw={
            "category": category,
            "quantity": quantity,
            "unit": unit,
            "site": site.code,
            "start": period.start.isoformat(),
            "end": (period.end - timedelta(days=1)).isoformat(),
            **{f"parameters.{name}": value for name, value in (parameters or {}).items()},
        },
        is_complete=True,
        category=category,
        quantity=Decimal(quantity),
        unit=unit,
        site_id=site.id,
        start_on=period.start,
        end_on=period.end,
        parameters=parameters or {},
        note="",
        changed_at=work.moment,
        **assessments.columns_of(found),
    )
    work.session.add(line)
    work.session.flush()
    return line


def a_year(work: Work, member: Member, site: Site, year: int) -> Inventory:
    """A year with electricity for two months and a year of gas."""
    inventory = inventories.open_inventory(work, member, year)
    for month in (1, 2):
        a_line(
            work,
            inventory,
            site,
            month,
            category="electricity.grid",
            quantity="120.5",
            unit="MWh",
            period=Period(date(year, month, 1), date(year, month + 1, 1)),
        )
    a_line(
        work,
        inventory,
        site,
        3,
        category="stationary.natural_gas",
        quantity="86200",
        unit="m³",
    )
    return inventory
