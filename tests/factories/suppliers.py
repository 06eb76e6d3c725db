"""A small alliance with suppliers, for tests that need one: nothing about quantities, units or periods is guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.data import load_edition
from portal.domain.actors import AccountId, Actor, MemberId, Role
from portal.domain.ledger import EMPTY_ROOT
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.accounts import Role as RoleRow
from portal.store.alliance import Alliance, OrgClosure, OrgUnit, ReportingYear
from portal.store.evidence import Evidence
from portal.store.ledger import LedgerHead
from portal.store.members import Member, Site

MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

_numbers = count(1)


def an_alliance(session: Session, *, years: tuple[int, ...]) -> Alliance:
    """An alliance with reporting years open, the root of its tree, and a ledger to write to."""
    alliance = Alliance(
        code="DAIRY",
        name_zh="乳业零碳联盟",
        name_en="Dairy Zero-Carbon Alliance",
        leader_zh="乳业集团",
        leader_en="Dairy Group",
        net_zero_year=2050,
        certificate_months=12,
        contact_email="carbon@example.com",
        created_at=MOMENT,
    )
    session.add(alliance)
    session.flush()
    for year in years:
        session.add(
            ReportingYear(
                alliance_id=alliance.id,
                year=year,
                edition=EDITION,
                gwp_set="AR6",
                options={},
                due_on=date(year + 1, 3, 31),
            )
        )
    unit = OrgUnit(
        uid=uuid4(),
        alliance_id=alliance.id,
        code="GROUP",
        name_zh="集团",
        name_en="Group",
        level="group",
    )
    session.add(unit)
    session.flush()
    session.add(OrgClosure(ancestor_id=unit.id, descendant_id=unit.id, depth=0))
    if session.get(LedgerHead, 1) is None:
        session.add(LedgerHead(id=1, size=0, root=EMPTY_ROOT))
    session.flush()
    return alliance


EDITION = load_edition().code


def a_member(session: Session, alliance: Alliance, code: str, *, sector: str) -> Member:
    """A supplier that has set itself up."""
    unit = session.scalars(select(OrgUnit).where(OrgUnit.parent_id.is_(None))).one()
    member = Member(
        uid=uuid4(),
        alliance_id=alliance.id,
        unit_id=unit.id,
        code=code,
        name_zh=f"{code} 有限公司",
        name_en=f"{code} Co., Ltd",
        sector=sector,
        joined_on=date(2022, 1, 1),
        status="active",
        base_year=2024,
        boundary="operational_control",
        signatory_name="李雷",
        signatory_post="总经理",
        set_up_at=MOMENT,
        created_at=MOMENT,
    )
    session.add(member)
    session.flush()
    return member


def a_site(session: Session, member: Member, code: str, *, province: str = "CN-NM") -> Site:
    """A plant of a member."""
    site = Site(
        uid=uuid4(),
        member_id=member.id,
        code=code,
        name_zh=f"{code} 工厂",
        name_en=f"Plant {code}",
        kind="plant",
        country="CN",
        province=province,
        created_at=MOMENT,
    )
    session.add(site)
    session.flush()
    return site


def a_file(session: Session, member_id: int) -> Evidence:
    """A bill that a member has handed in; its bytes are nowhere."""
    file = Evidence(
        uid=uuid4(),
        member_id=member_id,
        sha256="0" * 64,
        name="bill.pdf",
        size=10,
        media_type="application/pdf",
        flags=[],
        uploaded_at=MOMENT,
    )
    session.add(file)
    session.flush()
    return file


def an_account(session: Session, role: Role, member: Member | None) -> Account:
    """A person with one role."""
    row = session.scalars(select(RoleRow).where(RoleRow.name == role.value)).one_or_none()
    if row is None:
        row = RoleRow(name=role.value)
    number = next(_numbers)
    account = Account(
        uid=uuid4(),
        email=f"{role.value}-{number}@example.com",
        name=f"{role.value.title()} {number}",
        language="en",
        member_id=None if member is None else member.id,
        password=None,
        active=True,
        fs_uniquifier=uuid4().hex,
        created_at=MOMENT,
    )
    account.roles.append(row)
    session.add(account)
    session.flush()
    return account


def actor_of(account: Account) -> Actor:
    """The person behind an account."""
    return Actor(
        AccountId(account.id),
        account.name,
        frozenset(Role(role.name) for role in account.roles),
        None if account.member_id is None else MemberId(account.member_id),
    )


def work_of(session: Session, account: Account, *, moment: datetime = MOMENT) -> Work:
    """What a verb takes first when this person acts."""
    return Work(session, actor_of(account), moment, str(account.uid))


def unknown_uid() -> UUID:
    """An id that nothing has."""
    return uuid4()
