"""What was produced: product, quantity, unit."""

from __future__ import annotations

from flask import request
from flask_babel import gettext, lazy_gettext
from wtforms import SelectField, StringField

from portal.calculation.problems import Severity
from portal.services.outputs import UNIT_CODES, RawOutput, SavedOutput
from portal.web.forms.fields import (
    DecimalTextField,
    PortalForm,
    attach_messages,
    choices,
    required,
)
from portal.web.forms.line_table import Asked
from portal.web.forms.lines import number_locale
from portal.web.words import say

FIELDS = ("product", "quantity", "unit")


class OutputForm(PortalForm):
    """One product; what an answer means is decided where it is read."""

    product = StringField(
        lazy_gettext("Product"),
        validators=[required()],
        description=lazy_gettext("For example raw milk, or corrugated boxes"),
    )
    quantity = DecimalTextField(lazy_gettext("Quantity"), validators=[required()])
    unit = SelectField(lazy_gettext("Unit"), validators=[required()], validate_choice=False)

    def offer_units(self, usual: str) -> None:
        """Offer the units, the sector's usual one first and chosen."""
        codes = [usual, *(code for code in UNIT_CODES if code != usual)] if usual else UNIT_CODES
        self.unit.choices = choices(
            [(code, code) for code in codes], empty=gettext("Choose a unit")
        )
        if self.unit.data is None:
            self.unit.data = usual

    def raw(self) -> RawOutput:
        """What was typed, with the answers to questions."""
        confirmed = {name: request.form.get(f"confirm-{name}", "") for name in FIELDS}
        return RawOutput(
            self.product.data or "",
            self.quantity.data or "",
            self.unit.data or "",
            number_locale(),
            {name: value for name, value in confirmed.items() if value},
        )

    def attach(self, saved: SavedOutput) -> None:
        """Put what is wrong beside its field."""
        grave = [each for each in saved.problems if each.severity is not Severity.WARNING]
        attach_messages(self, ((each.field, say(each)) for each in grave))


def questions_of(saved: SavedOutput) -> list[Asked]:
    """The questions about what was typed, each with its readings."""
    return [
        Asked(f"confirm-{each.field}", say(each), each.readings)
        for each in saved.problems
        if each.severity is Severity.QUESTION
    ]
