"""A member whose year has something odd in it, with people who look after it, and the jobs that watch and tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config.settings import Settings
from portal.domain.actors import Role
from portal.jobs.worker import drain
from portal.services import inventories, work
from portal.services.line_saving import SubmittedLine, save_lines
from portal.store import jobs
from portal.store.accounts import Account
from portal.store.alliance import OrgClosure, OrgUnit
from portal.store.base import Database
from portal.store.inventories import Inventory
from portal.store.jobs import Job
from portal.store.ledger import LedgerEntry
from portal.store.lines import ActivityLine
from portal.store.members import Member
from portal.store.messages import Message
from portal.store.standing_warnings import StandingWarning
from tests.factories.scenes import staff
from tests.factories.suppliers import (
    MOMENT,
    a_member,
    a_site,
    an_account,
    an_alliance,
    work_of,
)
from tests.factories.years import a_line

T = TypeVar("T")
YEARS = (2024, 2025)


@dataclass
class Warned:
    """A member of a base below the group, whose power of 2025 is a thousand times that of 2024."""

    database: Database
    settings: Settings

    def run(self, kind: str, moment: datetime = MOMENT) -> list[Message]:
        """Run a periodic job; return the letters that it wrote."""
        with self.database.writing() as session:
            before = session.query(Message).count()
            jobs.add(session, kind, {}, moment=moment)
            session.commit()
        drain(self.settings, now=lambda: moment)
        with self.database.reading() as session:
            failed = [job.error for job in session.scalars(select(Job)) if job.error]
            assert not failed, failed
            assert set(jobs.count_by_state(session)) == {"done"}
            return session.query(Message).order_by(Message.id).offset(before).all()

    def watch(self, moment: datetime = MOMENT) -> None:
        assert self.run("watch_warnings", moment) == []

    def rows(self) -> dict[str, StandingWarning]:
        with self.database.reading() as session:
            return {row.code: row for row in session.scalars(select(StandingWarning))}

    def slip(self) -> StandingWarning:
        return self.rows()["line.slip.thousand"]

    def kinds(self) -> list[str]:
        with self.database.reading() as session:
            return [each.kind for each in session.query(LedgerEntry).order_by(LedgerEntry.sequence)]

    def act(self, role: Role, act: Callable[[work.Work, Member], T]) -> T:
        """Act as the person of a role, in a transaction of its own."""
        with self.database.writing() as session:
            member = session.query(Member).filter_by(code="M001").one()
            query = select(Account).where(Account.email.startswith(role.value))
            found = work_of(session, session.scalars(query.order_by(Account.id)).first())
            answer = act(found, member)
            found.commit()
            return answer


def a_warned_member(database: Database, settings: Settings) -> Warned:
    """The member with its people, before anybody has looked at it."""
    with database.writing() as session:
        alliance = an_alliance(session, years=YEARS)
        member = a_member(session, alliance, "M001", sector="packaging")
        a_base(session, member)
        site = a_site(session, member, "S1")
        reporter = an_account(session, Role.REPORTER, member)
        staff(session, Role.COORDINATOR)
        supplier = work_of(session, reporter)
        for year, quantity in zip(YEARS, ("120000", "120"), strict=True):
            inventory = inventories.open_inventory(supplier, member, year)
            a_line(
                supplier,
                inventory,
                site,
                1,
                category="electricity.grid",
                quantity=quantity,
                unit="kWh",
            )
        session.query(Inventory).filter_by(year=2024).one().state = "approved"
        session.commit()
    return Warned(database, settings)


def a_base(session: Session, member: Member) -> None:
    """A unit below the group that looks after the member."""
    root = session.scalars(select(OrgUnit)).one()
    base = OrgUnit(
        uid=uuid4(),
        alliance_id=root.alliance_id,
        parent_id=root.id,
        code="BASE",
        name_zh="基地",
        name_en="Base",
        level="base",
    )
    session.add(base)
    session.flush()
    session.add(OrgClosure(ancestor_id=base.id, descendant_id=base.id, depth=0))
    session.add(OrgClosure(ancestor_id=root.id, descendant_id=base.id, depth=1))
    member.unit_id = base.id
    session.flush()


def correct(scene: Warned, quantity: str) -> None:
    """Type another quantity into the line of 2025."""

    def save(supplier: work.Work, member: Member) -> None:
        session = supplier.session
        inventory = session.query(Inventory).filter_by(year=2025).one()
        line = session.query(ActivityLine).filter_by(inventory_id=inventory.id).one()
        typed = {name: text for name, text in line.raw.items() if isinstance(text, str)}
        values = {**typed, "quantity": quantity}
        row = SubmittedLine(0, values, line.key, line.version)
        assert save_lines(supplier, inventory, [row], locale="zh", keep_unfinished=False).is_kept

    scene.act(Role.REPORTER, save)
