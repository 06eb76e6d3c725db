"""Checking the answers, signing and submitting; questions that came back; the year's page."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.domain.inventories import EDITABLE
from portal.domain.words import N_
from portal.services import check_page, inventories, review, submissions
from portal.services.check_page import CheckPage, QuestionsPage
from portal.services.submissions import Declaration
from portal.store.inventories import Inventory
from portal.store.members import Member
from portal.web.forms.fields import SummaryItem
from portal.web.forms.submissions import AnswerForm, DeclarationForm
from portal.web.requests import current_work
from portal.web.supplier import blueprint

CHANGED = N_(
    "Something has changed since you opened this page. Look it over once more, then tick and submit."
)


@blueprint.get("/inventories/<int:year>")
def inventory_page(year: int) -> ResponseReturnValue:
    """Show where a year stands: what was handed in, what was said, the certificate."""
    work = current_work()
    inventory = _inventory(year)
    shown = check_page.year_page(work, inventory)
    return render_template("supplier/submissions/year.html", shown=shown, inventory=inventory)


@blueprint.get("/inventories/<int:year>/check")
def submission_check(year: int) -> ResponseReturnValue:
    """Show everything once more before it is signed."""
    member, inventory = inventories.own_year(current_work(), year)
    shown = check_page.check_page(current_work(), inventory)
    return _check(member, inventory, shown, DeclarationForm())


@blueprint.post("/inventories/<int:year>/submit")
def submission_submit(year: int) -> ResponseReturnValue:
    """Sign and submit."""
    work = current_work()
    member, inventory = inventories.own_year(work, year)
    submissions.hold(work, inventory)
    form = DeclarationForm()
    shown = check_page.check_page(work, inventory)
    if not form.validate_on_submit() or shown.blocking:
        return _check(member, inventory, shown, form), 422
    if form.seen.data != shown.mark:
        form.declared.errors = [gettext(CHANGED)]
        form.declared.data = False
        return _check(member, inventory, shown, form), 409
    submissions.submit(
        work, inventory, Declaration(member.signatory_name or "", member.signatory_post or "")
    )
    flash(gettext("Submitted. The alliance reviews it; you will get a mail."), "success")
    return redirect(url_for(".inventory_page", year=year), 303)


@blueprint.get("/inventories/<int:year>/withdraw")
def submission_withdraw_form(year: int) -> ResponseReturnValue:
    """Ask once more before a submission is taken back."""
    return render_template("supplier/submissions/withdraw.html", inventory=_inventory(year))


@blueprint.post("/inventories/<int:year>/withdraw")
def submission_withdraw(year: int) -> ResponseReturnValue:
    """Take the waiting submission back."""
    work = current_work()
    submissions.withdraw(work, check_page.waiting_submission(work, _inventory(year)).uid)
    flash(gettext("Taken back. You can change the year again."), "success")
    return redirect(url_for(".home", year=year), 303)


@blueprint.get("/inventories/<int:year>/questions")
def questions(year: int) -> ResponseReturnValue:
    """Show what the reviewer asks, each with a box for the answer."""
    inventory = _inventory(year)
    return _questions(inventory, check_page.questions_page(current_work(), inventory))


@blueprint.post("/inventories/<int:year>/questions/<uuid:finding>")
def question_answer(year: int, finding: UUID) -> ResponseReturnValue:
    """Keep the answer to a question, and with it whatever was typed to the others on the page."""
    work = current_work()
    inventory = _inventory(year)
    review.find_question(work, finding, inventory)
    shown = check_page.questions_page(work, inventory)
    forms = _answer_forms(shown)
    written = {uid: form for uid, form in forms.items() if uid == finding or form.is_new()}
    refused = [form for form in written.values() if not form.validate()]
    if refused:
        return _questions(inventory, shown, forms), 422
    for uid, form in written.items():
        review.answer_finding(work, uid, form.answer.data)
    flash(
        ngettext(
            "Your answer is kept. The reviewer sees it when you submit again.",
            "Your %(num)s answers are kept. The reviewer sees them when you submit again.",
            len(written),
        ),
        "success",
    )
    return redirect(url_for(".questions", year=year) + f"#question-{finding}", 303)


def _answer_forms(shown: QuestionsPage) -> dict[UUID, AnswerForm]:
    """A box for each question that is not settled, with the answer it has."""
    return {
        each.finding.uid: AnswerForm.to(each.finding.uid, each.finding.answer)
        for each in shown.questions
        if each.finding.state != "settled"
    }


def _inventory(year: int) -> Inventory:
    return inventories.own_year(current_work(), year)[1]


def _check(member: Member, inventory: Inventory, shown: CheckPage, form: DeclarationForm) -> str:
    return render_template(
        "supplier/submissions/check.html",
        shown=shown,
        inventory=inventory,
        member=member,
        form=form,
        is_open=inventory.state in EDITABLE,
    )


def _questions(
    inventory: Inventory, shown: QuestionsPage, forms: Mapping[UUID, AnswerForm] | None = None
) -> str:
    boxes = _answer_forms(shown) if forms is None else forms
    return render_template(
        "supplier/submissions/questions.html",
        shown=shown,
        inventory=inventory,
        boxes=boxes,
        problems=[
            SummaryItem(str(text), f"#{form.answer.id}")
            for form in boxes.values()
            for text in form.answer.errors
        ],
    )
