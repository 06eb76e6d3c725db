"""Inviting a supplier's people."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.domain.actors import SUPPLIER_ROLES
from portal.services import invitations as verbs
from portal.services import members
from portal.store.invitations import Invitation
from portal.store.members import Member
from portal.web import invitations, language
from portal.web.coordinator import blueprint
from portal.web.forms.accounts import InvitationForm
from portal.web.requests import current_work


@blueprint.get("/members/<uuid:member>/invitations/")
def invitation_table(member: UUID) -> ResponseReturnValue:
    """List who was invited to a member."""
    return _page(members.find_member(current_work(), member), _form())


@blueprint.post("/members/<uuid:member>/invitations/")
def invitation_send(member: UUID) -> ResponseReturnValue:
    """Invite a person to a member."""
    found = members.find_member(current_work(), member)
    form = _form()
    if not form.validate_on_submit():
        return _page(found, form), 422
    if not invitations.send(found, form):
        return _page(found, form), 409
    return _done(found.uid, gettext("The invitation is on its way."))


@blueprint.post("/invitations/<uuid:invitation>/resend")
def invitation_resend(invitation: UUID) -> ResponseReturnValue:
    """Send a new link."""
    found = invitations.resend(invitation)
    return _done(
        _member_uid(found),
        gettext("The invitation is on its way again. The earlier link no longer works."),
    )


@blueprint.post("/invitations/<uuid:invitation>/revoke")
def invitation_revoke(invitation: UUID) -> ResponseReturnValue:
    """Take an invitation back."""
    found = invitations.revoke(invitation)
    return _done(_member_uid(found), gettext("The invitation has been withdrawn."))


def _member_uid(invitation: Invitation) -> UUID | None:
    member = verbs.member_of(current_work(), invitation)
    return member.uid if member else None


def _done(member_uid: UUID | None, words: str) -> ResponseReturnValue:
    flash(words, "success")
    if member_uid is None:
        return redirect(url_for("administrator.invitation_table"), 303)
    return redirect(url_for(".invitation_table", member=member_uid), 303)


def _form() -> InvitationForm:
    form = InvitationForm(language=language.current().locale)
    form.roles.offer(SUPPLIER_ROLES)
    return form


def _page(member: Member, form: InvitationForm) -> str:
    return render_template(
        "coordinator/members/invitations.html",
        member=member,
        form=form,
        asked=verbs.asked(current_work(), member.id),
    )
