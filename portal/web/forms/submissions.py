"""What a signatory declares, and what a supplier answers."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import BooleanField, HiddenField

from portal.web.forms.fields import PortalForm, required
from portal.web.forms.typed import WrittenField


class DeclarationForm(PortalForm):
    """The declaration that goes with a submission; `seen` is the mark of what the page showed."""

    seen = HiddenField()
    declared = BooleanField(
        lazy_gettext(
            "I declare that the data are complete and correct to the best of our knowledge."
        ),
        validators=[required(lazy_gettext("Tick the declaration before you submit"))],
    )


class AnswerForm(PortalForm):
    """The answer to one question."""

    answer = WrittenField(
        lazy_gettext("Your answer"), [required(lazy_gettext("Write what you changed or found"))]
    )
