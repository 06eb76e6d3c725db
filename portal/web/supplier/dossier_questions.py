"""What the reviewer asks about a plan, a progress report or a restatement, and the answers."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from portal.services import handed_in, review
from portal.services.handed_in import QuestionsPage
from portal.store.dossiers import Dossier
from portal.web.dossiers import dossier_url
from portal.web.forms.submissions import AnswerForm, answer_boxes, problems_of, written_of
from portal.web.requests import current_work
from portal.web.supplier import blueprint
from portal.web.supplier.dossiers import QUARTER, YEAR, own_dossier
from portal.web.supplier.submissions import tell_kept


@blueprint.get(f"{YEAR}/questions", defaults={"quarter": 0})
@blueprint.get(f"{QUARTER}/questions")
def dossier_questions(kind: str, year: int, quarter: int) -> ResponseReturnValue:
    """Show what the reviewer asks, each with a box for the answer."""
    _member, dossier = own_dossier(kind, year, quarter)
    return _questions(dossier, handed_in.questions_page(current_work(), dossier))


@blueprint.post(f"{YEAR}/questions/<uuid:finding>", defaults={"quarter": 0})
@blueprint.post(f"{QUARTER}/questions/<uuid:finding>")
def dossier_answer(kind: str, year: int, quarter: int, finding: UUID) -> ResponseReturnValue:
    """Keep the answer to a question, and with it whatever was typed to the others on the page."""
    work = current_work()
    _member, dossier = own_dossier(kind, year, quarter)
    review.find_question(work, finding, dossier)
    shown = handed_in.questions_page(work, dossier)
    forms = answer_boxes(shown.questions)
    written = written_of(forms, finding)
    if [form for form in written.values() if not form.validate()]:
        return _questions(dossier, shown, forms), 422
    for uid, form in written.items():
        review.answer_finding(work, uid, form.answer.data)
    tell_kept(len(written))
    return redirect(dossier_url(dossier, "questions", _anchor=f"question-{finding}"), 303)


def _questions(
    dossier: Dossier, shown: QuestionsPage, forms: Mapping[UUID, AnswerForm] | None = None
) -> str:
    boxes = answer_boxes(shown.questions) if forms is None else forms
    return render_template(
        "supplier/dossiers/questions.html",
        shown=shown,
        dossier=dossier,
        boxes=boxes,
        problems=problems_of(boxes),
    )
