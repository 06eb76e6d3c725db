"""Plays the story of the journeys' alliance through the portal's own verbs, each act under its own person and moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import data
from portal.config.settings import Settings
from portal.domain.actors import SYSTEM, AccountId, Actor, MemberId, Role
from portal.domain.members import SiteFacts, SiteKind
from portal.http import clock
from portal.jobs.worker import drain
from portal.services import (
    accounts,
    alliances,
    certificates,
    evidence,
    inventories,
    invitations,
    line_saving,
    members,
    outputs,
    review,
    submissions,
    warnings,
)
from portal.services.alliances import UnitFacts
from portal.services.line_saving import SubmittedLine
from portal.services.outputs import RawOutput
from portal.services.work import Work
from portal.store.alliance import Alliance, OrgUnit
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.certificates import Certificate
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine
from portal.store.members import Member, Site
from portal.store.submissions import Submission
from portal.web.language import CHINESE
from tests.browsers import hashed
from tests.journeys.cast import (
    ALLIANCE,
    BILL,
    CAST,
    FARM,
    HAULIER,
    INVITED,
    OPEN_TOKEN,
    PACKER,
    SIGNED,
    YEARS,
    monthly_rows,
    yearly_rows,
)
from tests.journeys.world import World
from tests.threads import apart


def furnished(settings: Settings, then: Callable[[Stage], None] = lambda _: None) -> World:
    """Make the alliance in an empty database, and play what comes then; takes some seconds, for papers are rendered."""
    world = World(settings, Database(settings.database_url))
    with world.database.writing() as session:
        stage = Stage(world, session, clock.now(), hashed())
        stage.found()
        stage.play_packer_until_certified()
        session.commit()
    apart(drain, settings)
    with world.database.writing() as session:
        stage.session = session
        stage.play_the_rest()
        then(stage)
        session.commit()
    return world


def begun(settings: Settings, language: str) -> World:
    """An alliance whose coordinator has never logged in, with a member that nobody was invited to yet."""
    world = World(settings, Database(settings.database_url))
    with world.database.writing() as session:
        stage = Stage(world, session, clock.now(), hashed(), language)
        stage.found(cast=CAST[-1:], staff_is_set_up=False)
        session.commit()
    return world


def with_two_approved_years(settings: Settings, language: str) -> World:
    """An alliance whose coordinator has never logged in, with a member that has its base year and the next approved."""
    world = World(settings, Database(settings.database_url))
    with world.database.writing() as session:
        stage = Stage(world, session, clock.now(), hashed(), language)
        stage.found(cast=CAST[:1], staff_is_set_up=False)
        stage.play_packer_until_certified()
        session.commit()
    return world


@dataclass
class Stage:
    """Who does what, each in a transaction of the same session."""

    world: World
    session: Session
    now: datetime
    password_hash: str
    language: str = CHINESE.locale

    def work(self, person: str, days_ago: float) -> Work:
        """What somebody did some days ago."""
        account = self.world.people[person]
        member_id = None if account.member_id is None else MemberId(account.member_id)
        roles = frozenset(Role(role.name) for role in account.roles)
        actor = Actor(AccountId(account.id), account.name, roles, member_id)
        return self._work(actor, str(account.uid), days_ago)

    def _work(self, actor: Actor, uid: str, days_ago: float) -> Work:
        moment = self.now - timedelta(days=days_ago)
        return Work(self.session, actor, moment, uid, self.world.address)

    def found(
        self, cast: Sequence[tuple[Any, ...]] = CAST, *, staff_is_set_up: bool = True
    ) -> None:
        """Lay the alliance, its people and its members."""
        work = self._work(SYSTEM, "portal", 700)
        alliance = alliances.found(work, ALLIANCE)
        unit = alliances.add_unit(
            work, alliance, UnitFacts("G", "", "group", "集团", "Group"), None
        )
        for year in YEARS:
            edition = data.load_edition().code
            due_on = date(year + 1, 12, 15)
            alliances.open_year(work, alliance, year, edition, "GBT", {"grid": "national"}, due_on)
        for role, name in (
            (Role.COORDINATOR, "陈静"),
            (Role.VERIFIER, "James Porter"),
            (Role.ADMINISTRATOR, "Anna Keller"),
        ):
            self._person(work, role.value, name, role, None)
            if staff_is_set_up:
                # Whoever sees every supplier's data has a second factor; their sessions are past it.
                staff = self.world.people[role.value]
                staff.tf_primary_method, staff.tf_totp_secret = "authenticator", "set"
        work.flush_ledger()
        for member in cast:
            self._member(alliance, unit, *member)
        if staff_is_set_up:
            self._invite(INVITED)

    def _person(self, work: Work, key: str, name: str, role: Role, member: Member | None) -> None:
        self.world.people[key] = accounts.create_account(
            work,
            email=f"{key.lower()}@people.example",
            name=name,
            language=self.language,
            roles={role},
            password_hash=self.password_hash,
            member_id=None if member is None else member.id,
        )

    def _member(
        self,
        alliance: Alliance,
        unit: OrgUnit,
        code: str,
        sector: str,
        name_zh: str,
        name_en: str,
        sites: Sequence[tuple[str, SiteKind, str, str, str]],
    ) -> None:
        work = self.work("coordinator", 600)
        member = members.create_member(
            work,
            alliance_id=alliance.id,
            unit=unit,
            code=code,
            name_zh=name_zh,
            name_en=name_en,
            sector=sector,
            joined_on=date(2023, 5, 8),
        )
        self.world.things[code] = str(member.uid)
        work.flush_ledger()
        if code == INVITED:
            return
        for role, name in (
            (Role.REPORTER, "王小红"),
            (Role.SIGNATORY, "李雷"),
            (Role.VIEWER, "Mia Wong"),
        ):
            self._person(work, f"{role.value}-{code}", name, role, member)
        work.flush_ledger()
        if sites:
            self._set_up(member, name_zh, name_en, sites)

    def _invite(self, code: str) -> None:
        work = self.work("coordinator", 1)
        invitations.invite(
            work,
            member=self.session.scalars(select(Member).where(Member.code == code)).one(),
            email="new.person@people.example",
            roles={Role.SIGNATORY, Role.REPORTER},
            language="en",
            token=OPEN_TOKEN,
        )
        work.flush_ledger()

    def _set_up(
        self,
        member: Member,
        name_zh: str,
        name_en: str,
        sites: Sequence[tuple[str, SiteKind, str, str, str]],
    ) -> None:
        work = self.work(f"reporter-{member.code}", 500)
        particulars = {
            "name_zh": name_zh,
            "name_en": name_en,
            "boundary": "operational_control",
            "base_year": 2023,
            "signatory_name": SIGNED.name,
            "signatory_post": SIGNED.post,
        }
        members.describe(work, member, particulars)
        for code, kind, province, site_zh, site_en in sites:
            facts = SiteFacts(code, site_zh, site_en, kind, "CN", province)
            site = members.add_site(work, member, facts)
            self.world.things[f"{member.code}/site"] = str(site.uid)
        work.flush_ledger()

    # The packer

    def play_packer_until_certified(self) -> None:
        """Two approved years, each with a certificate that waits to be rendered."""
        for year, days_ago in ((2023, 400), (2024, 200)):
            self._fill(PACKER, year, days_ago, yearly_rows(year))
            self._attach_bill(PACKER, year, days_ago)
            submitted = self._hand_in(PACKER, year, days_ago - 5)
            self._approve(submitted, days_ago - 10)

    def play_the_rest(self) -> None:
        """Everything else, up to now."""
        self._revoke_the_first()
        self._return_packer()
        self._fill(FARM, 2024, 180, [*monthly_rows(2024), *yearly_rows(2024)[-3:]])
        self._approve(self._hand_in(FARM, 2024, 178), 170)
        self._fill(FARM, 2025, 40, [*monthly_rows(2025, odd=True), *yearly_rows(2025)[-3:]])
        self._attach_bill(FARM, 2025, 39)
        waiting = self._hand_in(FARM, 2025, 30)
        self.world.things["waiting"] = str(waiting.uid)
        self.world.things["waiting/line"] = str(self._line_keys(FARM, 2025)[0])
        self._ask(waiting, 2, "请确认一月的用电量。", "internal", 0)
        self._fill(HAULIER, 2025, 12, monthly_rows(2025), unfinished=3)
        self.world.things["draft/line"] = str(self._line_keys(HAULIER, 2025)[0])

    def _revoke_the_first(self) -> None:
        first, second = self.session.scalars(select(Certificate).order_by(Certificate.id))
        work = self.work("coordinator", 20)
        certificates.revoke(work, first.uid, "发现一处计量表读数有误。")
        work.flush_ledger()
        for name, certificate in (("revoked", first), ("valid", second)):
            self.world.things[name] = str(certificate.uid)
            self.world.things[f"{name}/verify"] = f"{certificate.number}?c={certificate.code}"

    def _return_packer(self) -> None:
        self._fill(PACKER, 2025, 60, monthly_rows(2025)[:14])
        keys = self._attach_bill(PACKER, 2025, 59)
        self._explain(PACKER, 2025, 58)
        submitted = self._hand_in(PACKER, 2025, 50)
        self.world.things["returned"] = str(submitted.uid)
        self.world.things["returned/line"] = str(keys[0])
        for place, question in enumerate(("一月的用电量是否包含二车间？", "请补充抄表记录。")):
            self._ask(submitted, 45, question, "supplier", place)
        work = self.work("coordinator", 44)
        review.return_submission(work, submitted.uid, "两处数据需要核对，请逐条回复后重新提交。")
        work.flush_ledger()

    # Acts

    def member(self, code: str) -> Member:
        """A member by its code."""
        return self.session.scalars(select(Member).where(Member.code == code)).one()

    def site(self, code: str) -> Site:
        """A member's first site."""
        query = select(Site).join(Member).where(Member.code == code).order_by(Site.code).limit(1)
        return self.session.scalars(query).one()

    def inventory(self, code: str, year: int) -> Inventory:
        """A member's year."""
        query = select(Inventory).join(Member).where(Member.code == code, Inventory.year == year)
        return self.session.scalars(query).one()

    def _line_keys(self, code: str, year: int) -> list[UUID]:
        inventory = self.inventory(code, year)
        query = select(ActivityLine.key).where(ActivityLine.inventory_id == inventory.id)
        return list(self.session.scalars(query.order_by(ActivityLine.position)))

    def _fill(
        self,
        code: str,
        year: int,
        days_ago: float,
        rows: Sequence[Mapping[str, str]],
        unfinished: int = 0,
    ) -> None:
        work = self.work(f"reporter-{code}", days_ago)
        member = members.own_member(work)
        inventory = inventories.open_inventory(work, member, year)
        typed = [dict(row) for row in rows] + [{"category": "mobile.diesel"}] * unfinished
        saved = line_saving.save_lines(
            work,
            inventory,
            [SubmittedLine(place, row) for place, row in enumerate(typed)],
            locale="zh",
            keep_unfinished=bool(unfinished),
        )
        assert saved.is_kept, [each.problems for each in saved.blocked]
        output = outputs.add_output(work, inventory, RawOutput("纸箱", "8600", "t", "zh", {}))
        self.world.things[f"{code}/{year}/output"] = str(output.output.uid)
        work.flush_ledger()

    def _attach_bill(self, code: str, year: int, days_ago: float) -> list[UUID]:
        work = self.work(f"reporter-{code}", days_ago)
        blobs = Blobs(self.world.settings.storage)
        with evidence.inspected(blobs, BytesIO(BILL), "电费账单.csv") as file:
            row, problems = evidence.keep(work, blobs, members.own_member(work), file)
        assert row is not None, problems
        keys = self._line_keys(code, year)
        evidence.link(work, self.inventory(code, year), keys[:2], row)
        self.world.things[f"{code}/file"] = str(row.uid)
        work.flush_ledger()
        return keys

    def _explain(self, code: str, year: int, days_ago: float) -> None:
        work = self.work(f"reporter-{code}", days_ago)
        inventory = self.inventory(code, year)
        for noticed in warnings.noticed(work, inventory)[:1]:
            warning = noticed.warning
            warnings.explain(work, inventory, warning.code, warning.address, "三月更换了电表。")
        work.flush_ledger()

    def _hand_in(self, code: str, year: int, days_ago: float) -> Submission:
        work = self.work(f"signatory-{code}", days_ago)
        submitted = submissions.submit(work, self.inventory(code, year), SIGNED)
        work.flush_ledger()
        return submitted

    def _approve(self, submitted: Submission, days_ago: float) -> None:
        work = self.work("coordinator", days_ago)
        review.approve_submission(work, submitted.uid)
        work.flush_ledger()
        self.world.things["approved"] = str(submitted.uid)

    def _ask(
        self, submitted: Submission, days_ago: float, message: str, visibility: str, place: int
    ) -> None:
        work = self.work("coordinator", days_ago)
        key = UUID(submissions.content_of(self.session, submitted)["lines"][place]["key"])
        review.add_finding(
            work, submitted.uid, message=message, visibility=visibility, line_key=key
        )
        work.flush_ledger()
