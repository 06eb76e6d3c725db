"""Readings that people bring: one in front of the meter, or a file of many."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from werkzeug.datastructures import FileStorage

from portal.calculation.metering import local_midnight
from portal.calculation.problems import CalculationError, Problem, problem
from portal.domain.meters import MOST_ROWS, Door
from portal.domain.permissions import Permission
from portal.domain.refusals import NotFound
from portal.intake.raw import RawLine
from portal.intake.reading_files import read_file
from portal.intake.timestamps import MomentRules, read_timestamp
from portal.services import imports, members, meter_readings
from portal.services.evidence import inspected
from portal.services.meter_readings import Recorded
from portal.services.tables.reading import RefusedTable, old_format, opened
from portal.store.blobs import Blobs
from portal.store.members import Member
from portal.store.meters import Meter, MeterReading
from portal.store.text_tables import TableLimits
from portal.web import queries
from portal.web.forms.lines import number_locale
from portal.web.forms.meters import ReadingForm, ReadingsFileForm, local_minute
from portal.web.requests import current_work, release_lock, wiring
from portal.web.shell import may_show
from portal.web.supplier import blueprint
from portal.web.supplier.meters import own_meter
from portal.web.supplier.tables import TABLES
from portal.web.supplier.uploads import status_of
from portal.web.words import say

FIELDS = ("ts", "value", "start", "reason")
# What a person mends before trying again; the file has more of the same kind.
MOST_SHOWN = 50
ROWS_A_PAGE = 50
_LIMITS = TableLimits(rows=MOST_ROWS + 1)


@blueprint.get("/meters/<uuid:meter>/readings")
def meter_reading_list(meter: UUID) -> ResponseReturnValue:
    """Show all of a meter's readings, latest first, or those until the end of a day."""
    found = own_meter(meter)
    day = queries.day("until")
    before = _place(found, day)
    rows = meter_readings.latest_of(current_work(), found, most=ROWS_A_PAGE + 1, before=before)
    last = rows[ROWS_A_PAGE - 1][0] if len(rows) > ROWS_A_PAGE else None
    return render_template(
        "supplier/meters/readings.html",
        meter=found,
        rows=rows[:ROWS_A_PAGE],
        until=day,
        older=last and {"before": last.moment.isoformat(), "number": last.number},
        may_edit=may_show(Permission.MEMBER_INVENTORY_EDIT.value),
    )


def _place(meter: Meter, day: date | None) -> tuple[datetime, int] | None:
    """Where the page begins: behind a reading of the page before, or at the end of a day at the meter's place."""
    if request.args.get("before"):
        return queries.moment("before"), queries.whole("number") or 1
    if day is None:
        return None
    return local_midnight(day + timedelta(days=1), ZoneInfo(meter.zone)), 1


@blueprint.get("/meters/<uuid:meter>/readings/new")
def meter_reading_form(meter: UUID) -> ResponseReturnValue:
    """Ask for one reading, now as a rule; or for the right one of a moment that was read wrongly."""
    found = own_meter(meter)
    if request.args.get("corrects"):
        moment = queries.moment("corrects")
        if not (said := meter_readings.said_of(current_work(), found, moment)):
            raise NotFound()
        began = said[-1].began_at
        start = began.isoformat() if began else ""
        form = ReadingForm(data={"ts": moment.isoformat(), "start": start})
        return _page(found, form, said, is_exact=True)
    now = local_minute(current_work().moment, found.zone)
    return _page(found, ReadingForm(data={"ts": now}))


@blueprint.post("/meters/<uuid:meter>/readings/new")
def meter_reading_add(meter: UUID) -> ResponseReturnValue:
    """Keep one reading."""
    work = current_work()
    found = own_meter(meter)
    form = ReadingForm()
    typed = {name: value for name, value in form.typed(FIELDS).values.items() if value}
    raw = RawLine("", {"meter": found.code, **typed}, cells={name: name for name in FIELDS})
    recorded = meter_readings.record_readings(
        work,
        members.own_member(work),
        [raw],
        door=Door.FORM,
        locale=number_locale(),
        is_local=True,
    )
    if not recorded.is_kept:
        form.attach(_for_the_page(each) for each in recorded.problems)
        return _refused(found, form, recorded), 422
    _tell(recorded)
    month = _month_of(found, form)
    return redirect(url_for(".meter_page", meter=meter, **month), 303)


def _for_the_page(found: Problem) -> Problem:
    """What is kept of a moment already is corrected by giving the reason, right here."""
    if found.code != "reading.conflict":
        return found
    return replace(found, code="reading.reason.missing", field="reason")


