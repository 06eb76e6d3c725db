"""Who may open which page: one table with a row for every route, and the guard that applies it before each view.

A page of one's own is added here first. `needs(Permission.…)` asks whether the actor's roles hold the permission at
all; which member's things the actor may see is decided where the thing is looked up, by the service, with the member
in the question. So a foreign id is answered exactly like an unknown one, and a role that lacks the permission never
learns whether the thing exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from flask import Flask, abort, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.domain.actors import ALLIANCE_ROLES, Actor
from portal.domain.permissions import Permission, may
from portal.domain.refusals import Forbidden, NotFound
from portal.web import events
from portal.web.redirects import local_target
from portal.web.requests import current_account, current_actor, moment, wiring

FRESH = timedelta(minutes=10)


class Kind(StrEnum):
    """Whom a page is for, before any permission is asked."""

    PUBLIC = "public"
    LOGGED_IN = "logged_in"
    PERMITTED = "permitted"
    CLOSED = "closed"  # a route of a library that this portal doesn't offer: answered like no route at all


@dataclass(frozen=True, slots=True)
class Access:
    """The decision about one route.

    `objects` says what each id in its address names (`{"site": "site"}`: argument → kind of thing); `own` marks a page
    about the actor's own member, which alliance people don't have. `fresh` asks for a password not older than ten
    minutes, `upload` lets 25 MiB in, `takes_json` lets JSON in, `several` names query parameters that may repeat.
    """

    kind: Kind
    permission: Permission | None = None
    objects: Mapping[str, str] = field(default_factory=dict)
    own: bool = False
    fresh: bool = False
    upload: bool = False
    takes_json: bool = False
    several: frozenset[str] = frozenset()
    changes_nothing: bool = False


def public(
    *,
    takes_json: bool = False,
    upload: bool = False,
    changes_nothing: bool = False,
    **objects: str,
) -> Access:
    """Anybody may open it; a form that `changes_nothing` needs no token, so its page sets no cookie."""
    return Access(
        Kind.PUBLIC,
        objects=objects,
        takes_json=takes_json,
        upload=upload,
        changes_nothing=changes_nothing,
    )


def logged_in(*, takes_json: bool = False, fresh: bool = False, **objects: str) -> Access:
    """Everybody who is logged in may open it."""
    return Access(Kind.LOGGED_IN, objects=objects, takes_json=takes_json, fresh=fresh)


def needs(
    permission: Permission,
    *,
    fresh: bool = False,
    upload: bool = False,
    several: frozenset[str] = frozenset(),
    **objects: str,
) -> Access:
    """Whoever holds the permission may open it; a member permission without any object is about one's own member."""
    own = permission.value.startswith("member:") and not objects
    return Access(
        Kind.PERMITTED,
        permission,
        objects=objects,
        own=own,
        fresh=fresh,
        upload=upload,
        several=several,
    )


def closed() -> Access:
    """Nobody may open it: it is answered as if it were not there."""
    return Access(Kind.CLOSED)


P = Permission

