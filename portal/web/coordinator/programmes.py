"""The alliance's programme: what holds, how it came about, and changing the default target and the roadmap."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.calculation.problems import Problem
from portal.calculation.quantities import text
from portal.domain.levels import MEASURE_NAMES, YES_OR_NO, Criterion
from portal.services import portfolio, programme_reading, programmes
from portal.services.programmes import InForce
from portal.web.coordinator import blueprint
from portal.web.forms.dossiers import questions_of
from portal.web.forms.programmes import ProgrammeForm, values_of
from portal.web.requests import current_work


@blueprint.get("/programme")
def programme_page() -> ResponseReturnValue:
    """Show the programme that holds, and its earlier versions."""
    work = current_work()
    alliance = portfolio.the_alliance(work)
    return render_template(
        "coordinator/programme/programme.html",
        in_force=programmes.in_force(work.session, alliance.id),
        history=programmes.history(work, alliance),
        criterion_words=criterion_words,
    )


@blueprint.get("/programme/change")
def programme_form() -> ResponseReturnValue:
    """Show the default target and the roadmap, to change them."""
    in_force = _in_force()
    return _page(ProgrammeForm(data=values_of(in_force.programme)), in_force, ())


@blueprint.post("/programme/change")
def programme_change() -> ResponseReturnValue:
    """Put a changed target and roadmap in force."""
    work = current_work()
    form = ProgrammeForm()
    shown = form.version.data or ""
    number = int(shown) if shown.isascii() and shown.isdigit() and len(shown) <= 9 else -1
    saved = programme_reading.change(work, portfolio.the_alliance(work), form.everything(), number)
    if saved.in_force is None:
        form.attach(saved.problems)
        has_moved = any(each.code == "programme.moved_on" for each in saved.problems)
        return _page(form, _in_force(), saved.problems), 409 if has_moved else 422
    flash(gettext("Version %(number)s holds now.", number=saved.in_force.number), "success")
    return redirect(url_for(".programme_page"), 303)


def criterion_words(criterion: Criterion) -> str:
    """A condition of a level in words, with its bounds."""
    name = gettext(MEASURE_NAMES[criterion.measure])
    if criterion.measure in YES_OR_NO and criterion.at_least == 1:
        return name
    bounds = []
    if criterion.at_least is not None:
        bounds.append(gettext("at least %(value)s", value=text(criterion.at_least)))
    if criterion.at_most is not None:
        bounds.append(gettext("at most %(value)s", value=text(criterion.at_most)))
    return gettext("%(what)s (%(value)s)", what=name, value=gettext(", ").join(bounds))


def _in_force() -> InForce:
    work = current_work()
    return programmes.in_force(work.session, portfolio.the_alliance(work).id)


def _page(form: ProgrammeForm, in_force: InForce, problems: tuple[Problem, ...]) -> str:
    # What is saved next is judged against the version that this page shows.
    form.version.data = str(in_force.number)
    return render_template(
        "coordinator/programme/change.html",
        form=form,
        in_force=in_force,
        questions=questions_of(problems),
    )
