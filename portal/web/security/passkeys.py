"""Passkeys in the login: the second step that Flask-Security asks for, and the challenge that is good for one answer."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import Security, login_user
from flask_security.tf_plugin import TfPluginBase
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from portal.services.passkeys import CHALLENGE_BYTES, Site
from portal.store import passkeys
from portal.store.accounts import Account
from portal.web.redirects import local_target
from portal.web.requests import current_work, database_session, moment, wiring

_KEY = "passkey"
SECONDS = 300


class PasskeyStep(TfPluginBase):  # type: ignore[misc]  # the library has no types
    """The second step of accounts that have a passkey and no authenticator app; with an app its page leads here."""

    def create_blueprint(self, app: Flask, bp: Any, state: Security) -> None:
        """Our pages stand in the account blueprint."""

    def get_setup_methods(self, user: Account) -> list[tuple[str, str]]:
        """Name the method where it is the only one: the library's page to choose between two is switched off."""
        if user.tf_primary_method is None and passkeys.count_of(database_session(), user.id):
            return [("passkey", "passkey")]
        return []

    def tf_login(
        self, user: Account, json_payload: dict[str, Any], next_loc: str | None
    ) -> ResponseReturnValue:
        """Send the person on to the page that asks for the passkey."""
        session["tf_state"] = "ready"
        return redirect(
            url_for("account.passkey_login", next=local_target(next_loc, "") or None), 303
        )


def init_app(app: Flask, security: Security) -> None:
    """Add the step to the login."""
    security.two_factor_plugins.register_tf_impl(app, "passkey", PasskeyStep)


def site() -> Site:
    """For which portal keys are made; from the settings and never from the request."""
    settings = wiring().settings
    parts = urlsplit(settings.base_url)
    return Site(settings.host, f"{parts.scheme}://{parts.netloc}", settings.host)


def are_offered() -> bool:
    """Whether browsers make passkeys for this portal: they want a name, and https unless it is this very machine."""
    settings = wiring().settings
    try:
        ipaddress.ip_address(settings.host)
    except ValueError:
        return settings.is_https or settings.host == "localhost"
    return False


def new_challenge(purpose: str) -> bytes:
    """A new challenge for one answer of this session, in the place of any earlier one."""
    challenge = current_work().random_bytes(CHALLENGE_BYTES)
    session[_KEY] = {
        "purpose": purpose,
        "challenge": bytes_to_base64url(challenge),
        "made_at": int(moment().timestamp()),
    }
    return challenge


def take_challenge(purpose: str) -> bytes | None:
    """The challenge of this session, which is used up by asking for it; None without a recent one for this purpose."""
    kept = session.pop(_KEY, None)
    if kept is None or kept["purpose"] != purpose:
        return None
    age = moment().timestamp() - kept["made_at"]
    return base64url_to_bytes(kept["challenge"]) if 0 <= age <= SECONDS else None


def half_way() -> Account | None:
    """Who gave the right password in this session and owes the second step; None for everybody else."""
    if session.get("tf_state") != "ready":
        return None
    found = current_app.extensions["security"].datastore.find_user(
        fs_uniquifier=session.get("tf_user_id", "")
    )
    return found if found is not None and found.active else None


def let_in(account: Account) -> None:
    """Log in whoever's key answered."""
    if half_way() is not None:
        current_app.extensions["security"].two_factor_plugins.tf_complete(account, True)
    else:
        login_user(account, authn_via=["passkey"])
