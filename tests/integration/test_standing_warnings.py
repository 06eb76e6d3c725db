"""The watch over warnings: what is kept of them, who is told and how often, what people do about them, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.domain.actors import SYSTEM, Role
from portal.domain.refusals import Conflict, NotFound
from portal.domain.standing import DEFAULT_DAYS, Found
from portal.domain.warnings import Weight
from portal.jobs.worker import drain
from portal.services import inventories, standing_warnings, warning_watch, warnings, work
from portal.services.line_saving import SubmittedLine, save_lines
from portal.services.standing_warnings import WarningFilter
from portal.store import jobs
from portal.store.accounts import Account
from portal.store.alliance import Alliance, OrgClosure, OrgUnit
from portal.store.base import Database
from portal.store.inventories import Acknowledgement, Inventory
from portal.store.jobs import Job
from portal.store.ledger import LedgerEntry
from portal.store.lines import ActivityLine
from portal.store.members import Member
from portal.store.messages import Message
from portal.store.standing_warnings import StandingWarning, WarningNotice
from tests.browsers import Browser
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
from tests.workers import settings_for

T = TypeVar("T")
YEARS = (2024, 2025)
SERIOUS = timedelta(days=DEFAULT_DAYS[Weight.SERIOUS])


@dataclass
class Scene:
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
            assert (failed, set(jobs.count_by_state(session))) == ([], {"done"})
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


@pytest.fixture
def scene(database: Database, database_url: str, tmp_path: Path) -> Scene:
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
    return Scene(database, settings_for(database_url, tmp_path))


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


def correct(scene: Scene, quantity: str) -> None:
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


def test_watch_keeps_what_is_odd_once_and_a_second_night_changes_nothing(scene: Scene) -> None:
    scene.watch()
    row = scene.slip()
    assert (row.state, row.level, row.turn, row.weight) == ("open", 0, 1, int(Weight.SERIOUS))
    before = scene.kinds()
    assert before.count("warnings.watched") == 1
    scene.watch(MOMENT + timedelta(days=1))
    assert scene.kinds() == before
    assert scene.slip().version == row.version


def test_what_is_missing_from_a_draft_is_kept_from_its_due_date_on(scene: Scene) -> None:
    scene.watch()
    assert "category.expected.absent" not in scene.rows()
    scene.watch(MOMENT + timedelta(days=60))
    assert {"category.expected.absent", "report.late"} <= scene.rows().keys()


def test_member_gets_no_second_letter_about_what_reminders_tell(scene: Scene) -> None:
    scene.watch(MOMENT + timedelta(days=60))
    with scene.database.reading() as session:
        told = (
            select(StandingWarning.code)
            .join(WarningNotice, WarningNotice.warning_id == StandingWarning.id)
            .distinct()
        )
        codes = set(session.scalars(told))
    assert "line.slip.thousand" in codes
    assert "report.late" not in codes


def test_person_is_told_once_in_one_letter_a_day(scene: Scene) -> None:
    scene.watch()
    (letter,) = scene.run("tell_warnings")
    assert letter.kind == "warning_digest"
    with scene.database.reading() as session:
        assert letter.values["count"] == session.query(StandingWarning).count()
    assert letter.values["serious"] == 1
    assert scene.run("tell_warnings", MOMENT + timedelta(hours=1)) == []
    scene.watch(MOMENT + timedelta(days=1))
    assert scene.run("tell_warnings", MOMENT + timedelta(days=1)) == []


def test_nobody_is_told_of_what_was_settled_before_the_letter(scene: Scene) -> None:
    scene.watch()
    with scene.database.writing() as session:
        session.query(StandingWarning).update({"state": "resolved"})
        session.commit()
    assert scene.run("tell_warnings") == []
    with scene.database.reading() as session:
        assert session.query(WarningNotice).filter_by(told_at=None).count() == 0


def test_warning_resolves_when_corrected_and_opens_anew_when_it_comes_back(scene: Scene) -> None:
    scene.watch()
    correct(scene, "121000")
    scene.watch(MOMENT + timedelta(days=1))
    assert scene.slip().state == "resolved"
    correct(scene, "121")
    scene.watch(MOMENT + timedelta(days=2))
    row = scene.slip()
    assert (row.state, row.turn) == ("open", 2)
    assert len(scene.run("tell_warnings", MOMENT + timedelta(days=2))) == 1


def test_warning_goes_up_base_then_group_and_the_coordinator_is_told_once(scene: Scene) -> None:
    scene.watch()
    scene.run("tell_warnings")
    scene.watch(MOMENT + SERIOUS)
    row = scene.slip()
    assert (row.level, scene.act(Role.COORDINATOR, unit_code_of(row))) == (1, "BASE")
    # Nobody looks after the base, so whoever looks after the alliance is told.
    (letter,) = scene.run("tell_warnings", MOMENT + SERIOUS)
    assert letter.to_email.startswith("coordinator")
    scene.watch(MOMENT + 2 * SERIOUS)
    row = scene.slip()
    assert (row.level, scene.act(Role.COORDINATOR, unit_code_of(row))) == (2, "GROUP")
    later = scene.run("tell_warnings", MOMENT + 2 * SERIOUS)
    assert all(each.values["serious"] == 0 for each in later)
    scene.watch(MOMENT + 3 * SERIOUS)
    assert scene.slip().level == 2
    assert scene.kinds().count("warning.escalated") >= 2


def unit_code_of(row: StandingWarning) -> Callable[[work.Work, Member], str]:
    return lambda found, _member: found.session.get_one(OrgUnit, row.unit_id).code


def test_people_of_the_unit_are_told_before_those_above(scene: Scene) -> None:
    with scene.database.writing() as session:
        person = an_account(session, Role.COORDINATOR, None)
        person.unit_id = session.query(OrgUnit).filter_by(code="BASE").one().id
        address = person.email
        session.commit()
    scene.watch()
    scene.run("tell_warnings")
    scene.watch(MOMENT + SERIOUS)
    assert [each.to_email for each in scene.run("tell_warnings", MOMENT + SERIOUS)] == [address]


def test_reason_given_on_the_list_is_the_acknowledgement_of_the_year(scene: Scene) -> None:
    scene.watch()
    uid = scene.slip().uid
    count = scene.act(
        Role.REPORTER, lambda w, m: standing_warnings.explain(w, m, [uid], "New meter, in MWh.")
    )
    assert (count, scene.slip().state) == (1, "explained")
    with scene.database.reading() as session:
        (kept,) = session.query(Acknowledgement)
        assert (kept.code, kept.subject) == (scene.slip().code, scene.slip().address)
        assert scene.slip().reason == ""
    scene.watch(MOMENT + 2 * SERIOUS)
    assert (scene.slip().state, scene.slip().level) == ("explained", 0)


def test_reason_given_on_the_years_page_settles_the_list_at_once(scene: Scene) -> None:
    scene.watch()

    def explain(supplier: work.Work, member: Member) -> None:
        inventory = supplier.session.query(Inventory).filter_by(year=2025).one()
        row = supplier.session.query(StandingWarning).filter_by(code="line.slip.thousand").one()
        warnings.explain(supplier, inventory, row.code, row.address, "Shut since January.")

    scene.act(Role.REPORTER, explain)
    assert scene.slip().state == "explained"


def test_explained_warning_opens_anew_when_the_line_changes(scene: Scene) -> None:
    scene.watch()
    uid = scene.slip().uid
    scene.act(Role.REPORTER, lambda w, m: standing_warnings.explain(w, m, [uid], "Right."))
    correct(scene, "130")
    scene.watch(MOMENT + timedelta(days=1))
    assert (scene.slip().state, scene.slip().turn) == ("open", 2)


def test_warning_that_has_changed_since_the_list_was_made_is_not_explained(scene: Scene) -> None:
    scene.watch()
    uid = scene.slip().uid
    correct(scene, "125000")
    with pytest.raises(Conflict):
        scene.act(Role.REPORTER, lambda w, m: standing_warnings.explain(w, m, [uid], "Right."))


def test_late_report_is_explained_beside_the_inventory(scene: Scene) -> None:
    late = MOMENT + timedelta(days=60)
    scene.watch(late)
    row = scene.rows()["report.late"]
    scene.act(Role.REPORTER, lambda w, m: standing_warnings.explain(w, m, [row.uid], "Audit runs."))
    scene.watch(late + timedelta(days=1))
    row = scene.rows()["report.late"]
    assert (row.state, row.reason) == ("explained", "Audit runs.")


def test_coordinator_resolves_for_as_long_as_the_same_is_seen(scene: Scene) -> None:
    scene.watch()
    uids = [row.uid for row in scene.rows().values()]
    scene.act(Role.COORDINATOR, lambda w, _m: standing_warnings.resolve(w, uids, "Phoned."))
    scene.watch(MOMENT + timedelta(days=1))
    assert {row.state for row in scene.rows().values()} == {"resolved"}
    correct(scene, "119")
    scene.watch(MOMENT + timedelta(days=2))
    assert scene.slip().state == "open"
    assert scene.kinds().count("warning.resolved") == len(uids)


def test_coordinator_passes_a_warning_on_by_hand(scene: Scene) -> None:
    scene.watch()
    uids = [scene.slip().uid]
    counts = [
        scene.act(Role.COORDINATOR, lambda w, _m: standing_warnings.escalate(w, uids))
        for _ in range(3)
    ]
    assert (counts, scene.slip().level) == ([1, 1, 0], 2)
    assert scene.kinds().count("warning.escalated") == 2


def test_foreign_and_internal_warnings_are_answered_like_unknown_ones(scene: Scene) -> None:
    scene.watch()
    with scene.database.writing() as session:
        alliance_id = session.query(Member).one().alliance_id
        other = a_member(
            session, session.get_one(Alliance, alliance_id), "M002", sector="packaging"
        )
        stranger = work_of(session, an_account(session, Role.REPORTER, other))
        with pytest.raises(NotFound):
            standing_warnings.explain(stranger, other, [scene.slip().uid], "Mine.")
        row = session.query(StandingWarning).filter_by(code="line.slip.thousand").one()
        row.code = "year.peers.apart"
        session.commit()
    internal = scene.rows()["year.peers.apart"].uid
    with pytest.raises(NotFound):
        scene.act(Role.REPORTER, lambda w, m: standing_warnings.explain(w, m, [internal], "Mine."))

    def seen(found: work.Work, member: Member) -> Sequence[str]:
        page = standing_warnings.warnings_of_member(found, member, WarningFilter(state=""))
        return [each.row.code for each in page.rows]

    assert "year.peers.apart" not in scene.act(Role.REPORTER, seen)


def test_watch_that_was_broken_off_is_carried_on(scene: Scene) -> None:
    with work.reading(scene.database, SYSTEM, MOMENT) as portal:
        (member_id,) = warning_watch.members_to_watch(portal)
        found = warning_watch.found_of(portal, member_id)
    with work.writing(scene.database, SYSTEM, MOMENT) as portal:
        warning_watch.keep(portal, member_id, found)
    before = scene.kinds()
    scene.watch()
    assert scene.kinds() == before


def test_member_that_the_watch_stumbles_over_keeps_no_other_from_being_looked_at(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scene.database.writing() as session:
        alliance = session.scalars(select(Alliance)).one()
        other = a_member(session, alliance, "M000", sector="packaging")
        # Looked at first: members come in the order of their ids.
        order = [other.id, session.scalars(select(Member.id).where(Member.code == "M001")).one()]
        session.commit()
    looked = warning_watch.found_of

    def planted(portal: work.Work, member_id: int) -> list[Found]:
        if member_id == order[0]:
            raise RuntimeError("planted")
        return looked(portal, member_id)

    monkeypatch.setattr(warning_watch, "found_of", planted)
    monkeypatch.setattr(warning_watch, "members_to_watch", lambda _work: order)
    with pytest.raises(AssertionError, match="NotAllWatched"):
        scene.watch()
    assert scene.slip().state == "open"


def test_pages_show_and_settle_warnings_without_scripts(
    scene: Scene, log_in: Callable[[Account], Browser]
) -> None:
    scene.watch()
    with scene.database.reading() as session:
        people = {
            role: session.scalars(
                select(Account).where(Account.email.startswith(role.value))
            ).first()
            for role in (Role.REPORTER, Role.COORDINATOR)
        }
    supplier, coordinator = log_in(people[Role.REPORTER]), log_in(people[Role.COORDINATOR])
    page = html.fromstring(supplier.get("/supplier/warnings/").text)
    boxes = page.xpath("//input[@name='warning']/@value")
    assert str(scene.slip().uid) in boxes
    assert "1,000" in page.text_content() or "1000" in page.text_content()
    empty = supplier.submit("/supplier/warnings/", {}, page="/supplier/warnings/")
    assert empty.status_code == 422
    sent = {"warning": str(scene.slip().uid), "reason": "Meter in MWh."}
    done = supplier.submit("/supplier/warnings/?state=open", sent, page="/supplier/warnings/")
    assert done.status_code == 303
    assert scene.slip().state == "explained"
    listed = coordinator.get("/coordinator/warnings/?state=explained").text
    assert "Meter in MWh." in listed
    sent = {"warning": str(scene.slip().uid), "reason": "Seen."}
    done = coordinator.submit("/coordinator/warnings/", sent, page="/coordinator/warnings/")
    assert (done.status_code, scene.slip().state) == (303, "resolved")
