"""Saving the table's rows: drafts, problems, questions, stale versions, and what the ledger is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.domain.actors import Role
from portal.domain.members import SiteFacts, SiteKind
from portal.domain.refusals import Conflict, NotFound
from portal.intake.raw import MOST_COLUMNS, MOST_GIVEN, as_text
from portal.services import inventories, line_page, lines, members
from portal.services.line_saving import Fate, Saved, SubmittedLine, save_lines
from portal.services.work import Work, writing
from portal.store.base import Database
from portal.store.inventories import Inventory
from portal.store.ledger import LedgerEntry
from portal.store.lines import ActivityLine
from portal.store.members import Member, Site
from tests.factories.suppliers import (
    MOMENT,
    a_member,
    a_site,
    an_account,
    an_alliance,
    work_of,
)


@dataclass
class Scene:
    work: Work
    member: Member
    inventory: Inventory
    foreign: Work
    stranger: Member

    @property
    def session(self) -> Session:
        return self.work.session

    def save(
        self,
        *rows: SubmittedLine,
        draft: bool = False,
        work: Work | None = None,
        locale: str = "zh",
    ) -> Saved:
        return save_lines(
            work or self.work, self.inventory, rows, locale=locale, keep_unfinished=draft
        )

    def stored(self) -> list[ActivityLine]:
        self.session.expire_all()
        return list(self.session.scalars(select(ActivityLine).order_by(ActivityLine.position)))


@pytest.fixture
def scene(session: Session) -> Scene:
    return a_scene(session)


def a_scene(session: Session) -> Scene:
    alliance = an_alliance(session, years=(2024, 2025))
    member = a_member(session, alliance, "M001", sector="packaging")
    stranger = a_member(session, alliance, "M002", sector="packaging")
    a_site(session, member, "S1")
    a_site(session, member, "S2", province="CN-JS")
    a_site(session, stranger, "X1")
    work = work_of(session, an_account(session, Role.REPORTER, member))
    foreign = work_of(session, an_account(session, Role.REPORTER, stranger))
    return Scene(work, member, inventories.open_inventory(work, member, 2025), foreign, stranger)


def power(index: int = 0, **changes: object) -> SubmittedLine:
    values = {
        "category": "electricity.grid",
        "quantity": "12,500",
        "unit": "MWh",
        "period": "2025-03",
        "site": "S1",
    }
    own = {name: changes.pop(name) for name in list(changes) if name in values}
    return SubmittedLine(index, values | own, **changes)


def again(saved: Saved, place: int = 0, **changes: object) -> SubmittedLine:
    """The same row as the page would send it back after the save."""
    line = saved.outcomes[place].line
    assert line is not None
    shown = lines.shown_values(line, {line.site_id or 0: "S1"})
    own = {name: changes.pop(name) for name in list(changes) if name in shown or name == "note"}
    return SubmittedLine(place, shown | own, line.key, line.version, **changes)


def test_line_kept_as_typed_and_as_read_with_its_result(scene: Scene) -> None:
    saved = scene.save(power())
    (line,) = scene.stored()
    assert saved.is_kept
    assert line.is_complete
    assert line.raw["quantity"] == "12,500"
    assert (line.quantity, line.unit, line.scope) == (Decimal(12500), "MWh", 2)
    assert line.kg_co2e is not None
    assert line.kg_co2e > 5_000_000
    assert [change.field for change in saved.outcomes[0].changes] == ["quantity"]


@pytest.mark.parametrize(
    ("typed_by", "edited_by", "typed"), [("de", "zh", "1.234,5"), ("zh", "de", "1,234.5")]
)
def test_number_means_what_its_typist_meant_whoever_edits_the_line(
    scene: Scene, typed_by: str, edited_by: str, typed: str
) -> None:
    saved = scene.save(power(quantity=typed), locale=typed_by)
    edited = scene.save(again(saved, note="from the bill"), locale=edited_by)
    assert edited.is_kept
    (line,) = scene.stored()
    assert (line.quantity, line.note, line.version) == (Decimal("1234.5"), "from the bill", 2)
    assert as_text(line.raw["quantity"]) == typed
    # The editor's own number is read in the editor's way.
    scene.save(again(edited, quantity=typed.translate({44: 46, 46: 44})), locale=edited_by)
    assert scene.stored()[0].quantity == Decimal("1234.5")


def test_stored_line_is_what_the_answer_showed(scene: Scene) -> None:
    answered = scene.save(power()).outcomes[0].line
    (line,) = scene.stored()
    assert answered is not None
    for name in ("key", "version", "raw", "quantity", "kg_co2e", "assessment", "parameters"):
        assert getattr(answered, name) == getattr(line, name)


def test_problem_keeps_everything_from_being_saved(scene: Scene) -> None:
    saved = scene.save(power(), power(1, quantity="many"))
    assert not saved.is_kept
    assert [(p.code, p.field) for p in saved.blocked[0].problems] == [
        ("number.not_a_number", "quantity")
    ]
    assert scene.stored() == []


def test_draft_keeps_unfinished_lines_with_their_problems(scene: Scene) -> None:
    saved = scene.save(power(quantity=""), power(1, unit="L"), draft=True)
    assert saved.is_kept
    first, second = scene.stored()
    assert not first.is_complete
    assert [problem.field for problem in lines.problems_of(first)] == ["quantity"]
    assert second.raw["unit"] == "L"
    assert second.kg_co2e is None
    assert inventories.overview(scene.work, scene.inventory).unfinished_count == 2


def test_draft_is_finished_later_and_counts_then(scene: Scene) -> None:
    saved = scene.save(power(quantity=""), draft=True)
    finished = scene.save(with_quantity(saved, "100"))
    assert finished.is_kept
    (line,) = scene.stored()
    assert (line.is_complete, line.version, line.problems) == (True, 2, None)


def with_quantity(saved: Saved, quantity: str) -> SubmittedLine:
    row = again(saved)
    return SubmittedLine(
        row.index, {**row.values, "quantity": quantity}, row.key, row.version, row.confirmed
    )


def test_question_is_asked_once_and_its_answer_kept(scene: Scene) -> None:
    asked = scene.save(power(quantity="12万"))
    (question,) = asked.blocked[0].problems
    assert question.readings == ("120000",)
    answered = scene.save(power(quantity="12万", confirmed={"quantity": "120000"}))
    assert answered.is_kept
    (line,) = scene.stored()
    assert (line.raw["quantity"], line.quantity) == ("12万", Decimal(120000))
    assert scene.save(again(answered)).outcomes[0].fate is Fate.UNCHANGED


def test_changed_text_forgets_the_answer_to_an_older_question(scene: Scene) -> None:
    answered = scene.save(power(quantity="12万", confirmed={"quantity": "120000"}))
    changed = scene.save(with_quantity(answered, "13万"))
    assert not changed.is_kept
    assert changed.blocked[0].problems[0].readings == ("130000",)


def test_empty_rows_are_ignored(scene: Scene) -> None:
    blank = SubmittedLine(0, dict.fromkeys(("category", "quantity", "unit", "period", "site"), " "))
    assert scene.save(blank).outcomes[0].fate is Fate.IGNORED
    assert scene.stored() == []


def test_page_sent_back_unchanged_writes_nothing(scene: Scene) -> None:
    saved = scene.save(power(), power(1, period="2025-04"))
    scene.work.flush_ledger()
    before = scene.session.scalars(select(func.count()).select_from(LedgerEntry)).one()
    repeated = scene.save(again(saved, 0), again(saved, 1))
    scene.work.flush_ledger()
    assert [each.fate for each in repeated.outcomes] == [Fate.UNCHANGED, Fate.UNCHANGED]
    assert {line.version for line in scene.stored()} == {1}
    assert scene.session.scalars(select(func.count()).select_from(LedgerEntry)).one() == before


def test_one_save_is_one_fact_with_digests_of_the_changed_rows(scene: Scene) -> None:
    saved = scene.save(power(), power(1, period="2025-04"))
    scene.save(with_quantity(saved, "13000"), again(saved, 1, is_removed=True))
    scene.work.flush_ledger()
    facts = list(
        scene.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "lines.saved"))
    )
    assert [fact.detail for fact in facts] == [
        {"added": 2, "changed": 0, "removed": 0},
        {"added": 0, "changed": 1, "removed": 1},
    ]
    assert facts[0].before == ""
    assert facts[0].after == facts[1].before != facts[1].after
    assert facts[0].on_behalf_of == "M001"


def test_stale_row_keeps_everything_from_being_saved_and_shows_the_newer_one(scene: Scene) -> None:
    saved = scene.save(power())
    scene.save(with_quantity(saved, "13000"))
    late = scene.save(with_quantity(saved, "14000"), power(1, period="2025-05"), draft=True)
    assert not late.is_kept
    (stale,) = late.stale
    assert stale.line is not None
    assert (stale.line.quantity, stale.line.version) == (Decimal(13000), 2)
    assert stale.row.values["quantity"] == "14000"
    assert [line.quantity for line in scene.stored()] == [Decimal(13000)]


def test_stale_row_that_says_the_same_is_no_conflict(scene: Scene) -> None:
    saved = scene.save(power())
    scene.save(with_quantity(saved, "13000"))
    assert scene.save(with_quantity(saved, "13000")).outcomes[0].fate is Fate.UNCHANGED


def test_row_that_somebody_removed_is_stale(scene: Scene) -> None:
    saved = scene.save(power())
    line = saved.outcomes[0].line
    assert line is not None
    lines.remove_line(scene.work, scene.inventory, line.key)
    late = scene.save(with_quantity(saved, "14000"))
    assert [each.line for each in late.stale] == [None]


def test_lines_behind_a_removed_one_move_up(scene: Scene) -> None:
    saved = scene.save(*(power(month, period=f"2025-{month + 1:02d}") for month in range(5)))
    scene.save(again(saved, 1, is_removed=True), again(saved, 3, is_removed=True))
    assert [(line.position, line.start_on.month) for line in scene.stored()] == [
        (1, 1),
        (2, 3),
        (3, 5),
    ]


def test_places_stay_empty_where_too_many_lines_stand_behind(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_MOVED", 3)
    saved = scene.save(*(power(month, period=f"2025-{month + 1:02d}") for month in range(5)))
    scene.save(again(saved, 0, is_removed=True))
    assert [line.position for line in scene.stored()] == [2, 3, 4, 5]
    page = line_page.open_page(scene.work, scene.inventory, 1)
    assert (page.line_count, page.last_position, page.page_count) == (4, 5, 1)
    added = scene.save(power(period="2025-06")).outcomes[0].line
    assert added is not None
    assert added.position == 6
    scene.save(again(saved, 2, is_removed=True))
    assert [line.position for line in scene.stored()] == [2, 3, 4, 5]


def test_lines_are_worked_out_again_where_their_site_moved_to(scene: Scene) -> None:
    scene.save(power(quantity="1,000"), power(1, site="S2"))
    here, there = scene.stored()
    before, elsewhere = here.kg_co2e, there.kg_co2e
    site = scene.session.get_one(Site, here.site_id)
    facts = SiteFacts("S1", "厂", "Plant", SiteKind.PLANT, "NZ", None)
    members.change_site(scene.work, scene.member, site, facts)
    here, there = scene.stored()
    assert here.is_complete
    assert (here.kg_co2e, here.version, there.kg_co2e) != (before, 1, elsewhere)
    assert (here.version, there.kg_co2e) == (1, elsewhere)
    assert lines.trace(scene.work, scene.inventory, here).is_pinned


def test_line_that_does_not_fit_a_place_is_finished_again_where_it_does(scene: Scene) -> None:
    scene.save(power())
    (line,) = scene.stored()
    site = scene.session.get_one(Site, line.site_id)
    kept, here = line.kg_co2e, replace(SiteFacts(**members.site_facts(site)), kind=SiteKind.PLANT)
    members.change_site(scene.work, scene.member, site, replace(here, country="ZW", province=None))
    (line,) = scene.stored()
    assert not line.is_complete
    assert [each["code"] for each in line.problems] == ["factor.none"]
    members.change_site(scene.work, scene.member, site, here)
    (line,) = scene.stored()
    assert (line.is_complete, line.kg_co2e, line.problems) == (True, kept, None)


def test_site_with_very_many_lines_does_not_move(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_REWORKED", 1)
    scene.save(power(), power(1, period="2025-04"))
    before = [line.kg_co2e for line in scene.stored()]
    site = scene.session.get_one(Site, scene.stored()[0].site_id)
    here = replace(SiteFacts(**members.site_facts(site)), kind=SiteKind.PLANT)
    with pytest.raises(Conflict) as refused:
        members.change_site(scene.work, scene.member, site, replace(here, province="CN-JS"))
    assert (refused.value.code, refused.value.values["count"]) == ("site.place.many_lines", 2)
    assert [line.kg_co2e for line in scene.stored()] == before
    members.change_site(scene.work, scene.member, site, replace(here, name_en="Old mill"))
    assert site.name_en == "Old mill"


def test_line_is_kept_with_so_many_columns_whatever_was_sent(scene: Scene) -> None:
    strange = {f"parameters.p{number}": "1" for number in range(5000)}
    answered = {f"p{number}": "1" for number in range(5000)}
    row = SubmittedLine(0, {**power().values, **strange}, confirmed=answered)
    saved = scene.save(row, draft=True)
    (line,) = scene.stored()
    assert line.raw["quantity"] == "12,500"
    assert len(line.raw) <= MOST_COLUMNS + 1
    assert len(line.raw["confirmed"]) == MOST_GIVEN
    assert len(line.problems) < MOST_COLUMNS
    more = {f"parameters.q{number}": "1" for number in range(5000)}
    shown = saved.outcomes[0].line
    assert shown is not None
    values = {**line.raw, **more}
    del values["confirmed"]
    scene.save(
        SubmittedLine(0, values, shown.key, shown.version, confirmed={"quantity": "1"}), draft=True
    )
    (line,) = scene.stored()
    assert len(line.raw) <= MOST_COLUMNS + 1
    assert len(line.raw["confirmed"]) == MOST_GIVEN


def test_row_sent_again_after_a_lost_answer_is_not_doubled(scene: Scene) -> None:
    key = uuid4()
    scene.save(power(key=key))
    repeated = scene.save(power(key=key, quantity="12600"))
    assert repeated.is_kept
    (line,) = scene.stored()
    assert (line.key, line.quantity, line.version) == (key, Decimal(12600), 2)


def test_key_of_another_member_is_neither_read_nor_written(scene: Scene) -> None:
    line = scene.save(power()).outcomes[0].line
    assert line is not None
    theirs = inventories.open_inventory(scene.foreign, scene.stranger, 2025)
    row = SubmittedLine(0, {**power().values, "site": "X1", "quantity": "7"}, line.key, 1)
    saved = save_lines(scene.foreign, theirs, [row], locale="zh", keep_unfinished=False)
    assert saved.is_kept
    own, other = scene.stored()
    assert {own.quantity, other.quantity} == {Decimal(12500), Decimal(7)}
    with pytest.raises(NotFound):
        lines.find_line(scene.foreign, theirs, line.key)


def test_site_of_another_member_is_unknown(scene: Scene) -> None:
    (problem,) = scene.save(power(site="X1")).blocked[0].problems
    assert problem.code == "line.site.not_yours"
    assert "X1" not in dict(problem.values)["allowed"]


def test_foreign_inventory_is_not_found(scene: Scene) -> None:
    with pytest.raises(NotFound):
        scene.save(power(), work=scene.foreign)


def test_submitted_year_is_not_edited(scene: Scene) -> None:
    scene.session.execute(update(Inventory).values(state="submitted"))
    with pytest.raises(Conflict):
        scene.save(power(), draft=True)


def test_same_key_twice_in_one_page_is_two_lines(scene: Scene) -> None:
    key = uuid4()
    assert scene.save(power(key=key), power(1, key=key, quantity="1")).is_kept
    assert len({line.key for line in scene.stored()}) == 2


def test_category_change_keeps_the_parameters_that_still_apply(scene: Scene) -> None:
    values = {
        "category": "refrigerants.top_up",
        "quantity": "12",
        "unit": "kg",
        "period": "2025",
        "site": "S1",
        "parameters.gas": "r-404a",
    }
    saved = scene.save(SubmittedLine(0, values))
    row = again(saved)
    row = SubmittedLine(0, {**row.values, "category": "soils.urea"}, row.key, row.version)
    plain = {name: value for name, value in row.values.items() if "parameters" not in name}
    changed = scene.save(SubmittedLine(0, plain, row.key, row.version))
    assert changed.is_kept
    (line,) = scene.stored()
    assert (line.category, line.parameters) == ("soils.urea", {})


def test_bill_across_new_year_is_kept_with_a_remark(scene: Scene) -> None:
    saved = scene.save(power(period="2024-07-01/2025-06-30"))
    assert saved.is_kept
    (line,) = scene.stored()
    assert [problem.code for problem in lines.problems_of(line)] == ["period.across_years"]
    assert line.is_complete
    assert lines.trace(scene.work, scene.inventory, line) is not None


def test_result_too_large_to_keep_is_a_problem_of_the_quantity(scene: Scene) -> None:
    (problem,) = scene.save(power(quantity="9999999999", unit="GWh")).blocked[0].problems
    assert (problem.code, problem.field) == ("line.quantity.too_large", "quantity")


def test_largest_quantity_is_kept_to_the_last_digit_and_flagged(scene: Scene) -> None:
    saved = scene.save(power(quantity="999999999999.999999", unit="kWh"))
    assert saved.is_kept
    (line,) = scene.stored()
    assert line.quantity == Decimal("999999999999.999999")
    assert [problem.code for problem in lines.problems_of(line)] == ["number.unusual"]


def test_trace_works_the_stored_line_out_again(scene: Scene) -> None:
    scene.save(power())
    (line,) = scene.stored()
    found = lines.trace(scene.work, scene.inventory, line)
    assert found is not None
    assert found.is_pinned
    assert found.assessment.kg_co2e == line.kg_co2e
    assert [step.kind.value for step in found.assessment.trace][:1] == ["typed"]


def test_unfinished_line_has_no_trace(scene: Scene) -> None:
    scene.save(power(quantity=""), draft=True)
    (line,) = scene.stored()
    assert lines.trace(scene.work, scene.inventory, line) is None


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x" * 100_000])
def test_draft_with_unstorable_text_is_kept_as_far_as_databases_can(
    scene: Scene, text: str
) -> None:
    saved = scene.save(power(quantity=text), draft=True)
    assert saved.is_kept
    (line,) = scene.stored()
    assert not line.is_complete


def test_two_saves_at_once_leave_one_winner_and_one_stale(database: Database) -> None:
    with database.writing() as session:
        scene = a_scene(session)
        line = scene.save(power()).outcomes[0].line
        assert line is not None
        inventory_id, key = scene.inventory.id, line.key
        actor = scene.work.actor
        scene.work.commit()
    fates = race(database, actor, inventory_id, key)
    assert sorted(fates) == ["saved", "stale"]
    with database.reading() as session:
        stored = session.scalars(select(ActivityLine)).one()
        assert stored.version == 2


def race(database: Database, actor: object, inventory_id: int, key: UUID) -> list[str]:
    barrier, fates = Barrier(2), []

    def act(quantity: str) -> None:
        with writing(database, actor, MOMENT) as work:
            barrier.wait(10)
            inventory = work.session.get_one(Inventory, inventory_id)
            row = power(key=key, version=1, quantity=quantity)
            saved = save_lines(work, inventory, [row], locale="zh", keep_unfinished=True)
            fates.append(saved.outcomes[0].fate.value)

    threads = [Thread(target=act, args=(quantity,)) for quantity in ("13000", "14000")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return fates
