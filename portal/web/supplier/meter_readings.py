"""Readings that people bring: one in front of the meter, or a file of many."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from io import TextIOWrapper
from typing import IO
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.calculation.problems import CalculationError, Problem
from portal.domain.meters import Door
from portal.intake.raw import RawLine
from portal.intake.reading_files import read_file
from portal.services import members, meter_readings
from portal.services.meter_readings import Recorded
from portal.store.meters import Meter
from portal.web.forms.lines import number_locale
from portal.web.forms.meters import ReadingForm, ReadingsFileForm, local_minute
from portal.web.requests import current_work
from portal.web.supplier import blueprint
from portal.web.supplier.meters import own_meter
from portal.web.words import say

FIELDS = ("ts", "value", "start", "reason")
# What a person mends before trying again; the file has more of the same kind.
MOST_SHOWN = 50
_BLOCK = 1024 * 1024


@blueprint.get("/meters/<uuid:meter>/readings/new")
def meter_reading_form(meter: UUID) -> ResponseReturnValue:
    """Ask for one reading, now as a rule."""
    found = own_meter(meter)
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
        form.attach(recorded.problems)
        return _page(found, form), 422
    _tell(recorded)
    return redirect(url_for(".meter_page", meter=meter), 303)


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
        with ExitStack() as stack:
            recorded = meter_readings.record_file(
                work,
                members.own_member(work),
                _rows(stack, sent.stream),
                door=Door.FILE,
                locale=number_locale(),
                is_local=True,
            )
    except CalculationError as refused:
        form.file.errors = [say(refused.problem)]
        return _upload(form, ()), 422
    if not recorded.is_kept:
        return _upload(form, recorded.problems), 422
    _tell(recorded)
    return redirect(url_for(".meter_list"), 303)


def _rows(stack: ExitStack, stream: IO[bytes]) -> Iterator[RawLine]:
    """The file's readings, one after the other; a file that is not UTF-8 is read as Chinese Windows writes it."""
    encoding = "utf-8-sig" if _is_utf8(stream) else "gb18030"
    reader = TextIOWrapper(stream, encoding, errors="replace", newline="")  # type: ignore[type-var]  # a spooled file is one
    stack.callback(reader.detach)
    return read_file(line.replace("\x00", "\ufffd") for line in reader)


def _is_utf8(stream: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := stream.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        stream.seek(0)
    return True


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


def _page(meter: Meter, form: ReadingForm) -> str:
    return render_template(
        "supplier/meters/reading.html",
        form=form,
        meter=meter,
        latest=meter_readings.latest_of(current_work(), meter, most=1),
    )


def _upload(form: ReadingsFileForm, problems: Sequence[Problem]) -> str:
    shown = [(each.field, say(each)) for each in problems[:MOST_SHOWN]]
    return render_template(
        "supplier/meters/upload.html", form=form, found=shown, count=len(problems)
    )
