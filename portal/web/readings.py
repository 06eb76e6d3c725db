"""Notes who of the alliance opened a member's figures, so that the member can be told.

It is the one thing besides a session's last use, and counted attempts, that opening a page writes: in a short
transaction of its own, when the request's is over and before the answer leaves, so that nobody waits for a reader.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import Flask, Response, request
from sqlalchemy.exc import SQLAlchemyError

from portal.http import events
from portal.services import readings
from portal.store.sight import EVERYBODY
from portal.web import sessions
from portal.web.requests import moment, wiring


@dataclass(frozen=True, slots=True)
class Shows:
    """What a page shows of one member: the kind of reading, and which part of its address names the thing."""

    kind: str
    argument: str


# Lists in which a member is one of many are not here: they would bury what was opened on purpose.
SHOWS: dict[str, Shows] = {
    "coordinator.member_page": Shows("member", "member"),
    "coordinator.edition_member": Shows("member", "member"),
    "coordinator.submission_review": Shows("submission", "submission"),
    "coordinator.submission_line": Shows("submission", "submission"),
    "coordinator.submission_return_form": Shows("submission", "submission"),
    "coordinator.submission_bundle": Shows("bundle", "submission"),
    "coordinator.evidence_file": Shows("evidence", "evidence"),
    "coordinator.certificate_document": Shows("certificate", "certificate"),
    "coordinator.certificate_report": Shows("report", "certificate"),
}


def init_app(app: Flask) -> None:
    """Note readings after everything else; registered before the owner of the request's transaction."""
    app.after_request(_note)


def _note(response: Response) -> Response:
    shows = SHOWS.get(request.endpoint or "")
    is_shown = request.method in ("GET", "POST") and response.status_code == 200
    if shows is None or not is_shown:
        return response
    row = sessions.current().row
    thing = (request.view_args or {})[shows.argument]
    if row is None or row.account_id is None:
        return response
    try:
        with wiring().database.writing(EVERYBODY) as session:
            readings.note(session, row.account_id, shows.kind, thing, moment())
            session.commit()
    except SQLAlchemyError as error:
        # The answer is ready; the log keeps what the table couldn't.
        events.log(
            "reading.not_noted",
            level=logging.ERROR,
            error=type(error).__name__,
            reader=row.account_id,
            what=shows.kind,
            thing=str(thing),
        )
    return response
