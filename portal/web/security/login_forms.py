"""The login's forms: Flask-Security's, drawn like every other form of the portal and a little stricter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_security.forms import (
    ChangePasswordForm,
    IsString,
    LoginForm,
    TwoFactorRescueForm,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
)
from flask_security.recovery_codes import MfRecoveryForm
from wtforms import (
    EmailField,
    Field,
    HiddenField,
    PasswordField,
    RadioField,
    SelectChoice,
    StringField,
)
from wtforms.validators import InputRequired, Length, StopValidation

from portal.http import events
from portal.services import addresses
from portal.web import sessions
from portal.web.forms.accounts import LONGEST_TYPED
from portal.web.forms.fields import PortalForm
from portal.web.redirects import local_target
from portal.web.words import say

_PASSWORD = lazy_gettext("Password")


class EmailAddress:
    """Takes one address and leaves it in the form in which addresses are kept."""

    def __call__(self, form: Any, field: Field) -> None:
        """Normalise the address, or stop with what to do."""
        try:
            field.data = addresses.normalise(field.data)
        except addresses.NotAnAddress as error:
            raise StopValidation(say(error.problem)) from error


class LocalAddress(HiddenField):
    """Where to go afterwards: a path of this portal, or else nowhere in particular."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keep a path of this portal and drop everything else."""
        self.data = local_target(str(valuelist[0]) if valuelist else None, "")


def _typed_password(label: Any, missing: Any, autocomplete: str) -> PasswordField:
    return PasswordField(
        label,
        render_kw={"autocomplete": autocomplete},
        validators=[
            IsString(),
            InputRequired(missing),
            Length(
                max=LONGEST_TYPED, message=lazy_gettext("This is longer than any password can be")
            ),
        ],
    )


class LogIn(PortalForm, LoginForm):  # type: ignore[misc]  # the library has no types
    """E-mail and password."""

    email = EmailField(
        lazy_gettext("E-mail"),
        render_kw={"autocomplete": "username"},
        validators=[IsString(), InputRequired(lazy_gettext("Enter your e-mail")), EmailAddress()],
    )
    password = _typed_password(_PASSWORD, lazy_gettext("Enter your password"), "current-password")
    remember = None
    next = LocalAddress()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.next.data = local_target(self.next.data or None, "")
        self._mistyped: dict[str, Sequence[str]] = {}

    def validate(self, **kwargs: Any) -> bool:
        """Say what is mistyped beside its field, and about e-mail and password together only that they don't fit."""
        valid = bool(super().validate(**kwargs))
        if not valid and self.ifield is None:
            self._mistyped = {field.name: field.errors for field in self if field.errors}
        elif not valid and self.user is None:
            events.log("account.login_failed", account=None)  # of a known one the library tells
        return valid

    def in_own_words(self) -> None:
        """Put our words in the place of the library's, which blurs all errors alike."""
        if self._mistyped:
            self.form_errors = []
            for name, errors in self._mistyped.items():
                self[name].errors = errors
        elif self.form_errors:
            self.form_errors = [gettext("The e-mail or the password is not right.")]


class ConfirmPassword(PortalForm, VerifyForm):  # type: ignore[misc]  # the library has no types
    """The password once more, before something that matters."""

    password = _typed_password(_PASSWORD, lazy_gettext("Enter your password"), "current-password")
    next = LocalAddress()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.next.data = local_target(self.next.data or None, "")

    def validate(self, **kwargs: Any) -> bool:
        """Ask the library; a session that can do more from now on gets a new id."""
        valid = bool(super().validate(**kwargs))
        if valid:
            sessions.reissue()
        return valid


class ChangePassword(PortalForm, ChangePasswordForm):  # type: ignore[misc]  # the library has no types
    """The password as it is, and twice as it shall be."""

    password = _typed_password(
        lazy_gettext("Present password"),
        lazy_gettext("Enter your present password"),
        "current-password",
    )
    new_password = _typed_password(
        lazy_gettext("New password"), lazy_gettext("Enter a new password"), "new-password"
    )
    new_password_confirm = PasswordField(
        lazy_gettext("New password once more"),
        render_kw={"autocomplete": "new-password"},
        validators=[IsString(), InputRequired(lazy_gettext("Enter the new password once more"))],
    )

    def validate(self, **kwargs: Any) -> bool:
        """Compare both spellings before anything is normalised, then ask the library."""
        same = self.new_password.data == self.new_password_confirm.data
        valid = bool(super().validate(**kwargs))
        if valid and not same:
            self.new_password_confirm.errors = [lazy_gettext("The two new passwords differ")]
            return False
        return valid and current_user.is_authenticated


class EnterCode(PortalForm, TwoFactorVerifyCodeForm):  # type: ignore[misc]  # the library has no types
    """The six digits of the authenticator app."""

    code = StringField(
        lazy_gettext("Six-digit code"),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
        validators=[
            InputRequired(lazy_gettext("Enter the code that your authenticator app shows")),
            Length(max=20, message=lazy_gettext("The code has six digits")),
        ],
    )


class SetUpSecondFactor(PortalForm, TwoFactorSetupForm):  # type: ignore[misc]  # the library has no types
    """Switch it on with an authenticator app, or off."""

    setup = RadioField(
        choices=[SelectChoice("authenticator"), SelectChoice("disable")], validate_choice=False
    )


class AskForHelp(PortalForm, TwoFactorRescueForm):  # type: ignore[misc]  # the library has no types
    """What the library offers beside the code; our page has a link to the recovery codes instead."""

    help_setup = RadioField(choices=[SelectChoice("help")])


class EnterRecoveryCode(PortalForm, MfRecoveryForm):  # type: ignore[misc]  # the library has no types
    """One of the codes that were written down."""

    code = StringField(
        lazy_gettext("Recovery code"),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
        validators=[
            IsString(),
            InputRequired(lazy_gettext("Enter one of your recovery codes")),
            Length(max=60, message=lazy_gettext("A recovery code has fifteen letters and digits")),
        ],
    )
