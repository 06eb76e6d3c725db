"""The form of one line with everything it may say: days of its own, further values, a note."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext
from wtforms import SelectField, StringField, TextAreaField

from portal import data
from portal.calculation.categories import Category, ParameterKind
from portal.calculation.problems import Severity
from portal.intake.read import PARAMETER
from portal.services.line_saving import Outcome, SubmittedLine
from portal.services.lines import shown_values
from portal.store.lines import ActivityLine
from portal.store.members import Site
from portal.web.forms.fields import (
    DecimalTextField,
    PortalForm,
    attach_messages,
    choices,
    required,
)
from portal.web.forms.line_options import period_labels
from portal.web.forms.line_rows import words_of
from portal.web.forms.line_table import Asked
from portal.web.forms.lines import version_of
from portal.web.names import in_language, name_of, parameter_label
from portal.web.words import say

OTHER_DAYS = "other"


class LineDetailsForm(PortalForm):
    """What every line says; `form_of` adds what its category asks for."""

    quantity = DecimalTextField(lazy_gettext("Quantity"), validators=[required()])
    unit = SelectField(lazy_gettext("Unit"), validators=[required()], validate_choice=False)
    period = SelectField(lazy_gettext("Period"), validators=[required()], validate_choice=False)
    start = StringField(lazy_gettext("First day"), description=lazy_gettext("YYYY-MM-DD"))
    end = StringField(lazy_gettext("Last day"), description=lazy_gettext("YYYY-MM-DD"))
    site = SelectField(lazy_gettext("Site"), validators=[required()], validate_choice=False)
    note = TextAreaField(lazy_gettext("Note"))
    version = StringField()


def form_of(line: ActivityLine, year: int, sites: list[Site]) -> LineDetailsForm:
    """The form of a line, filled from what is kept or from what was sent."""
    category = data.load_categories().get(line.category or "")
    names = {} if category is None else parameter_fields(category)
    made = type("LineForm", (LineDetailsForm,), names)
    values = _values(line, year, sites)
    form: LineDetailsForm = made(data=values)
    form.unit.choices = _kept(
        [(code, code) for code in (category.units if category else ())], form.unit.data
    )
    form.period.choices = _kept(
        [*period_labels(year), (OTHER_DAYS, gettext("Other days"))], form.period.data
    )
    form.site.choices = _kept(
        [(site.code, name_of(site)) for site in sites if site.is_active],
        form.site.data,
        are_data=True,
    )
    return form


def _kept(
    offered: list[tuple[str, Any]], chosen: str | None, *, are_data: bool = False
) -> list[Any]:
    """The choices, with what is chosen now even where it is no longer offered."""
    values = {value for value, _label in offered}
    extra = [(chosen, chosen)] if chosen and chosen not in values else []
    return choices([*offered, *extra], empty=gettext("Choose"), are_data=are_data)


def parameter_fields(category: Category) -> dict[str, Any]:
    """One field for each value that the category asks for or takes."""
    fields: dict[str, Any] = {}
    for parameter in category.parameters:
        hint = in_language(parameter.hint_zh, parameter.hint_en)
        label = parameter_label(parameter)
        name = f"parameters-{parameter.name}"
        needed = [required()] if parameter.is_required and parameter.default is None else []
        if parameter.kind is ParameterKind.CHOICE:
            options = [(option.code, name_of(option)) for option in parameter.options]
            fields[name] = SelectField(
                label,
                description=hint,
                validators=needed,
                choices=choices(options, empty=gettext("Choose")),
                validate_choice=False,
            )
        else:
            fields[name] = DecimalTextField(label, validators=needed, description=hint)
    return fields


def _values(line: ActivityLine, year: int, sites: list[Site]) -> dict[str, Any]:
    shown = shown_values(line, {site.id: site.code for site in sites})
    values: dict[str, Any] = {
        name.replace(PARAMETER, "parameters-"): text for name, text in shown.items()
    }
    offered = {code for code, _label in period_labels(year)}
    if values.get("period") not in offered and line.start_on and line.end_on:
        values["period"] = OTHER_DAYS
        values["start"] = line.start_on.isoformat()
        values["end"] = (line.end_on - timedelta(days=1)).isoformat()
    elif values.get("period") in offered:
        values["start"] = values["end"] = ""
    return values | {"version": str(line.version)}


def submitted_line(line: ActivityLine, form: LineDetailsForm) -> SubmittedLine:
    """What was sent, as a row to save; answers to questions come beside the fields."""
    values: dict[str, str] = {"category": line.category or str(line.raw.get("category", ""))}
    for field in form:
        if field.name.startswith("parameters-"):
            column = PARAMETER + field.name.removeprefix("parameters-")
            values[column] = field.data or ""
        elif field.name in ("quantity", "unit", "site", "note"):
            values[field.name] = field.data or ""
    has_days = form.period.data == OTHER_DAYS or bool(form.start.data or form.end.data)
    values["period"] = "" if has_days else form.period.data or ""
    values["start"] = (form.start.data or "") if has_days else ""
    values["end"] = (form.end.data or "") if has_days else ""
    return SubmittedLine(0, values, line.key, version_of(form.version.data or ""), _answers())


def _answers() -> Mapping[str, str]:
    return {
        name.removeprefix("confirm-").replace("parameters-", PARAMETER): value
        for name, value in request.form.items()
        if name.startswith("confirm-")
    }


def attach_outcome(form: LineDetailsForm, outcome: Outcome, category: Category | None) -> None:
    """Put what is wrong beside its field."""
    grave = [each for each in outcome.problems if each.severity is not Severity.WARNING]
    attach_messages(
        form,
        (
            (found.field.replace(PARAMETER, "parameters-"), words_of(found, category))
            for found in grave
        ),
    )


def questions_of(outcome: Outcome) -> list[Asked]:
    """The questions about what was typed, each with its readings."""
    return [
        Asked(f"confirm-{found.field.replace('.', '-')}", say(found), found.readings)
        for found in outcome.problems
        if found.severity is Severity.QUESTION
    ]
