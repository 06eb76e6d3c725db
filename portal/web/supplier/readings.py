"""Who of the alliance has looked at this member's figures."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.services import members, readings
from portal.services.readings import ReadingRow
from portal.store.certificates import Certificate
from portal.store.evidence import Evidence
from portal.store.submissions import Submission
from portal.web.names import submission_kind_name
from portal.web.queries import page_number
from portal.web.requests import current_work
from portal.web.supplier import blueprint


@blueprint.get("/readings/")
def reading_list() -> ResponseReturnValue:
    """List who opened what, newest first."""
    work = current_work()
    page = readings.readings_of(work, members.own_member(work), page_number())
    return render_template("supplier/readings/list.html", page=page, what=_what)


def _what(row: ReadingRow) -> str:
    """What was opened, in words; of a removed file there is no name left."""
    match row.reading.kind, row.thing:
        case "bundle", Submission() as submission:
            return gettext("Evidence bundle: %(what)s", what=_named(submission))
        case _, Submission() as submission:
            return _named(submission)
        case "report", Certificate() as certificate:
            return gettext("Report beside certificate %(number)s", number=certificate.number)
        case _, Certificate() as certificate:
            return gettext("Certificate %(number)s", number=certificate.number)
        case _, Evidence() as file:
            return gettext("Evidence file %(name)s", name=file.name)
        case "evidence", _:
            return gettext("An evidence file that has been removed since")
        case _:
            return gettext("Your organisation’s page with its years and totals")


def _named(submission: Submission) -> str:
    return gettext(
        "%(kind)s %(year)s, version %(number)s",
        kind=submission_kind_name(submission.kind),
        year=submission.year,
        number=submission.number,
    )
