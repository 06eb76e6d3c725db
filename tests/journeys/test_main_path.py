"""The main job in a real browser: invited, filled in, returned, answered, approved, certified, checked by a stranger.

Once in Chinese at a desk with scripts, once in English on a phone without; the portal is served as an operator serves
it, its worker sends the letters and makes the certificate.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.acts import Portal
from tests.journeys.acts_of_coordinator import Coordinator
from tests.journeys.acts_of_stranger import Stranger
from tests.journeys.acts_of_supplier import Supplier
from tests.journeys.cast import INVITED
from tests.journeys.stage import begun
from tests.journeys.walks import WAY_NAMES, WAYS, walked


@pytest.fixture(params=WAYS, ids=WAY_NAMES)
def portal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Portal]:
    with walked(request, tmp_path, begun) as made:
        yield made


def test_a_supplier_gets_a_certificate_that_a_stranger_can_check(
    portal: Portal, chromium: Browser
) -> None:
    with (
        Coordinator(portal, chromium) as coordinator,
        Supplier(portal, chromium) as supplier,
        Stranger(portal, chromium) as stranger,
    ):
        coordinator.logs_in_for_the_first_time()
        coordinator.invites(INVITED, "wang.fang@supplier.example")
        supplier.opens_the_invitation(portal.link_in_the_letter_to("wang.fang@supplier.example"))
        supplier.answers_the_set_up_questions()
        supplier.adds_a_site()
        supplier.begins_the_year()
        supplier.fills_twelve_lines()
        supplier.attaches_evidence()
        supplier.explains_what_was_noticed()
        supplier.enters_production()
        supplier.declares_and_submits(version=1)

        coordinator.asks_two_questions_and_returns()
        supplier.answers_and_corrects()
        supplier.declares_and_submits(version=2)
        coordinator.sees_the_correction_and_approves()

        certificate = supplier.downloads_the_certificate()
        name = (
            "南山食品配料有限公司" if portal.way.language == "zh" else "Southern Hill Ingredients"
        )
        stranger.follows_the_qr_code(certificate, name, "2025")
        stranger.compares(certificate)
        stranger.compares_with_one_byte_changed(certificate)
        complaints = [
            line for person in (coordinator, supplier, stranger) for line in person.complaints()
        ]
    assert complaints == []
