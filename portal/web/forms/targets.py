"""Targets: adopting the alliance's, or setting one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from portal.calculation.pathways import Kind, Part, Pathway
from portal.calculation.quantities import text
from portal.domain.targets import KIND_NAMES, PART_NAMES, PATHWAY_NAMES
from portal.services.targets import FIELDS
from portal.store.targets import Target
from portal.web.forms.dossiers import TypedForm
from portal.web.forms.fields import DecimalTextField, choices, required

SCOPE_NAMES = {
    "1": lazy_gettext("Scope 1: what you burn, your animals, leaks"),
    "2": lazy_gettext("Scope 2: electricity and heat you buy"),
    "3": lazy_gettext("Scope 3: purchases, transport, waste"),
}


class AdoptForm(TypedForm):
    """A larger cut than the alliance's, or an earlier year; left alone it is the alliance's own."""

    percent = DecimalTextField(
        lazy_gettext("Cut, in per cent of the base year"), validators=[required()]
    )
    target_year = StringField(lazy_gettext("Target year"), validators=[required()])


class TargetForm(TypedForm):
    """One target of the member's own."""

    kind = RadioField(
        lazy_gettext("What is promised?"),
        choices=choices([(kind.value, lazy_gettext(KIND_NAMES[kind])) for kind in Kind]),
        validate_choice=False,
        validators=[required()],
    )
    scopes = SelectMultipleField(
        lazy_gettext("Scopes that it covers"),
        choices=choices(list(SCOPE_NAMES.items())),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
        description=lazy_gettext("Not asked for shares"),
        validators=[required()],
    )
    part = SelectField(
        lazy_gettext("Which emissions of these scopes?"),
        choices=choices([(part.value, lazy_gettext(PART_NAMES[part])) for part in Part]),
        validate_choice=False,
        description=lazy_gettext(
            "Farms set one target for land and livestock and one for the rest"
        ),
    )
    product = SelectField(
        lazy_gettext("Per unit of which product?"),
        validate_choice=False,
        description=lazy_gettext("Only for emissions per product or per revenue"),
    )
    base_year = SelectField(
        lazy_gettext("Base year"), validate_choice=False, validators=[required()]
    )
    target_year = StringField(
        lazy_gettext("Target year"),
        render_kw={"inputmode": "numeric"},
        description=lazy_gettext("Five to ten years ahead is what SBTi calls near-term"),
        validators=[required()],
    )
    percent = DecimalTextField(
        lazy_gettext("Cut in per cent, or share to reach"),
        description=lazy_gettext("For example 42 for 42 per cent less than in the base year"),
        validators=[required()],
    )
    pathway = SelectField(
        lazy_gettext("Pathway to the target"),
        choices=choices([(each.value, lazy_gettext(PATHWAY_NAMES[each])) for each in Pathway]),
        validate_choice=False,
        validators=[required()],
    )
    net_zero_year = StringField(lazy_gettext("Net-zero year"), render_kw={"inputmode": "numeric"})
    stated_base = DecimalTextField(
        lazy_gettext("Share in the base year, per cent"),
        description=lazy_gettext("Only for suppliers with own targets"),
    )
    stated_now = DecimalTextField(
        lazy_gettext("Share today, per cent"),
        description=lazy_gettext("Only for suppliers with own targets"),
    )
    note = TextAreaField(lazy_gettext("Note"))

    def offer(self, years: Sequence[int], products: Sequence[str]) -> None:
        """Offer the approved years and what was produced in them; what was typed stays on offer."""
        known = [str(year) for year in years]
        if self.base_year.data and self.base_year.data not in known:
            known.append(self.base_year.data)
        self.base_year.choices = choices([(year, year) for year in known])
        self.product.choices = choices(
            [(product, product) for product in products], empty=gettext("None"), are_data=True
        )


def values_of(target: Target) -> Mapping[str, object]:
    """A target as its form shows it: as it was typed, or as it is where it was adopted."""
    plain = {
        "kind": target.kind,
        "part": target.part,
        "scopes": [str(scope) for scope in target.scopes],
        "product": target.product,
        "base_year": str(target.base_year),
        "target_year": str(target.target_year),
        "percent": text(target.percent),
        "pathway": target.pathway,
        "net_zero_year": str(target.net_zero_year or ""),
        "stated_base": "" if target.stated_base is None else text(target.stated_base),
        "stated_now": "" if target.stated_now is None else text(target.stated_now),
        "note": target.note,
    }
    return {name: plain[name] for name in FIELDS}
