"""Erasing a person: who they were goes, what was done stays under a public id that leads to nobody.

The ledger holds public ids only, so it verifies as before. A signature under what was declared stays with the frozen
content, since the law wants it kept; pages no longer show it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from portal.domain.actors import Role
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict
from portal.mail.kinds import MessageKind
from portal.services.accounts import keep_an_administrator, roles_of, subject_of
from portal.services.password_resets import SEND_PASSWORD_RESET
from portal.services.work import Work
from portal.store import erasures, tokens
from portal.store.accounts import ERASED_DOMAIN, Account
from portal.store.actions import Action
from portal.store.alliance import Alliance
from portal.store.erasures import Erasure
from portal.store.invitations import Invitation
from portal.store.jobs import Job
from portal.store.members import Member
from portal.store.messages import TO_BE_SENT, Message
from portal.store.passkeys import Passkey
from portal.store.password_resets import PasswordReset
from portal.store.sessions import WebSession

NOBODY = "–"


def ask(work: Work, account: Account) -> None:
    """Ask to be erased; an administrator does it, once nothing is left that only this person can do."""
    work.demand(Permission.OWN_ACCOUNT_EDIT)
    if account.erasure_asked_at is None:
        account.erasure_asked_at = work.moment
        work.record("account.erasure_asked", subject_of(account))


def take_back(work: Work, account: Account) -> None:
    """Think better of it."""
    work.demand(Permission.OWN_ACCOUNT_EDIT)
    if account.erasure_asked_at is not None:
        account.erasure_asked_at = None
        work.record("account.erasure_taken_back", subject_of(account))


def erase(work: Work, account: Account) -> None:
    """Erase a person for good; nobody erases themselves or the last administrator."""
    work.demand(Permission.ALLIANCE_ACCOUNT_EDIT)
    if account.is_erased:
        return
    if account.id == work.actor.account_id:
        raise Conflict("account.own.erase")
    if Role.ADMINISTRATOR in roles_of(account):
        keep_an_administrator(work, account)
    _erase(work, account)


def apply_list(work: Work, listed: Iterable[UUID]) -> int:
    """Erase again whom a backup has brought back; returns how many. Whoever it doesn't know was never in it."""
    again = 0
    for uid in listed:
        query = select(Account).where(Account.uid == uid)
        account = work.session.scalars(query).one_or_none()
        if account is not None and not account.is_erased:
            _erase(work, account)
            again += 1
    return again


def list_of(session: Session) -> list[tuple[UUID, datetime]]:
    """Who was erased and when, for the list that is kept apart from the backups."""
    return [(row.account_uid, row.erased_at) for row in erasures.listed(session)]


def _erase(work: Work, account: Account) -> None:
    session = work.session
    session.flush()
    alias = f"{account.uid}@{ERASED_DOMAIN}"
    _clear_machinery(session, account.email)
    _clear_letters(session, account, alias)
    _clear_names(session, account)
    tokens.delete_of(session, account.id)
    for table in (WebSession, PasswordReset, Passkey):
        session.execute(delete(table).where(table.account_id == account.id))
    account.email, account.name, account.language = alias, NOBODY, "en"
    account.active, account.confirmed_at, account.erasure_asked_at = False, None, None
    account.password, account.fs_uniquifier = None, work.new_uid().hex
    account.tf_primary_method = account.tf_totp_secret = account.tf_last_counter = None
    account.mf_recovery_codes = account.fs_webauthn_user_handle = None
    session.add(Erasure(account_uid=account.uid, erased_at=work.moment))
    session.flush()
    work.record("account.erased", subject_of(account))


def _clear_machinery(session: Session, email: str) -> None:
    """Jobs that name the address: waiting ones have nobody to write to any more, finished ones only remember."""
    told = or_(
        Job.error.icontains(email, autoescape=True), Job.message.icontains(email, autoescape=True)
    )
    session.execute(update(Job).where(told).values(error="", message=""))
    for job in session.scalars(select(Job).where(Job.kind == SEND_PASSWORD_RESET)):
        job.arguments = _without(job.arguments, email)


def _clear_letters(session: Session, account: Account, alias: str) -> None:
    """Letters to the person, and the name in letters that the person caused."""
    session.execute(
        update(Message)
        .where(Message.to_email == account.email, Message.state.in_(TO_BE_SENT))
        .values(state="bounced")
    )
    session.execute(
        update(Message)
        .where(Message.to_email == account.email)
        .values(to_email=alias, to_name="", values={}, error="")
    )
    invited = select(Message).where(Message.kind == MessageKind.INVITATION.value)
    for letter in session.scalars(invited):
        letter.values = _without(letter.values, account.name)
    session.execute(
        update(Invitation)
        .where(or_(Invitation.account_id == account.id, Invitation.email == account.email))
        .values(email=alias, language="en")
    )


def _clear_names(session: Session, account: Account) -> None:
    """Where the member or the alliance names the same person; what is frozen names posts only, besides the signature."""
    session.execute(
        update(Alliance).where(Alliance.contact_email == account.email).values(contact_email="")
    )
    if account.member_id is None:
        return
    for member in session.scalars(
        select(Member).where(Member.id == account.member_id, Member.signatory_name == account.name)
    ):
        member.signatory_name = member.signatory_post = None
    for action in session.scalars(select(Action).where(Action.member_id == account.member_id)):
        for column in ("owner_name", "supervisor_name"):
            if getattr(action, column) == account.name:
                setattr(action, column, "")
        action.raw = _without(action.raw, account.name)


def _without(values: Any, words: str) -> dict[str, Any]:
    """The values, with a dash in the place of those that are these words, whatever their capitals."""
    same = words.casefold()
    return {
        name: NOBODY if isinstance(value, str) and value.strip().casefold() == same else value
        for name, value in values.items()
    }
