"""Inviting people to the alliance's own side: coordinators, verifiers, administrators."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.domain.actors import ALLIANCE_ROLES
from portal.services import invitations as verbs
from portal.web import invitations, language
from portal.web.administrator import blueprint
from portal.web.forms.accounts import InvitationForm
from portal.web.requests import current_work


@blueprint.get("/invitations/")
def invitation_table() -> ResponseReturnValue:
    """List who was invited to the alliance's own side."""
    return _page(_form())


@blueprint.post("/invitations/")
def invitation_send() -> ResponseReturnValue:
    """Invite a person to the alliance's own side."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    if not invitations.send(None, form):
        return _page(form), 409
    return _done(gettext("The invitation is on its way."))


@blueprint.post("/invitations/<uuid:invitation>/resend")
def invitation_resend(invitation: UUID) -> ResponseReturnValue:
    """Send a new link."""
    invitations.resend(invitation)
    return _done(gettext("The invitation is on its way again. The earlier link no longer works."))


@blueprint.post("/invitations/<uuid:invitation>/revoke")
def invitation_revoke(invitation: UUID) -> ResponseReturnValue:
    """Take an invitation back."""
    invitations.revoke(invitation)
    return _done(gettext("The invitation has been withdrawn."))


def _done(words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for(".invitation_table"), 303)


def _form() -> InvitationForm:
    form = InvitationForm(language=language.current().locale)
    form.roles.offer(ALLIANCE_ROLES)
    return form


def _page(form: InvitationForm) -> str:
    return render_template(
        "administrator/invitations.html", form=form, asked=verbs.asked(current_work(), None)
    )
