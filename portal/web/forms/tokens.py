"""The form that makes a token for programs."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext, lazy_ngettext
from wtforms import RadioField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from portal.domain.tokens import LONGEST_DAYS, SCOPE_NAMES, USUAL_DAYS, Scope
from portal.web.forms.accounts import NameField
from portal.web.forms.fields import PortalForm, choices, required, short_text

DAYS = (30, 90, USUAL_DAYS, LONGEST_DAYS)


class ScopesField(SelectMultipleField):
    """Some of the scopes, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def offer(self, scopes: Iterable[Scope]) -> None:
        """Offer these scopes."""
        self.choices = choices(
            [(scope.value, lazy_gettext(SCOPE_NAMES[scope])) for scope in scopes]
        )

    def chosen(self) -> list[Scope]:
        """The scopes that were ticked."""
        return [Scope(value) for value in self.data or ()]


class TokenForm(PortalForm):
    """What a token is called, what it may do and for how long."""

    name = NameField(
        lazy_gettext("Name of the token"),
        description=lazy_gettext("Such as the program that will use it, so that you recognise it."),
        validators=[required(lazy_gettext("Give the token a name")), short_text(60)],
    )
    scopes = ScopesField(
        lazy_gettext("What it may do"),
        [required(lazy_gettext("Choose at least one thing that it may do"))],
    )
    days = RadioField(
        lazy_gettext("How long it works"),
        choices=choices(
            [(str(days), lazy_ngettext("%(num)s day", "%(num)s days", days)) for days in DAYS]
        ),
        default=str(DAYS[1]),
        validators=[required(lazy_gettext("Choose how long it works"))],
    )
