"""A stranger checks a progress certificate: level, rule and measured values stand on the public page."""

from __future__ import annotations

from collections.abc import Callable

from lxml import html
from sqlalchemy import select

from portal.services import certificates
from portal.store.certificates import Certificate
from tests.browsers import Browser
from tests.factories.plans import an_approved_plan, an_approved_progress
from tests.factories.scenes import Scene


def test_progress_certificate_is_checked_by_anybody(
    scene: Scene, new_browser: Callable[[], Browser], coordinator: Browser
) -> None:
    member = scene.member("M-0001")
    scene.approved(member, 2024, minutes=1)
    scene.approved(member, 2025, minutes=3)
    an_approved_plan(scene, member)
    approved = an_approved_progress(scene, member, 2025)
    made = scene.session.scalars(
        select(Certificate).where(Certificate.submission_id == approved.id)
    ).one()
    certificates.keep_document(scene.as_coordinator(40), made, "certificate", b"%PDF progress")
    scene.session.commit()
    page = new_browser().get(f"/verify/{made.number}?c={made.code}&lang=en")
    words = " ".join(html.fromstring(page.text).text_content().split())
    assert page.status_code == 200
    for expected in ("Valid", "Participant", "The baseline is approved.", "not met", "as reported"):
        assert expected in words
    listed = coordinator.get("/coordinator/certificates/?lang=en").text
    assert "Progress · " in " ".join(html.fromstring(listed).text_content().split())
