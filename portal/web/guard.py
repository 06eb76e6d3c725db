"""The guard: asks the access table before every view, and sends people to the login, the password or the second factor."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, abort, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.domain.actors import ALLIANCE_ROLES, Actor
from portal.domain.permissions import may
from portal.domain.refusals import Forbidden, NotFound
from portal.http import clock, events
from portal.services import second_factors
from portal.services.work import Work
from portal.store.sessions import is_alive
from portal.web import sessions, step_up
from portal.web.access import ACCESS, Access, Kind
from portal.web.redirects import local_target
from portal.web.requests import (
    READING_METHODS,
    actor_of,
    current_account,
    current_actor,
    current_work,
    moment,
    wiring,
)

FRESH = timedelta(minutes=10)
OWN_MEMBER = "supplier"  # the blueprint of pages about the actor's own member


def init_app(app: Flask) -> None:
    """Ask the table before every view."""
    app.before_request(_guard)


def check_table(app: Flask) -> None:
    """Refuse to start with a route that has no row, a row that has no route, or an id that is not a UUID."""
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    if missing := sorted(routes - ACCESS.keys()):
        raise LookupError(f"routes without a row in the access table: {', '.join(missing)}")
    if stale := sorted(ACCESS.keys() - routes):
        raise LookupError(f"rows of the access table without a route: {', '.join(stale)}")
    if heavy := sorted(name for name, row in ACCESS.items() if row.fresh and row.upload):
        raise LookupError(f"a file can't be carried along while the password is asked: {heavy}")
    for rule in app.url_map.iter_rules():
        if loose := rule.arguments - ACCESS[rule.endpoint].objects.keys() - {"filename"}:
            raise LookupError(f"{rule}: the access table doesn't say what {sorted(loose)} names")


def _guard() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None  # no such address: Flask answers 404 or 405
    access = ACCESS[request.endpoint]
    match access.kind:
        case Kind.PUBLIC:
            return None
        case Kind.CLOSED:
            raise NotFound()
        case Kind.LOGGED_IN | Kind.PERMITTED:
            return _guard_person(access, current_actor())


def _guard_person(access: Access, actor: Actor) -> ResponseReturnValue | None:
    if actor.is_stranger:
        events.log("refused", status=401, code="login.lacking")
        return ask_to_log_in()
    if access.permission is not None:
        verdict = may(actor, access.permission, actor.member_id)
        if not verdict or (is_about_own_member() and actor.member_id is None):
            raise Forbidden("permission.lacking")
    if access.kind is Kind.PERMITTED and lacks_second_factor(actor):
        return _ask_for_second_factor()
    if access.fresh and not is_fresh():
        return ask_for_password() if request.method in READING_METHODS else step_up.confirm()
    return None


def demand_still_in() -> None:
    """Refuse what a view has done after something slow, unless its actor is in as it was when the request began.

    Looking into files takes long enough for a session to be ended and for an account to lose its roles.
    """
    work: Work | None = g.get("work")
    if work is None or not work.was_released or work.actor.is_stranger:
        return
    row, account = sessions.current().row, current_account()
    if row is None or account is None or not is_alive(work.session, row.id, clock.now()):
        events.log("refused", status=401, code="login.lacking")
        abort(401)
    work.session.refresh(account)
    if not account.active or actor_of(account) != work.actor:
        raise Forbidden("permission.lacking")


def is_about_own_member() -> bool:
    """Tell whether this page is about the actor's own member, which the alliance's people don't have."""
    return request.blueprint == OWN_MEMBER


def lacks_second_factor(actor: Actor) -> bool:
    """Tell whether a person of the alliance must set up a second factor first; the demo does without."""
    account = current_account()
    is_wanted = bool(actor.roles & ALLIANCE_ROLES) and not wiring().settings.demo
    return is_wanted and account is not None and not second_factors.is_set(current_work(), account)


def _ask_for_second_factor() -> ResponseReturnValue:
    events.log("refused", status=403, code="second_factor.lacking")
    if request.method not in ("GET", "HEAD"):
        abort(403)
    flash(
        gettext(
            "People of the alliance see every supplier's data, so they need a second factor first."
        ),
        "warning",
    )
    return redirect(url_for("security.two_factor_setup"), 303)


def is_fresh() -> bool:
    """Tell whether the password was given within the last ten minutes."""
    given = session.get("fs_paa", 0)
    return 0 <= moment().timestamp() - given < FRESH.total_seconds()


def ask_to_log_in() -> ResponseReturnValue:
    """Send a reader to the login and back; whoever sends something gets 401, since it can't be sent again for them."""
    if request.method not in ("GET", "HEAD"):
        abort(401)
    return _detour("security.login")


def ask_for_password() -> ResponseReturnValue:
    """Send the person to confirm the password, and back to the page (of a form: to the form)."""
    return _detour("security.verify")


def _detour(endpoint: str) -> ResponseReturnValue:
    address = url_for(endpoint, next=_way_back())
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": address}
    return redirect(address, 303)


def _way_back() -> str:
    """This page, or the page whose form was sent: what was sent can't be sent again for them."""
    if request.method in ("GET", "HEAD"):
        return request.full_path.rstrip("?")
    return local_target((request.referrer or "").removeprefix(request.host_url[:-1]))
