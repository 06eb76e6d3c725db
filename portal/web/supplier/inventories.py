"""A member's year: beginning it, what does not apply, and the reasons for what was noticed."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal import data
from portal.domain.refusals import Conflict
from portal.services import inventories, lines, members, warnings
from portal.services.warnings import Seen
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine
from portal.store.members import Member
from portal.web.forms.fields import SummaryItem
from portal.web.forms.inventories import (
    NotApplicableForm,
    ReasonBox,
    boxes_of,
    every_category,
    explanations,
    left_over,
    typed_boxes,
)
from portal.web.requests import current_work, reading_aside, roll_back
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
    """Show everything that was noticed about a year, each with a box for the reason.

    Whoever comes here with the last line saved goes on where nothing waits for a reason.
    """
    work = current_work()
    _member, inventory = inventories.own_year(work, year)
    found = warnings.noticed(work, inventory)
    if "onwards" in request.args and not warnings.unexplained(found):
        return redirect(url_for(".output_list", year=year), 303)
    return _warnings(inventory, boxes_of(found))


@blueprint.post("/inventories/<int:year>/warnings")
def warning_explain(year: int) -> ResponseReturnValue:
    """Keep the reasons why warnings may stand."""
    work = current_work()
    with reading_aside() as aside:
        _member, seen = inventories.own_year(aside, year)
        found, version = warnings.noticed(aside, seen), seen.version
    _member, inventory = inventories.own_year(work, year)
    boxes = typed_boxes(found, request.form)
    unplaced = left_over(boxes, request.form)
    if any(box.error for box in boxes):
        return _warnings(inventory, boxes, unplaced), 422
    try:
        count = warnings.explain_all(work, inventory, explanations(boxes), Seen(found, version))
    except Conflict as refusal:
        roll_back()
        _member, inventory = inventories.own_year(current_work(), year)
        said = say_refusal(refusal) or refusal.code
        return _warnings(inventory, boxes, unplaced, [SummaryItem(said)]), 409
    if count:
        said = ngettext(
            "%(num)s reason is kept. The reviewer sees it.",
            "%(num)s reasons are kept. The reviewer sees them.",
            count,
        )
        flash(said, "success")
    if unplaced:
        return _warnings(inventory, boxes_of(warnings.noticed(work, inventory)), unplaced)
    return redirect(url_for(".output_list", year=year), 303)


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


def _warnings(
    inventory: Inventory,
    boxes: list[ReasonBox],
    unplaced: Sequence[str] = (),
    refused: Sequence[SummaryItem] = (),
) -> str:
    wrong = [SummaryItem(box.error, f"#reason-{box.name}") for box in boxes if box.error]
    return render_template(
        "supplier/inventories/warnings.html",
        inventory=inventory,
        boxes=boxes,
        about=_lines_of(inventory, boxes),
        problems=[*refused, *wrong],
        unplaced=unplaced,
        can_edit=may_edit(inventory),
    )


def _lines_of(inventory: Inventory, boxes: list[ReasonBox]) -> dict[str, ActivityLine]:
    """The lines that warnings about a single line speak of, by key."""
    keys = [
        key
        for box in boxes
        if len(box.noticed.warning.lines) == 1
        for key in box.noticed.warning.lines
    ]
    return lines.by_keys(current_work(), inventory, keys)
