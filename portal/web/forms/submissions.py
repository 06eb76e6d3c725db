"""What a signatory declares, and what a supplier answers."""

from __future__ import annotations

from typing import Self
from uuid import UUID

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
    """The answer to one question; `before` is the one that is kept already."""

    before = ""
    answer = WrittenField(
        lazy_gettext("Your answer"), [required(lazy_gettext("Write what you changed or found"))]
    )

    @classmethod
    def to(cls, question: UUID, answer: str | None) -> Self:
        """The box of one question among several on a page; the page's one token guards them all."""
        form = cls(prefix=str(question), data={"answer": answer or ""}, meta={"csrf": False})
        form.before = answer or ""
        return form

    def is_new(self) -> bool:
        """Whether something was typed that is not the answer kept so far."""
        return (self.answer.data or "").strip() not in ("", self.before.strip())
