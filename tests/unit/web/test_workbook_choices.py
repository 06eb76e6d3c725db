"""Choices where a workbook and the portal changed the same: those of other pages stay."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from portal.domain.merging import Choice
from portal.web.forms.workbooks import sent_choices

PREVIEW = {"rows": [{"name": f"lines.{place}", "conflicts": ["quantity"]} for place in range(3)]}
FIRST, SECOND, THIRD = ((f"lines.{place}", "quantity") for place in range(3))


def test_choice_for_the_rest_leaves_what_was_chosen_on_this_and_other_pages():
    form = MultiDict({"choose.lines.0.quantity": "file", "rest": "portal"})

    found = sent_choices(form, PREVIEW, {SECOND: Choice.FILE})

    assert found == {FIRST: Choice.FILE, THIRD: Choice.PORTAL}


def test_later_choice_for_a_cell_takes_the_place_of_an_earlier_one():
    form = MultiDict({"choose.lines.1.quantity": "portal"})

    assert sent_choices(form, PREVIEW, {SECOND: Choice.FILE}) == {SECOND: Choice.PORTAL}
