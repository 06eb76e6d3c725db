"""Sessions of an account: a letter when it is used from somewhere new, and ending them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from portal.domain.permissions import Permission
from portal.domain.refusals import NotFound
from portal.mail.kinds import MessageKind
from portal.services.accounts import tell
from portal.services.work import Work
from portal.store import sessions
from portal.store.accounts import Account
from portal.store.sessions import WebSession


def note_login(work: Work, account: Account, *, device: str) -> None:
    """Tell the owner of a login from a kind of device that the account has not been used from before."""
    seen_before = sessions.has_any(work.session, account.id)
    if seen_before and not sessions.has_used(work.session, account.id, device):
        tell(
            work,
            account,
            MessageKind.NEW_DEVICE,
            logged_in_at=work.moment,
            path="/account/sessions",
            device=device,
        )


def own_sessions(work: Work, account: Account) -> Sequence[WebSession]:
    """One's own sessions that have not ended."""
    work.demand(Permission.OWN_ACCOUNT_EDIT)
    return sessions.living_of(work.session, account.id, work.moment)


def end_session(work: Work, account: Account, uid: UUID) -> None:
    """End one of one's own sessions; another person's is answered like an unknown one."""
    work.demand(Permission.OWN_ACCOUNT_EDIT)
    if not sessions.end_one_of(work.session, account.id, uid, work.moment):
        raise NotFound()


def end_other_sessions(work: Work, account: Account, but: UUID | None) -> int:
    """End all of one's own sessions except the one that asks; returns how many."""
    work.demand(Permission.OWN_ACCOUNT_EDIT)
    return sessions.end_all_of(work.session, account.id, work.moment, but=but)
