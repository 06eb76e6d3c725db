"""Checking the answers, signing and submitting; questions that came back; the year's page."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.domain.inventories import EDITABLE, State
from portal.domain.words import N_
from portal.services import (
    check_page,
    effort,
    handed_in,
    inventories,
    restatements,
    review,
    signing_requests,
    submissions,
)
from portal.services.check_page import CheckPage
from portal.services.handed_in import QuestionsPage
from portal.services.submissions import Declaration
from portal.store.inventories import Inventory
from portal.store.members import Member
from portal.web.forms.submissions import (
    AnswerForm,
    DeclarationForm,
    answer_boxes,
    problems_of,
    written_of,
)
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
    return render_template(
        "supplier/submissions/year.html",
        shown=handed_in.handed_in(work, inventory),
        totals_of_year=inventories.totals(work.session, inventory.id),
        inventory=inventory,
    )


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
    effort.count_for_year(work, inventory, "submit")
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


@blueprint.post("/inventories/<int:year>/ask-signatory")
def submission_ask(year: int) -> ResponseReturnValue:
    """Write to those who may sign that the year is ready."""
    work = current_work()
    _member, inventory = inventories.own_year(work, year)
    tell_asked(signing_requests.ask_to_sign(work, inventory))
    return redirect(url_for(".submission_check", year=year), 303)


def tell_asked(told: int) -> None:
    """Say that the signatories were written to."""
    flash(
        ngettext(
            "%(num)s signatory was asked by mail.", "%(num)s signatories were asked by mail.", told
        ),
        "success",
    )


@blueprint.get("/inventories/<int:year>/withdraw")
def submission_withdraw_form(year: int) -> ResponseReturnValue:
    """Ask once more before a submission is taken back."""
    return render_template("supplier/submissions/withdraw.html", inventory=_inventory(year))


@blueprint.post("/inventories/<int:year>/withdraw")
def submission_withdraw(year: int) -> ResponseReturnValue:
    """Take the waiting submission back."""
    work = current_work()
    submissions.withdraw(work, handed_in.waiting_submission(work, _inventory(year)).uid)
    flash(gettext("Taken back. You can change the year again."), "success")
    return redirect(url_for(".home", year=year), 303)


@blueprint.get("/inventories/<int:year>/questions")
def questions(year: int) -> ResponseReturnValue:
    """Show what the reviewer asks, each with a box for the answer."""
    inventory = _inventory(year)
    return _questions(inventory, handed_in.questions_page(current_work(), inventory))


@blueprint.post("/inventories/<int:year>/questions/<uuid:finding>")
def question_answer(year: int, finding: UUID) -> ResponseReturnValue:
    """Keep the answer to a question, and with it whatever was typed to the others on the page."""
    work = current_work()
    inventory = _inventory(year)
    review.find_question(work, finding, inventory)
    shown = handed_in.questions_page(work, inventory)
    forms = answer_boxes(shown.questions)
    written = written_of(forms, finding)
    if [form for form in written.values() if not form.validate()]:
        return _questions(inventory, shown, forms), 422
    for uid, form in written.items():
        review.answer_finding(work, uid, form.answer.data)
    tell_kept(len(written))
    return redirect(url_for(".questions", year=year) + f"#question-{finding}", 303)


def tell_kept(count: int) -> None:
    """Say that so many answers are kept."""
    flash(
        ngettext(
            "Your answer is kept. The reviewer sees it when you submit again.",
            "Your %(num)s answers are kept. The reviewer sees them when you submit again.",
            count,
        ),
        "success",
    )


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
        sets_aside=inventory.state == State.RETURNED
        and restatements.is_restated(current_work().session, member.id, inventory.year),
    )


def _questions(
    inventory: Inventory, shown: QuestionsPage, forms: Mapping[UUID, AnswerForm] | None = None
) -> str:
    boxes = answer_boxes(shown.questions) if forms is None else forms
    return render_template(
        "supplier/submissions/questions.html",
        shown=shown,
        inventory=inventory,
        boxes=boxes,
        problems=problems_of(boxes),
    )
