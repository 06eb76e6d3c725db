"""How one action stands in a progress report: confirming or correcting it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.calculation.problems import Problem
from portal.domain.inventories import EDITABLE
from portal.intake.typed import Typed
from portal.services import progress
from portal.services.progress import ROW_FIELDS, ProgressRow
from portal.store.dossiers import Dossier
from portal.web.forms.dossiers import questions_of
from portal.web.forms.evidence import AttachForm, UploadForm
from portal.web.forms.progress import ProgressRowForm, steps_of, values_of
from portal.web.requests import current_work
from portal.web.supplier import blueprint
from portal.web.supplier.progress import QUARTER, YEAR, own_report, report_address
from portal.web.words import say


@blueprint.get(f"{YEAR}/actions/<uuid:action>", defaults={"quarter": 0})
@blueprint.get(f"{QUARTER}/actions/<uuid:action>")
def progress_action(year: int, quarter: int, action: UUID) -> ResponseReturnValue:
    """Show how an action stands, to confirm or correct it."""
    report, shown = own_row(year, quarter, action)
    return row_page(report, shown, ProgressRowForm(data=values_of(shown.row)), UploadForm())


@blueprint.post(f"{YEAR}/actions/<uuid:action>", defaults={"quarter": 0})
@blueprint.post(f"{QUARTER}/actions/<uuid:action>")
def progress_save(year: int, quarter: int, action: UUID) -> ResponseReturnValue:
    """Confirm or correct how an action stands."""
    report, shown = own_row(year, quarter, action)
    form = ProgressRowForm()
    typed = form.typed(ROW_FIELDS)
    boxes = steps_of(shown, request.form)
    days = {box.field: box.value for box in boxes}
    problems = progress.save_row(
        current_work(),
        report,
        shown.row,
        Typed({**typed.values, **days}, typed.locale, typed.confirmed),
        shown.open_steps,
    )
    if problems:
        form.attach(problems)
        return row_page(report, shown, form, UploadForm(), problems), 422
    flash(gettext("Saved."), "success")
    return redirect(report_address(report) + f"#action-{action}", 303)


def own_row(year: int, quarter: int, action: UUID) -> tuple[Dossier, ProgressRow]:
    """The actor's own report and how one of its actions stands in it."""
    _member, report = own_report(year, quarter)
    return report, progress.find_row(current_work(), report, action)


def row_page(
    report: Dossier,
    shown: ProgressRow,
    form: ProgressRowForm,
    upload: UploadForm,
    problems: Sequence[Problem] = (),
) -> str:
    """The page of one action in a report, with its files."""
    return render_template(
        "supplier/progress/action.html",
        report=report,
        shown=shown,
        form=form,
        upload=upload,
        attach=AttachForm(),
        steps=steps_of(shown, request.form if request.method == "POST" else None),
        step_problems={p.field: say(p) for p in problems},
        questions=questions_of(problems),
        can_edit=report.state in EDITABLE,
    )
