"""The administrator's list of accounts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, or_, select

from portal.domain.permissions import Permission
from portal.services.pages import Page, page_of
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.accounts import Role as RoleRow
from portal.store.members import Member

SORTS = {
    "name": (Account.name, Account.id),
    "-name": (Account.name.desc(), Account.id.desc()),
    "created": (Account.created_at, Account.id),
    "-created": (Account.created_at.desc(), Account.id.desc()),
}


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """What the address asks for; empty means no restriction."""

    role: str = ""
    state: str = ""
    search: str = ""
    sort: str = "name"


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account with the member it belongs to, None for the alliance's own people."""

    account: Account
    member: Member | None


def list_accounts(work: Work, wanted: AccountFilter, page: int = 1) -> Page[AccountRow]:
    """One page of accounts."""
    work.demand(Permission.ALLIANCE_ACCOUNT_READ)
    query = select(Account, Member).outerjoin(Member, Member.id == Account.member_id)
    found = page_of(work.session, _narrowed(query, wanted).order_by(*SORTS[wanted.sort]), page)
    rows = [AccountRow(account, member) for account, member in found.rows]
    return Page(rows, found.number, found.total, found.size)


def _narrowed(query: Select[Account, Member], wanted: AccountFilter) -> Select[Account, Member]:
    if wanted.role:
        query = query.where(Account.roles.any(RoleRow.name == wanted.role))
    if wanted.state:
        query = query.where(Account.active.is_(wanted.state == "active"))
    if wanted.search:
        columns = (Account.name, Account.email, Member.code, Member.name_zh, Member.name_en)
        query = query.where(
            or_(*(column.icontains(wanted.search, autoescape=True) for column in columns))
        )
    return query
