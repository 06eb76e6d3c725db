"""A member's year: beginning it, what does not apply, and the reasons for what was noticed."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import data
from portal.domain.refusals import Conflict
from portal.services import inventories, members, warnings
from portal.store.inventories import Inventory
from portal.store.members import Member
from portal.web.forms.inventories import ExplainForm, NotApplicableForm, every_category
from portal.web.forms.line_rows import warning_anchor
from portal.web.requests import current_work
from portal.web.supplier import blueprint
from portal.web.supplier.lines import may_edit
from portal.web.words import say_refusal


@blueprint.post("/inventories/<int:year>/open")
def inventory_open(year: int) -> ResponseReturnValue:
    """Begin a year."""
    work = current_work()
    inventories.open_inventory(work, members.own_member(work), year)
    return redirect(url_for(".line_table", year=year), 303)


@blueprint.get("/inventories/<int:year>/not-applicable")
def not_applicable(year: int) -> ResponseReturnValue:
    """Show what is said not to apply, and what nothing is said about yet."""
    member, inventory = inventories.own_year(current_work(), year)
    return _not_applicable(member, inventory, NotApplicableForm())


@blueprint.post("/inventories/<int:year>/not-applicable")
def not_applicable_mark(year: int) -> ResponseReturnValue:
    """Say that a category does not apply."""
    work = current_work()
    member, inventory = inventories.own_year(work, year)
    form = NotApplicableForm()
    form.offer(every_category())
    if not form.validate_on_submit():
        return _not_applicable(member, inventory, form), 422
    try:
        inventories.mark_not_applicable(work, inventory, form.category.data, form.reason.value)
    except Conflict as refusal:
        if refusal.code != "inventory.category.reported":
            raise
        form.category.errors = [say_refusal(refusal)]
        return _not_applicable(member, inventory, form), 422
    flash(gettext("Kept. The reviewer sees your reason."), "success")
    return redirect(url_for(".not_applicable", year=year), 303)


@blueprint.post("/inventories/<int:year>/not-applicable/<string:category>/remove")
def not_applicable_remove(year: int, category: str) -> ResponseReturnValue:
    """Take the mark of a category away."""
    if category not in data.load_categories():
        abort(404)
    work = current_work()
    _member, inventory = inventories.own_year(work, year)
    inventories.mark_applicable(work, inventory, category)
    flash(gettext("The category applies again."), "success")
    return redirect(url_for(".not_applicable", year=year), 303)


@blueprint.get("/inventories/<int:year>/warnings")
def warning_list(year: int) -> ResponseReturnValue:
    """Show everything that was noticed about a year, each with a box for the reason."""
    _member, inventory = inventories.own_year(current_work(), year)
    return _warnings(inventory, ExplainForm())


@blueprint.post("/inventories/<int:year>/warnings")
def warning_explain(year: int) -> ResponseReturnValue:
    """Keep why a warning may stand."""
    work = current_work()
    _member, inventory = inventories.own_year(work, year)
    form = ExplainForm()
    if not form.validate_on_submit():
        return _warnings(inventory, form), 422
    code, address = form.code.data or "", form.address.data or ""
    warnings.explain(work, inventory, code, address, form.reason.value)
    flash(gettext("Kept. The reviewer sees your reason."), "success")
    anchor = warning_anchor(code, address)
    return redirect(url_for(".warning_list", year=year) + f"#{anchor}", 303)


def _not_applicable(member: Member, inventory: Inventory, form: NotApplicableForm) -> str:
    work = current_work()
    marked = inventories.not_applicable(work.session, inventory.id)
    settled = {row.category for row in marked} | inventories.reported(work.session, inventory.id)
    known = data.load_sectors().get(member.sector)
    open_ones = [each for each in every_category() if each not in settled]
    form.offer(open_ones)
    return render_template(
        "supplier/inventories/not_applicable.html",
        inventory=inventory,
        marked=marked,
        usual=[each for each in (known.categories if known else ()) if each in open_ones],
        form=form,
        can_edit=may_edit(inventory),
    )


def _warnings(inventory: Inventory, form: ExplainForm) -> str:
    return render_template(
        "supplier/inventories/warnings.html",
        inventory=inventory,
        noticed=warnings.noticed(current_work(), inventory),
        form=form,
        can_edit=may_edit(inventory),
        anchor=warning_anchor,
    )
