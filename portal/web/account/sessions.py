"""One's own sessions: where one is logged in, and how to end that."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.services import sessions as verbs
from portal.web import sessions
from portal.web.account import blueprint
from portal.web.account.home import own
from portal.web.requests import current_work


@blueprint.get("/account/sessions", endpoint="sessions")
def list_sessions() -> ResponseReturnValue:
    """List where this account is logged in."""
    work = current_work()
    row = sessions.current().row
    return render_template(
        "account/sessions.html",
        found=verbs.own_sessions(work, own()),
        own_uid=row.uid if row else None,
    )


@blueprint.post("/account/sessions/<uuid:session>/end")
def end_session(session: UUID) -> ResponseReturnValue:
    """End one of one's own sessions."""
    verbs.end_session(current_work(), own(), session)
    flash(gettext("The session has been ended."), "success")
    return redirect(url_for(".sessions"), 303)


@blueprint.post("/account/sessions/end-others")
def end_other_sessions() -> ResponseReturnValue:
    """End all of one's own sessions but this one."""
    row = sessions.current().row
    verbs.end_other_sessions(current_work(), own(), row.uid if row else None)
    flash(gettext("All other sessions have been ended."), "success")
    return redirect(url_for(".sessions"), 303)
