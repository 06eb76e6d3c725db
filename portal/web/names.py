"""Names of what is kept as data (categories, sectors, provinces, units), in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from babel import Locale
from flask_babel import get_locale, gettext

from portal import data
from portal.calculation.categories import Parameter
from portal.calculation.metering import Oddity
from portal.calculation.pathways import Kind, Part, Pathway
from portal.domain.actors import ROLE_NAMES, Role
from portal.domain.certificates import KIND_NAMES as CERTIFICATE_KINDS
from portal.domain.certificates import Kind as CertificateKind
from portal.domain.levers import AREA_NAMES, METHOD_HINTS, METHOD_NAMES, Area, Method
from portal.domain.members import BOUNDARY_NAMES, SITE_KIND_NAMES, Boundary, SiteKind
from portal.domain.meters import DOOR_NAMES, ODDITY_NAMES, Door
from portal.domain.restatements import TRIGGER_NAMES, Trigger
from portal.domain.submissions import KIND_NAMES as SUBMISSION_KINDS
from portal.domain.submissions import Kind as SubmissionKind
from portal.domain.targets import CHECK_NAMES, KIND_NAMES, PART_NAMES, PATHWAY_NAMES
from portal.web import formats
from portal.web.language import current

# Codes of CLDR that name no country: the euro zone, outlying waters, pseudo-locales, “unknown”.
NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})


def in_language(zh: str, en: str) -> str:
    """The wording in the reader's language, the other one where there is none."""
    return (en or zh) if current().code == "en" else (zh or en)


def name_of(thing: Any) -> str:
    """The name of anything that has `name_zh` and `name_en`."""
    return in_language(thing.name_zh, thing.name_en)


def second_name(thing: Any) -> str:
    """The name in the other language, empty where it would repeat the first."""
    other = thing.name_zh if current().code == "en" else thing.name_en
    return "" if other == name_of(thing) else other


def category_name(category: str) -> str:
    """The name of a category; its id where the category is no longer offered."""
    known = data.load_categories().get(category)
    return category if known is None else name_of(known)


def category_choices() -> list[tuple[str, str]]:
    """Every category as (id, name)."""
    return [(category, category_name(category)) for category in data.load_categories()]


def parameter_label(parameter: Parameter) -> str:
    """The name of a value that a category asks for, with the unit it is in."""
    name = name_of(parameter)
    if not parameter.unit:
        return name
    return gettext("%(what)s (%(value)s)", what=name, value=parameter.unit)


def sector_name(sector: str) -> str:
    """The name of a sector."""
    known = data.load_sectors().get(sector)
    return sector if known is None else name_of(known)


def sector_choices() -> list[tuple[str, str]]:
    """Every sector as (id, name)."""
    return [(sector, sector_name(sector)) for sector in data.load_sectors()]


def province_name(province: str | None) -> str:
    """The name of a province by its ISO 3166-2 code."""
    known = data.load_provinces().get(province or "")
    return (province or "") if known is None else name_of(known)


def province_choices() -> list[tuple[str, str]]:
    """Every province as (code, name)."""
    return [(province, province_name(province)) for province in data.load_provinces()]


def country_choices() -> list[tuple[str, str]]:
    """Every country as (ISO 3166-1 code, name), in the order of the reader's alphabet."""
    territories = (get_locale() or Locale("zh")).territories
    countries = [
        (code, name)
        for code, name in territories.items()
        if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES
    ]
    return sorted(countries, key=lambda country: (country[0] != "CN", country[1]))


def country_name(country: str) -> str:
    """The name of a country by its ISO 3166-1 code."""
    return str((get_locale() or Locale("zh")).territories.get(country, country))


def role_name(role: str) -> str:
    """The name of a role."""
    return gettext(ROLE_NAMES[Role(role)])


def boundary_name(boundary: str | None) -> str:
    """The name of an organisational boundary."""
    return gettext(BOUNDARY_NAMES[Boundary(boundary)]) if boundary else ""


