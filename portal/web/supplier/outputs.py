"""What the member produced in a year."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import data
from portal.calculation.quantities import text
from portal.services import inventories, outputs
from portal.services.outputs import SavedOutput
from portal.store.inventories import Inventory, Output
from portal.store.members import Member
from portal.web.forms.outputs import OutputForm, questions_of
from portal.web.requests import current_work
from portal.web.supplier import blueprint
from portal.web.supplier.lines import may_edit

NOTHING_SAVED = SavedOutput(None)


@blueprint.get("/inventories/<int:year>/outputs")
def output_list(year: int) -> ResponseReturnValue:
    """Show what was produced, and ask for more."""
    member, inventory = inventories.own_year(current_work(), year)
    return _list(member, inventory, OutputForm(), NOTHING_SAVED)


@blueprint.post("/inventories/<int:year>/outputs")
def output_add(year: int) -> ResponseReturnValue:
    """Add a product."""
    work = current_work()
    member, inventory = inventories.own_year(work, year)
    form = OutputForm()
    saved = outputs.add_output(work, inventory, form.raw())
    if saved.output is None:
        form.attach(saved)
        return _list(member, inventory, form, saved), 422
    _tell(saved)
    return redirect(url_for(".output_list", year=year), 303)


@blueprint.get("/inventories/<int:year>/outputs/<uuid:output>")
def output_page(year: int, output: UUID) -> ResponseReturnValue:
    """Show a product to change it."""
    work = current_work()
    member, inventory = inventories.own_year(work, year)
    found = outputs.find_output(work, inventory, output)
    typed = {"product": found.product, "quantity": text(found.quantity), "unit": found.unit}
    form = OutputForm(data=typed)
    return _page(member, inventory, found, form, NOTHING_SAVED)


@blueprint.post("/inventories/<int:year>/outputs/<uuid:output>")
def output_change(year: int, output: UUID) -> ResponseReturnValue:
    """Change a product."""
    work = current_work()
    member, inventory = inventories.own_year(work, year)
    found = outputs.find_output(work, inventory, output)
    form = OutputForm()
    saved = outputs.change_output(work, inventory, found, form.raw())
    if saved.output is None:
        form.attach(saved)
        return _page(member, inventory, found, form, saved), 422
    _tell(saved)
    return redirect(url_for(".output_list", year=year), 303)


@blueprint.post("/inventories/<int:year>/outputs/<uuid:output>/remove")
def output_remove(year: int, output: UUID) -> ResponseReturnValue:
    """Remove a product."""
    work = current_work()
    _member, inventory = inventories.own_year(work, year)
    found = outputs.find_output(work, inventory, output)
    outputs.remove_output(work, inventory, found)
    flash(gettext("The product is removed."), "success")
    return redirect(url_for(".output_list", year=year), 303)


def _tell(saved: SavedOutput) -> None:
    labels = {
        "product": gettext("Product"),
        "quantity": gettext("Quantity"),
        "unit": gettext("Unit"),
    }
    for change in saved.changes:
        flash(
            gettext(
                "%(column)s “%(typed)s” was read as %(read)s.",
                column=labels[change.field],
                typed=change.typed,
                read=change.read,
            ),
            "info",
        )
    flash(gettext("Saved."), "success")


def _list(member: Member, inventory: Inventory, form: OutputForm, saved: SavedOutput) -> str:
    _offer(form, member)
    return render_template(
        "supplier/outputs/list.html",
        inventory=inventory,
        outputs=outputs.outputs_of(current_work(), inventory),
        form=form,
        questions=questions_of(saved),
        can_edit=may_edit(inventory),
    )


def _page(
    member: Member, inventory: Inventory, output: Output, form: OutputForm, saved: SavedOutput
) -> str:
    _offer(form, member)
    return render_template(
        "supplier/outputs/output.html",
        inventory=inventory,
        output=output,
        form=form,
        questions=questions_of(saved),
    )


def _offer(form: OutputForm, member: Member) -> None:
    known = data.load_sectors().get(member.sector)
    form.offer_units(known.output_unit if known else "")
