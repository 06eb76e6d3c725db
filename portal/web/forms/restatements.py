"""Recalculating years: why, and by how much which year and category change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, SelectField, TextAreaField

from portal.calculation.problems import Problem
from portal.domain.restatements import TRIGGER_NAMES, Trigger
from portal.web.forms.dossiers import TypedForm
from portal.web.forms.fields import DecimalTextField, choices, required
from portal.web.forms.typed import WrittenField
from portal.web.names import category_choices


class CauseForm(TypedForm):
    """What asks for the recalculation; what an answer means is decided where it is read."""

    trigger = RadioField(
        lazy_gettext("What changed?"),
        choices=choices([(each.value, lazy_gettext(TRIGGER_NAMES[each])) for each in Trigger]),
        validators=[required()],
        validate_choice=False,
    )
    reason = WrittenField(
        lazy_gettext("What happened?"),
        [required()],
        description=lazy_gettext("A few sentences that the reviewer and later readers understand"),
    )


class AdjustmentForm(TypedForm):
    """The change of one category in one year."""

    year = SelectField(lazy_gettext("Year"), validators=[required()], validate_choice=False)
    category = SelectField(lazy_gettext("Source"), validators=[required()], validate_choice=False)
    change_t = DecimalTextField(
        lazy_gettext("Change, t CO₂e"),
        validators=[required()],
        description=lazy_gettext("Below zero for less than was reported"),
    )
    reason = TextAreaField(lazy_gettext("Reason for this change"))

    def attach(self, problems: Iterable[Problem]) -> None:
        """Put what is wrong beside its field, whose name has the form's prefix."""
        super().attach(replace(each, field=f"{self._prefix}{each.field}") for each in problems)

    def offer(self, years: Iterable[int]) -> None:
        """Offer the approved years, latest first, and every category."""
        listed = [(str(year), str(year)) for year in sorted(years, reverse=True)]
        self.year.choices = choices(listed, empty=gettext("Choose a year"))
        self.category.choices = choices(category_choices(), empty=gettext("Choose a source"))
