"""How many statements a page costs: at most fifteen, and no more for many rows than for few."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest

from portal.services import actions, plans, review
from portal.store.base import Database
from portal.store.members import Member
from portal.store.submissions import Submission
from tests.browsers import Browser
from tests.factories.plans import SIGNED, a_plan, an_approved_progress, typed_action
from tests.factories.scenes import Scene, a_scene
from tests.statements import connections_at_once, counted

MOST = 15
# What one member's figures cost more: whether the signatory was erased, and who opened them (who, whose, the note).
MOST_OF_FIGURES = MOST + 4
# A plan or a report is put together anew from targets, actions, series and what it is held against.
MOST_OF_A_DOCUMENT = 23
FEW, MANY = 3, 55
FEW_LINES, MANY_LINES = 10, 200
LogIn = Callable[..., Browser]


@dataclass
class Costs:
    """Asks for pages and counts."""

    database: Database
    scene: Scene
    log_in: LogIn

    def of(self, path: str, person: str = "", most: int = MOST) -> int:
        """The statements of one page, once everything that is kept between pages is kept."""
        account = self.scene.people[person] if person else self.scene.coordinator
        browser = self.log_in(account)
        with connections_at_once(self.database) as connections:
            assert browser.get(path).status_code == 200
        # Two readers of one request and a writer between them would wait for each other on SQLite.
        assert max(connections) == 1
        with counted(self.database) as statements:
            assert browser.get(path).status_code == 200
        assert len(statements) <= most, "\n".join(statements)
        return len(statements)

    def of_each(self, paths: Sequence[str], person: str = "", most: int = MOST) -> dict[str, int]:
        """The statements of each of several pages."""
        return {path: self.of(path, person, most) for path in paths}


LISTS = (
    "/coordinator/",
    "/coordinator/submissions/",
    "/coordinator/members/",
    "/coordinator/members/?category=electricity.grid&year=2024&sort=-total",
    "/coordinator/certificates/",
    "/coordinator/warnings/",
    "/coordinator/ledger/",
    "/coordinator/reductions",
    "/coordinator/progress",
    "/coordinator/programme",
    "/coordinator/editions/",
)
PAGES_OF_A_YEAR = (
    "/supplier/?year=2025",
    "/supplier/inventories/2025",
    "/supplier/inventories/2025/check",
    "/supplier/inventories/2025/lines",
    "/supplier/inventories/2025/warnings",
    "/supplier/inventories/2025/outputs",
    "/supplier/inventories/2025/not-applicable",
    "/supplier/sites/",
    "/supplier/evidence/",
)
PAGES_OF_A_PLAN = (
    "/supplier/",
    "/supplier/plan",
    "/supplier/plan/tasks",
    "/supplier/plan/levers",
    "/supplier/progress",
    "/supplier/progress/2025",
    "/supplier/restatements",
)


@pytest.fixture
def costs(database: Database, log_in: LogIn) -> Iterator[Costs]:
    with database.writing() as session:
        scene = a_scene(session)
        session.commit()
        yield Costs(database, scene, log_in)
        session.rollback()


def test_lists_cost_the_same_for_few_and_many_members(costs: Costs) -> None:
    found = []
    made = 0
    for wanted in (FEW, MANY):
        for place in range(made, wanted):
            member = costs.scene.member(f"M-{place:04d}")
            costs.scene.approved(member, 2024, minutes=place)
            costs.scene.waiting(member, 2025, minutes=place)
        made = wanted
        costs.scene.session.commit()
        found.append(costs.of_each(LISTS))
    assert found[0] == found[1]


@pytest.mark.parametrize("query", ["", "?all=1"])
def test_review_costs_the_same_for_few_and_many_lines(costs: Costs, query: str) -> None:
    found = []
    for place, lines in enumerate((FEW_LINES, MANY_LINES)):
        member = costs.scene.member(f"M-{place:04d}")
        costs.scene.approved(member, 2024, minutes=place)
        submitted = costs.scene.waiting(member, 2025, minutes=place, lines=lines)
        for number in range(lines // 10):
            costs.scene.ask(submitted, f"Question {number}")
        costs.scene.session.commit()
        path = f"/coordinator/submissions/{submitted.uid}{query}"
        found.append(costs.of(path, most=MOST_OF_FIGURES))
    assert found[0] == found[1]


def test_member_page_costs_the_same_for_every_member(costs: Costs) -> None:
    bare = costs.scene.member("M-0001")
    full = costs.scene.member("M-0002")
    costs.scene.approved(full, 2024)
    costs.scene.waiting(full, 2025)
    costs.scene.session.commit()
    found = [
        costs.of(f"/coordinator/members/{each.uid}", most=MOST_OF_FIGURES) for each in (bare, full)
    ]
    assert found[0] <= found[1]


def test_suppliers_pages_cost_the_same_for_few_and_many_lines(costs: Costs) -> None:
    found = []
    for place, lines in enumerate((FEW_LINES, MANY_LINES)):
        member = costs.scene.member(f"M-{place:04d}")
        costs.scene.draft(member, lines=lines)
        costs.scene.session.commit()
        found.append(costs.of_each(PAGES_OF_A_YEAR, member.code))
    assert found[0] == found[1]


def test_questions_cost_the_same_for_one_and_many(costs: Costs) -> None:
    found = []
    for place, count in enumerate((1, 30)):
        member = costs.scene.member(f"M-{place:04d}")
        costs.scene.returned(member, questions=count)
        costs.scene.session.commit()
        found.append(costs.of("/supplier/inventories/2025/questions", member.code))
    assert found[0] == found[1]


def with_progress(scene: Scene, code: str, count: int) -> tuple[Member, list[Submission]]:
    """A member with an approved plan of so many actions and approved progress of 2025, and what was approved."""
    member = scene.member(code)
    for year in (2024, 2025):
        scene.approved(member, year)
    plan = a_plan(scene, member)
    work = scene.as_supplier(code, 11)
    for number in range(1, count):
        assert actions.add_action(work, plan, typed_action(name=f"Action {number}")).action
    planned = plans.submit_plan(work, plan, SIGNED)
    work.commit()
    deciding = scene.as_coordinator(12)
    review.approve_submission(deciding, planned.uid)
    deciding.commit()
    return member, [planned, an_approved_progress(scene, member, 2025)]


def test_plan_and_progress_cost_the_same_for_few_and_many_actions(costs: Costs) -> None:
    found = []
    for place, count in enumerate((1, 20)):
        member, _ = with_progress(costs.scene, f"M-{place:04d}", count)
        found.append(costs.of_each(PAGES_OF_A_PLAN, member.code, most=MOST_OF_A_DOCUMENT))
    assert found[0] == found[1]


def test_review_of_plan_and_progress_costs_the_same_for_few_and_many_actions(costs: Costs) -> None:
    found = []
    for place, count in enumerate((1, 20)):
        member, papers = with_progress(costs.scene, f"M-{place:04d}", count)
        pages = [*(f"submissions/{each.uid}" for each in papers), f"members/{member.uid}"]
        found.append([costs.of(f"/coordinator/{page}", most=MOST_OF_FIGURES) for page in pages])
    assert found[0] == found[1]


def test_public_page_costs_little(costs: Costs, browser: Browser) -> None:
    certificate = costs.scene.certificate(costs.scene.approved(costs.scene.member("M-0001"), 2025))
    certificate.state = "valid"
    costs.scene.session.commit()
    path = f"/verify/{certificate.number}?c={certificate.code}"
    assert browser.get(path).status_code == 200
    with counted(costs.database) as statements:
        assert browser.get(path).status_code == 200
    assert len(statements) <= MOST, statements
