"""The password once more for something that was sent already: asked on a page that keeps what was typed, then done."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length, ValidationError

from portal.http import events
from portal.services import passwords
from portal.web import sessions
from portal.web.forms.accounts import LONGEST_TYPED
from portal.web.forms.fields import CSRF_FIELD, PortalForm
from portal.web.redirects import local_target
from portal.web.requests import current_account, moment

PREFIX = "step-up"
FIELD = f"{PREFIX}-password"  # no field of another form has this name


class StepUpForm(PortalForm):
    """The password of whoever is logged in."""

    password = PasswordField(
        lazy_gettext("Password"),
        validators=[
            InputRequired(lazy_gettext("Enter your password")),
            Length(
                max=LONGEST_TYPED, message=lazy_gettext("This is longer than any password can be")
            ),
        ],
    )

    def validate_password(self, field: Any) -> None:
        """Ask the account; what is wrong is counted by the throttle like every other wrong password."""
        account = current_account()
        typed = passwords.normalise(field.data)
        if account is None or not account.verify_and_update_password(typed):
            events.log("account.step_up_failed", account=str(account.uid) if account else None)
            raise ValidationError(lazy_gettext("This is not your password"))


def is_given() -> bool:
    """Tell whether this request carries the password beside what it asks for."""
    return request.method == "POST" and FIELD in request.form


def confirm() -> ResponseReturnValue | None:
    """Ask for the password on a page that carries along all that was sent; None once the right one came with it."""
    form = StepUpForm(prefix=PREFIX)
    if is_given() and form.validate():
        session["fs_paa"] = moment().timestamp()
        sessions.reissue()
        return None
    page = render_template(
        "security/step_up.html",
        form=form,
        sent=_sent(),
        way_back=local_target((request.referrer or "").removeprefix(request.host_url[:-1])),
    )
    return make_response(page, 422 if is_given() else 401)


def _sent() -> list[tuple[str, str]]:
    """What was sent, to be sent again with the password."""
    return [
        (name, value)
        for name, values in request.form.lists()
        if name not in (CSRF_FIELD, FIELD)
        for value in values
    ]
