"""What a signatory declares, and what a supplier answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self
from uuid import UUID

from flask_babel import lazy_gettext
from wtforms import BooleanField, HiddenField

from portal.services.handed_in import Question
from portal.web.forms.fields import PortalForm, SummaryItem, required
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


class DossierDeclarationForm(DeclarationForm):
    """The declaration that goes with a plan, a progress report or a restatement."""

    declared = BooleanField(
        lazy_gettext(
            "I declare that what is stated here is complete and correct to the best of our knowledge."
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


def answer_boxes(questions: Iterable[Question]) -> dict[UUID, AnswerForm]:
    """A box for each question that is not settled, with the answer it has."""
    return {
        each.finding.uid: AnswerForm.to(each.finding.uid, each.finding.answer)
        for each in questions
        if each.finding.state != "settled"
    }


def written_of(boxes: Mapping[UUID, AnswerForm], finding: UUID) -> dict[UUID, AnswerForm]:
    """The box whose button was pressed, and the others into which something new was typed."""
    return {uid: form for uid, form in boxes.items() if uid == finding or form.is_new()}


def problems_of(boxes: Mapping[UUID, AnswerForm]) -> list[SummaryItem]:
    """What is wrong in the boxes of a page, for its summary."""
    return [
        SummaryItem(str(text), f"#{form.answer.id}")
        for form in boxes.values()
        for text in form.answer.errors
    ]
