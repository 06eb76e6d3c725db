"""Pasting many lines as text, and what they come to before anything is kept."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext, lazy_gettext
from wtforms import TextAreaField

from portal import data
from portal.calculation.problems import Severity
from portal.services.line_saving import Outcome, Saved
from portal.services.lines import shown_values
from portal.web import formats
from portal.web.forms.fields import PortalForm, required
from portal.web.forms.line_rows import label_of, words_of


class BlockForm(PortalForm):
    """Lines as a workbook puts them on the clipboard."""

    block = TextAreaField(
        lazy_gettext("Lines"), validators=[required(lazy_gettext("Paste at least one line"))]
    )


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A pasted line before it is kept: what was read, what it would come to, what needs attention."""

    number: int
    category: str
    values: dict[str, str]
    result: str
    messages: list[str]


def preview_rows(saved: Saved, codes: dict[int, str]) -> list[PreviewRow]:
    """The pasted lines with what each comes to."""
    return [_preview(place, each, codes) for place, each in enumerate(saved.outcomes, start=1)]


def _preview(place: int, outcome: Outcome, codes: dict[int, str]) -> PreviewRow:
    line = outcome.line
    values = shown_values(line, codes) if line is not None else dict(outcome.row.values)
    category = data.load_categories().get(values.get("category", ""))
    messages = [
        gettext(
            "%(label)s: %(message)s",
            label=label_of(each.field, category),
            message=words_of(each, category),
        )
        for each in outcome.problems
        if each.severity is not Severity.WARNING
    ]
    result = (
        formats.tonnes(line.kg_co2e) if line is not None and line.is_complete else formats.NOTHING
    )
    return PreviewRow(place, values.get("category", ""), values, result, messages)
