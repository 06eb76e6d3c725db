"""Forms about accounts: one's own, new passwords, invitations and what an administrator decides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext
from wtforms import (
    EmailField,
    Field,
    HiddenField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.domain.actors import ROLE_NAMES, Role
from portal.intake.texts import read_short_text
from portal.services import addresses, passwords
from portal.web.forms.fields import PortalForm, choices, required, short_text
from portal.web.words import say

# Refused before anything is done with it, hashing above all.
LONGEST_TYPED = 1024
# What a browser answers for a passkey; with a certificate of its maker it is a few kilobytes.
LONGEST_CREDENTIAL = 20_000
LANGUAGES = (("zh_Hans_CN", "简体中文"), ("en", "English"))


class NameField(StringField):
    """A person's name: one line of text; what intake keeps of it is what is stored."""

    def post_validate(self, form: object, validation_stopped: bool) -> None:
        """Read what was typed with the one parser; a refused text stays in the box."""
        if validation_stopped:
            return
        read = read_short_text(self.data, field=self.name)
        if read.problems:
            raise ValidationError(say(read.problems[0]))
        self.data = read.value


class AddressField(EmailField):
    """One e-mail address, left in the form in which addresses are kept."""

    def post_validate(self, form: object, validation_stopped: bool) -> None:
        """Normalise the address, or say what to do."""
        if validation_stopped:
            return
        try:
            self.data = addresses.normalise(self.data or "")
        except addresses.NotAnAddress as error:
            raise ValidationError(say(error.problem)) from error


class RolesField(SelectMultipleField):
    """Some of the six roles, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def offer(self, roles: Iterable[Role]) -> None:
        """Offer these roles, in the order of the table."""
        offered = set(roles)
        self.choices = choices(
            [
                (role.value, lazy_gettext(name))
                for role, name in ROLE_NAMES.items()
                if role in offered
            ]
        )

    def chosen(self) -> frozenset[Role]:
        """The roles that were ticked."""
        return frozenset(Role(value) for value in self.data or ())


def _language_field() -> RadioField:
    return RadioField(
        lazy_gettext("Language"),
        choices=choices(LANGUAGES),
        validators=[required(lazy_gettext("Choose a language"))],
    )


def _new_password(label: Any) -> PasswordField:
    return PasswordField(
        label,
        render_kw={"autocomplete": "new-password"},
        validators=[
            required(lazy_gettext("Choose a password")),
            Length(
                max=LONGEST_TYPED, message=lazy_gettext("This is longer than any password can be")
            ),
        ],
    )


class OwnAccountForm(PortalForm):
    """Name and language of one's own account."""

    name = NameField(lazy_gettext("Name"), [required(lazy_gettext("Enter your name"))])
    language = _language_field()


class ForgottenForm(PortalForm):
    """Where the letter with the link should go."""

    email = AddressField(
        lazy_gettext("E-mail"),
        [required(lazy_gettext("Enter your e-mail"))],
        render_kw={"autocomplete": "username"},
    )


class NewPasswordForm(PortalForm):
    """A new password, twice; `context` holds words that belong to the person and make bad passwords."""

    context: tuple[str, ...] = ()

    password = _new_password(lazy_gettext("New password"))
    again = PasswordField(
        lazy_gettext("New password once more"),
        [required(lazy_gettext("Enter the new password once more"))],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_password(self, field: Field) -> None:
        """Apply the portal's rules for passwords."""
        for problem in passwords.check_password(field.data, self.context):
            raise ValidationError(say(problem))

    def validate_again(self, field: Field) -> None:
        """Both must be the same, or one was mistyped."""
        if field.data != self.password.data:
            raise ValidationError(lazy_gettext("The two passwords differ"))


class AcceptanceForm(NewPasswordForm):
    """What an invited person says: name, language and a password."""

    name = NameField(
        lazy_gettext("Your name"),
        [required(lazy_gettext("Enter your name"))],
        render_kw={"autocomplete": "name"},
    )
    language = _language_field()


class InvitationForm(PortalForm):
    """Whom to invite, in which language, as what."""

    email = AddressField(lazy_gettext("E-mail"), [required(lazy_gettext("Enter an e-mail"))])
    language = _language_field()
    roles = RolesField(lazy_gettext("Roles"), [required(lazy_gettext("Choose at least one role"))])


class RolesForm(PortalForm):
    """The roles of an account."""

    roles = RolesField(lazy_gettext("Roles"), [required(lazy_gettext("Choose at least one role"))])


class PersonalDataForm(PortalForm):
    """In which form a person takes its data away."""

    form = RadioField(
        lazy_gettext("Form"),
        choices=[
            SelectChoice("page", lazy_gettext("A page to read")),
            SelectChoice("json", lazy_gettext("JSON, for programs")),
        ],
        validators=[required(lazy_gettext("Choose a form"))],
    )


class PasskeyForm(PortalForm):
    """What a passkey answered, which the browser fills in."""

    credential = HiddenField(
        validators=[
            required(lazy_gettext("The browser gave no passkey. Please try again.")),
            Length(max=LONGEST_CREDENTIAL),
        ]
    )


class NewPasskeyForm(PasskeyForm):
    """A new passkey with the name by which its owner will know it."""

    name = NameField(
        lazy_gettext("Name of the passkey"),
        description=lazy_gettext("Such as “Phone” or “Key ring”, so that you recognise it."),
        validators=[required(lazy_gettext("Give the passkey a name")), short_text(60)],
    )
