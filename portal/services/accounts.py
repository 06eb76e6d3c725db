"""Accounts: who gets one, what it may do, and what becomes known when it changes."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.domain.actors import ALLIANCE_ROLES, ROLE_NAMES, SUPPLIER_ROLES, Role
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, NotFound
from portal.mail.kinds import MessageKind
from portal.services import addresses, passwords
from portal.services.outbox import send_message
from portal.services.work import Work
from portal.store import sessions, tokens
from portal.store.accounts import Account
from portal.store.accounts import Role as RoleRow
from portal.store.alliance import OrgUnit

LANGUAGES = ("zh_Hans_CN", "en")
HOME = "/account/"
FORGOTTEN = "/login/forgotten"


def create_account(
    work: Work,
    *,
    email: str,
    name: str,
    language: str,
    roles: Iterable[Role],
    password_hash: str,
    member_id: int | None = None,
    unit_id: int | None = None,
) -> Account:
    """Give a person an account; the address is in use at most once.

    Supplier roles go with a member and alliance roles without one, never both.
    """
    held = check_roles(roles, member_id)
    address = addresses.normalise(email)
    if find_by_email(work, address) is not None:
        raise Conflict("account.email.taken")
    account = Account(
        uid=work.new_uid(),
        email=address,
        name=name,
        language=language,
        member_id=member_id,
        unit_id=unit_id,
        password=password_hash,
        active=True,
        fs_uniquifier=work.new_uid().hex,
        confirmed_at=work.moment,
        created_at=work.moment,
        roles=_role_rows(work, held),
    )
    work.session.add(account)
    try:
        work.session.flush()
    except IntegrityError as error:
        # Somebody took the address between the question and this row; the caller's transaction is lost either way.
        raise Conflict("account.email.taken") from error
    work.record("account.created", subject_of(account), detail={"roles": names_of(held)})
    return account


def create_first_administrator(
    work: Work, *, email: str, name: str, language: str, password: str, salt: str
) -> Account:
    """Let the first administrator in; a Conflict as soon as there is one, because then that one invites the others."""
    query = select(Account.id).where(Account.roles.any(RoleRow.name == Role.ADMINISTRATOR.value))
    if work.session.scalars(query.limit(1)).first() is not None:
        raise Conflict("account.administrator.exists")
    return create_account(
        work,
        email=email,
        name=name,
        language=language,
        roles={Role.ADMINISTRATOR},
        password_hash=passwords.hash_password(password, salt),
    )


def find_by_email(work: Work, email: str) -> Account | None:
    """The account with this address, for the verbs of this floor; pages never tell whether there is one."""
    query = select(Account).where(Account.email == addresses.comparable(email))
    return work.session.scalars(query).one_or_none()


def find(work: Work, uid: UUID) -> Account:
    """The account with this public id, for administrators."""
    work.demand(Permission.ALLIANCE_ACCOUNT_READ)
    account = work.session.scalars(select(Account).where(Account.uid == uid)).one_or_none()
    if account is None:
        raise NotFound()
    return account


def lock(work: Work, account: Account) -> None:
    """Hold the account for this transaction and see it as it is now: a code that works once must be asked alone."""
    work.session.flush()
    work.session.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    work.session.refresh(account)


def describe(work: Work, account: Account, *, name: str, language: str) -> None:
    """Change one's own name and language."""
    work.demand(Permission.OWN_ACCOUNT_EDIT)
    if (account.name, account.language) == (name, language):
        return
    account.name, account.language = name, language
    work.record("account.described", subject_of(account))


def look_after(work: Work, account: Account, unit: OrgUnit | None) -> None:
    """Say which unit's warnings come to a coordinator, those of the units below it among them; None for the whole alliance."""
    work.demand(Permission.ALLIANCE_SUBMISSION_DECIDE)
    if account.id != work.actor.account_id:
        raise NotFound()
    wanted = None if unit is None else unit.id
    if account.unit_id == wanted:
        return
    account.unit_id = wanted
    work.record(
        "account.unit_chosen",
        subject_of(account),
        detail={"unit": "" if unit is None else unit.code},
    )


