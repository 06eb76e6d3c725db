"""One reason for several warnings."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask_babel import gettext, lazy_gettext
from wtforms import SelectField
from wtforms.validators import Optional

from portal.web.forms.fields import (
    PortalForm,
    SummaryItem,
    choices,
    required,
    short_text,
    summary,
)
from portal.web.forms.typed import TypedField

BOX = "warning"
# The button that passes the chosen ones on instead of resolving them.
ON_BUTTON = "pass_on"
CHECKED_FIRST = "#warnings"


class ReasonForm(PortalForm):
    """Why the chosen warnings may stand, or are settled."""

    reason = TypedField(
        lazy_gettext("Reason"),
        [required(lazy_gettext("Say why in a few words")), short_text()],
    )

    def let_be_empty(self) -> None:
        """Ask for no reason; one that is given is read all the same."""
        self.reason.validators = [Optional(), short_text()]
        self.reason.flags.required = False


class UnitForm(PortalForm):
    """The unit whose warnings come to a coordinator."""

    after = SelectField(lazy_gettext("I look after"))

    def offer(self, units: list[tuple[str, str]]) -> None:
        """Offer every unit below the alliance, and the alliance itself."""
        self.after.choices = choices(units, empty=lazy_gettext("The whole alliance"), are_data=True)


def chosen() -> list[UUID]:
    """The warnings whose boxes are ticked; what is no id is left out, as nobody can tick it."""
    return [uid for text in request.form.getlist(BOX) if (uid := _uid(text)) is not None]


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def problems_of(
    form: ReasonForm, picked: list[UUID], *, needs_reason: bool = True
) -> list[SummaryItem]:
    """What keeps the form from being done: nothing ticked, or no reason where one is needed."""
    if not needs_reason:
        form.let_be_empty()
    missing = [] if picked else [SummaryItem(gettext("Choose at least one warning"), CHECKED_FIRST)]
    return missing if form.validate_on_submit() else [*missing, *summary(form)]