def site_kind_name(kind: str) -> str:
    """The name of a kind of site."""
    return gettext(SITE_KIND_NAMES[SiteKind(kind)])


def door_name(door: str) -> str:
    """The name of the way by which readings came."""
    return gettext(DOOR_NAMES[Door(door)])


def oddity_name(oddity: str) -> str:
    """The name of what is odd about a meter's month."""
    return gettext(ODDITY_NAMES[Oddity(oddity)])


def kind_name(kind: str) -> str:
    """The name of what a target promises."""
    return gettext(KIND_NAMES[Kind(kind)])


def submission_kind_name(kind: str) -> str:
    """The name of what is handed in."""
    return gettext(SUBMISSION_KINDS[SubmissionKind(kind)])


def certificate_kind_name(kind: str) -> str:
    """The name of what a certificate certifies."""
    return gettext(CERTIFICATE_KINDS[CertificateKind(kind)])


def trigger_name(trigger: str) -> str:
    """The name of what asks for years to be recalculated."""
    return gettext(TRIGGER_NAMES[Trigger(trigger)])


def part_name(part: str) -> str:
    """The name of the emissions that a target covers."""
    return gettext(PART_NAMES[Part(part)])


def pathway_name(pathway: str) -> str:
    """The name of how the way to a target is divided."""
    return gettext(PATHWAY_NAMES[Pathway(pathway)])


def check_name(check: str) -> str:
    """The name of a published pathway that a target is held against."""
    return gettext(CHECK_NAMES[check])


def area_name(area: str) -> str:
    """The name of where in a company an action takes place."""
    return gettext(AREA_NAMES[Area(area)])


def method_name(method: str) -> str:
    """The name of how a saving is estimated."""
    return gettext(METHOD_NAMES[Method(method)])


def method_hint(method: str) -> str:
    """An example of how a saving is estimated."""
    return gettext(METHOD_HINTS[Method(method)])


def amount_in(value: Decimal | str | None, unit: str) -> str:
    """A target's value with its unit: tonnes for kilograms of the whole, all else in its own unit."""
    return " ".join(filter(None, split_amount(value, unit)))


def split_amount(value: Decimal | str | None, unit: str) -> tuple[str, str]:
    """A target's value and its unit apart, where they are set in different sizes."""
    if value is None:
        return "–", ""
    if unit == "kg CO₂e":
        return formats.tonnes(Decimal(value)), "t CO₂e"
    shown = Decimal(value)
    places = 1 if unit == "%" else max(0, 3 - shown.adjusted()) if shown else 0
    return formats.decimal(shown, places), unit


def number_of(amount: Decimal | str) -> Decimal:
    """A number of a content, exact already or frozen as text."""
    return Decimal(amount)


def kg_sum(amounts: Iterable[Decimal | str]) -> Decimal:
    """The sum of amounts, exact numbers or texts of them."""
    return sum((Decimal(amount) for amount in amounts), Decimal(0))


GLOBALS = {
    "amount_in": amount_in,
    "split_amount": split_amount,
    "area_name": area_name,
    "certificate_kind_name": certificate_kind_name,
    "check_name": check_name,
    "door_name": door_name,
    "kg_sum": kg_sum,
    "kind_name": kind_name,
    "method_hint": method_hint,
    "method_name": method_name,
    "number_of": number_of,
    "oddity_name": oddity_name,
    "part_name": part_name,
    "pathway_name": pathway_name,
    "submission_kind_name": submission_kind_name,
    "trigger_name": trigger_name,
    "boundary_name": boundary_name,
    "category_name": category_name,
    "country_name": country_name,
    "in_language": in_language,
    "name_of": name_of,
    "province_name": province_name,
    "role_name": role_name,
    "second_name": second_name,
    "sector_name": sector_name,
    "site_kind_name": site_kind_name,
}
