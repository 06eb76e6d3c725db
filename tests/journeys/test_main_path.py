"""The main job in a real browser: invited, filled in, returned, answered, approved, certified, checked by a stranger.

Once in Chinese at a desk with scripts, once in English on a phone without; the portal is served as an operator serves
it, its worker sends the letters and makes the certificate.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from portal.config import Settings
from portal.web.language import LANGUAGES
from tests.conventions.source import ROOT
from tests.databases import Databases
from tests.journeys.acts import Portal, Way
from tests.journeys.acts_of_coordinator import Coordinator
from tests.journeys.acts_of_stranger import Stranger
from tests.journeys.acts_of_supplier import Supplier
from tests.journeys.cast import INVITED
from tests.journeys.chromium import DESKTOP, PHONE
from tests.journeys.stage import begun
from tests.journeys.world import environment_in
from tests.serving import served

WAYS = (
    Way("zh", DESKTOP, has_scripts=True, dialect="sqlite"),
    Way("en", PHONE, has_scripts=False, dialect="postgresql"),
)


@pytest.fixture(params=WAYS, ids=["zh-desk", "en-phone-without-scripts"])
def portal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Portal]:
    way: Way = request.param
    databases: Databases = request.getfixturevalue(f"_{way.dialect}")
    url = databases.new()
    environ = environment_in(tmp_path, url, PYTHONPATH=str(ROOT))
    language = LANGUAGES[way.language].locale
    made = Portal(way, begun(Settings.from_environment(environ), language), tmp_path)
    with served(Path(sys.executable), environ, tmp_path, port=made.port):
        yield made
    made.world.database.dispose()
    databases.drop(url)


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
        stranger.follows_the_qr_code(certificate)
        stranger.compares(certificate)
        stranger.compares_with_one_byte_changed(certificate)
        complaints = [
            line for person in (coordinator, supplier, stranger) for line in person.complaints()
        ]
    assert complaints == []
