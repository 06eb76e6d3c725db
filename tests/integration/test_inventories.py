"""A member's year: opening it, what is not applicable, its outputs, and who may touch it when."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.domain.actors import Role
from portal.domain.refusals import Conflict, Forbidden, NotFound
from portal.services import inventories, outputs
from portal.services.inventories import ScopeTotals
from portal.services.outputs import RawOutput
from portal.services.work import Work
from portal.store.inventories import Inventory, NotApplicable, Output
from portal.store.ledger import LedgerEntry
from portal.store.members import Member
from tests.factories.suppliers import a_member, an_account, an_alliance, unknown_uid, work_of


@dataclass
class Scene:
    work: Work
    member: Member
    foreign: Work

    @property
    def session(self) -> Session:
        return self.work.session


@pytest.fixture
def scene(session: Session) -> Scene:
    alliance = an_alliance(session, years=(2024, 2025))
    member = a_member(session, alliance, "M001", sector="packaging")
    stranger = a_member(session, alliance, "M002", sector="packaging")
    reporter = an_account(session, Role.REPORTER, member)
    foreigner = an_account(session, Role.REPORTER, stranger)
    return Scene(work_of(session, reporter), member, work_of(session, foreigner))


def kinds(scene: Scene) -> list[str]:
    scene.work.flush_ledger()
    return list(scene.session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.sequence)))


def milk(**changes: object) -> RawOutput:
    plain: dict[str, object] = {
        "product": "鲜牛奶",
        "quantity": "12,500",
        "unit": "吨",
        "locale": "zh",
        "confirmed": {},
    }
    return RawOutput(**(plain | changes))


def test_year_opened_twice_is_one_inventory(scene: Scene) -> None:
    first = inventories.open_inventory(scene.work, scene.member, 2025)
    again = inventories.open_inventory(scene.work, scene.member, 2025)
    assert first.id == again.id
    assert kinds(scene) == ["inventory.opened"]


def test_year_the_alliance_has_not_opened_is_not_found(scene: Scene) -> None:
    with pytest.raises(NotFound):
        inventories.open_inventory(scene.work, scene.member, 2023)


def test_foreign_year_is_answered_like_an_unknown_one(scene: Scene) -> None:
    inventory = inventories.open_inventory(scene.work, scene.member, 2025)
    for act in (
        lambda: inventories.open_inventory(scene.foreign, scene.member, 2025),
        lambda: inventories.find_inventory(scene.foreign, scene.member, 2025),
        lambda: inventories.overview(scene.foreign, inventory),
        lambda: inventories.mark_not_applicable(scene.foreign, inventory, "heat.steam", "none"),
        lambda: inventories.write_note(scene.foreign, inventory, "note"),
        lambda: outputs.add_output(scene.foreign, inventory, milk()),
    ):
        with pytest.raises(NotFound):
            act()


def test_viewer_reads_but_does_not_write(scene: Scene) -> None:
    inventory = inventories.open_inventory(scene.work, scene.member, 2025)
    viewer = work_of(scene.session, an_account(scene.session, Role.VIEWER, scene.member))
    assert inventories.overview(viewer, inventory).line_count == 0
    with pytest.raises(Forbidden):
        inventories.write_note(viewer, inventory, "note")


@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_handed_in_year_is_not_edited(scene: Scene, state: str) -> None:
    inventory = inventories.open_inventory(scene.work, scene.member, 2025)
    scene.session.execute(update(Inventory).values(state=state))
    with pytest.raises(Conflict) as refused:
        inventories.write_note(scene.work, inventory, "too late")
    assert refused.value.values == {"state": state}
    assert scene.session.scalars(select(Inventory.note)).one() == ""


def test_returned_year_is_edited_again(scene: Scene) -> None:
    inventory = inventories.open_inventory(scene.work, scene.member, 2025)
    scene.session.execute(update(Inventory).values(state="returned"))
    inventories.write_note(scene.work, inventory, "corrected")
    assert inventory.note == "corrected"
    assert kinds(scene) == ["inventory.opened", "inventory.noted"]


def test_total_holds_bought_power_by_its_place_and_not_by_its_contract() -> None:
    sums = ScopeTotals(Decimal(1), Decimal(20), Decimal(300), Decimal(4000), Decimal(50000))
    assert sums.total == 4021


def test_same_note_again_writes_nothing(scene: Scene) -> None:
    inventory = inventories.open_inventory(scene.work, scene.member, 2025)
    inventories.write_note(scene.work, inventory, "once")
    inventories.write_note(scene.work, inventory, "once")
    assert kinds(scene) == ["inventory.opened", "inventory.noted"]


def test_category_is_not_applicable_with_its_latest_reason(scene: Scene) -> None:
    inventory = inventories.open_inventory(scene.work, scene.member, 2025)
    inventories.mark_not_applicable(scene.work, inventory, "heat.steam", "no boiler")
    inventories.mark_not_applicable(scene.work, inventory, "heat.steam", "no steam is bought")
    (marked,) = inventories.not_applicable(scene.session, inventory.id)
    assert (marked.category, marked.reason) == ("heat.steam", "no steam is bought")
    assert inventories.overview(scene.work, inventory).not_applicable_count == 1


def test_mark_is_taken_away_once(scene: Scene) -> None:
    inventory = inventories.open_inventory(scene.work, scene.member, 2025)
    inventories.mark_not_applicable(scene.work, inventory, "heat.steam", "no boiler")
    inventories.mark_applicable(scene.work, inventory, "heat.steam")
    inventories.mark_applicable(scene.work, inventory, "heat.steam")
    assert scene.session.scalars(select(func.count()).select_from(NotApplicable)).one() == 0
    assert kinds(scene)[-2:] == [
        "inventory.category.not_applicable",
        "inventory.category.applicable",
    ]


def test_output_kept_as_read_and_as_typed(scene: Scene) -> None:
    inventory = inventories.open_inventory(scene.work, scene.member, 2025)
    saved = outputs.add_output(scene.work, inventory, milk())
    assert saved.output is not None
    assert (saved.output.quantity, saved.output.unit) == (12500, "t")
    assert saved.output.raw["quantity"] == "12,500"
    assert {change.field for change in saved.changes} == {"quantity", "unit"}


def test_year_has_room_for_so_many_products(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "MOST_OUTPUTS", 1)
    inventory = inventories.open_inventory(scene.work, scene.member, 2025)
    first = outputs.add_output(scene.work, inventory, milk()).output
    assert first is not None
    second = outputs.add_output(scene.work, inventory, milk(product="Butter"))
    assert (second.output, [each.code for each in second.problems]) == (None, ["output.many"])
    assert outputs.change_output(scene.work, inventory, first, milk(product="Butter")).output


def test_output_with_problems_is_not_kept_and_names_them_all(scene: Scene) -> None:
    inventory = inventories.open_inventory(scene.work, scene.member, 2025)
    saved = outputs.add_output(scene.work, inventory, milk(product=" ", quantity="many", unit="kW"))
    assert saved.output is None
    assert {each.field for each in saved.problems} == {"product", "quantity", "unit"}
    assert scene.session.scalars(select(func.count()).select_from(Output)).one() == 0


def test_output_asked_about_is_kept_once_confirmed(scene: Scene) -> None:
    inventory = inventories.open_inventory(scene.work, scene.member, 2025)
    (question,) = outputs.add_output(scene.work, inventory, milk(quantity="12万")).problems
    assert question.readings == ("120000",)
    saved = outputs.add_output(
        scene.work, inventory, milk(quantity="12万", confirmed={"quantity": "120000"})
    )
    assert saved.output is not None
    assert saved.output.quantity == 120000


def test_product_is_named_once(scene: Scene) -> None:
    inventory = inventories.open_inventory(scene.work, scene.member, 2025)
    outputs.add_output(scene.work, inventory, milk())
    (twin,) = outputs.add_output(scene.work, inventory, milk(quantity="1")).problems
    assert (twin.code, twin.field) == ("output.product.taken", "product")


def test_output_changed_and_removed_leaves_its_facts(scene: Scene) -> None:
    inventory = inventories.open_inventory(scene.work, scene.member, 2025)
    output = outputs.add_output(scene.work, inventory, milk()).output
    assert output is not None
    outputs.change_output(scene.work, inventory, output, milk(quantity="13,000"))
    assert outputs.find_output(scene.work, inventory, output.uid).quantity == 13000
    outputs.remove_output(scene.work, inventory, output)
    assert outputs.outputs_of(scene.work, inventory) == []
    assert kinds(scene)[-3:] == ["output.added", "output.changed", "output.removed"]


def test_unknown_output_is_not_found(scene: Scene) -> None:
    inventory = inventories.open_inventory(scene.work, scene.member, 2025)
    with pytest.raises(NotFound):
        outputs.find_output(scene.work, inventory, unknown_uid())