def change_roles(work: Work, account: Account, roles: Iterable[Role]) -> None:
    """Give an account other roles of its side; its sessions and tokens end, so that it works under the new ones."""
    work.demand(Permission.ALLIANCE_ACCOUNT_EDIT)
    wanted = check_roles(roles, account.member_id)
    before = roles_of(account)
    if wanted == before:
        return
    if Role.ADMINISTRATOR in before - wanted:
        keep_an_administrator(work, account)
    account.roles = _role_rows(work, wanted)
    shut_out(work, account)
    work.record(
        "account.roles_changed",
        subject_of(account),
        detail={"from": names_of(before), "to": names_of(wanted)},
    )
    tell(
        work,
        account,
        MessageKind.ROLES_CHANGED,
        roles=",".join(names_of(wanted)),
        changed_at=work.moment,
        path=HOME,
    )


def disable(work: Work, account: Account) -> None:
    """Close an account: nobody logs in with it, and whoever is logged in is out with the next request."""
    work.demand(Permission.ALLIANCE_ACCOUNT_EDIT)
    if not account.active:
        return
    if account.id == work.actor.account_id:
        raise Conflict("account.own.disable")
    if Role.ADMINISTRATOR in roles_of(account):
        keep_an_administrator(work, account)
    account.active = False
    shut_out(work, account)
    work.record("account.disabled", subject_of(account))


def enable(work: Work, account: Account) -> None:
    """Open a closed account again, with the password it had."""
    work.demand(Permission.ALLIANCE_ACCOUNT_EDIT)
    if account.active:
        return
    if account.is_erased:
        raise Conflict("account.erased")
    account.active = True
    work.record("account.enabled", subject_of(account))


def set_password(work: Work, account: Account, password_hash: str) -> None:
    """Set a new password after a reset; every session and token of the account ends and older links die."""
    account.password = password_hash
    account.fs_uniquifier = work.new_uid().hex
    shut_out(work, account)
    note_new_password(work, account, "account.password_reset")


def note_new_password(
    work: Work, account: Account, kind: str = "account.password_changed", *, device: str = ""
) -> None:
    """End every session, put the change on record and tell the owner, who may not have been the one."""
    sessions.end_all_of(work.session, account.id, work.moment)
    work.record(kind, subject_of(account))
    tell(
        work,
        account,
        MessageKind.PASSWORD_CHANGED,
        changed_at=work.moment,
        path=FORGOTTEN,
        device=device,
    )


def shut_out(work: Work, account: Account) -> None:
    """End whatever is in with this account just now: sessions of browsers and tokens of programs."""
    sessions.end_all_of(work.session, account.id, work.moment)
    if tokens.revoke(work.session, account.id, work.moment):
        work.record("token.revoked", subject_of(account), detail={"token": "all"})


def roles_of(account: Account) -> frozenset[Role]:
    """The roles an account holds."""
    return frozenset(Role(row.name) for row in account.roles)


def check_roles(roles: Iterable[Role], member_id: int | None) -> frozenset[Role]:
    """The roles as a set; a Conflict when there are none, or one that people of this side don't have."""
    held = frozenset(roles)
    if not held or held - (ALLIANCE_ROLES if member_id is None else SUPPLIER_ROLES):
        raise Conflict("account.roles.wrong_side")
    return held


def keep_an_administrator(work: Work, leaving: Account) -> None:
    """Refuse to lose the last administrator."""
    query = select(Account.id).where(
        Account.roles.any(RoleRow.name == Role.ADMINISTRATOR.value),
        Account.active.is_(True),
        Account.id != leaving.id,
    )
    if work.session.scalars(query.limit(1)).first() is None:
        raise Conflict("account.administrator.last")


def _role_rows(work: Work, roles: frozenset[Role]) -> list[RoleRow]:
    names = names_of(roles)
    found = {
        row.name: row
        for row in work.session.scalars(select(RoleRow).where(RoleRow.name.in_(names)))
    }
    for name in names:
        if name not in found:
            found[name] = RoleRow(name=name)
            work.session.add(found[name])
    return [found[name] for name in names]


def names_of(roles: Iterable[Role]) -> list[str]:
    """The roles as they are kept, in the order of the table."""
    order = list(ROLE_NAMES)
    return [role.value for role in sorted(roles, key=order.index)]


def subject_of(account: Account) -> str:
    """What the ledger calls an account: its public id, never a name."""
    return f"account/{account.uid}"


def tell(work: Work, account: Account, kind: MessageKind, **values: object) -> None:
    """Send the owner of an account a letter about it."""
    send_message(
        work,
        kind,
        to_email=account.email,
        to_name=account.name,
        language=account.language,
        values=values,
        member_id=account.member_id,
    )
