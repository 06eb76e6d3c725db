"""Alliances with something to decide, for tests of pages: people who may log in, and years in each state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.calculation.periods import Period
from portal.domain.actors import Role
from portal.services import inventories, review, submissions
from portal.services.submissions import Declaration
from portal.services.work import Work, write_ledger
from portal.store.accounts import Account
from portal.store.alliance import Alliance
from portal.store.base import Database
from portal.store.certificates import Certificate
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine
from portal.store.members import Member, Site
from portal.store.submissions import Finding, Submission
from tests.factories.suppliers import MOMENT, a_member, a_site, an_account, an_alliance, work_of
from tests.factories.years import a_line, a_year

SIGNED = Declaration("李雷", "总经理")
YEARS = (2024, 2025)


@dataclass
class Scene:
    """An alliance with its staff; members come as they are asked for."""

    session: Session
    alliance: Alliance
    coordinator: Account
    people: dict[str, Account] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    works: list[Work] = field(default_factory=list)

    def member(self, code: str, sector: str = "packaging") -> Member:
        """A supplier that has set itself up, with one site and somebody who signs."""
        member = a_member(self.session, self.alliance, code, sector=sector)
        self.people[code] = an_account(self.session, Role.SIGNATORY, member)
        self.sites[code] = a_site(self.session, member, "S1")
        return member

    def as_supplier(self, code: str, minutes: int = 0) -> Work:
        """What a member's signatory does some minutes after the beginning."""
        return self._work_of(self.people[code], minutes)

    def as_coordinator(self, minutes: int = 0) -> Work:
        """What the coordinator does some minutes after the beginning."""
        return self._work_of(self.coordinator, minutes)

    def commit(self) -> None:
        """Keep everything with its ledger entries, in the order in which people began; a bare commit leaves those out."""
        write_ledger(self.session, self.works)
        self.session.commit()

    def _work_of(self, account: Account, minutes: int) -> Work:
        self.works.append(
            work_of(self.session, account, moment=MOMENT + timedelta(minutes=minutes))
        )
        return self.works[-1]

    def draft(self, member: Member, year: int = 2025, lines: int = 3) -> Inventory:
        """A year with finished lines."""
        work, site = self.as_supplier(member.code), self.sites[member.code]
        if lines == 3:
            return a_year(work, member, site, year)
        inventory = inventories.open_inventory(work, member, year)
        for place in range(lines):
            first = date(year, 1, 1) + timedelta(days=place)
            a_line(
                work,
                inventory,
                site,
                place + 1,
                category="electricity.grid",
                quantity=str(100 + place),
                unit="MWh",
                period=Period(first, first + timedelta(days=1)),
            )
        return inventory

    def waiting(
        self, member: Member, year: int = 2025, *, minutes: int = 0, lines: int = 3
    ) -> Submission:
        """A year that waits for a decision."""
        inventory = self.draft(member, year, lines)
        return submissions.submit(self.as_supplier(member.code, minutes), inventory, SIGNED)

    def approved(self, member: Member, year: int = 2024, *, minutes: int = 0) -> Submission:
        """A year that was approved; its certificate waits to be rendered."""
        submitted = self.waiting(member, year, minutes=minutes)
        review.approve_submission(self.as_coordinator(minutes + 1), submitted.uid)
        return submitted

    def returned(
        self, member: Member, year: int = 2025, *, reason: str = "Please check.", questions: int = 1
    ) -> Submission:
        """A year that came back with questions on its first line."""
        submitted = self.waiting(member, year)
        for number in range(questions):
            self.ask(submitted, "Why so much?" if number == 0 else f"And why? ({number})")
        review.return_submission(self.as_coordinator(2), submitted.uid, reason)
        return submitted

    def ask(self, submitted: Submission, message: str) -> Finding:
        """A question about the first line."""
        return review.add_finding(
            self.as_coordinator(1),
            submitted.uid,
            message=message,
            visibility="supplier",
            line_key=self.first_line(submitted).key,
        )

    def first_line(self, submitted: Submission) -> ActivityLine:
        """The first line of what was submitted."""
        query = select(ActivityLine).where(ActivityLine.inventory_id == submitted.inventory_id)
        line = self.session.scalars(query.order_by(ActivityLine.position).limit(1)).one()
        self.session.commit()  # a transaction left open would keep everybody else from writing
        return line

    def certificate(self, submitted: Submission) -> Certificate:
        """The certificate of an approved submission."""
        query = select(Certificate).where(Certificate.submission_id == submitted.id)
        found = self.session.scalars(query).one()
        self.session.commit()
        return found


def a_scene(session: Session) -> Scene:
    """An alliance and its coordinator, who has set up the second factor."""
    alliance = an_alliance(session, years=YEARS)
    return Scene(session, alliance, staff(session, Role.COORDINATOR))


def staff(session: Session, role: Role) -> Account:
    """Somebody of the alliance's own side, past the second factor."""
    account = an_account(session, role, None)
    account.tf_primary_method, account.tf_totp_secret = "authenticator", "set"
    return account


def states(database: Database, *uids: object) -> list[str]:
    """How submissions stand now, in the order asked for."""
    with database.reading() as session:
        rows = session.execute(select(Submission.uid, Submission.state)).all()
    known = dict(rows)
    return [known[uid] for uid in uids]
