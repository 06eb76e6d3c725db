"""Invitations: the only way to an account. Single use, seven days, bound to one address and one member."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from portal.domain.actors import Role
from portal.domain.members import Status, shown_name
from portal.domain.permissions import Permission, may
from portal.domain.refusals import Conflict, NotFound
from portal.mail.kinds import MessageKind
from portal.services import accounts
from portal.services.outbox import send_message
from portal.services.portfolio import the_alliance
from portal.services.secret_links import digest_of, digest_or_none
from portal.services.work import Work
from portal.store import invitations
from portal.store.accounts import Account
from portal.store.invitations import Invitation
from portal.store.members import Member
from portal.store.messages import Message
from portal.store.sight import widen

DAYS = 7
UNDELIVERED = frozenset({"failed", "bounced"})


@dataclass(frozen=True, slots=True)
class Asked:
    """An invitation with its state in one word: sent, bounced, accepted, expired or revoked."""

    invitation: Invitation
    state: str


def invite(
    work: Work,
    *,
    member: Member | None,
    email: str,
    roles: Iterable[Role],
    language: str,
    token: str,
) -> Invitation:
    """Invite a person to a member, or to the alliance's own side; whoever has an account already is a Conflict."""
    _demand(work, None if member is None else member.id)
    held = accounts.check_roles(roles, None if member is None else member.id)
    if accounts.find_by_email(work, email) is not None:
        raise Conflict("account.email.taken")
    _refuse_second(work, email)
    uid = work.new_uid()
    letter = _send(work, member, email=email, language=language, token=token)
    invitation = Invitation(
        uid=uid,
        digest=digest_of(token),
        member_id=None if member is None else member.id,
        email=email,
        language=language,
        roles=accounts.names_of(held),
        inviter_id=work.actor.account_id,
        message_id=letter.id,
        created_at=work.moment,
        sent_at=work.moment,
        expires_at=work.moment + timedelta(days=DAYS),
    )
    work.session.add(invitation)
    _record(work, "invitation.sent", invitation, member)
    return invitation


def resend(work: Work, invitation: Invitation, token: str) -> None:
    """Send a new link for seven more days; the old one works no more."""
    _demand(work, invitation.member_id)
    if invitation.accepted_at is not None or invitation.revoked_at is not None:
        raise Conflict("invitation.state.moved_on")
    member = _member(work, invitation)
    letter = _send(work, member, email=invitation.email, language=invitation.language, token=token)
    invitation.digest = digest_of(token)
    invitation.message_id = letter.id
    invitation.sent_at = work.moment
    invitation.expires_at = work.moment + timedelta(days=DAYS)
    _record(work, "invitation.sent_again", invitation, member)


def revoke(work: Work, invitation: Invitation) -> None:
    """Take an invitation back; its link works no more."""
    _demand(work, invitation.member_id)
    if invitation.accepted_at is not None:
        raise Conflict("invitation.state.moved_on")
    if invitation.revoked_at is None:
        invitation.revoked_at = work.moment
        _record(work, "invitation.revoked", invitation, _member(work, invitation))


def find(work: Work, uid: UUID) -> Invitation:
    """The invitation with this public id; one that the actor may not handle is answered like an unknown one."""
    work.demand(Permission.ALLIANCE_MEMBER_INVITE)
    invitation = work.session.scalars(select(Invitation).where(Invitation.uid == uid)).one_or_none()
    if invitation is None:
        raise NotFound()
    if invitation.member_id is None and not may(work.actor, Permission.ALLIANCE_ACCOUNT_EDIT):
        raise NotFound()
    return invitation


def asked(work: Work, member_id: int | None) -> list[Asked]:
    """Who was invited to a member (None: to the alliance's own side), newest first."""
    _demand(work, member_id)
    return [
        Asked(invitation, _state(work, invitation, letter))
        for invitation, letter in invitations.with_letters(work.session, member_id)
    ]


def by_token(work: Work, token: str) -> Invitation | None:
    """The invitation that a link opens, None when it doesn't open any (any more)."""
    digest = digest_or_none(token)
    invitation = invitations.by_digest(work.session, digest) if digest else None
    if invitation is None or not invitation.is_open(work.moment):
        return None
    if invitation.member_id is not None:
        # Whoever has the link comes in the place of somebody of this member, though nobody is logged in.
        widen(work.session, invitation.member_id)
    return invitation


def member_of(work: Work, invitation: Invitation) -> Member | None:
    """The member that a person was invited to, None for the alliance's own side."""
    return _member(work, invitation)


def accept(
    work: Work, invitation: Invitation, *, name: str, language: str, password_hash: str
) -> Account:
    """Make the account that was offered; the first to come also makes an invited member active."""
    work.session.refresh(invitation, with_for_update=True)
    if not invitation.is_open(work.moment):
        raise Conflict("invitation.state.moved_on")
    account = accounts.create_account(
        work,
        email=invitation.email,
        name=name,
        language=language,
        roles=[Role(role) for role in invitation.roles],
        password_hash=password_hash,
        member_id=invitation.member_id,
    )
    invitation.accepted_at, invitation.account_id = work.moment, account.id
    work.actor_uid = str(account.uid)
    member = _member(work, invitation)
    if member is not None and member.status == Status.INVITED.value:
        member.status = Status.ACTIVE.value
        work.record("member.activated", f"member/{member.uid}", on_behalf_of=member.code)
    _record(work, "invitation.accepted", invitation, member)
    return account


def _demand(work: Work, member_id: int | None) -> None:
    work.demand(
        Permission.ALLIANCE_ACCOUNT_EDIT if member_id is None else Permission.ALLIANCE_MEMBER_INVITE
    )


def _refuse_second(work: Work, email: str) -> None:
    query = select(Invitation).where(
        Invitation.email == email,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > work.moment,
    )
    if work.session.scalars(query.limit(1)).first() is not None:
        raise Conflict("invitation.open_already")


def _send(work: Work, member: Member | None, *, email: str, language: str, token: str) -> Message:
    alliance = the_alliance(work)
    return send_message(
        work,
        MessageKind.INVITATION,
        to_email=email,
        to_name="",
        language=language,
        values={
            "alliance": shown_name(alliance.name_zh, alliance.name_en, language),
            "member": shown_name(member.name_zh, member.name_en, language) if member else "",
            "inviter": work.actor.name,
            "expires_at": work.moment + timedelta(days=DAYS),
            "path": f"/invitation/{token}",
        },
        member_id=None if member is None else member.id,
    )


def _state(work: Work, invitation: Invitation, letter: str) -> str:
    if invitation.accepted_at is not None:
        return "accepted"
    if invitation.revoked_at is not None:
        return "revoked"
    if letter in UNDELIVERED:
        return "bounced"
    return "sent" if invitation.is_open(work.moment) else "expired"


def _member(work: Work, invitation: Invitation) -> Member | None:
    if invitation.member_id is None:
        return None
    return work.session.get_one(Member, invitation.member_id)


def _record(work: Work, kind: str, invitation: Invitation, member: Member | None) -> None:
    work.record(
        kind,
        f"invitation/{invitation.uid}",
        on_behalf_of="" if member is None else member.code,
        detail={"roles": invitation.roles},
    )
