"""One's own personal data: taking it away, and asking to be erased."""

from __future__ import annotations

import json

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.data.personal import Kind, personal_data
from portal.services import erasure
from portal.services import personal_data as own_data
from portal.services.personal_data import ABOUT, Section
from portal.web.account import blueprint
from portal.web.account.home import own
from portal.web.downloads import bytes_answer
from portal.web.forms.accounts import PersonalDataForm
from portal.web.requests import current_work, moment


@blueprint.get("/account/data", endpoint="personal_data")
def personal_data_page() -> ResponseReturnValue:
    """Say what is kept about oneself and why, with the ways to take it and to be erased."""
    return _page(PersonalDataForm(form="page"))


@blueprint.post("/account/data")
def personal_data_take() -> ResponseReturnValue:
    """Send everything that is kept about oneself, as a page to read or for programs."""
    form = PersonalDataForm()
    if not form.validate_on_submit():
        return _page(form), 422
    sections = own_data.take(current_work(), own(), form=form.form.data)
    return _as_json(sections) if form.form.data == "json" else _as_page(sections)


@blueprint.post("/account/erasure")
def erasure_ask() -> ResponseReturnValue:
    """Ask to be erased."""
    erasure.ask(current_work(), own())
    flash(gettext("You have asked to be erased. An administrator will see to it."), "success")
    return redirect(url_for(".personal_data"), 303)


@blueprint.post("/account/erasure/take-back")
def erasure_take_back() -> ResponseReturnValue:
    """Stay after all."""
    erasure.take_back(current_work(), own())
    flash(gettext("You stay. Nothing has been erased."), "success")
    return redirect(url_for(".personal_data"), 303)


def _page(form: PersonalDataForm) -> str:
    kept = [each for each in personal_data() if each.table in ABOUT and each.kind is not Kind.NONE]
    return render_template(
        "account/personal_data.html", form=form, own=own(), kept=kept, titles=_titles()
    )


def _titles() -> dict[str, str]:
    return {table: title for table, (title, _) in ABOUT.items()}


def _as_json(sections: list[Section]) -> Response:
    found = {
        "account": str(own().uid),
        "taken_at": moment().isoformat(),
        "data": {section.table: section.rows for section in sections},
    }
    text = json.dumps(found, ensure_ascii=False, indent=1)
    return bytes_answer(text.encode(), "application/json", "my-data.json")


def _as_page(sections: list[Section]) -> Response:
    drawn = render_template(
        "account/personal_data_file.html", sections=sections, own=own(), taken_at=moment()
    )
    return bytes_answer(drawn.encode(), "text/html", "my-data.html")
