"""How uploads are answered, and how far a file is: to the page's script, which shows it itself, and to a browser without."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from portal.calculation.problems import Problem
from portal.services.evidence import FIELD
from portal.services.imports import RUNNING
from portal.store.imports import ImportFile
from portal.store.jobs import Job
from portal.web.forms.fields import PortalForm, attach_messages
from portal.web.words import say

TOO_MUCH = frozenset({"evidence.too_large", "evidence.too_many", "evidence.store_full"})
TOO_OFTEN = frozenset({"evidence.too_many_an_hour", "import.too_many_an_hour"})


def taken(address: str) -> ResponseReturnValue:
    """Send people to the page of what they uploaded."""
    return jsonify(next=address) if _wants_json() else redirect(address, 303)


def refused(
    form: PortalForm, problems: Iterable[Problem], page: Callable[[], str]
) -> ResponseReturnValue:
    """Say why nothing is kept: beside the field of the page that `page` draws, or to the script."""
    found = list(problems)
    words = [say(each) for each in found]
    if _wants_json():
        return jsonify(message=" ".join(words)), status_of(found)
    attach_messages(form, [(FIELD, text) for text in words])
    return page(), status_of(found)


def status_of(problems: Iterable[Problem]) -> int:
    """How refused files are answered: too much, too often, or not fit."""
    codes = {each.code for each in problems}
    return 413 if codes & TOO_MUCH else 429 if codes & TOO_OFTEN else 422


def polled(row: ImportFile, job: Job | None, address: str) -> ResponseReturnValue | None:
    """What the script that asks every other second is answered; None for a page that somebody opens."""
    if "HX-Request" not in request.headers:
        return None
    if row.state not in RUNNING:
        # The page is drawn anew once something else is to be seen on it.
        return "", 200, {"HX-Refresh": "true"}
    return render_template("supplier/imports/progress.html", row=row, job=job, page_url=address)


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"
