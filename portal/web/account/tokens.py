"""Tokens of one's own programs: the list, making one, and revoking it."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.domain.refusals import Conflict
from portal.domain.tokens import SCOPE_NAMES, offered
from portal.services import tokens as verbs
from portal.services.accounts import roles_of
from portal.web import devices
from portal.web.account import blueprint
from portal.web.account.home import own
from portal.web.forms.tokens import TokenForm
from portal.web.requests import current_work, roll_back
from portal.web.words import say_refusal


@blueprint.get("/account/tokens", endpoint="tokens")
def list_tokens() -> ResponseReturnValue:
    """List one's own tokens, with the form for another one."""
    return _page(_form())


@blueprint.post("/account/tokens")
def token_make() -> ResponseReturnValue:
    """Make a token and show it this once."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        token, text = verbs.make(
            current_work(),
            own(),
            name=form.name.data,
            scopes=form.scopes.chosen(),
            days=int(form.days.data),
            device=devices.describe(),
        )
    except Conflict as refusal:
        form.form_errors = [say_refusal(refusal) or ""]
        roll_back()
        return _page(form), 422
    return render_template("account/token_made.html", token=token, text=text)


@blueprint.post("/account/tokens/<uuid:token>/revoke")
def token_revoke(token: UUID) -> ResponseReturnValue:
    """Revoke one of one's own tokens."""
    verbs.revoke(current_work(), own(), token)
    flash(
        gettext("The token has been revoked. Programs that have it are refused from now on."),
        "success",
    )
    return redirect(url_for(".tokens"), 303)


def _form() -> TokenForm:
    form = TokenForm()
    form.scopes.offer(offered(roles_of(own())))
    return form


def _page(form: TokenForm) -> str:
    work = current_work()
    return render_template(
        "account/tokens.html",
        form=form,
        found=verbs.own_tokens(work, own()),
        scope_names={scope.value: name for scope, name in SCOPE_NAMES.items()},
        moment=work.moment,
    )