def _month_of(meter: Meter, form: ReadingForm) -> dict[str, object]:
    """Where the page shows what the reading comes to: its year, and the month of which the page says what is odd."""
    zone = ZoneInfo(meter.zone)
    read = read_timestamp(form.ts.data or "", MomentRules(current_work().moment, zone))
    if read.value is None:
        return {}
    # What was used up to the beginning of a month is that of the month before.
    day = max(meter.starts_on, (read.value - timedelta(microseconds=1)).astimezone(zone).date())
    return {"year": day.year, "read": f"{day:%Y-%m}"}


def _refused(meter: Meter, form: ReadingForm, recorded: Recorded) -> str:
    """The page once more; with a moment that stands here already, or that has to be told with its offset, as text."""
    work = current_work()
    exact = read_timestamp(form.ts.data or "", MomentRules(work.moment)).value
    said = meter_readings.said_of(work, meter, exact) if exact is not None else ()
    was_twice = ("ts", "timestamp.shown_twice") in [(p.field, p.code) for p in recorded.problems]
    return _page(meter, form, said, is_exact=exact is not None or was_twice)


@blueprint.get("/meters/upload")
def meter_upload_form() -> ResponseReturnValue:
    """Ask for a file of readings."""
    return _upload(ReadingsFileForm(), ())


@blueprint.post("/meters/upload")
def meter_upload() -> ResponseReturnValue:
    """Keep a file of readings, all of it or nothing."""
    work = current_work()
    form = ReadingsFileForm()
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        form.file.errors = [gettext("Choose a file")]
        return _upload(form, ()), 422
    try:
        recorded = _take_in(members.own_member(work), sent)
    except (CalculationError, RefusedTable) as refused:
        recorded = Recorded(problems=[refused.problem])
    in_the_file = [each for each in recorded.problems if each.field != "file"]
    form.file.errors = [say(each) for each in recorded.problems if each.field == "file"]
    if not recorded.is_kept:
        return _upload(form, in_the_file), status_of(recorded.problems)
    _tell(recorded)
    return redirect(url_for(".meter_list"), 303)


def _take_in(member: Member, sent: FileStorage) -> Recorded:
    """Read the file while nobody waits for this request, and then keep what it says."""
    work = current_work()
    if old := old_format(sent.filename or ""):
        return Recorded(problems=list(old))
    if too_many := imports.count_file(work, member, "readings"):
        return Recorded(problems=list(too_many))
    rules = meter_readings.rules_of(work, member, locale=number_locale(), is_local=True)
    release_lock()
    settings = wiring().settings
    name = sent.filename or ""
    with inspected(Blobs(settings.storage), sent.stream, name, settings.scanner) as looked:
        if looked.problems or looked.received is None or looked.verdict is None:
            return Recorded(problems=list(looked.problems))
        if looked.verdict.kind not in TABLES:
            return Recorded(problems=[problem("table.file.kind", "file")])
        with (
            opened(looked.received.path, looked.name, _LIMITS) as table,
            closing(table.rows()) as rows,
        ):
            read = meter_readings.read_rows(read_file(rows), rules)
    return meter_readings.record_file(work, member, read, door=Door.FILE)


def _tell(recorded: Recorded) -> None:
    for flag in recorded.flags[:5]:
        flash(say(flag), "info")
    if recorded.kept:
        flash(
            ngettext("%(num)s reading is kept.", "%(num)s readings are kept.", recorded.kept),
            "success",
        )
    if recorded.repeated:
        flash(
            ngettext(
                "%(num)s reading was here already.",
                "%(num)s readings were here already.",
                recorded.repeated,
            ),
            "info",
        )


def _page(
    meter: Meter,
    form: ReadingForm,
    said: Sequence[MeterReading] = (),
    *,
    is_exact: bool = False,
) -> str:
    """The form; a box for date and time takes no seconds and no offset, so a moment that has them is shown as text."""
    form.reason.flags.required = bool(said)
    return render_template(
        "supplier/meters/reading.html",
        form=form,
        meter=meter,
        said=said,
        is_exact=is_exact,
        latest=() if said else meter_readings.latest_of(current_work(), meter, most=1),
    )


def _upload(form: ReadingsFileForm, problems: Sequence[Problem]) -> str:
    shown = [(each.field, say(each)) for each in problems[:MOST_SHOWN]]
    return render_template(
        "supplier/meters/upload.html", form=form, found=shown, count=len(problems)
    )
