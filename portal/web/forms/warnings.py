"""One reason for several warnings."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask_babel import gettext, lazy_gettext

from portal.web.forms.fields import PortalForm, SummaryItem, required, short_text, summary
from portal.web.forms.typed import TypedField

BOX = "warning"
CHECKED_FIRST = "#warnings"


class ReasonForm(PortalForm):
    """Why the chosen warnings may stand, or are settled."""

    reason = TypedField(
        lazy_gettext("Reason"),
        [required(lazy_gettext("Say why in a few words")), short_text()],
    )


def chosen() -> list[UUID]:
    """The warnings whose boxes are ticked; what is no id is left out, as nobody can tick it."""
    return [uid for text in request.form.getlist(BOX) if (uid := _uid(text)) is not None]


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def problems_of(form: ReasonForm, picked: list[UUID]) -> list[SummaryItem]:
    """What keeps the form from being done: nothing ticked, or no reason."""
    missing = [] if picked else [SummaryItem(gettext("Choose at least one warning"), CHECKED_FIRST)]
    return missing if form.validate_on_submit() else [*missing, *summary(form)]
