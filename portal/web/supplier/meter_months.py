"""A meter with its months: what was used, what is odd, and making lines of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.calculation.metering import DOUBTFUL
from portal.calculation.periods import month_after
from portal.calculation.problems import Problem
from portal.documents.charts.columns import Column, stacked_columns
from portal.documents.charts.drawing import PHONE, WIDE, Chart
from portal.documents.charts.scales import Unit
from portal.domain.meters import ODDITY_NAMES
from portal.domain.permissions import Permission
from portal.services import (
    effort,
    members,
    meter_months,
    meter_readings,
    meter_troubles,
    metered_lines,
    meters,
)
from portal.services.meter_months import MeterMonth, MeterYear
from portal.services.metered_lines import Taken
from portal.store.lines import ActivityLine
from portal.store.meters import Meter
from portal.web import formats
from portal.web.plan_charts import language
from portal.web.queries import whole
from portal.web.requests import current_work, roll_back
from portal.web.shell import may_show
from portal.web.supplier import blueprint
from portal.web.supplier.meters import own_meter
from portal.web.words import say

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month as the page shows it: `differs` when its line says something else than the meter does now."""

    found: MeterMonth
    taken: Taken | None
    remarks: tuple[str, ...]
    obstacle: str

    @property
    def differs(self) -> bool:
        """Whether readings that came later make another amount than the line has."""
        if self.taken is None or self.found.use is None:
            return False
        return self.taken.amount != self.found.use.amount

    @property
    def may_be_chosen(self) -> bool:
        """Whether there is something to take over."""
        is_done = self.taken is not None and not self.differs and not self.taken.is_changed_by_hand
        return not self.obstacle and not is_done


@blueprint.get("/meters/<uuid:meter>")
def meter_page(meter: UUID) -> ResponseReturnValue:
    """Show a meter: its months of a year, its latest readings, its registers."""
    found = own_meter(meter)
    return _page(found, _year(found), (), _month(request.args.get("read", "")))


@blueprint.post("/meters/<uuid:meter>/months")
def meter_take_over(meter: UUID) -> ResponseReturnValue:
    """Make lines of the chosen months, or bring their lines up to date."""
    work = current_work()
    found = own_meter(meter)
    months = [month for each in request.form.getlist("months")[:12] if (month := _month(each))]
    year = months[0].year if months else _year(found)
    effort.count_and_commit(
        work, f"months:{found.id}"
    )  # of a meter that is read each minute they take seconds
    worked_out = meter_months.year_of(work, found, year)
    member = members.own_member(work)
    done = metered_lines.take_over(work, member, worked_out, months)
    if done.problems:
        roll_back()
        return _page(own_meter(meter), year, done.problems), 422
    flash(
        ngettext("%(num)s month is a line now.", "%(num)s months are lines now.", done.lines),
        "success",
    )
    return redirect(url_for(".meter_page", meter=meter, year=year), 303)


def _year(meter: Meter) -> int:
    """The year asked for; else the present one, or the last in which the meter was in service."""
    years = meter_months.years_of(current_work(), meter)
    asked = whole("year")
    return asked if asked in years else years[0]


def _month(text: str) -> date | None:
    found = _MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found and found[1] >= "2000" else None


def _page(meter: Meter, year: int, problems: Sequence[Problem], read: date | None = None) -> str:
    """The meter in a year; what keeps the month from being counted that was just `read` stands above everything."""
    work = current_work()
    found = meter_months.year_of(work, meter, year)
    refused = [say(each) for each in problems]
    month = None if read is None else found.month(read)
    if month is not None and month.obstacle is not None and month.use is not None:
        refused.append(f"{month.name} · {say(month.obstacle)}")
    taken = metered_lines.taken_of(work, meter, year)
    is_open = metered_lines.open_year(work, meter, year) is not None
    beside = metered_lines.typed_beside(work, meter, year)
    return render_template(
        "supplier/meters/meter.html",
        meter=meter,
        site=meters.site_of(work, meter),
        year=year,
        years=meter_months.years_of(work, meter),
        rows=[_row(each, taken.get(each.month), beside) for each in found.months],
        charts=_charts(found),
        registers=meters.registers_of(work.session, meter),
        readings=meter_readings.latest_of(work, meter),
        troubles=meter_troubles.troubles_of(work, members.own_member(work), meter),
        is_open=is_open,
        may_edit=may_show(Permission.MEMBER_INVENTORY_EDIT.value),
        refused=refused,
    )


def _row(found: MeterMonth, taken: Taken | None, beside: Sequence[ActivityLine]) -> MonthRow:
    remarks = (
        [gettext(ODDITY_NAMES[each]) for each in found.use.kinds if each not in DOUBTFUL]
        if found.use
        else []
    )
    typed = next((line for line in beside if _touches(line, found.month)), None)
    if found.use is not None and typed is not None:
        remarks.append(
            gettext(
                "Line %(number)s says %(amount)s %(unit)s for this time already. Made into a line too, the month counts twice unless that is another use.",
                number=typed.position,
                amount=formats.decimal(typed.quantity),
                unit=typed.unit,
            )
        )
    if found.use is not None and found.use.interpolated:
        share = formats.percent(found.use.interpolated)
        remarks.append(gettext("Spread across a border: %(share)s", share=share))
    obstacle = say(found.obstacle) if found.obstacle is not None else ""
    return MonthRow(found, taken, tuple(remarks), obstacle)


def _touches(line: ActivityLine, month: date) -> bool:
    is_dated = line.start_on is not None and line.end_on is not None
    return is_dated and line.start_on < month_after(month) and line.end_on > month  # type: ignore[operator]  # asked just before


def _charts(found: MeterYear) -> list[Chart]:
    amounts = [each.use.amount if each.use is not None else None for each in found.months]
    if not any(amounts):
        return []
    columns = [
        Column(f"{each.month.month}", () if amount is None else (amount,))
        for each, amount in zip(found.months, amounts, strict=True)
    ]
    return [
        stacked_columns(
            gettext("Used by month"),
            columns,
            (found.meter.name,),
            unit=Unit(Decimal(1), found.meter.unit),
            size=size,
            language=language(),
        )
        for size in (WIDE, PHONE)
    ]
