"""Flask-Security as this portal uses it."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from flask import (
    Flask,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_security import Security
from itsdangerous import Signer

from portal.config.settings import Settings
from portal.intake.passwords import SHORTEST
from portal.resources import TRANSLATIONS
from portal.services import passwords
from portal.web.guard import FRESH, ask_for_password, ask_to_log_in
from portal.web.requests import current_account
from portal.web.security import passkeys, signals
from portal.web.security.datastore import RequestDatastore
from portal.web.security.login_forms import (
    AskForHelp,
    ChangePassword,
    ConfirmPassword,
    EnterCode,
    EnterRecoveryCode,
    LogIn,
    SetUpSecondFactor,
)
from portal.web.security.passwords import PortalPasswords
from portal.web.security.recovery import HashedRecoveryCodes
from portal.web.security.totp import OnceOnlyTotp

ADDRESSES = {
    "LOGIN_URL": "/login",
    "LOGOUT_URL": "/logout",
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "/login/code",
    "MULTI_FACTOR_RECOVERY_URL": "/login/recovery",
    "TWO_FACTOR_SELECT_URL": "/login/method",
    "TWO_FACTOR_RESCUE_URL": "/login/help",
    "VERIFY_URL": "/account/confirm",
    "CHANGE_URL": "/account/password",
    "TWO_FACTOR_SETUP_URL": "/account/two-factor",
    "MULTI_FACTOR_RECOVERY_CODES_URL": "/account/recovery-codes",
}

# The library gives each page several forms; the first of these is the one that the page is about.
FORMS = (
    "login_user_form",
    "logout_form",
    "verify_form",
    "change_password_form",
    "two_factor_setup_form",
    "two_factor_verify_code_form",
    "mf_recovery_form",
    "mf_recovery_codes_form",
)

ARGON2 = {
    "argon2__type": "ID",
    "argon2__memory_cost": passwords.MEMORY_KIB,
    "argon2__time_cost": passwords.PASSES,
    "argon2__parallelism": passwords.LANES,
}

# What we and the libraries sign (a visitor's cookie, the tokens of forms) would be signed with SHA-1 otherwise.
Signer.default_digest_method = staticmethod(hashlib.sha256)


def init_app(app: Flask, settings: Settings) -> Security:
    """Give the application its login."""
    app.config.update({f"SECURITY_{name}": value for name, value in _options(settings).items()})
    # Sessions know their owner by the table; comparing browser and address would log people out on the train.
    app.config["SESSION_PROTECTION"] = None
    security = Security(
        app,
        RequestDatastore(),
        login_form=LogIn,
        verify_form=ConfirmPassword,
        change_password_form=ChangePassword,
        two_factor_setup_form=SetUpSecondFactor,
        two_factor_verify_code_form=EnterCode,
        two_factor_rescue_form=AskForHelp,
        mf_recovery_form=EnterRecoveryCode,
        password_util_cls=PortalPasswords,
        totp_cls=OnceOnlyTotp,
        mf_recovery_codes_util_cls=HashedRecoveryCodes,
        render_template=_render,
    )
    # Its tokens in headers and addresses are a second way in that nobody here uses.
    security.login_manager.request_loader(lambda _request: None)
    security.principal.skip_static = True
    security.want_json(lambda asked: bool(asked.is_json))
    security.unauthn_handler(lambda *_args, **_kwargs: ask_to_log_in())
    security.reauthn_handler(lambda *_args, **_kwargs: ask_for_password())
    passkeys.init_app(app, security)
    signals.connect(app)
    app.before_request(_keep_session)
    return security


def _keep_session() -> ResponseReturnValue | None:
    """Lead whoever is in already away from the page of the second step.

    The library would end their session, and any site could make them go there by a link.
    """
    is_second_step = request.endpoint == "security.two_factor_token_validation"
    if not is_second_step or current_account() is None or "tf_totp_secret" in session:
        return None
    return redirect(url_for("account.home"), 303)


def _options(settings: Settings) -> dict[str, Any]:
    return {
        **ADDRESSES,
        "RETURN_GENERIC_RESPONSES": True,
        "CHANGEABLE": True,
        "TWO_FACTOR": True,
        "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,  # one step to either side
        "TWO_FACTOR_RESCUE_EMAIL": False,
        "TWO_FACTOR_POST_SETUP_VIEW": "account.home",
        "MULTI_FACTOR_RECOVERY_CODES": True,
        "MULTI_FACTOR_RECOVERY_CODES_N": 10,
        "TOTP_SECRETS": {"1": settings.totp_secret},
        "TOTP_ISSUER": settings.host,
        "PASSWORD_HASH": "argon2",
        "PASSWORD_SCHEMES": ["argon2"],
        "PASSWORD_HASH_PASSLIB_OPTIONS": ARGON2,
        "PASSWORD_SALT": settings.password_salt,
        "PASSWORD_LENGTH_MIN": SHORTEST,
        "PASSWORD_NORMALIZE_FORM": "NFKD",
        "SEND_PASSWORD_CHANGE_EMAIL": False,  # services/accounts.py writes the letter, into the outbox
        "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "EMAIL_HTML": False,
        "EMAIL_PLAINTEXT": False,
        "FRESHNESS": FRESH,
        "FRESHNESS_GRACE_PERIOD": timedelta(0),
        "API_ENABLED_METHODS": ["session"],
        "LOGOUT_METHODS": ["POST"],
        "LOGOUT_CSRF": True,
        "POST_LOGIN_VIEW": "/",
        "POST_LOGOUT_VIEW": "/login",
        "POST_CHANGE_VIEW": "account.home",
        "I18N_DIRNAME": ["builtin", str(TRANSLATIONS)],
        "CLI_USERS_NAME": "",
        "CLI_ROLES_NAME": "",
        "STATIC_FOLDER": None,
        "CACHE_CONTROL": None,  # headers.py says it for every page
    }


def _render(template: str, **context: Any) -> Response:
    """Draw a page of the login; what a person must put right is answered 422, and so nothing of it is kept."""
    form = next(context[name] for name in FORMS if name in context)
    if isinstance(form, LogIn):
        form.in_own_words()
    status = 422 if request.method == "POST" and form.errors else 200
    return make_response(render_template(template, form=form, **context), status)
