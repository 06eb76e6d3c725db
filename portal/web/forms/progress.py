"""Progress: how one action stands in a period, and what the report says beside its actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from flask_babel import lazy_gettext
from wtforms import SelectField, StringField, TextAreaField

from portal.calculation.quantities import text
from portal.calculation.rounding import KG_PER_TONNE
from portal.domain.actions import STATUS_NAMES, Status, step_key
from portal.services.progress import ProgressRow
from portal.services.progress_steps import REACHED
from portal.store.actions import Milestone
from portal.store.dossiers import ActionProgress
from portal.web.forms.dossiers import TypedForm
from portal.web.forms.fields import DecimalTextField, PortalForm, choices, required
from portal.web.forms.typed import WrittenField


class StepBox(NamedTuple):
    """Where the day is entered on which a milestone was reached."""

    field: str
    step: Milestone
    value: str


class ProgressRowForm(TypedForm):
    """How an action stands, and what it saved."""

    status = SelectField(
        lazy_gettext("Status at the end of the period"),
        choices=choices([(each.value, lazy_gettext(STATUS_NAMES[each])) for each in Status]),
        validators=[required()],
        validate_choice=False,
    )
    measured_t = DecimalTextField(
        lazy_gettext("Measured saving in the period, t CO₂e"),
        description=lazy_gettext(
            "Leave empty if nothing was measured; 0 means that it saved nothing."
        ),
    )
    measured_how = TextAreaField(
        lazy_gettext("How it was measured"),
        description=lazy_gettext(
            "For example by a meter of its own, compared with last year at the same output"
        ),
    )
    note = TextAreaField(
        lazy_gettext("Note"),
        description=lazy_gettext("Also the reason for what looks odd, or for stopping the action"),
    )


def steps_of(shown: ProgressRow, sent: Mapping[str, str] | None) -> list[StepBox]:
    """A box for each milestone that was not reached before: as it was sent, else as it is kept."""
    boxes = []
    for place, step in enumerate(shown.open_steps):
        name = f"{REACHED}{place}"
        kept = shown.row.reached.get(step_key(step.name, step.due_on), "")
        boxes.append(StepBox(name, step, kept if sent is None else sent.get(name, "")))
    return boxes


class ProgressDetailForm(PortalForm):
    """What stands in the way, and what would help."""

    barriers = WrittenField(lazy_gettext("What stood in the way"))
    help = WrittenField(lazy_gettext("Help that you would like"))
    note = WrittenField(lazy_gettext("Note for the reviewer"))


class QuarterForm(PortalForm):
    """Which quarter to report on."""

    year = StringField(lazy_gettext("Year"), [required()], render_kw={"inputmode": "numeric"})
    quarter = SelectField(
        lazy_gettext("Quarter"),
        choices=choices([(str(number), str(number)) for number in range(1, 5)]),
    )


def values_of(row: ActionProgress) -> Mapping[str, str]:
    """A row as its form shows it: as typed, or as prefilled from the plan."""
    measured = "" if row.kg_measured is None else text(row.kg_measured / KG_PER_TONNE)
    return {
        "status": row.status,
        "measured_t": str(row.raw.get("measured_t") or measured),
        "measured_how": row.measured_how,
        "note": row.note,
    }
