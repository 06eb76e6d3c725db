"""Many lines at once: last year's brought over, and finished lines recorded in one go."""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actors import Role
from portal.domain.refusals import NotFound
from portal.services import inventories, lines, members
from portal.services.line_copies import ReadyLine, copy_last_year, has_last_year, record_lines
from portal.services.work import Work
from portal.store.evidence import Evidence
from portal.store.inventories import Inventory
from portal.store.ledger import LedgerEntry
from portal.store.lines import ActivityLine, LineEvidence
from portal.store.members import Member, Site
from tests.factories.suppliers import (
    MOMENT,
    a_member,
    a_site,
    an_account,
    an_alliance,
    unknown_uid,
    work_of,
)


@dataclass
class Scene:
    work: Work
    member: Member
    before: Inventory
    now: Inventory
    foreign: Work

    @property
    def session(self) -> Session:
        return self.work.session

    def lines(self, inventory: Inventory) -> list[ActivityLine]:
        query = select(ActivityLine).where(ActivityLine.inventory_id == inventory.id)
        return list(self.session.scalars(query.order_by(ActivityLine.position)))


@pytest.fixture
def scene(session: Session) -> Scene:
    alliance = an_alliance(session, years=(2024, 2025))
    member = a_member(session, alliance, "M001", sector="packaging")
    stranger = a_member(session, alliance, "M002", sector="packaging")
    a_site(session, member, "S1")
    a_site(session, member, "S2")
    work = work_of(session, an_account(session, Role.REPORTER, member))
    foreign = work_of(session, an_account(session, Role.REPORTER, stranger))
    before, now = (inventories.open_inventory(work, member, year) for year in (2024, 2025))
    return Scene(work, member, before, now, foreign)


def power(quantity: str, period: str, **changes: str) -> ReadyLine:
    values = {
        "category": "electricity.grid",
        "quantity": quantity,
        "unit": "kWh",
        "period": period,
        "site": "S1",
    }
    return ReadyLine(values | changes)


def test_everything_but_quantities_is_brought_over(scene: Scene) -> None:
    gas = {"parameters.gas": "r-404a", "category": "refrigerants.top_up", "unit": "kg"}
    record_lines(
        scene.work,
        scene.before,
        [
            power("100", "2024-02", note="main meter"),
            power("5", "2024", site="S2", **gas),
            power("7", "2024-02-05/2024-02-29"),
        ],
    )
    assert copy_last_year(scene.work, scene.now) == 3
    february, cooling, part = scene.lines(scene.now)
    assert (february.raw["period"], february.note) == ("2025-02", "main meter")
    assert february.quantity is None
    assert [problem.code for problem in lines.problems_of(february)] == ["number.missing"]
    assert cooling.parameters == {"gas": "r-404a"}
    assert part.raw["period"] == "2025-02-05/2025-02-28"
    assert not any(line.is_complete for line in (february, cooling, part))


def test_copying_again_brings_only_what_is_not_there(scene: Scene) -> None:
    record_lines(scene.work, scene.before, [power("1", "2024-01"), power("2", "2024-01")])
    record_lines(scene.work, scene.now, [power("9", "2025-01")])
    assert copy_last_year(scene.work, scene.now) == 1
    assert copy_last_year(scene.work, scene.now) == 0


def test_lines_of_a_closed_site_stay_behind(scene: Scene) -> None:
    record_lines(scene.work, scene.before, [power("1", "2024", site="S2")])
    site = scene.session.scalars(select(Site).where(Site.code == "S2")).one()
    members.close_site(scene.work, scene.member, site)
    assert copy_last_year(scene.work, scene.now) == 0


def test_copy_is_one_fact(scene: Scene) -> None:
    record_lines(scene.work, scene.before, [power("1", "2024-01"), power("2", "2024-02")])
    copy_last_year(scene.work, scene.now)
    scene.work.flush_ledger()
    query = select(LedgerEntry).where(LedgerEntry.kind == "lines.copied")
    (fact,) = scene.session.scalars(query)
    assert (fact.detail, fact.on_behalf_of) == ({"added": 2}, "M001")


def test_only_a_year_with_finished_lines_can_be_copied(scene: Scene) -> None:
    assert not has_last_year(scene.session, scene.now)
    record_lines(scene.work, scene.before, [power("1", "2024")])
    assert has_last_year(scene.session, scene.now)


def test_recorded_lines_are_worked_out_like_typed_ones(scene: Scene) -> None:
    recorded = record_lines(scene.work, scene.now, [power("1,000", "2025-01")])
    assert (recorded.count, recorded.problems) == (1, ())
    (line,) = scene.lines(scene.now)
    assert line.quantity == Decimal(1000)
    traced = lines.trace(scene.work, scene.now, line)
    assert traced is not None
    assert traced.is_pinned


def test_one_problem_keeps_all_lines_out_and_names_its_place(scene: Scene) -> None:
    ready = [power("1", "2025-01"), power("many", "2025-02"), power("3", "2025-03", unit="L")]
    recorded = record_lines(scene.work, scene.now, ready)
    assert recorded.count == 0
    assert [(place, found.field) for place, found in recorded.problems] == [
        (1, "quantity"),
        (2, "unit"),
    ]
    assert scene.lines(scene.now) == []


def test_recorded_evidence_supports_its_line_and_its_grade(scene: Scene) -> None:
    file = Evidence(
        uid=unknown_uid(),
        member_id=scene.member.id,
        sha256="1" * 64,
        name="bill.pdf",
        size=1,
        media_type="application/pdf",
        flags=[],
        uploaded_at=MOMENT,
    )
    scene.session.add(file)
    scene.session.flush()
    proven = ReadyLine(power("1", "2025-01").values, (file.id,))
    record_lines(scene.work, scene.now, [power("2", "2025-02"), proven])
    bare, shown = scene.lines(scene.now)
    links = scene.session.scalars(select(LineEvidence.line_id)).all()
    assert links == [shown.id]
    assert bare.quality is not None
    assert shown.quality is not None
    assert shown.quality < bare.quality


def test_foreign_year_is_not_found(scene: Scene) -> None:
    with pytest.raises(NotFound):
        copy_last_year(scene.foreign, scene.now)
    with pytest.raises(NotFound):
        record_lines(scene.foreign, scene.now, [power("1", "2025")])


def test_cost_of_a_line_does_not_grow_with_their_number(scene: Scene) -> None:
    record_lines(scene.work, scene.now, [power("1", "2025")])  # loads what is loaded once

    def seconds_a_line(count: int) -> float:
        ready = [power(str(place + 2), "2025") for place in range(count)]
        began = time.process_time()
        assert record_lines(scene.work, scene.now, ready).count == count
        return (time.process_time() - began) / count

    assert seconds_a_line(2000) < 3 * seconds_a_line(200)
