"""Reduction actions: what is done, what it is expected to save, who is accountable, what it costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)

from portal.calculation.quantities import text
from portal.calculation.units import UNITS
from portal.domain.actions import STATUS_NAMES, Status
from portal.domain.levers import (
    AREA_NAMES,
    LEDGER_NAMES,
    METHOD_NAMES,
    Area,
    Ledger,
    Lever,
    Method,
)
from portal.intake.raw import as_text
from portal.intake.typed import Typed
from portal.services.action_reading import FIELDS, MILESTONE_FIELDS, MOST_MILESTONES
from portal.services.actions import ActionDetail
from portal.store.members import Site
from portal.web.forms.dossiers import TypedForm
from portal.web.forms.fields import DecimalTextField, choices, required
from portal.web.names import category_choices, name_of

MILESTONES_SHOWN = 3


class TextDateField(StringField):
    """A day as typed: the browser's own picker sends ISO, and whatever else arrives is kept and shown again."""

    widget = DateField.widget


class MilestoneForm(Form):
    """One step with its days."""

    name = StringField(lazy_gettext("What is reached"), validators=[required()])
    due = TextDateField(lazy_gettext("Due on"))
    done = TextDateField(lazy_gettext("Done on"))


class ActionForm(TypedForm):
    """One action on one page."""

    lever = SelectField(lazy_gettext("Lever"), validate_choice=False)
    name = StringField(lazy_gettext("Name of the action"))
    site = SelectField(lazy_gettext("Site"), validate_choice=False)
    area = SelectField(
        lazy_gettext("Area"),
        choices=choices([(area.value, lazy_gettext(AREA_NAMES[area])) for area in Area]),
        validate_choice=False,
        validators=[required()],
    )
    category = SelectField(
        lazy_gettext("Source that it acts on"),
        validate_choice=False,
        description=lazy_gettext("The emissions that get smaller"),
        validators=[required()],
    )
    ledger = RadioField(
        lazy_gettext("Whose emissions get smaller?"),
        choices=choices([(each.value, lazy_gettext(LEDGER_NAMES[each])) for each in Ledger]),
        default=Ledger.INVENTORY.value,
        validate_choice=False,
        description=lazy_gettext(
            "What is avoided elsewhere is shown apart and never subtracted from your inventory."
        ),
        validators=[required()],
    )
    method = RadioField(
        lazy_gettext("How is the saving estimated?"),
        choices=choices([(each.value, lazy_gettext(METHOD_NAMES[each])) for each in Method]),
        default=Method.SHARE.value,
        validate_choice=False,
        validators=[required()],
    )
    percent = DecimalTextField(
        lazy_gettext("Share of the source, in per cent"), validators=[required()]
    )
    quantity = DecimalTextField(
        lazy_gettext("Amount a year that is no longer used"), validators=[required()]
    )
    unit = SelectField(lazy_gettext("Unit"), validate_choice=False, validators=[required()])
    to_category = SelectField(
        lazy_gettext("What is used instead"), validate_choice=False, validators=[required()]
    )
    to_quantity = DecimalTextField(lazy_gettext("Amount a year of it"), validators=[required()])
    to_unit = SelectField(
        lazy_gettext("Unit of what is used instead"), validate_choice=False, validators=[required()]
    )
    leakage_t = DecimalTextField(
        lazy_gettext("Emissions that it causes elsewhere"),
        description=lazy_gettext("Leakage, t CO₂e a year; leave empty for none"),
    )
    stated_t = DecimalTextField(lazy_gettext("Saving, t CO₂e a year"), validators=[required()])
    how = TextAreaField(lazy_gettext("How it was worked out"), validators=[required()])
    start = TextDateField(lazy_gettext("Begins to save on"), validators=[required()])
    ramp_months = StringField(
        lazy_gettext("Months until it saves in full"),
        render_kw={"inputmode": "numeric"},
        description=lazy_gettext("Leave empty if at once"),
    )
    lifetime_years = StringField(
        lazy_gettext("Lifetime in years"),
        render_kw={"inputmode": "numeric"},
        validators=[required()],
    )
    owner_name = StringField(lazy_gettext("Accountable: name"))
    owner_post = StringField(lazy_gettext("Accountable: post"))
    supervisor_name = StringField(lazy_gettext("Supervisor: name"))
    supervisor_post = StringField(lazy_gettext("Supervisor: post"))
    capex = DecimalTextField(lazy_gettext("Investment, CNY"))
    opex = DecimalTextField(
        lazy_gettext("Running cost a year, CNY"), description=lazy_gettext("More than before")
    )
    money_saved = DecimalTextField(
        lazy_gettext("Saved a year, CNY"), description=lazy_gettext("Energy, material, fees")
    )
    water_m3 = DecimalTextField(lazy_gettext("Water saved a year, m³"))
    energy_kwh = DecimalTextField(lazy_gettext("Energy saved a year, kWh"))
    waste_t = DecimalTextField(
        lazy_gettext("Waste avoided a year, t"),
        description=lazy_gettext("Below zero where the action needs more"),
    )
    status = SelectField(
        lazy_gettext("Status"),
        choices=choices([(each.value, lazy_gettext(STATUS_NAMES[each])) for each in Status]),
        default=Status.PLANNED.value,
        validate_choice=False,
        validators=[required()],
    )
    stopped_reason = TextAreaField(lazy_gettext("Why it was stopped"))
    note = TextAreaField(lazy_gettext("Note"))
    explanation = TextAreaField(
        lazy_gettext("Reason for what looks odd"),
        description=lazy_gettext("The reviewer reads it beside the warnings"),
    )
    may_be_copied = BooleanField(
        lazy_gettext("Other members may copy this action"),
        description=lazy_gettext("They see what is done and your company’s name, no amounts."),
    )
    milestones = FieldList(FormField(MilestoneForm), min_entries=MILESTONES_SHOWN)

    def offer(
        self, sites: Sequence[Site], levers: Iterable[Lever], reported: Sequence[str]
    ) -> None:
        """Offer the member's sites, the levers, and the categories with those it reports first."""
        self.site.choices = choices(
            [(site.code, f"{site.code} · {name_of(site)}") for site in sites],
            empty=gettext("The whole company"),
            are_data=True,
        )
        self.lever.choices = choices(
            [(lever.id, name_of(lever)) for lever in levers], empty=gettext("An action of our own")
        )
        named = dict(category_choices())
        first = [(each, named[each]) for each in reported if each in named]
        rest = [(each, name) for each, name in named.items() if each not in reported]
        self.category.choices = choices([*first, *rest], empty=gettext("Choose a source"))
        self.to_category.choices = choices([*first, *rest], empty=gettext("Choose"))
        units = choices([(code, name_of(unit)) for code, unit in UNITS.items()], empty="–")
        self.unit.choices, self.to_unit.choices = units, list(units)

    def typed_action(self) -> Typed:
        """What was typed, milestones by their place."""
        typed = self.typed(FIELDS)
        steps = {
            f"milestones-{place}-{name}": entry.form[name].data or ""
            for place, entry in enumerate(self.milestones.entries[: MOST_MILESTONES + 1])
            for name in MILESTONE_FIELDS
        }
        return Typed({**typed.values, **steps}, typed.locale, typed.confirmed)


