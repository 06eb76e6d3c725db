"""The other half of the job in a real browser: a target, seven actions, returned and answered, progress, its certificate.

Once in Chinese at a desk with scripts, once in English on a phone without.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.acts import Portal
from tests.journeys.acts_of_stranger import Stranger
from tests.journeys.acts_on_reductions import Planner, ReductionCoordinator, level_reached
from tests.journeys.cast import PACKER
from tests.journeys.stage import with_two_approved_years
from tests.journeys.walks import WAY_NAMES, WAYS, walked


@pytest.fixture(params=WAYS, ids=WAY_NAMES)
def portal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Portal]:
    with walked(request, tmp_path, with_two_approved_years) as made:
        yield made


def test_a_supplier_plans_reports_and_gets_a_progress_certificate(
    portal: Portal, chromium: Browser
) -> None:
    with (
        ReductionCoordinator(portal, chromium) as coordinator,
        Planner(portal, chromium) as supplier,
        Stranger(portal, chromium) as stranger,
    ):
        coordinator.logs_in_for_the_first_time()
        supplier.logs_in(f"signatory-{PACKER.lower()}@people.example")
        supplier.adopts_the_alliances_target()
        supplier.adds_five_actions_from_the_library()
        supplier.adds_two_own_actions()
        supplier.signs("/supplier/plan", version=1)

        coordinator.asks_about_an_action_and_returns_the_plan()
        supplier.answers_and_changes_the_action()
        supplier.signs("/supplier/plan", version=2)
        coordinator.sees_what_changed_and_approves_the_plan()

        supplier.confirms_the_progress()
        supplier.signs("/supplier/progress/2024", version=1)
        coordinator.approves_the_progress()
        coordinator.sees_who_is_off_the_path_and_why(PACKER)

        certificate = supplier.downloads_the_certificate(supplier.w("Progress"))
        stranger.follows_the_qr_code(certificate, "2024", level_reached(portal.way.language))
        stranger.compares(certificate)
        stranger.compares_with_one_byte_changed(certificate)
        complaints = [
            line for person in (coordinator, supplier, stranger) for line in person.complaints()
        ]
    assert complaints == []
