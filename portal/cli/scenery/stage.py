"""The stage of the demo: one session, the alliance with its units and years, and who acts when."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from portal import data
from portal.cli.scenery.cast import FIRST_YEAR, LAST_YEAR, PersonSketch
from portal.domain.actors import SYSTEM, AccountId, Actor, MemberId, Role
from portal.services import accounts, alliances, invitations, submissions
from portal.services.alliances import AllianceFacts, UnitFacts
from portal.services.work import Work, write_ledger
from portal.store.accounts import Account
from portal.store.alliance import Alliance, OrgUnit
from portal.store.members import Member
from portal.store.submissions import Submission

# Nobody waits for letters about what happened before.
LETTERS_SINCE = datetime(2026, 11, 21, tzinfo=UTC)
BEGINNING = datetime(2022, 1, 4, 1, 0, tzinfo=UTC)
DUE = {2025: date(2026, 12, 15)}

ALLIANCE = AllianceFacts(
    code="ZCA",
    name_zh="北原乳业零碳联盟",
    name_en="Northern Plain Dairy Zero-Carbon Alliance",
    leader_zh="北原乳业集团",
    leader_en="Northern Plain Dairy Group",
    net_zero_year=2050,
    certificate_months=12,
    contact_email="alliance@northern-plain.example",
)
UNITS = (
    UnitFacts("G", "", "group", "北原乳业集团", "Northern Plain Dairy Group"),
    UnitFacts("G-MILK", "G", "division", "奶源事业部", "Milk Sourcing Division"),
    UnitFacts("G-SUPPLY", "G", "division", "供应链事业部", "Supply Chain Division"),
    UnitFacts("G-LOG", "G", "division", "物流事业部", "Logistics Division"),
    UnitFacts("G-MILK-N", "G-MILK", "base", "北方奶源基地", "Northern Milk Base"),
    UnitFacts("G-MILK-W", "G-MILK", "base", "西部奶源基地", "Western Milk Base"),
    UnitFacts("G-SUPPLY-P", "G-SUPPLY", "base", "包装采购中心", "Packaging Purchasing"),
    UnitFacts("G-SUPPLY-I", "G-SUPPLY", "base", "原辅料采购中心", "Ingredients Purchasing"),
    UnitFacts("G-LOG-C", "G-LOG", "base", "冷链物流中心", "Cold Chain Logistics"),
)
UNITS_OF_SECTOR = {
    "dairy_farm": ("G-MILK-N", "G-MILK-W"),
    "feed_mill": ("G-MILK-N", "G-MILK-W"),
    "packaging": ("G-SUPPLY-P",),
    "equipment": ("G-SUPPLY-P",),
    "ingredients": ("G-SUPPLY-I",),
    "processing_plant": ("G-SUPPLY-I",),
    "haulier": ("G-LOG-C",),
    "cold_store": ("G-LOG-C",),
}


class Staff(NamedTuple):
    """Somebody of the alliance's own side."""

    email: str
    name: str
    language: str
    role: Role


ADMINISTRATOR = Staff("admin@northern-plain.example", "管理员", "zh_Hans_CN", Role.ADMINISTRATOR)
COORDINATORS = (
    Staff("coordinator@northern-plain.example", "陈静", "zh_Hans_CN", Role.COORDINATOR),
    Staff("anna.keller@northern-plain.example", "Anna Keller", "en", Role.COORDINATOR),
)
VERIFIER = Staff("verifier@assurance.example", "James Porter", "en", Role.VERIFIER)


