"""The programme: its default target and its roadmap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import lazy_gettext
from wtforms import (
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from portal.calculation.pathways import Part, Pathway
from portal.calculation.quantities import text
from portal.domain.programmes import DefaultTarget, Programme
from portal.domain.targets import PART_NAMES, PATHWAY_NAMES
from portal.intake.typed import Typed
from portal.services.programme_reading import (
    MOST_PHASES,
    PHASE_FIELDS,
    TARGET_FIELDS,
    phase_field,
)
from portal.web.forms.dossiers import TypedForm
from portal.web.forms.fields import DecimalTextField, choices, required
from portal.web.forms.targets import SCOPE_NAMES

# What the alliance writes, which no browser should translate.
_DATA = {"translate": "no"}


class PhaseForm(Form):
    """A stretch of the roadmap; left empty it is none."""

    until = StringField(lazy_gettext("Until the year"), render_kw={"inputmode": "numeric"})
    percent = DecimalTextField(lazy_gettext("Cut by then, per cent"))
    name_zh = StringField(lazy_gettext("Name in Chinese"), render_kw=_DATA)
    name_en = StringField(lazy_gettext("Name in English"), render_kw=_DATA)
    text_zh = TextAreaField(lazy_gettext("What is done, in Chinese"), render_kw=_DATA)
    text_en = TextAreaField(lazy_gettext("What is done, in English"), render_kw=_DATA)


class ProgrammeForm(TypedForm):
    """What administrators change in the browser; `version` is what they saw when they began."""

    version = HiddenField()
    pathway = SelectField(
        lazy_gettext("Pathway to the target"),
        [required()],
        choices=choices([(each.value, lazy_gettext(PATHWAY_NAMES[each])) for each in Pathway]),
        validate_choice=False,
    )
    percent = DecimalTextField(lazy_gettext("Cut, in per cent of the base year"), [required()])
    target_year = StringField(
        lazy_gettext("Target year"), [required()], render_kw={"inputmode": "numeric"}
    )
    net_zero_year = StringField(
        lazy_gettext("Net-zero year"), [required()], render_kw={"inputmode": "numeric"}
    )
    scopes = SelectMultipleField(
        lazy_gettext("Scopes that it covers"),
        [required()],
        choices=choices(list(SCOPE_NAMES.items())),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    part = SelectField(
        lazy_gettext("Which emissions of these scopes?"),
        [required()],
        choices=choices([(part.value, lazy_gettext(PART_NAMES[part])) for part in Part]),
        validate_choice=False,
    )
    phases = FieldList(FormField(PhaseForm), min_entries=MOST_PHASES, max_entries=MOST_PHASES)

    def everything(self) -> Typed:
        """What was typed about the target and about each phase."""
        target = self.typed(TARGET_FIELDS)
        phases = {
            phase_field(place, name): entry.form[name].data or ""
            for place, entry in enumerate(self.phases)
            for name in PHASE_FIELDS
        }
        chosen = {name: request.form.get(f"confirm-{name}", "") for name in phases}
        confirmed = {**target.confirmed, **{name: given for name, given in chosen.items() if given}}
        return Typed({**target.values, **phases}, target.locale, confirmed)


def values_of(programme: Programme) -> Mapping[str, Any]:
    """A programme as its form shows it."""
    phases = [
        {
            **{name: getattr(phase, name) for name in PHASE_FIELDS},
            "until": str(phase.until),
            "percent": text(phase.percent),
        }
        for phase in programme.phases
    ]
    return {**_target(programme.target), "phases": phases}


def _target(target: DefaultTarget) -> dict[str, Any]:
    return {
        "pathway": target.pathway.value,
        "part": target.part.value,
        "scopes": [str(scope) for scope in target.scopes],
        "target_year": str(target.target_year),
        "percent": text(target.percent),
        "net_zero_year": str(target.net_zero_year),
    }
