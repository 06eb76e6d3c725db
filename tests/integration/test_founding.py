"""A real installation begins empty: the file that founds an alliance, and calm pages until then."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.domain.actors import SYSTEM
from portal.domain.refusals import Conflict
from portal.services import founding, portfolio
from portal.services.founding import PlanError
from portal.services.work import Work
from portal.store.alliance import Alliance, OrgClosure, ReportingYear
from portal.store.members import Member
from tests.factories.suppliers import MOMENT

EXAMPLE = Path(__file__).parents[2] / "docs" / "alliance.toml"


@pytest.fixture
def work(session: Session) -> Work:
    return Work(session, SYSTEM, MOMENT)


def plan(**changes: Any) -> dict[str, Any]:
    return tomllib.loads(EXAMPLE.read_text(encoding="utf-8")) | changes


def test_example_founds_an_alliance_with_units_years_and_members(work: Work) -> None:
    assert founding.extend(work, plan()) == {"units": 2, "years": 1, "members": 1}
    member = work.session.scalars(select(Member)).one()
    assert (member.code, member.status) == ("M-0001", "invited")
    assert portfolio.dashboard(work).year == 2025
    assert work.session.scalars(select(func.count()).select_from(OrgClosure)).one() == 3


def test_same_file_again_adds_only_what_is_new(work: Work) -> None:
    founding.extend(work, plan())
    later = plan()
    later["year"].append(later["year"][0] | {"year": 2026, "due_on": date(2027, 6, 30)})
    assert founding.extend(work, later) == {"units": 0, "years": 1, "members": 0}
    assert portfolio.reporting_years(work) == [2025, 2026]
    assert work.session.scalars(select(func.count()).select_from(Alliance)).one() == 1


@pytest.mark.parametrize(
    ("part", "change", "said"),
    [
        ("year", {"gwp_set": "AR9"}, "gwp_set must be one of"),
        ("year", {"edition": "1999.1"}, "edition must be one of"),
        ("year", {"due_on": "2026-12-31"}, "without quotes"),
        ("member", {"sector": "bakery"}, "sector must be one of"),
        ("member", {"unit": "NOWHERE"}, "there is no unit NOWHERE"),
        ("member", {"credit_code": "91310000MA1K35XE1X"}, "credit_code can't be taken"),
        ("member", {"colour": "green"}, "colour is not known"),
        ("unit", {"parent": "LATER"}, "must come before it"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    work: Work, part: str, change: dict[str, Any], said: str
) -> None:
    wrong = plan()
    wrong[part][0] |= change
    with pytest.raises(PlanError, match=said):
        founding.extend(work, wrong)


def test_second_unit_at_the_top_is_refused(work: Work) -> None:
    founding.extend(work, plan())
    second = plan()
    second["unit"].append(second["unit"][0] | {"code": "G-SECOND"})
    with pytest.raises(PlanError, match="a unit at the top already"):
        founding.extend(work, second)


def test_portal_without_an_alliance_says_so_instead_of_failing(work: Work) -> None:
    for ask in (portfolio.dashboard, portfolio.reporting_years, portfolio.the_alliance):
        with pytest.raises(Conflict) as refusal:
            ask(work)
        assert refusal.value.code == "alliance.missing"
    assert work.session.scalars(select(func.count()).select_from(ReportingYear)).one() == 0