class Stage:
    """One session in which everything happens, each act under its own person and moment."""

    def __init__(self, session: Session, password_hash: str, base_url: str) -> None:
        self.session = session
        self.invitation_links: list[str] = []
        self._password_hash = password_hash
        self._base_url = base_url
        self._random = Random("identifiers")  # noqa: S311 -- a demo must be the same every time
        self._accounts: dict[str, Account] = {}
        self._units: dict[str, OrgUnit] = {}
        self._works: list[Work] = []
        work = self._work(SYSTEM, "portal", BEGINNING)
        self.alliance: Alliance = alliances.found(work, ALLIANCE)
        self._lay_units(work)
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            edition = data.load_edition().code
            due_on = DUE.get(year, date(year + 1, 6, 30))
            alliances.open_year(
                work, self.alliance, year, edition, "GBT", {"grid": "national"}, due_on
            )
        for staff in (ADMINISTRATOR, *COORDINATORS, VERIFIER):
            self._add_account(work, staff.email, staff.name, staff.language, staff.role, None)

    def coordinator_work(self, at: datetime, place: int = 0) -> Work:
        """What a coordinator does at a moment; the two take turns by the member's place."""
        return self._as(COORDINATORS[place % len(COORDINATORS)].email, at)

    def supplier_work(self, person: PersonSketch, at: datetime) -> Work:
        """What a person of a member does at a moment."""
        return self._as(person.email, at)

    def add_person(self, member: Member, person: PersonSketch, role: Role, at: datetime) -> None:
        """Give a person of a member an account."""
        work = self._work(SYSTEM, "portal", at)
        self._add_account(work, person.email, person.name, person.language, role, member)

    def invite(self, member: Member, person: PersonSketch) -> None:
        """Leave an invitation open; its link is printed so that it can be tried."""
        token = self._token(person.email)
        # Invitations run out after a week, so these are sent when the demo is loaded.
        work = self._as(COORDINATORS[0].email, datetime.now(UTC))
        invitations.invite(
            work,
            member=member,
            email=person.email,
            roles={Role.SIGNATORY},
            language=person.language,
            token=token,
        )
        self.invitation_links.append(f"{self._base_url}/invitation/{token}")

    def unit_for(self, sector: str, place: int) -> OrgUnit:
        """The unit of the lead company that looks after a member."""
        codes = UNITS_OF_SECTOR[sector]
        return self._units[codes[place % len(codes)]]

    def line_keys(self, submission: Submission) -> list[str]:
        """The keys of a submission's lines."""
        content = submissions.content_of(self.session, submission)
        return [line["key"] for line in content["lines"]]

    def commit(self) -> None:
        """Keep what was played so far."""
        write_ledger(self.session, self._works)
        self._works.clear()
        self.session.commit()

    def _as(self, email: str, at: datetime) -> Work:
        account = self._accounts[email]
        member_id = None if account.member_id is None else MemberId(account.member_id)
        roles = frozenset(Role(role.name) for role in account.roles)
        return self._work(
            Actor(AccountId(account.id), account.name, roles, member_id), str(account.uid), at
        )

    def _work(self, actor: Actor, actor_uid: str, at: datetime) -> Work:
        work = Work(self.session, actor, at, actor_uid, self._base_url)
        work.new_uid = self._uid
        work.random_bytes = self._random.randbytes
        work.writes_letters = at >= LETTERS_SINCE
        self._works.append(work)
        return work

    def _uid(self) -> UUID:
        return UUID(bytes=self._random.randbytes(16), version=4)

    def _token(self, email: str) -> str:
        return hashlib.sha256(f"demo invitation {email}".encode()).hexdigest()[:43]

    def _add_account(
        self,
        work: Work,
        email: str,
        name: str,
        language: str,
        role: Role,
        member: Member | None,
    ) -> None:
        self._accounts[email] = accounts.create_account(
            work,
            email=email,
            name=name,
            language=language,
            roles={role},
            password_hash=self._password_hash,
            member_id=None if member is None else member.id,
        )

    def _lay_units(self, work: Work) -> None:
        for facts in UNITS:
            self._units[facts.code] = alliances.add_unit(
                work, self.alliance, facts, self._units.get(facts.parent)
            )


def moment(day: date, hour: int) -> datetime:
    """A moment of a day's work, in the alliance's place written as UTC."""
    return datetime.combine(day, time(hour), UTC) - timedelta(hours=8)
