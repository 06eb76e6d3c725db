"""The lead company's tree: every branch has its own totals, and lists can be narrowed to it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from lxml import html
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.actors import SYSTEM
from portal.services import alliances, portfolio, review, summaries, units
from portal.services.alliances import UnitFacts
from portal.services.work import Work
from portal.store.alliance import OrgUnit
from portal.store.base import Database
from portal.store.submissions import Submission
from portal.store.summaries import LikeForLike, UnitSummary
from portal.web import formats
from tests.browsers import Browser
from tests.factories.scenes import Scene, a_scene
from tests.factories.suppliers import MOMENT, work_of

LogIn = Callable[..., Browser]


@pytest.fixture
def scene(database: Database) -> Scene:
    """GROUP above MILK and LOG, MILK above NORTH; two approved members in NORTH, one in LOG, one draft in MILK."""
    with database.writing() as session:
        made = a_scene(session)
        work = Work(session, SYSTEM, MOMENT)
        members = {code: made.member(code) for code in ("M-0001", "M-0002", "M-0003", "M-0004")}
        below = {"GROUP": session.scalars(select(OrgUnit)).one()}
        for code, parent in (("MILK", "GROUP"), ("LOG", "GROUP"), ("NORTH", "MILK")):
            facts = UnitFacts(code, parent, "division", f"{code} 部", f"{code} division")
            below[code] = alliances.add_unit(work, made.alliance, facts, below[parent])
        for code, unit in (
            ("M-0001", "NORTH"),
            ("M-0002", "NORTH"),
            ("M-0003", "LOG"),
            ("M-0004", "MILK"),
        ):
            members[code].unit_id = below[unit].id
        session.flush()
        for minutes, code in enumerate(("M-0001", "M-0002", "M-0003")):
            made.approved(members[code], 2025, minutes=minutes * 10)
        made.approved(members["M-0001"], 2024, minutes=40)
        made.draft(members["M-0004"])
        session.commit()
        yield made
        session.rollback()


def branch_total(scene: Scene, code: str, year: int = 2025) -> object:
    unit = scene.session.scalars(select(OrgUnit).where(OrgUnit.code == code)).one()
    return scene.session.scalars(
        select(func.sum(UnitSummary.kg_co2e)).where(
            UnitSummary.unit_id == unit.id, UnitSummary.year == year
        )
    ).one()


def test_every_unit_above_a_member_sums_it_up(scene: Scene) -> None:
    single = branch_total(scene, "LOG")
    assert single
    assert branch_total(scene, "NORTH") == branch_total(scene, "MILK") == 2 * single
    assert branch_total(scene, "GROUP") == 3 * single
    assert summaries.differences(scene.session, 2025) == []
    compared = {
        scene.session.get_one(OrgUnit, row.unit_id).code: row.member_count
        for row in scene.session.scalars(select(LikeForLike).where(LikeForLike.year == 2025))
    }
    assert compared == {"GROUP": 1, "MILK": 1, "NORTH": 1}


def test_two_approvals_at_once_leave_the_sum_of_both(scene: Scene, database: Database) -> None:
    waiting = [scene.waiting(scene.member(code), minutes=60).uid for code in ("M-0005", "M-0006")]
    scene.commit()
    before = branch_total(scene, "GROUP")
    scene.session.commit()

    def approve(session: Session, place: int) -> Work:
        work = work_of(session, scene.coordinator, moment=MOMENT + timedelta(minutes=70))
        review.approve_submission(work, waiting[place], with_report=False)
        return work

    def second() -> None:
        with database.writing() as session:
            approve(session, 1).commit()

    with ThreadPoolExecutor(1) as pool, database.writing() as session:
        first = approve(session, 0)
        other = pool.submit(second)
        time.sleep(0.5)  # long enough to sum up without the first one, if nothing held it up
        first.commit()
        other.result()

    handed_in = select(Submission).where(Submission.uid.in_(waiting))
    kg = sum(each.kg_total for each in scene.session.scalars(handed_in))
    assert branch_total(scene, "GROUP") == before + kg
    assert summaries.differences(scene.session, 2025) == []


def test_sum_that_was_tampered_with_is_found(scene: Scene) -> None:
    row = scene.session.scalars(select(UnitSummary).where(UnitSummary.year == 2025)).first()
    assert row is not None
    row.kg_co2e += 1
    scene.session.flush()
    code = scene.session.get_one(OrgUnit, row.unit_id).code
    assert summaries.differences(scene.session, 2025) == [(code, row.category)]


def test_tree_lists_each_unit_before_those_below_it(scene: Scene) -> None:
    tree = units.tree(scene.as_coordinator())
    assert [(node.unit.code, node.depth) for node in tree.nodes] == [
        ("GROUP", 0),
        ("LOG", 1),
        ("MILK", 1),
        ("NORTH", 2),
    ]
    assert [unit.code for unit in tree.path(tree.find("NORTH"))] == ["GROUP", "MILK", "NORTH"]


def test_parts_of_a_unit_come_to_the_whole(scene: Scene) -> None:
    member = scene.member("M-0007")
    scene.approved(member, 2025, minutes=70)
    shown = portfolio.dashboard(scene.as_coordinator(90), 2025)
    parts = [(each.unit and each.unit.code, each.member_count) for each in shown.units]
    assert parts == [("MILK", 3), ("LOG", 1), (None, 1)]
    assert sum(each.kg_total for each in shown.units) == shown.totals[-1].kg_total
    assert [each.share for each in shown.units] == [
        Decimal("0.5"),
        Decimal("0.25"),
        Decimal("0.25"),
    ]


def test_overview_of_a_branch_counts_what_its_links_show(scene: Scene, log_in: LogIn) -> None:
    browser = log_in(scene.coordinator)
    page = browser.get("/coordinator/?lang=en&unit=MILK").text
    shown = portfolio.dashboard(scene.as_coordinator(), 2025, "MILK")
    assert (shown.members, shown.inventories) == ({"active": 3}, {"approved": 2, "draft": 1})
    assert formats.tonnes(shown.totals[-1].kg_total) in page
    links = [
        link
        for link in html.fromstring(page).xpath("//main//a/@href")
        if link.startswith(("/coordinator/members/?", "/coordinator/submissions/?"))
    ]
    assert links
    assert {re.search(r"unit=(\w+)", link).group(1) for link in links} == {"MILK", "NORTH"}
    listed = browser.get("/coordinator/members/?lang=en&unit=MILK&state=approved").text
    assert "2 members" in listed
    assert "M-0003" not in listed
    assert "M-0004" in browser.get("/coordinator/members/?unit=MILK").text


def test_queue_of_a_branch_leaves_the_others_out(scene: Scene, log_in: LogIn) -> None:
    for place, code in enumerate(("M-0005", "M-0006")):
        member = scene.member(code)
        member.unit_id = scene.session.scalars(
            select(OrgUnit.id).where(OrgUnit.code == ("NORTH", "LOG")[place])
        ).one()
        scene.waiting(member, minutes=60 + place)
    scene.session.commit()
    browser = log_in(scene.coordinator)
    listed = browser.get("/coordinator/submissions/?unit=MILK").text
    assert "M-0005" in listed
    assert "M-0006" not in listed
    assert portfolio.dashboard(scene.as_coordinator(), 2025, "MILK").queue.waiting == 1


def test_unknown_unit_is_not_found(scene: Scene, log_in: LogIn) -> None:
    browser = log_in(scene.coordinator)
    for path in ("/coordinator/", "/coordinator/members/", "/coordinator/submissions/"):
        assert browser.get(f"{path}?unit=NOWHERE").status_code == 404


def test_tree_has_one_root(scene: Scene) -> None:
    work = Work(scene.session, SYSTEM, MOMENT)
    facts = UnitFacts("SECOND", "", "group", "二部", "Second")
    with pytest.raises(IntegrityError):
        alliances.add_unit(work, scene.alliance, facts, None)
