"""One's own account: name, language, and the way to password, second factor and sessions."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.domain.actors import ROLE_NAMES
from portal.services import accounts, passkeys
from portal.store.accounts import Account
from portal.web import language
from portal.web.account import blueprint
from portal.web.forms.accounts import OwnAccountForm
from portal.web.requests import current_account, current_work


@blueprint.get("/account/")
def home() -> ResponseReturnValue:
    """Show one's own account."""
    account = own()
    return _page(account, OwnAccountForm(obj=account))


@blueprint.post("/account/")
def describe() -> ResponseReturnValue:
    """Change one's name and language."""
    account = own()
    form = OwnAccountForm()
    if not form.validate_on_submit():
        return _page(account, form), 422
    accounts.describe(current_work(), account, name=form.name.data, language=form.language.data)
    flash(gettext("Your account has been changed."), "success")
    response = redirect(url_for(".home"), 303)
    language.forget_link(response)
    return response


def _page(account: Account, form: OwnAccountForm) -> str:
    held = accounts.roles_of(account)
    return render_template(
        "account/home.html",
        own=account,
        form=form,
        roles=[name for role, name in ROLE_NAMES.items() if role in held],
        passkeys_count=len(passkeys.own_passkeys(current_work(), account)),
        codes_left=len(account.mf_recovery_codes or []),
    )


def own() -> Account:
    """The account that is logged in, on pages that nobody else can open."""
    account = current_account()
    assert account is not None  # noqa: S101 -- the access table lets nobody else in
    return account
