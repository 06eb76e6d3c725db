"""Saying that a category does not apply, and why a warning may stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask_babel import lazy_gettext
from wtforms import SelectField

from portal import data
from portal.intake.texts import read_short_text
from portal.services.warnings import Explanation, Noticed
from portal.web.forms.fields import PortalForm, choices, required, short_text
from portal.web.forms.line_rows import warning_anchor
from portal.web.forms.typed import TypedField
from portal.web.names import category_name
from portal.web.words import say


class NotApplicableForm(PortalForm):
    """A category that the member does not have this year."""

    category = SelectField(
        lazy_gettext("Category"), validators=[required(lazy_gettext("Choose a category"))]
    )
    reason = TypedField(
        lazy_gettext("Why does it not apply?"),
        [required(lazy_gettext("Say why it does not apply")), short_text()],
    )

    def offer(self, categories: list[str]) -> None:
        """Offer the categories that are neither reported nor marked."""
        self.category.choices = choices(
            [(each, category_name(each)) for each in categories],
            empty=lazy_gettext("Choose a category"),
        )


@dataclass(frozen=True, slots=True)
class ReasonBox:
    """A warning with the box for its reason: what was typed, and what is wrong with it."""

    noticed: Noticed
    name: str
    typed: str
    error: str = ""


def boxes_of(noticed: Sequence[Noticed]) -> list[ReasonBox]:
    """A box for each warning, filled with the reason that was given."""
    return [
        ReasonBox(each, warning_anchor(each.warning.code, each.warning.address), each.reason)
        for each in noticed
    ]


def typed_boxes(noticed: Sequence[Noticed], sent: Mapping[str, str]) -> list[ReasonBox]:
    """The boxes with what was sent; a box that was left empty asks nothing, unless a reason stood in it."""
    return [_typed(box, sent.get(f"reason-{box.name}", box.typed)) for box in boxes_of(noticed)]


def _typed(box: ReasonBox, text: str) -> ReasonBox:
    if not text.strip() and not box.typed:
        return replace(box, typed=text)
    read = read_short_text(text, field=box.name)
    return replace(box, typed=text, error=say(read.problems[0]) if read.problems else "")


def left_over(boxes: Sequence[ReasonBox], sent: Mapping[str, str]) -> list[str]:
    """What was typed for warnings that are seen no more."""
    known = {f"reason-{box.name}" for box in boxes}
    return [
        text
        for name, text in sent.items()
        if name.startswith("reason-") and name not in known and text.strip()
    ]


def explanations(boxes: Sequence[ReasonBox]) -> list[Explanation]:
    """What the filled boxes say."""
    return [
        Explanation(
            box.noticed.warning.code,
            box.noticed.warning.address,
            read_short_text(box.typed).value or "",
        )
        for box in boxes
        if box.typed.strip()
    ]


def every_category() -> list[str]:
    """All categories in the order a person meets them."""
    return list(data.load_categories())
