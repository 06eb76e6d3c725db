"""A shelf on which everything happened: unfinished lines, warnings with reasons, answered questions, revoked certificates."""

from __future__ import annotations

from collections.abc import Mapping

from portal.services import certificates, inventories, review, warnings
from portal.services.line_saving import SubmittedLine, save_lines
from portal.services.work import Work
from tests.factories.suppliers import a_site, work_of
from tests.factories.things import Shelf

YEAR = "2025"

# What people enter on a day on which little goes well; quantity, unit and period are as typed.
ENTERED: tuple[Mapping[str, str], ...] = (
    {"category": "refrigerants.top_up", "quantity": "12", "unit": "kg", "period": YEAR, "site": "S1"},
    {
        "category": "refrigerants.top_up",
        "quantity": "12,5",
        "unit": "kg",
        "period": YEAR,
        "site": "S1",
        "parameters.gas": "r-404a",
    },
    {"category": "mobile.diesel", "quantity": "1,234", "unit": "L", "period": YEAR, "site": "S1"},
    {"category": "mobile.diesel", "quantity": "about ten", "unit": "head", "period": "soon", "site": "S9"},
    {"category": "electricity.grid", "quantity": "999999999", "unit": "MWh", "period": "2025-04", "site": "S1"},
    {"category": "freight.road", "quantity": "5200", "unit": "t·km", "period": YEAR, "site": "S1"},
    {"category": "", "quantity": "7", "unit": "", "period": "", "site": ""},
)  # fmt: skip


def make_busy(shelf: Shelf) -> Shelf:
    """Let everything happen to the member of a shelf that the portal has words for."""
    supplier = work_of(shelf.session, shelf.person)
    coordinator = work_of(shelf.session, shelf.coordinator)
    _enter(supplier, shelf)
    _explain(supplier, shelf)
    _remark(coordinator, shelf)
    review.answer_finding(supplier, shelf.question.uid, "7")
    certificates.revoke(coordinator, shelf.certificate.uid, "7")
    a_site(shelf.session, shelf.member, "S2").is_active = False
    shelf.session.flush()
    return shelf


def _enter(work: Work, shelf: Shelf) -> None:
    rows = [SubmittedLine(place, dict(row)) for place, row in enumerate(ENTERED)]
    saved = save_lines(work, shelf.inventory, rows, locale="zh", keep_unfinished=True)
    assert saved.is_kept
    assert len(saved.blocked) >= 3
    shelf.evidence.flags = ["script", "external_data"]
    inventories.write_note(work, shelf.inventory, "7")
    inventories.mark_not_applicable(work, shelf.inventory, "heat.steam", "7")


def _explain(work: Work, shelf: Shelf) -> None:
    found = warnings.noticed(work, shelf.inventory)
    assert found
    for each in found[::2]:
        warnings.explain(work, shelf.inventory, each.warning.code, each.warning.address, "7")


def _remark(work: Work, shelf: Shelf) -> None:
    for visibility in ("supplier", "internal"):
        review.add_finding(
            work,
            shelf.submission.uid,
            message="7",
            visibility=visibility,
            line_key=shelf.frozen_line.key,
        )
