"""What inviting is on both sides, for a supplier's people and for the alliance's own."""

from __future__ import annotations

import secrets
from uuid import UUID

from portal.domain.refusals import Conflict
from portal.services import invitations
from portal.store.invitations import Invitation
from portal.store.members import Member
from portal.web.forms.accounts import InvitationForm
from portal.web.requests import current_work
from portal.web.words import say_refusal

TOKEN_BYTES = 32


def send(member: Member | None, form: InvitationForm) -> bool:
    """Send the invitation that a valid form asks for; False when it can't be, with the reason beside the address."""
    try:
        invitations.invite(
            current_work(),
            member=member,
            email=form.email.data,
            roles=form.roles.chosen(),
            language=form.language.data,
            token=secrets.token_urlsafe(TOKEN_BYTES),
        )
    except Conflict as refusal:
        form.email.errors = [say_refusal(refusal)]
        return False
    return True


def resend(uid: UUID) -> Invitation:
    """Send a new link; the old one works no more."""
    work = current_work()
    found = invitations.find(work, uid)
    invitations.resend(work, found, secrets.token_urlsafe(TOKEN_BYTES))
    return found


def revoke(uid: UUID) -> Invitation:
    """Take an invitation back."""
    work = current_work()
    found = invitations.find(work, uid)
    invitations.revoke(work, found)
    return found
