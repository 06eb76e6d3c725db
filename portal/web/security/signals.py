"""What follows from a login and from changes of password and second factor: ledger, letters, sessions, log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, after_this_request, current_app, request
from flask_login import user_logged_out
from flask_security import (
    password_changed,
    tf_disabled,
    tf_profile_changed,
    user_authenticated,
    user_failed_authn,
)
from sqlalchemy import inspect

from portal.domain.actors import Role
from portal.http import events
from portal.mail.kinds import SecondFactorChange
from portal.services import accounts, second_factors
from portal.services import sessions as session_verbs
from portal.store.accounts import Account
from portal.web import devices, sessions
from portal.web.requests import actor_of, current_work


def connect(app: Flask) -> None:
    """Listen to this application's login."""
    user_authenticated.connect(_logged_in, app)
    user_logged_out.connect(_logged_out, app)
    user_failed_authn.connect(_failed, app)
    password_changed.connect(_password_changed, app)
    tf_profile_changed.connect(_second_factor_set, app)
    tf_disabled.connect(_second_factor_removed, app)


def owner_of(account: Account) -> sessions.Owner:
    """Whose session it is, and how long it may lie idle: half as long where more can be broken."""
    is_administrator = Role.ADMINISTRATOR in accounts.roles_of(account)
    return sessions.Owner(
        account.id,
        sessions.IDLE_MINUTES_ADMINISTRATOR if is_administrator else sessions.IDLE_MINUTES,
    )


def _logged_in(app: Flask, user: Account, authn_via: Sequence[str] | None, **_: Any) -> None:
    sessions.renew(owner_of(user))
    work = current_work()
    work.actor, work.actor_uid = actor_of(user), str(user.uid)
    session_verbs.note_login(work, user, device=devices.describe())
    # The library names no means after a second step; the endpoint beside it says which step that was.
    means = authn_via[0] if authn_via else "second_factor"
    events.log("account.logged_in", account=str(user.uid), means=means)
    if request.endpoint == "security.two_factor_token_validation":
        current_app.extensions["security"].totp_factory.seal_anew(user)


def _logged_out(app: Flask, user: Account, **_: Any) -> None:
    sessions.end()
    events.log("account.logged_out", account=str(user.uid))

    @after_this_request
    def forget(response: Response) -> Response:
        # Back must not show on a shared computer what was open before.
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


def _failed(app: Flask, user: Account, auth_type: str, tfa: bool, **_: Any) -> None:
    events.log("account.login_failed", account=str(user.uid), means=auth_type, second_factor=tfa)


def _password_changed(app: Flask, user: Account, **_: Any) -> None:
    accounts.note_new_password(current_work(), user, device=devices.describe())


def _second_factor_set(app: Flask, user: Account, **_: Any) -> None:
    previous = inspect(user).attrs.tf_totp_secret.history.deleted
    change = SecondFactorChange.REPLACED if any(previous or ()) else SecondFactorChange.ON
    second_factors.note_change(current_work(), user, change, device=devices.describe())


def _second_factor_removed(app: Flask, user: Account, **_: Any) -> None:
    second_factors.note_change(
        current_work(), user, SecondFactorChange.OFF, device=devices.describe()
    )
