"""What is odd about actions: nothing of it blocks, each is told with what it was held against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal.domain.actions import (
    PlannedAction,
    ReportedAction,
    Status,
    plan_warnings,
    progress_warnings,
)
from portal.domain.levers import Ledger
from portal.domain.warnings import RaisedWarning

TODAY = date(2026, 5, 1)
# Nothing is odd about it: begun, an owner, a step ahead, a tenth of its source.
USUAL = PlannedAction(
    "a", "LED", Status.IN_PROGRESS, Ledger.INVENTORY, "electricity.grid@S1", Decimal(1000), Decimal(100),
    date(2026, 1, 1), True, True, (date(2026, 9, 1),), (date(2026, 9, 1),), Decimal("0.15"), Decimal(5000),
)  # fmt: skip
# Measured as expected, proven, and its source fell by as much.
REPORTED = ReportedAction(
    "a", "LED", Status.DONE, Ledger.INVENTORY, Decimal(100), Decimal(100), True, Decimal(1000), Decimal(900)
)  # fmt: skip


def codes(warnings: Iterable[RaisedWarning]) -> set[str]:
    return {warning.code for warning in warnings}


def test_nothing_is_odd_about_a_usual_action() -> None:
    assert plan_warnings([USUAL], TODAY) == []
    assert progress_warnings([REPORTED]) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kg": Decimal(1001)}, "action.saving.beyond_source"),
        ({"kg": Decimal(226)}, "action.saving.unusual"),
        ({"source_kg": Decimal(0)}, "action.source.none"),
        ({"has_owner": False}, "action.owner.missing"),
        ({"status": Status.PLANNED}, "action.start.passed"),
        ({"open_dues": (date(2026, 4, 30),)}, "action.milestone.overdue"),
        ({"milestone_dues": (), "open_dues": ()}, "action.milestones.missing"),
        ({"kg": Decimal(0)}, "action.saving.nothing"),
        ({"status": Status.DONE, "has_evidence": False}, "action.done.unproven"),
    ],
)
def test_odd_plan_is_told(changes: dict[str, object], code: str) -> None:
    assert code in codes(plan_warnings([replace(USUAL, **changes)], TODAY))


def test_stopped_action_is_left_alone() -> None:
    assert plan_warnings([replace(USUAL, status=Status.STOPPED, kg=Decimal(9999))], TODAY) == []


def test_actions_on_one_source_are_told_once_by_their_names() -> None:
    other = replace(USUAL, key="b", name="Sensors")
    elsewhere = replace(USUAL, key="c", name="Pumps", source="electricity.grid@S2")
    (warning,) = plan_warnings([USUAL, other, elsewhere], TODAY)
    assert warning.code == "action.overlap"
    assert "LED" in str(warning.values)
    assert "Sensors" in str(warning.values)
    assert "Pumps" not in str(warning.values)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"measured": None}, "progress.done.not_measured"),
        ({"has_evidence": False}, "progress.measured.unproven"),
        ({"measured": Decimal(201)}, "progress.measured.far_from_expected"),
        ({"measured": Decimal("49.9")}, "progress.measured.far_from_expected"),
        ({"source_now": Decimal("975.1")}, "progress.done.no_effect"),
        ({"source_now": Decimal(1200)}, "progress.done.no_effect"),
    ],
)
def test_odd_progress_is_told(changes: dict[str, object], code: str) -> None:
    assert code in codes(progress_warnings([replace(REPORTED, **changes)]))


@pytest.mark.parametrize(
    "changes",
    [
        {"source_now": Decimal(975)},  # a quarter of what is claimed can be told from chance
        {"source_now": Decimal(1000), "claimed_before": Decimal(100)},  # it fell a year earlier
        {"source_now": Decimal(1000), "status": Status.IN_PROGRESS},
        {"source_now": Decimal(1000), "ledger": Ledger.AVOIDED},
        {"source_before": None},
        {"source_now": None},
    ],
)
def test_source_that_need_not_fall_is_not_told(changes: dict[str, object]) -> None:
    assert progress_warnings([replace(REPORTED, **changes)]) == []


def test_saving_that_grew_is_held_against_what_it_grew_by() -> None:
    grown = replace(REPORTED, claimed_before=Decimal(60), source_now=Decimal(991))
    (warning,) = progress_warnings([grown])
    assert warning.code == "progress.done.no_effect"
    assert dict(warning.values) == {
        "name": "LED", "claimed": "40", "before": "1000", "now": "991"
    }  # fmt: skip
