"""Choosing a new password without the old one: a letter with a link that works once, within half an hour."""

from __future__ import annotations

from datetime import timedelta

from portal.mail.kinds import MessageKind
from portal.services import accounts
from portal.services.outbox import PRIORITY, send_message
from portal.services.secret_links import digest_of, digest_or_none
from portal.services.work import Work
from portal.store import jobs, password_resets
from portal.store.accounts import Account
from portal.store.password_resets import PasswordReset

SEND_PASSWORD_RESET = "send_password_reset"  # noqa: S105 -- the name of a job, not a password
MINUTES = 30


def ask(work: Work, email: str) -> None:
    """Note that somebody asked for a link; whether there is such an account is found out later, by a job.

    So the page does the same work for every address and tells nobody who has an account, not even by its time.
    """
    jobs.add(
        work.session,
        SEND_PASSWORD_RESET,
        {"email": email},
        moment=work.moment,
        priority=PRIORITY,
    )


def send(work: Work, email: str, token: str) -> bool:
    """Send the link if the address belongs to an open account; False otherwise, and nobody learns of it."""
    account = accounts.find_by_email(work, email)
    if account is None or not account.active:
        return False
    work.session.add(
        PasswordReset(
            digest=digest_of(token),
            account_id=account.id,
            created_at=work.moment,
            expires_at=work.moment + timedelta(minutes=MINUTES),
        )
    )
    send_message(
        work,
        MessageKind.PASSWORD_RESET,
        to_email=account.email,
        to_name=account.name,
        language=account.language,
        values={"minutes": MINUTES, "path": f"/login/reset/{token}"},
        member_id=account.member_id,
    )
    return True


def account_of(work: Work, token: str) -> Account | None:
    """The account that a link may give a new password, None for a link that doesn't work (any more)."""
    digest = digest_or_none(token)
    if digest is None:
        return None
    account_id = password_resets.account_behind(work.session, digest, work.moment)
    account = work.session.get(Account, account_id) if account_id is not None else None
    return account if account is not None and account.active else None


def reset(work: Work, token: str, password_hash: str) -> Account | None:
    """Set the new password and use the link up; None when it was used or grew too old meanwhile."""
    digest = digest_or_none(token)
    account_id = password_resets.use_up(work.session, digest, work.moment) if digest else None
    if account_id is None:
        return None
    account = work.session.get_one(Account, account_id)
    if not account.active:
        return None
    work.actor_uid = str(account.uid)
    accounts.set_password(work, account, password_hash)
    return account
