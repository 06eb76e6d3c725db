"""Tokens of programs: making, revoking, and finding out whom one acts for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain import tokens as rules
from portal.domain.actors import AccountId, Actor, MemberId
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, NotFound
from portal.domain.tokens import Scope
from portal.mail.kinds import MessageKind
from portal.services.accounts import roles_of, subject_of, tell
from portal.services.work import Work
from portal.store import tokens
from portal.store.accounts import Account
from portal.store.members import Member
from portal.store.tokens import ApiToken

PAGE = "/account/tokens"


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token that is alive, and the person that it acts for with what both may do."""

    token: ApiToken
    account: Account
    actor: Actor


def make(
    work: Work,
    account: Account,
    *,
    name: str,
    scopes: Iterable[Scope],
    days: int,
    device: str = "",
) -> tuple[ApiToken, str]:
    """Make a token for one's own programs; its text is given back once and kept nowhere."""
    work.demand(Permission.OWN_ACCOUNT_EDIT)
    wanted = list(dict.fromkeys(scopes))
    offered = rules.offered(roles_of(account))
    if not wanted or not set(wanted) <= set(offered) or not 1 <= days <= rules.LONGEST_DAYS:
        raise Conflict("token.not_offered")
    if tokens.count_of(work.session, account.id, work.moment) >= rules.MOST_TOKENS:
        raise Conflict("token.too_many")
    text = rules.spell(work.random_bytes(rules.SECRET_BYTES))
    token = ApiToken(
        uid=work.new_uid(),
        account_id=account.id,
        name=name,
        hint=text[-rules.HINT_CHARACTERS :],
        digest=digest_of(text),
        scopes=[scope.value for scope in wanted],
        created_at=work.moment,
        expires_at=work.moment + timedelta(days=days),
    )
    work.session.add(token)
    work.session.flush()
    work.record(
        "token.made",
        subject_of(account),
        detail={
            "token": str(token.uid),
            "scopes": list(token.scopes),
            "until": token.expires_at.date(),
        },
    )
    tell(
        work,
        account,
        MessageKind.TOKEN_MADE,
        name=name,
        made_at=work.moment,
        until_on=token.expires_at.date(),
        path=PAGE,
        device=device,
    )
    return token, text


def own_tokens(work: Work, account: Account) -> Sequence[ApiToken]:
    """One's own tokens that were not revoked, newest first."""
    work.demand(Permission.OWN_ACCOUNT_EDIT)
    return tokens.of_account(work.session, account.id)


def revoke(work: Work, account: Account, uid: UUID) -> None:
    """Revoke one of one's own tokens; the next request with it is refused. Another's is answered like an unknown one."""
    work.demand(Permission.OWN_ACCOUNT_EDIT)
    if not tokens.revoke(work.session, account.id, work.moment, uid=uid):
        raise NotFound()
    work.record("token.revoked", subject_of(account), detail={"token": str(uid)})


def bearer_of(session: Session, text: str, moment: datetime) -> Bearer | None:
    """Whom a token acts for; None for whatever opens nothing: unknown, revoked, run out, or of somebody who is out."""
    if not rules.is_spelled(text):
        return None
    found = tokens.by_digest(session, digest_of(text))
    if found is None:
        return None
    token, account = found
    if not token.is_alive(moment) or not account.active:
        return None
    actor = Actor(
        AccountId(account.id),
        account.name,
        roles_of(account),
        None if account.member_id is None else MemberId(account.member_id),
        only=rules.powers(token.scopes),
    )
    return Bearer(token, account, actor)


def uid_of(session: Session, text: str) -> UUID | None:
    """The public id of a token, dead ones included: whoever reads the log learns that a revoked one is still in use."""
    found = tokens.by_digest(session, digest_of(text)) if rules.is_spelled(text) else None
    return None if found is None else found[0].uid


def is_in(session: Session, bearer: Bearer, moment: datetime) -> bool:
    """Whether a token is alive in the transaction that it acts in, and its member still belongs to the alliance.

    It was looked up in an earlier transaction; whoever revoked it in between must not see it act or be answered.
    """
    if not tokens.opens_still(session, bearer.token.id, moment):
        return False
    if bearer.actor.member_id is None:
        return True
    member = session.get(Member, bearer.actor.member_id)
    return member is not None and member.status != "left"


def digest_of(text: str) -> bytes:
    """The SHA-256 that the table keeps of a token."""
    return hashlib.sha256(text.encode()).digest()
