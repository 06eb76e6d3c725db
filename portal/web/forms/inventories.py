"""Saying that a category does not apply, and why a warning may stand."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import HiddenField, SelectField

from portal import data
from portal.web.forms.fields import PortalForm, choices, required, short_text
from portal.web.forms.typed import TypedField
from portal.web.names import category_name

LONGEST_REASON = 1000


class NotApplicableForm(PortalForm):
    """A category that the member does not have this year."""

    category = SelectField(
        lazy_gettext("Category"), validators=[required(lazy_gettext("Choose a category"))]
    )
    reason = TypedField(
        lazy_gettext("Why does it not apply?"),
        [required(lazy_gettext("Say why it does not apply")), short_text()],
    )

    def offer(self, categories: list[str]) -> None:
        """Offer the categories that are neither reported nor marked."""
        self.category.choices = choices(
            [(each, category_name(each)) for each in categories],
            empty=lazy_gettext("Choose a category"),
        )


class ExplainForm(PortalForm):
    """Why a warning may stand."""

    code = HiddenField()
    address = HiddenField()
    reason = TypedField(
        lazy_gettext("Reason"), [required(lazy_gettext("Say why this is right")), short_text()]
    )


def every_category() -> list[str]:
    """All categories in the order a person meets them."""
    return list(data.load_categories())
