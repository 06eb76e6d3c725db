"""What coordinators see of plans and progress: key figures, path, roadmap, and who is off track and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from lxml import html
from sqlalchemy import update

from portal.domain.programmes import Phase
from portal.services import portfolio, reductions, units
from portal.services.progress_list import ProgressFilter, Standing, list_progress
from portal.services.reductions import Cut, Reach, cut_so_far, standing_of
from portal.services.series import series_of
from portal.services.trajectories import PathYear
from portal.store.members import Member
from portal.store.summaries import LikeForLike, MemberPlan, MemberProgress, UnitPath
from portal.web import formats
from tests.browsers import Browser
from tests.factories.plans import an_approved_plan, an_approved_progress
from tests.factories.scenes import Scene

PAGE = "/coordinator/reductions"
LIST = "/coordinator/progress"


def texts(page: str, path: str) -> list[str]:
    return [" ".join(each.text_content().split()) for each in html.fromstring(page).xpath(path)]


def codes(page: str) -> list[str]:
    return re.findall(r'<span class="code">(M-\d+)</span></th>', page)


def reporting(scene: Scene, code: str, *, minutes: int = 0) -> Member:
    """A member with two approved years, an approved plan and approved progress of 2025."""
    member = scene.member(code)
    for year in (2024, 2025):
        scene.approved(member, year, minutes=minutes)
    an_approved_plan(scene, member, minutes=minutes + 12)
    an_approved_progress(scene, member, 2025, minutes=minutes + 21)
    return member


def stands(scene: Scene, member: Member, **changes: object) -> None:
    """Let the approved progress of a member be otherwise than its report says."""
    query = update(MemberProgress).where(MemberProgress.member_id == member.id).values(**changes)
    scene.session.execute(query)
    scene.session.commit()


def test_page_counts_plans_progress_and_systematic_reduction(
    scene: Scene, coordinator: Browser
) -> None:
    reporting(scene, "M-0001")
    bare = scene.member("M-0002")
    scene.approved(bare, 2024, minutes=40)
    scene.member("M-0003")
    scene.session.commit()

    page = coordinator.get(f"{PAGE}?lang=en&year=2025").text

    assert texts(page, "//dd[@class='kpi-value']") == ["1", "1", "0", "33.3%"]
    assert "at least one action is in progress or done" in page
    held = series_of(scene.session, bare.id).kg(2024)
    assert f"last approved total of {formats.tonnes(held)} t CO₂e" in page
    assert texts(page, "//section[@id='roadmap']//tbody/tr")[0].startswith("Lay the ground")
    assert "Own actions, Production" in page


def test_path_adds_members_without_a_plan_at_their_last_level(scene: Scene) -> None:
    planned = reporting(scene, "M-0001")
    bare = scene.member("M-0002")
    scene.approved(bare, 2024, minutes=40)
    shown = reductions.reductions(scene.as_coordinator(60))

    held = series_of(scene.session, bare.id).kg(2024)
    assert shown.held == reductions.Held(held, 1)
    unit = shown.unit.id
    for year in shown.path:
        row = scene.session.get(UnitPath, (unit, year.year))
        if row is None:
            assert (year.target, year.year) == (None, 2024)
            continue
        assert year.target == row.kg_target + held
        assert (year.low, year.high) == (row.kg_low + held, row.kg_high + held)
    assert [each.year for each in shown.path] == list(range(2024, 2051))
    latest = next(each for each in shown.path if each.year == 2025)
    assert latest.total == series_of(scene.session, planned.id).kg(2025)


def test_alliance_without_plans_says_what_will_be_there(scene: Scene, coordinator: Browser) -> None:
    page = coordinator.get(f"{PAGE}?lang=en").text
    assert "Nothing is approved yet" in page
    assert "No approved plan has an action with costs yet." in page
    assert texts(page, "//dd[@class='kpi-value']") == ["0", "0", "0", "–"]
    assert "Nobody here" in coordinator.get(f"{LIST}?lang=en").text


def test_branch_that_is_unknown_is_not_found(scene: Scene, coordinator: Browser) -> None:
    assert coordinator.get(f"{PAGE}?unit=NOWHERE").status_code == 404
    assert coordinator.get(f"{LIST}?unit=NOWHERE").status_code == 404
    assert coordinator.get(f"{PAGE}?unit=GROUP").status_code == 200


def year_on_year(*years: tuple[int, int, int]) -> Sequence[LikeForLike]:
    return [
        LikeForLike(unit_id=1, year=y, member_count=1, kg_co2e=Decimal(kg), kg_co2e_before=Decimal(b))
        for y, b, kg in years
    ]  # fmt: skip


def test_cut_is_chained_over_members_that_can_be_compared() -> None:
    rows = year_on_year((2023, 100, 90), (2024, 200, 160))
    assert cut_so_far(rows, 2024) == Cut(2022, 2024, Decimal("0.28"))


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (year_on_year((2021, 100, 50), (2024, 200, 160)), Cut(2023, 2024, Decimal("0.2"))),
        (year_on_year((2023, 0, 50), (2024, 200, 160)), Cut(2023, 2024, Decimal("0.2"))),
        (year_on_year((2023, 100, 90)), None),
        ((), None),
    ],
)
def test_gap_between_years_begins_the_chain_anew(
    rows: Sequence[LikeForLike], found: Cut | None
) -> None:
    assert cut_so_far(rows, 2024) == found


PHASE = Phase(2030, Decimal(30), "一", "One", "一", "One")
AHEAD = [
    PathYear(2025, (Decimal(50),), low=Decimal(100), high=Decimal(100)),
    PathYear(2030, low=Decimal(75), high=Decimal(90)),
]


@pytest.mark.parametrize(
    ("ratio", "least", "most", "reach"),
    [
        ("0.1", "0.19", "0.325", Reach.PLANNED),
        ("0.02", "0.118", "0.265", Reach.BEYOND),
        ("0.3", "0.37", "0.475", Reach.REACHED),
    ],
)
def test_phase_held_against_the_cut_so_far_and_what_plans_add(
    ratio: str, least: str, most: str, reach: Reach
) -> None:
    found = standing_of(PHASE, AHEAD, Cut(2022, 2025, Decimal(ratio)))
    assert (found.least, found.most) == (Decimal(least), Decimal(most))
    assert found.reach is reach


def test_phase_can_not_be_told_without_comparable_years_or_plans() -> None:
    assert standing_of(PHASE, AHEAD, None).reach is Reach.UNKNOWN
    alone = [PathYear(2025, (Decimal(50),))]
    assert standing_of(PHASE, alone, Cut(2024, 2025, Decimal("0.1"))).reach is Reach.UNKNOWN


def test_list_says_who_is_off_track_and_why(scene: Scene, coordinator: Browser) -> None:
    off, on = reporting(scene, "M-0001"), reporting(scene, "M-0002", minutes=40)
    scene.member("M-0003")
    stands(
        scene, off, is_on_path=False, reason="activity", kg_base=Decimal(9_000_000),
        kg_target=Decimal(7_000_000), kg_actual=Decimal(8_100_000), cut_percent=Decimal(10),
        kg_expected=Decimal(1000), kg_verified=Decimal(250), overdue_count=2,
    )  # fmt: skip
    stands(scene, on, is_on_path=True, reason="", cut_percent=Decimal(20))

    page = coordinator.get(f"{LIST}?lang=en").text

    (row,) = texts(page, "//tbody/tr")
    for words in ("Off its path", "More was produced", "8,100 of 7,000 allowed", "10.0%", "25%"):
        assert words in row
    cells = texts(page, "//tbody/tr/td")
    assert (cells[0], cells[5]) == ("2", "2")
    assert 'aria-labelledby="bullet-1-title"' in page
    listed = {
        state: codes(coordinator.get(f"{LIST}?state={state}").text)
        for state in ("on_track", "reported", "planned", "no_progress", "no_plan")
    }
    assert listed["on_track"] == ["M-0002"]
    assert sorted(listed["reported"]) == ["M-0001", "M-0002"]
    assert listed["planned"] == ["M-0001", "M-0002"]
    assert listed["no_progress"] == listed["no_plan"] == ["M-0003"]


def test_equal_cuts_share_a_place_and_the_next_is_left_out(scene: Scene) -> None:
    cuts = {"M-0001": 20, "M-0002": 30, "M-0003": 20, "M-0004": 5}
    for place, (code, cut) in enumerate(cuts.items()):
        member = reporting(scene, code, minutes=40 * place)
        stands(scene, member, cut_percent=Decimal(cut), is_on_path=False)
    work = scene.as_coordinator(200)

    def places(wanted: ProgressFilter) -> list[tuple[str, int | None, bool]]:
        rows = list_progress(work, wanted).rows
        return [(row.member.code, row.place, row.is_tied) for row in rows]

    by_cut = ProgressFilter(2025, sort="-cut")
    assert places(by_cut) == [
        ("M-0002", 1, False),
        ("M-0001", 2, True),
        ("M-0003", 2, True),
        ("M-0004", 4, False),
    ]
    # Who is looked for keeps the place that it has among all.
    assert places(replace(by_cut, search="M-0004")) == [("M-0004", 4, False)]


def test_list_is_ordered_and_filtered_by_its_address(scene: Scene, coordinator: Browser) -> None:
    for place, (code, gap) in enumerate({"M-0001": 5, "M-0002": 50, "M-0003": 20}.items()):
        member = reporting(scene, code, minutes=40 * place)
        stands(scene, member, kg_target=Decimal(100), kg_actual=Decimal(100 + gap), is_on_path=False)  # fmt: skip

    def listed(query: str) -> list[str]:
        return codes(coordinator.get(f"{LIST}?{query}").text)

    assert listed("") == ["M-0002", "M-0003", "M-0001"]
    assert listed("sort=gap") == ["M-0001", "M-0003", "M-0002"]
    assert listed("sort=-code") == ["M-0003", "M-0002", "M-0001"]
    assert listed("q=m-0003") == ["M-0003"]
    assert listed("year=2024") == []
    assert listed("sector=haulier") == []
    assert listed("unit=GROUP&state=off_track") == listed("")
    for nonsense in ("state=nonsense", "sort=total", "page=x", "year=x"):
        assert coordinator.get(f"{LIST}?{nonsense}").status_code == 400


def test_member_that_left_is_not_asked_for_a_plan(scene: Scene) -> None:
    gone = scene.member("M-0001")
    gone.status = "left"
    scene.session.flush()
    work = scene.as_coordinator(1)
    for state in (Standing.NO_PLAN, Standing.NO_PROGRESS):
        assert list_progress(work, ProgressFilter(2025, state=state)).total == 0
    assert portfolio.members_by_status(work, units.tree(work).root) == {"left": 1}


def test_counts_of_plans_are_those_of_the_rows(scene: Scene) -> None:
    reporting(scene, "M-0001")
    shown = reductions.reductions(scene.as_coordinator(60))
    assert shown.plan_count == scene.session.query(MemberPlan).count() == 1
    assert shown.progress is not None
    assert shown.systematic == 1


def test_member_page_shows_plan_target_progress_and_level(
    scene: Scene, coordinator: Browser
) -> None:
    member = reporting(scene, "M-0001")
    stands(scene, member, is_on_path=False, reason="overdue", level="committed")
    page = coordinator.get(f"/coordinator/members/{member.uid}?lang=en").text
    for words in (
        "Absolute emissions: −42.0% from 2024 to 2030",
        "Actions are behind their milestones",
        "Committed",
        "Off its path",
    ):
        assert words in page
    years, progress = (
        texts(page, f"//table[caption='{caption}']/tbody/tr") for caption in ("Years", "Progress")
    )
    assert (len(years), len(progress)) == (2, 1)
    numbers = re.findall(r'translate="no">(DAIRY-\d+-\d+)<', page)
    assert len(numbers) == len(set(numbers)) == 3
    links = set(re.findall(r"/coordinator/submissions/([0-9a-f-]{36})", page))
    assert len(links) == 4


def test_member_page_without_a_plan_says_so(scene: Scene, coordinator: Browser) -> None:
    member = scene.member("M-0001")
    scene.session.commit()
    page = coordinator.get(f"/coordinator/members/{member.uid}?lang=en").text
    assert "No progress has been reported yet." in page
    assert "Leading target" not in page
