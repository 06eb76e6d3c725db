"""Passkeys: logging in with one, and one's own list of them."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.domain.refusals import Conflict, NotFound
from portal.http import events
from portal.services import passkeys as verbs
from portal.web import devices
from portal.web.account import blueprint
from portal.web.account.home import own
from portal.web.forms.accounts import NewPasskeyForm, PasskeyForm
from portal.web.redirects import local_target
from portal.web.requests import current_work, roll_back
from portal.web.security import passkeys
from portal.web.words import say_refusal

LOG_IN, ADD = "log_in", "add"


@blueprint.get("/login/passkey")
def passkey_login() -> ResponseReturnValue:
    """Ask for a passkey: as the second step, or in the place of password and second step."""
    return _login_page(PasskeyForm())


@blueprint.post("/login/passkey/options")
def passkey_options() -> ResponseReturnValue:
    """Give the browser what it needs to ask for a key."""
    _demand_offered()
    challenge = passkeys.new_challenge(LOG_IN)
    return _options(
        verbs.options_to_log_in(current_work(), passkeys.site(), challenge, passkeys.half_way())
    )


@blueprint.post("/login/passkey")
def passkey_use() -> ResponseReturnValue:
    """Let in whoever's key answered."""
    form = PasskeyForm()
    challenge = passkeys.take_challenge(LOG_IN)
    if challenge is None or not form.validate_on_submit():
        return _refused(form)
    try:
        owner = verbs.owner_of(
            current_work(),
            answer=form.credential.data,
            site=passkeys.site(),
            challenge=challenge,
            account=passkeys.half_way(),
        )
    except verbs.NotAccepted:
        return _refused(form)
    if owner is None:
        flash(
            gettext(
                "This passkey seems to have been copied, so it was refused. Log in another way and remove it."
            ),
            "warning",
        )
        return redirect(url_for("security.login"), 303)
    passkeys.let_in(owner)
    return redirect(local_target(request.args.get("next")), 303)


@blueprint.get("/account/passkeys", endpoint="passkeys")
def list_passkeys() -> ResponseReturnValue:
    """List one's own passkeys, with the form for another one."""
    return _own_page(NewPasskeyForm())


@blueprint.post("/account/passkeys/options")
def passkey_add_options() -> ResponseReturnValue:
    """Give the browser what it needs to make a key."""
    _demand_offered()
    challenge = passkeys.new_challenge(ADD)
    return _options(verbs.options_to_add(current_work(), own(), passkeys.site(), challenge))


@blueprint.post("/account/passkeys")
def passkey_add() -> ResponseReturnValue:
    """Keep the key that the browser made."""
    form = NewPasskeyForm()
    challenge = passkeys.take_challenge(ADD)
    if not form.validate_on_submit():
        return _own_page(form), 422
    try:
        verbs.add(
            current_work(),
            own(),
            answer=form.credential.data,
            name=form.name.data,
            site=passkeys.site(),
            challenge=challenge,
            device=devices.describe(),
        )
    except verbs.NotAccepted:
        form.form_errors = [gettext("The passkey could not be added. Please try again.")]
        return _own_page(form), 422
    except Conflict as refusal:
        form.name.errors = [say_refusal(refusal) or ""]
        roll_back()
        return _own_page(form), 422
    flash(gettext("The passkey has been added."), "success")
    return redirect(url_for(".passkeys"), 303)


@blueprint.post("/account/passkeys/<uuid:passkey>/remove")
def passkey_remove(passkey: UUID) -> ResponseReturnValue:
    """Remove one of one's own keys."""
    verbs.remove(current_work(), own(), passkey, device=devices.describe())
    flash(gettext("The passkey has been removed."), "success")
    return redirect(url_for(".passkeys"), 303)


def _options(found: dict[str, object]) -> Response:
    return jsonify(found)


def _demand_offered() -> None:
    if not passkeys.are_offered():
        raise NotFound()


def _refused(form: PasskeyForm) -> ResponseReturnValue:
    account = passkeys.half_way()
    events.log(
        "account.login_failed", account=str(account.uid) if account else None, means="passkey"
    )
    form.form_errors = [gettext("The passkey was not accepted. Please try again.")]
    return _login_page(form), 422


def _login_page(form: PasskeyForm) -> str:
    return render_template(
        "account/passkey_login.html",
        form=form,
        is_second_step=passkeys.half_way() is not None,
        is_offered=passkeys.are_offered(),
    )


def _own_page(form: NewPasskeyForm) -> str:
    account = own()
    return render_template(
        "account/passkeys.html",
        form=form,
        found=verbs.own_passkeys(current_work(), account),
        own=account,
        is_offered=passkeys.are_offered(),
    )