def values_of_lever(lever: Lever) -> Mapping[str, Any]:
    """What an action from the library begins with: the lever's own particulars, its usual saving in the middle."""
    middle = (lever.low + lever.high) * 50
    return {
        "lever": lever.id,
        "name": name_of(lever),
        "area": lever.area.value,
        "category": lever.categories[0],
        "ledger": lever.ledger.value,
        "method": lever.method.value,
        "percent": text(middle) if lever.method is Method.SHARE else "",
        "to_category": lever.switch_to,
        "lifetime_years": str(lever.lifetime_years),
    }


def values_of_action(detail: ActionDetail) -> Mapping[str, Any]:
    """An action as its form shows it: as typed where it was typed, its milestones with an empty one to add."""
    action = detail.action
    raw = {name: as_text(value) for name, value in action.raw.items() if name in FIELDS}
    kept = {
        "lever": action.lever,
        "name": action.name,
        "site": detail.site.code if detail.site else "",
        "area": action.area,
        "category": action.category,
        "ledger": action.ledger,
        "method": action.method,
        "start": action.start_on.isoformat(),
        "lifetime_years": str(action.lifetime_years),
        "owner_name": action.owner_name,
        "owner_post": action.owner_post,
        "supervisor_name": action.supervisor_name,
        "supervisor_post": action.supervisor_post,
        "status": action.status,
        "stopped_reason": action.stopped_reason,
        "note": action.note,
        "explanation": action.explanation,
        "may_be_copied": action.may_be_copied,
    }
    steps = [
        {
            "name": each.name,
            "due": each.due_on.isoformat(),
            "done": each.done_on.isoformat() if each.done_on else "",
        }
        for each in detail.milestones
    ]
    blank = {"name": "", "due": "", "done": ""}
    missing = max(1, MILESTONES_SHOWN - len(steps))
    amounts = {
        name: text(getattr(action, name)) if getattr(action, name) else ""
        for name in ("capex", "opex", "money_saved", "water_m3", "energy_kwh", "waste_t")
    }
    return {
        **amounts,
        **raw,
        **kept,
        "milestones": [*steps, *[dict(blank) for _ in range(missing)]],
    }
