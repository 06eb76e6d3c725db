"""What coordinators write: findings, reasons, reminders."""

from __future__ import annotations

from uuid import UUID

from flask_babel import lazy_gettext
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import ValidationError

from portal.web.forms.fields import PortalForm, choices, required
from portal.web.forms.typed import WrittenField


class FindingForm(PortalForm):
    """A remark on a line or on the whole."""

    line = HiddenField()
    message = WrittenField(
        lazy_gettext("Remark"), [required(lazy_gettext("Write what the supplier should check"))]
    )
    visibility = RadioField(
        lazy_gettext("Who sees it"),
        choices=choices(
            [
                ("supplier", lazy_gettext("Question to the supplier")),
                ("internal", lazy_gettext("Internal note")),
            ]
        ),
        default="supplier",
    )

    def validate_line(self, field: HiddenField) -> None:
        """A line is named by its key; anything else is not from our page."""
        if field.data:
            try:
                UUID(field.data)
            except ValueError as error:
                raise ValidationError(lazy_gettext("This line is not known")) from error

    def line_key(self) -> UUID | None:
        """The key of the line the remark is about, None for the whole."""
        return UUID(self.line.data) if self.line.data else None


class ReturnForm(PortalForm):
    """Why a submission goes back."""

    reason = WrittenField(
        lazy_gettext("Reason"),
        [required(lazy_gettext("Say why you return it, so that the supplier knows what to do"))],
    )


class RevokeForm(PortalForm):
    """Why a certificate ends."""

    reason = WrittenField(
        lazy_gettext("Reason"),
        [required(lazy_gettext("Say why the certificate ends; the public page shows it"))],
    )


class ReminderForm(PortalForm):
    """Which year a member is reminded of."""

    year = SelectField(lazy_gettext("Year"), validators=[required(lazy_gettext("Choose a year"))])
    note = WrittenField(lazy_gettext("A word from you"))

    def offer_years(self, years: list[int]) -> None:
        """Offer the reporting years, newest first."""
        self.year.choices = choices([(str(year), str(year)) for year in reversed(years)])