ACCESS: dict[str, Access] = {
    "static": public(),
    # Logging in, by Flask-Security
    "security.login": public(takes_json=True),
    "security.logout": public(takes_json=True),
    "security.two_factor_token_validation": public(takes_json=True),
    "security.two_factor_setup": public(),
    "security.mf_recovery": public(takes_json=True),
    "security.verify": logged_in(takes_json=True),
    "security.change_password": logged_in(takes_json=True),
    "security.two_factor_setup_validate": logged_in(token="setup_token"),
    "security.mf_recovery_codes": logged_in(fresh=True),
    "security.two_factor_rescue": closed(),
    "security.tf_select": closed(),
    # Everybody's own pages
    "language.switch": public(code="word"),
    "public.start": public(),
    "public.verify_start": public(changes_nothing=True),
    "public.verify": public(number="certificate_number"),
    "public.verify_file": public(upload=True, changes_nothing=True, number="certificate_number"),
    "account.forgotten": public(),
    "account.reset": public(token="secret"),
    "account.invitation": public(token="secret"),
    "account.home": logged_in(),
    "account.describe": logged_in(),
    "account.sessions": logged_in(),
    "account.end_session": logged_in(session="session"),
    "account.end_other_sessions": logged_in(),
    # A supplier's own work
    "supplier.home": needs(P.MEMBER_INVENTORY_READ),
    "supplier.set_up": needs(P.MEMBER_PROFILE_READ),
    "supplier.set_up_step": needs(P.MEMBER_PROFILE_EDIT, step="word"),
    "supplier.set_up_answer": needs(P.MEMBER_PROFILE_EDIT, step="word"),
    "supplier.site_list": needs(P.MEMBER_PROFILE_READ),
    "supplier.site_add_form": needs(P.MEMBER_PROFILE_EDIT),
    "supplier.site_add": needs(P.MEMBER_PROFILE_EDIT),
    "supplier.site_page": needs(P.MEMBER_PROFILE_EDIT, site="site"),
    "supplier.site_change": needs(P.MEMBER_PROFILE_EDIT, site="site"),
    "supplier.site_close": needs(P.MEMBER_PROFILE_EDIT, site="site"),
    "supplier.site_open": needs(P.MEMBER_PROFILE_EDIT, site="site"),
    "supplier.inventory_page": needs(P.MEMBER_SUBMISSION_READ, year="year"),
    "supplier.submission_check": needs(P.MEMBER_INVENTORY_READ, year="year"),
    "supplier.submission_submit": needs(P.MEMBER_SUBMISSION_SUBMIT, year="year"),
    "supplier.submission_withdraw_form": needs(P.MEMBER_SUBMISSION_SUBMIT, year="year"),
    "supplier.submission_withdraw": needs(P.MEMBER_SUBMISSION_SUBMIT, year="year"),
    "supplier.questions": needs(P.MEMBER_INVENTORY_READ, year="year"),
    "supplier.question_answer": needs(P.MEMBER_FINDING_ANSWER, year="year", finding="finding"),
    "supplier.certificate_table": needs(P.MEMBER_CERTIFICATE_READ),
    "supplier.certificate_document": needs(P.MEMBER_CERTIFICATE_READ, certificate="certificate"),
    "supplier.certificate_report": needs(P.MEMBER_CERTIFICATE_READ, certificate="certificate"),
    "supplier.certificate_report_request": needs(
        P.MEMBER_CERTIFICATE_READ, certificate="certificate"
    ),
    # Looking after the alliance
    "coordinator.dashboard": needs(P.ALLIANCE_PORTFOLIO_READ),
    "coordinator.member_table": needs(P.ALLIANCE_MEMBER_READ),
    "coordinator.member_page": needs(P.ALLIANCE_MEMBER_READ, member="member"),
    "coordinator.member_remind": needs(P.ALLIANCE_REMINDER_SEND, member="member"),
    "coordinator.submission_list": needs(P.ALLIANCE_SUBMISSION_READ),
    "coordinator.submission_review": needs(P.ALLIANCE_SUBMISSION_READ, submission="submission"),
    "coordinator.submission_line": needs(
        P.ALLIANCE_SUBMISSION_READ, submission="submission", line="frozen_line"
    ),
    "coordinator.submission_return_form": needs(
        P.ALLIANCE_SUBMISSION_DECIDE, submission="submission"
    ),
    "coordinator.submission_return": needs(P.ALLIANCE_SUBMISSION_DECIDE, submission="submission"),
    "coordinator.submission_approve": needs(P.ALLIANCE_SUBMISSION_DECIDE, submission="submission"),
    "coordinator.submission_reopen": needs(P.ALLIANCE_SUBMISSION_DECIDE, submission="submission"),
    "coordinator.finding_add": needs(P.ALLIANCE_FINDING_WRITE, submission="submission"),
    "coordinator.finding_remove": needs(
        P.ALLIANCE_FINDING_WRITE, submission="submission", finding="finding"
    ),
    "coordinator.finding_settle": needs(
        P.ALLIANCE_FINDING_WRITE, submission="submission", finding="finding"
    ),
    "coordinator.certificate_table": needs(P.ALLIANCE_CERTIFICATE_READ),
    "coordinator.certificate_document": needs(
        P.ALLIANCE_CERTIFICATE_READ, certificate="certificate"
    ),
    "coordinator.certificate_report": needs(
        P.ALLIANCE_CERTIFICATE_READ, certificate="certificate"
    ),
    "coordinator.certificate_report_request": needs(
        P.ALLIANCE_CERTIFICATE_READ, certificate="certificate"
    ),
    "coordinator.certificate_revoke_form": needs(
        P.ALLIANCE_CERTIFICATE_REVOKE, fresh=True, certificate="certificate"
    ),
    "coordinator.certificate_revoke": needs(
        P.ALLIANCE_CERTIFICATE_REVOKE, fresh=True, certificate="certificate"
    ),
    "coordinator.ledger_list": needs(P.ALLIANCE_LEDGER_READ),
    # People
    "coordinator.invitation_table": needs(P.ALLIANCE_MEMBER_INVITE, member="member"),
    "coordinator.invitation_send": needs(P.ALLIANCE_MEMBER_INVITE, member="member"),
    "coordinator.invitation_resend": needs(P.ALLIANCE_MEMBER_INVITE, invitation="invitation"),
    "coordinator.invitation_revoke": needs(P.ALLIANCE_MEMBER_INVITE, invitation="invitation"),
    "administrator.invitation_table": needs(P.ALLIANCE_ACCOUNT_EDIT),
    "administrator.invitation_send": needs(P.ALLIANCE_ACCOUNT_EDIT, fresh=True),
    "administrator.invitation_resend": needs(
        P.ALLIANCE_ACCOUNT_EDIT, fresh=True, invitation="alliance_invitation"
    ),
    "administrator.invitation_revoke": needs(
        P.ALLIANCE_ACCOUNT_EDIT, invitation="alliance_invitation"
    ),
    "administrator.account_table": needs(P.ALLIANCE_ACCOUNT_READ),
    "administrator.account_page": needs(P.ALLIANCE_ACCOUNT_READ, account="account"),
    "administrator.account_roles": needs(P.ALLIANCE_ACCOUNT_EDIT, fresh=True, account="account"),
    "administrator.account_disable": needs(P.ALLIANCE_ACCOUNT_EDIT, fresh=True, account="account"),
    "administrator.account_enable": needs(P.ALLIANCE_ACCOUNT_EDIT, fresh=True, account="account"),
    "administrator.account_second_factor_remove": needs(
        P.ALLIANCE_ACCOUNT_EDIT, fresh=True, account="account"
    ),
    "administrator.job_table": needs(P.ALLIANCE_JOB_READ),
    "administrator.job_retry": needs(P.ALLIANCE_JOB_RETRY, job="job"),
}


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
        return ask_to_log_in()
    if access.permission is not None:
        verdict = may(actor, access.permission, actor.member_id)
        if not verdict or (access.own and actor.member_id is None):
            events.log(
                "access.refused", permission=access.permission.value, reason=verdict.reason.value
            )
            raise Forbidden("permission.lacking")
    if access.kind is Kind.PERMITTED and lacks_second_factor(actor):
        return _ask_for_second_factor()
    if access.fresh and not is_fresh():
        return ask_for_password()
    return None


def lacks_second_factor(actor: Actor) -> bool:
    """Tell whether a person of the alliance must set up a second factor first; the demo does without."""
    account = current_account()
    is_wanted = bool(actor.roles & ALLIANCE_ROLES) and not wiring().settings.demo
    return is_wanted and account is not None and account.tf_primary_method is None


def _ask_for_second_factor() -> ResponseReturnValue:
    if request.method not in ("GET", "HEAD"):
        abort(403)
    flash(gettext("People of the alliance see every supplier's data, so they need a second factor first."), "warning")
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
