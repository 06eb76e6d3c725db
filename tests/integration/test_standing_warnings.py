"""The watch over warnings: what is kept of them, who is told and how often, what people do about them, on both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.domain import standing
from portal.domain.actors import SYSTEM, Role
from portal.domain.refusals import Conflict, NotFound
from portal.domain.standing import DEFAULT_DAYS, SOON
from portal.domain.warnings import Weight
from portal.services import (
    standing_warnings,
    warning_digests,
    warning_watch,
    warnings,
    work,
)
from portal.services.standing_warnings import WarningFilter
from portal.services.warning_peers import Peers, peers_now
from portal.services.warning_sight import Sight
from portal.store.alliance import Alliance, OrgUnit
from portal.store.base import Database
from portal.store.inventories import Acknowledgement, Inventory
from portal.store.lines import ActivityLine
from portal.store.members import Member
from portal.store.standing_warnings import StandingWarning, WarningNotice
from tests.factories.suppliers import MOMENT, a_member, an_account, work_of
from tests.factories.warned import Warned, a_warned_member, correct
from tests.workers import settings_for

SERIOUS = timedelta(days=DEFAULT_DAYS[Weight.SERIOUS])


@pytest.fixture
def scene(database: Database, database_url: str, tmp_path: Path) -> Warned:
    return a_warned_member(database, settings_for(database_url, tmp_path))


def test_watch_keeps_what_is_odd_once_and_a_second_night_changes_nothing(scene: Warned) -> None:
    scene.watch()
    row = scene.slip()
    assert (row.state, row.level, row.turn, row.weight) == ("open", 0, 1, int(Weight.SERIOUS))
    before = scene.kinds()
    assert before.count("warnings.watched") == 1
    scene.watch(MOMENT + timedelta(days=1))
    assert scene.kinds() == before
    assert scene.slip().version == row.version


def test_so_many_of_a_year_and_kind_are_kept(
    scene: Warned, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scene.database.writing() as session:
        (line,) = session.scalars(
            select(ActivityLine).join(Inventory).where(Inventory.year == 2025)
        )
        copied = {
            column.name: getattr(line, column.name)
            for column in ActivityLine.__table__.columns
            if column.name not in ("id", "key", "position")
        }
        for place in (2, 3):
            session.add(ActivityLine(**copied, key=uuid4(), position=place))
        session.commit()
    monkeypatch.setattr(standing, "MOST_OF_A_KIND", 1)
    scene.watch()
    first = kinds_of(scene)
    assert first[2025, "line.duplicate"] == 1
    assert set(first.values()) == {1}
    (first_kept,) = states_of(scene, "line.duplicate")
    monkeypatch.setattr(standing, "MOST_OF_A_KIND", 2)
    scene.watch(MOMENT + timedelta(days=1))
    states = states_of(scene, "line.duplicate")
    assert (len(states), set(states.values()), first_kept in states) == (2, {"open"}, True)
    monkeypatch.setattr(standing, "MOST_OF_A_KIND", 0)
    scene.watch(MOMENT + timedelta(days=2))
    assert states_of(scene, "line.duplicate") == states, "what is kept is never put aside"


def states_of(scene: Warned, code: str) -> dict[str, str]:
    with scene.database.reading() as session:
        rows = session.scalars(select(StandingWarning).where(StandingWarning.code == code))
        return {row.subject: row.state for row in rows}


def kinds_of(scene: Warned) -> Counter[tuple[int, str]]:
    """How many warnings are kept of each year and kind."""
    with scene.database.reading() as session:
        return Counter((row.year, row.code) for row in session.scalars(select(StandingWarning)))


def test_what_is_missing_from_a_draft_is_kept_from_its_due_date_on(scene: Warned) -> None:
    scene.watch()
    assert "category.expected.absent" not in scene.rows()
    scene.watch(MOMENT + timedelta(days=60))
    assert {"category.expected.absent", "report.late"} <= scene.rows().keys()


def test_member_gets_no_second_letter_about_what_reminders_tell(scene: Warned) -> None:
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


def test_person_is_told_once_in_one_letter_a_day(scene: Warned) -> None:
    scene.watch()
    (letter,) = scene.run("tell_warnings")
    assert letter.kind == "warning_digest"
    with scene.database.reading() as session:
        assert letter.values["count"] == session.query(StandingWarning).count()
    assert letter.values["serious"] == 1
    assert scene.run("tell_warnings", MOMENT + timedelta(hours=1)) == []
    scene.watch(MOMENT + timedelta(days=1))
    assert scene.run("tell_warnings", MOMENT + timedelta(days=1)) == []


def test_nobody_is_told_of_what_was_settled_before_the_letter(scene: Warned) -> None:
    scene.watch()
    with scene.database.writing() as session:
        session.query(StandingWarning).update({"state": "resolved"})
        session.commit()
    assert scene.run("tell_warnings") == []
    with scene.database.reading() as session:
        assert session.query(WarningNotice).filter_by(told_at=None).count() == 0


def test_warning_that_is_soon_back_is_open_again_and_nobody_is_told_twice(scene: Warned) -> None:
    scene.watch()
    assert len(scene.run("tell_warnings")) == 1
    since = scene.slip().opened_at
    correct(scene, "121000")
    scene.watch(MOMENT + timedelta(days=1))
    assert scene.slip().state == "resolved"
    correct(scene, "121")
    scene.watch(MOMENT + timedelta(days=2))
    row = scene.slip()
    assert (row.state, row.turn, row.opened_at) == ("open", 1, since)
    assert scene.run("tell_warnings", MOMENT + timedelta(days=2)) == []


def test_warning_that_comes_back_later_opens_anew_and_is_told(scene: Warned) -> None:
    scene.watch()
    scene.run("tell_warnings")
    correct(scene, "121000")
    gone, back = MOMENT + timedelta(days=1), MOMENT + timedelta(days=2) + SOON
    scene.watch(gone)
    correct(scene, "121")
    scene.watch(back)
    row = scene.slip()
    assert (row.state, row.turn) == ("open", 2)
    assert len(scene.run("tell_warnings", back)) == 1


def test_what_was_gone_before_the_letter_is_told_when_it_is_back(scene: Warned) -> None:
    scene.watch()
    correct(scene, "121000")
    scene.watch(MOMENT + timedelta(days=1))
    scene.run("tell_warnings", MOMENT + timedelta(days=1))
    correct(scene, "121")
    scene.watch(MOMENT + timedelta(days=2))
    (letter,) = scene.run("tell_warnings", MOMENT + timedelta(days=2))
    assert letter.values["serious"] == 1


def test_letter_that_cannot_be_written_keeps_nobody_else_from_theirs(
    scene: Warned, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scene.database.writing() as session:
        member = session.query(Member).one()
        for _ in range(2):
            an_account(session, Role.REPORTER, member)
        session.commit()
    scene.watch()
    told = warning_digests.tell
    first = min(people_waiting(scene))

    def planted(portal: work.Work, account_id: int) -> bool:
        if account_id == first:
            raise RuntimeError("planted")
        return told(portal, account_id)

    monkeypatch.setattr(warning_digests, "tell", planted)
    with pytest.raises(AssertionError, match="NotAllTold"):
        scene.run("tell_warnings")
    assert people_waiting(scene) == {first}


def people_waiting(scene: Warned) -> set[int]:
    with work.reading(scene.database, SYSTEM, MOMENT) as portal:
        return set(warning_digests.people_to_tell(portal))


def test_warning_goes_up_base_then_group_and_the_coordinator_is_told_once(scene: Warned) -> None:
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


def test_people_of_the_unit_are_told_before_those_above(scene: Warned) -> None:
    with scene.database.writing() as session:
        person = an_account(session, Role.COORDINATOR, None)
        person.unit_id = session.query(OrgUnit).filter_by(code="BASE").one().id
        address = person.email
        session.commit()
    scene.watch()
    scene.run("tell_warnings")
    scene.watch(MOMENT + SERIOUS)
    assert [each.to_email for each in scene.run("tell_warnings", MOMENT + SERIOUS)] == [address]


def test_reason_given_on_the_list_is_the_acknowledgement_of_the_year(scene: Warned) -> None:
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


def test_reason_given_on_the_years_page_settles_the_list_at_once(scene: Warned) -> None:
    scene.watch()

    def explain(supplier: work.Work, member: Member) -> None:
        inventory = supplier.session.query(Inventory).filter_by(year=2025).one()
        row = supplier.session.query(StandingWarning).filter_by(code="line.slip.thousand").one()
        warnings.explain(supplier, inventory, row.code, row.address, "Shut since January.")

    scene.act(Role.REPORTER, explain)
    assert scene.slip().state == "explained"


def test_reason_holds_while_the_figure_moves_and_not_for_another_mistake(scene: Warned) -> None:
    scene.watch()
    uid = scene.slip().uid
    scene.act(Role.REPORTER, lambda w, m: standing_warnings.explain(w, m, [uid], "Right."))
    correct(scene, "130")
    scene.watch(MOMENT + timedelta(days=1))
    assert (scene.slip().state, scene.slip().turn) == ("explained", 1)
    assert scene.act(Role.COORDINATOR, reasons_of("explained")) == {"line.slip.thousand": "Right."}
    correct(scene, "12")
    scene.watch(MOMENT + timedelta(days=2))
    rows = scene.rows()
    assert rows["line.slip.thousand"].state == "resolved"
    assert rows["line.slip.ten_thousand"].state == "open"


def reasons_of(state: str) -> Callable[[work.Work, Member], dict[str, str]]:
    def read(found: work.Work, _member: Member) -> dict[str, str]:
        page = standing_warnings.warnings_of_alliance(found, WarningFilter(state=state))
        return {each.row.code: each.reason for each in page.rows}

    return read


def test_reason_typed_while_the_figure_moved_is_kept(scene: Warned) -> None:
    scene.watch()
    uid = scene.slip().uid
    correct(scene, "130")
    scene.act(Role.REPORTER, lambda w, m: standing_warnings.explain(w, m, [uid], "Right."))
    assert scene.slip().state == "explained"
    assert scene.act(Role.COORDINATOR, reasons_of("explained")) == {"line.slip.thousand": "Right."}


def test_warning_that_has_changed_since_the_list_was_made_is_not_explained(scene: Warned) -> None:
    scene.watch()
    uid = scene.slip().uid
    correct(scene, "125000")
    with pytest.raises(Conflict):
        scene.act(Role.REPORTER, lambda w, m: standing_warnings.explain(w, m, [uid], "Right."))


def test_late_report_is_explained_beside_the_inventory(scene: Warned) -> None:
    late = MOMENT + timedelta(days=60)
    scene.watch(late)
    row = scene.rows()["report.late"]
    scene.act(Role.REPORTER, lambda w, m: standing_warnings.explain(w, m, [row.uid], "Audit runs."))
    scene.watch(late + timedelta(days=1))
    row = scene.rows()["report.late"]
    assert (row.state, row.reason) == ("explained", "Audit runs.")


def test_coordinator_resolves_for_as_long_as_the_same_is_seen(scene: Warned) -> None:
    scene.watch()
    uids = [row.uid for row in scene.rows().values()]
    scene.act(Role.COORDINATOR, lambda w, _m: standing_warnings.resolve(w, uids, "Phoned."))
    scene.watch(MOMENT + timedelta(days=1))
    assert {row.state for row in scene.rows().values()} == {"resolved"}
    correct(scene, "119")
    scene.watch(MOMENT + timedelta(days=2))
    assert scene.slip().state == "resolved"
    correct(scene, "120000000")
    scene.watch(MOMENT + timedelta(days=3))
    assert (scene.slip().state, scene.slip().turn) == ("open", 2)
    assert scene.kinds().count("warning.resolved") == len(uids)


def test_coordinator_passes_a_warning_on_by_hand(scene: Warned) -> None:
    scene.watch()
    uids = [scene.slip().uid]

    def pass_on(reason: str) -> int:
        return scene.act(
            Role.COORDINATOR, lambda w, _m: standing_warnings.escalate(w, uids, reason)
        )

    counts = [pass_on(each) for each in ("They do not answer.", "", "Nobody is above us.")]
    assert (counts, scene.slip().level) == ([1, 1, 0], 2)
    assert scene.slip().reason == "They do not answer."
    assert scene.kinds().count("warning.escalated") == 2


def test_foreign_and_internal_warnings_are_answered_like_unknown_ones(scene: Warned) -> None:
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


def test_watch_that_was_broken_off_is_carried_on(scene: Warned) -> None:
    with work.reading(scene.database, SYSTEM, MOMENT) as portal:
        (member_id,) = warning_watch.members_to_watch(portal)
        found = warning_watch.found_of(portal, member_id, peers_now(portal))
    with work.writing(scene.database, SYSTEM, MOMENT) as portal:
        warning_watch.keep(portal, member_id, found)
    before = scene.kinds()
    scene.watch()
    assert scene.kinds() == before


def test_member_that_the_watch_stumbles_over_keeps_no_other_from_being_looked_at(
    scene: Warned, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scene.database.writing() as session:
        alliance = session.scalars(select(Alliance)).one()
        other = a_member(session, alliance, "M000", sector="packaging")
        # Looked at first: members come in the order of their ids.
        order = [other.id, session.scalars(select(Member.id).where(Member.code == "M001")).one()]
        session.commit()
    looked = warning_watch.found_of

    def planted(portal: work.Work, member_id: int, peers: Peers) -> Sight:
        if member_id == order[0]:
            raise RuntimeError("planted")
        return looked(portal, member_id, peers)

    monkeypatch.setattr(warning_watch, "found_of", planted)
    monkeypatch.setattr(warning_watch, "members_to_watch", lambda _work: order)
    with pytest.raises(AssertionError, match="NotAllWatched"):
        scene.watch()
    assert scene.slip().state == "open"
