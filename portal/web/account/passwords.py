"""A new password for whoever forgot the old one: asking for the letter, and the page behind its link."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.services import password_resets, passwords
from portal.store import throttle as counters
from portal.store.accounts import Account
from portal.web import throttle
from portal.web.account import blueprint
from portal.web.forms.accounts import ForgottenForm, NewPasswordForm
from portal.web.requests import current_work, wiring


@blueprint.route("/login/forgotten", methods=["GET", "POST"])
def forgotten() -> ResponseReturnValue:
    """Ask for a letter with a link; the answer is the same whether there is such an account or not."""
    form = ForgottenForm()
    if form.validate_on_submit():
        password_resets.ask(current_work(), form.email.data)
        return render_template("account/forgotten_done.html", minutes=password_resets.MINUTES)
    return render_template("account/forgotten.html", form=form), 422 if form.errors else 200


@blueprint.route("/login/reset/<token>", methods=["GET", "POST"])
def reset(token: str) -> ResponseReturnValue:
    """Choose a new password with the link of the letter; every session of the account ends."""
    work = current_work()
    account = password_resets.account_of(work, token)
    if account is None:
        return render_template("account/dead_link.html", kind="reset"), 404
    form = NewPasswordForm()
    form.context = (account.name, account.email)
    if form.validate_on_submit():
        return _set(token, account, form.password.data)
    return render_template("account/reset.html", form=form), 422 if form.errors else 200


def _set(token: str, account: Account, password: str) -> ResponseReturnValue:
    work = current_work()
    hashed = passwords.hash_password(password, wiring().settings.password_salt)
    if password_resets.reset(work, token, hashed) is None:
        return render_template("account/dead_link.html", kind="reset"), 404
    # Whoever reads the owner's letters is the owner: failed attempts of others no longer lock them out.
    counters.forget(work.session, [throttle.account_key(account.email)])
    flash(gettext("Your password has been changed. Log in with the new one."), "success")
    return redirect(url_for("security.login"), 303)
