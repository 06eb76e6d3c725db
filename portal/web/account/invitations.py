"""The page behind an invitation's link: the invited person chooses a name and a password and is in."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_security import login_user

from portal.domain.actors import ROLE_NAMES, Role
from portal.domain.members import shown_name
from portal.services import invitations, passwords
from portal.store.invitations import Invitation
from portal.web import language
from portal.web.account import blueprint
from portal.web.forms.accounts import AcceptanceForm
from portal.web.requests import current_account, current_work, wiring


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
def invitation(token: str) -> ResponseReturnValue:
    """Accept an invitation."""
    work = current_work()
    found = invitations.by_token(work, token)
    if found is None:
        return render_template("account/dead_link.html", kind="invitation"), 404
    if current_account() is not None:
        return render_template("account/invitation_elsewhere.html"), 409
    form = AcceptanceForm(language=found.language)
    form.context = (found.email, form.name.data or "")
    if form.validate_on_submit():
        return _accept(found, form)
    return _page(found, form), 422 if form.errors else 200


def _accept(found: Invitation, form: AcceptanceForm) -> ResponseReturnValue:
    hashed = passwords.hash_password(form.password.data, wiring().settings.password_salt)
    account = invitations.accept(
        current_work(),
        found,
        name=form.name.data,
        language=form.language.data,
        password_hash=hashed,
    )
    login_user(account, authn_via=["invitation"])
    response = redirect(url_for("public.start"), 303)
    language.forget_link(response)
    return response


def _page(found: Invitation, form: AcceptanceForm) -> str:
    member = invitations.member_of(current_work(), found)
    code = language.current().code
    held = {Role(role) for role in found.roles}
    return render_template(
        "account/invitation.html",
        form=form,
        email=found.email,
        organisation=shown_name(member.name_zh, member.name_en, code) if member else "",
        roles=[gettext(name) for role, name in ROLE_NAMES.items() if role in held],
    )
