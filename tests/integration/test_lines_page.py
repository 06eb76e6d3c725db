"""A page of the table: what stands beside each line, and that it costs the same for few lines and for many."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from portal.domain.actors import Role
from portal.domain.refusals import NotFound
from portal.services import inventories, line_page, lines, warnings
from portal.services.line_saving import SubmittedLine, save_lines
from portal.services.work import Work
from portal.store.inventories import Inventory
from portal.store.lines import LineEvidence
from portal.store.members import Member
from portal.store.submissions import Finding, Submission
from tests.factories.suppliers import (
    MOMENT,
    a_file,
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
    foreign: Work
    years: dict[int, Inventory] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        return self.work.session

    def year(self, year: int) -> Inventory:
        if year not in self.years:
            self.years[year] = inventories.open_inventory(self.work, self.member, year)
        return self.years[year]

    def enter(self, year: int, *rows: dict[str, str], draft: bool = False) -> None:
        submitted = [SubmittedLine(place, row) for place, row in enumerate(rows)]
        saved = save_lines(
            self.work, self.year(year), submitted, locale="zh", keep_unfinished=draft
        )
        assert saved.is_kept, [problem for each in saved.blocked for problem in each.problems]

    def page(self, year: int = 2025, number: int = 1) -> line_page.LinePage:
        return line_page.open_page(self.work, self.year(year), number)


@pytest.fixture
def scene(session: Session) -> Scene:
    alliance = an_alliance(session, years=(2023, 2024, 2025))
    member = a_member(session, alliance, "M001", sector="packaging")
    stranger = a_member(session, alliance, "M002", sector="packaging")
    a_site(session, member, "S1")
    a_site(session, member, "S2")
    work = work_of(session, an_account(session, Role.REPORTER, member))
    return Scene(work, member, work_of(session, an_account(session, Role.REPORTER, stranger)))


def power(quantity: str, period: str, **changes: str) -> dict[str, str]:
    return {
        "category": "electricity.grid",
        "quantity": quantity,
        "unit": "kWh",
        "period": period,
        "site": "S1",
    } | changes


def codes(found: object) -> list[str]:
    return [each.warning.code for each in found]


def test_last_years_quantity_stands_beside_the_line_in_its_unit(scene: Scene) -> None:
    scene.enter(2024, power("98000", "2024-03"), power("100", "2024-04", unit="MWh"))
    scene.enter(2025, power("99", "2025-03", unit="MWh"), power("", "2025-04"), draft=True)
    page = scene.page()
    march, april = page.lines
    assert page.last_year[march.key] == (Decimal(98), "MWh")
    assert page.last_year[april.key] == (Decimal(100000), "kWh")


def test_two_meters_stand_beside_their_own_counterparts(scene: Scene) -> None:
    scene.enter(2024, power("500", "2024"), power("90000", "2024"))
    scene.enter(2025, power("510", "2025"), power("91000", "2025"))
    page = scene.page()
    assert [page.last_year[line.key][0] for line in page.lines] == [500, 90000]
    assert page.notices == {}


def test_lines_of_a_later_page_take_what_those_before_have_left(scene: Scene) -> None:
    scene.enter(2024, power("500", "2024"), power("90000", "2024"))
    others = (power(str(1000 + day), "2025-03", site="S2") for day in range(49))
    scene.enter(2025, power("510", "2025"), *others, power("91000", "2025"), power("400", "2025"))
    first, second = scene.page(), scene.page(number=2)
    assert first.last_year[first.lines[0].key][0] == 500
    kept, new = second.lines
    assert second.last_year == {kept.key: (Decimal(90000), "kWh")}
    assert new.key not in second.notices


def test_totals_of_all_pages_stand_on_each(scene: Scene) -> None:
    scene.enter(2025, *(power(str(1000 + day), "2025", note=f"meter {day}") for day in range(60)))
    first, second = scene.page(), scene.page(number=2)
    assert (len(first.lines), len(second.lines)) == (50, 10)
    assert first.totals == second.totals
    assert first.totals.scope2_location == sum(
        line.kg_co2e for page in (first, second) for line in page.lines
    )
    assert (first.page_count, first.line_count) == (2, 60)


def test_odd_line_carries_its_warnings(scene: Scene) -> None:
    scene.enter(2024, power("100", "2024-03", unit="MWh"))
    scene.enter(2025, power("99000", "2025-03", unit="MWh"))
    page = scene.page()
    (line,) = page.lines
    assert codes(page.notices[line.key]) == ["line.slip.thousand"]


def test_twins_are_found_across_pages_but_not_with_other_parameters(scene: Scene) -> None:
    top_up = {"category": "refrigerants.top_up", "quantity": "5", "unit": "kg", "period": "2025"}
    gases = [{**top_up, "site": "S1", "parameters.gas": gas} for gas in ("r-404a", "r-410a")]
    others = [power(str(1000 + place), "2025") for place in range(50)]
    scene.enter(2025, power("7", "2025"), *others, power("7.0", "2025"), *gases)
    page = scene.page(number=2)
    noticed = {str(key): codes(found) for key, found in page.notices.items()}
    twin = page.lines[1]
    assert noticed == {str(twin.key): ["line.duplicate"]}


def test_page_and_year_agree_on_what_a_reason_is_about(scene: Scene) -> None:
    scene.enter(2025, power("7", "2025"), power("7", "2025"))
    twin = scene.page().lines[1]
    (noticed,) = scene.page().notices[twin.key]
    warning = noticed.warning
    warnings.explain(scene.work, scene.year(2025), warning.code, warning.address, "two meters")
    assert scene.page().notices[twin.key][0].reason == "two meters"
    stands = {
        each.warning.code: each.reason for each in warnings.noticed(scene.work, scene.year(2025))
    }
    assert stands["line.duplicate"] == "two meters"


def test_reason_lapses_when_the_line_changes(scene: Scene) -> None:
    scene.enter(2024, power("100", "2024"))
    scene.enter(2025, power("400", "2025"))
    (line,) = scene.page().lines
    warning = scene.page().notices[line.key][0].warning
    warnings.explain(scene.work, scene.year(2025), warning.code, warning.address, "new hall")
    row = SubmittedLine(0, power("450", "2025"), line.key, line.version)
    save_lines(scene.work, scene.year(2025), [row], locale="zh", keep_unfinished=False)
    assert scene.page().notices[line.key][0].reason == ""


def test_what_was_noticed_beforehand_counts_only_while_the_year_is_the_same(scene: Scene) -> None:
    scene.enter(2025, power("500", "2025"), power("500", "2025"))
    (noted,) = [
        each
        for each in warnings.noticed(scene.work, scene.year(2025))
        if each.warning.code == "line.duplicate"
    ]
    given = [warnings.Explanation(noted.warning.code, noted.warning.address, "two meters")]
    before = warnings.Seen((), scene.year(2025).version - 1)
    assert warnings.explain_all(scene.work, scene.year(2025), given, before) == 1
    with pytest.raises(NotFound):
        warnings.explain_all(
            scene.work, scene.year(2025), given, warnings.Seen((), scene.year(2025).version)
        )


def test_reason_for_what_nobody_noticed_is_refused(scene: Scene) -> None:
    scene.enter(2025, power("400", "2025"))
    with pytest.raises(NotFound):
        warnings.explain(scene.work, scene.year(2025), "line.duplicate", "line/x", "why")
    with pytest.raises(NotFound):
        warnings.explain(scene.foreign, scene.year(2025), "line.duplicate", "line/x", "why")


def test_year_is_warned_about_what_is_missing(scene: Scene) -> None:
    scene.enter(
        2024, power("100", "2024"), {**power("9", "2024"), "category": "heat.steam", "unit": "GJ"}
    )
    months = [power(str(8000 + month), f"2025-{month:02d}") for month in range(1, 12)]
    scene.enter(2025, *months)
    inventories.mark_not_applicable(scene.work, scene.year(2025), "stationary.lpg", "no bottles")
    noticed = warnings.noticed(scene.work, scene.year(2025))
    subjects = {each.warning.subject for each in noticed}
    assert "category/heat.steam" in subjects
    assert "category/stationary.lpg" not in subjects
    assert {"series.month.missing", "series.evidence.missing"} <= set(codes(noticed))


def test_history_of_steady_years_shows_an_outlier(scene: Scene) -> None:
    # Fewer than four earlier years say nothing: the rule stays silent here.
    scene.enter(2023, power("1000", "2023"))
    scene.enter(2024, power("1010", "2024"))
    scene.enter(2025, power("2500", "2025"))
    assert "series.total.outlier" not in codes(warnings.noticed(scene.work, scene.year(2025)))


def test_evidence_is_named_and_settles_the_missing_one(scene: Scene) -> None:
    scene.enter(2025, power("100", "2025"))
    (line,) = scene.page().lines
    file = a_file(scene.session, scene.member.id)
    scene.session.add(LineEvidence(line_id=line.id, evidence_id=file.id))
    scene.session.flush()
    assert [each.name for each in scene.page().files[line.key]] == ["bill.pdf"]
    assert "series.evidence.missing" not in codes(warnings.noticed(scene.work, scene.year(2025)))


def test_remark_about_a_large_number_is_shown(scene: Scene) -> None:
    scene.enter(2025, power("999999999999.999999", "2025"))
    page = scene.page()
    (line,) = page.lines
    assert codes(page.notices[line.key]) == ["number.unusual"]


def test_question_stands_on_its_line_while_the_year_is_returned(scene: Scene) -> None:
    scene.enter(2025, power("100", "2025"))
    (line,) = scene.page().lines
    a_finding(scene, line.key)
    assert scene.page().questions == {}
    scene.session.execute(update(Inventory).values(state="returned"))
    scene.session.refresh(scene.year(2025))
    assert [each.message for each in scene.page().questions[line.key]] == ["Which meter is this?"]


def a_finding(scene: Scene, key: object) -> None:
    zero = Decimal(0)
    submission = Submission(
        uid=unknown_uid(),
        inventory_id=scene.year(2025).id,
        member_id=scene.member.id,
        year=2025,
        kind="baseline",
        number=1,
        content=b"",
        digest="0" * 64,
        kg_scope1=zero,
        kg_scope2_location=zero,
        kg_scope2_market=zero,
        kg_scope3=zero,
        kg_biogenic=zero,
        line_count=1,
        evidenced_count=0,
        warning_count=0,
        quality=zero,
        edition="2026.1",
        gwp_set="AR6",
        signed_name="李雷",
        signed_post="总经理",
        submitted_at=MOMENT,
        state="submitted",
    )
    scene.session.add(submission)
    scene.session.flush()
    for visibility, message in (("supplier", "Which meter is this?"), ("internal", "Odd")):
        scene.session.add(
            Finding(
                uid=unknown_uid(),
                submission_id=submission.id,
                inventory_id=scene.year(2025).id,
                line_key=key,
                visibility=visibility,
                message=message,
                at=MOMENT,
            )
        )
    scene.session.flush()


def test_foreign_page_is_not_found(scene: Scene) -> None:
    with pytest.raises(NotFound):
        line_page.open_page(scene.foreign, scene.year(2025), 1)


def test_page_beyond_the_last_is_empty(scene: Scene) -> None:
    assert scene.page(number=7).lines == []


@pytest.mark.parametrize("count", [10, 300])
def test_statements_are_as_many_for_few_lines_as_for_many(scene: Scene, count: int) -> None:
    scene.enter(2024, *(power(str(100 + place), "2024") for place in range(count)))
    scene.enter(2025, *(power(str(200 + place), "2025") for place in range(count)))
    statements: list[str] = []
    bind = scene.session.get_bind()
    event.listen(bind, "before_cursor_execute", lambda *call: statements.append(call[2]))
    assert len(scene.page().lines) == min(count, 50)
    assert len(statements) == 8, statements
    lines.find_line(scene.work, scene.year(2025), scene.page().lines[0].key)
