"""What lines are made of: categories, emission factors, and the member's own sites."""

from __future__ import annotations

from typing import Any

from portal import data
from portal.api import cursors, schemas
from portal.api.answers import Answer
from portal.api.calls import Call
from portal.api.declarations import PAGED, Kind, Parameter, route
from portal.api.refusals import Refused
from portal.calculation.categories import Category
from portal.calculation.factors import Factor
from portal.domain.permissions import Permission
from portal.domain.tokens import Scope
from portal.domain.words import N_
from portal.services import listings, members
from portal.store.members import Site

EDITION = Parameter(
    "edition",
    {"type": "string"},
    N_("the code of an edition that is shipped"),
    N_("The edition of the factor library; the newest one where it is left out."),
)


@route(
    "GET",
    "/v1/categories",
    N_("List the categories of emission sources"),
    kind=Kind.ANY_TOKEN,
    gives=schemas.CATEGORIES,
)
def categories(call: Call) -> Answer:
    """List what a line can be about, with the units and parameters of each."""
    return Answer({"items": [_category(each) for each in data.load_categories().values()]})


@route(
    "GET",
    "/v1/factors",
    N_("List the emission factors of an edition"),
    kind=Kind.ANY_TOKEN,
    query=(*PAGED, EDITION),
    gives=schemas.FACTORS,
)
def factors(call: Call) -> Answer:
    """List factors with source, place and validity."""
    wanted = call.query.get("edition")
    if wanted is not None and wanted not in data.editions():
        raise Refused(400, "query.refused", name=EDITION.name, wanted=", ".join(data.editions()))
    edition = data.load_edition(wanted)
    after, limit = call.after, call.limit
    found = edition.factors[after : after + limit]
    more = after + limit < len(edition.factors)
    return Answer(
        {
            "edition": edition.code,
            "published_on": str(edition.published_on),
            "digest": edition.digest,
            "items": [_factor(each) for each in found],
            "next": cursors.write(after + limit if more else None),
        }
    )


@route(
    "GET",
    "/v1/sites",
    N_("List the member's sites"),
    scopes=(Scope.LINES_READ, Scope.ACTIONS_READ),
    permission=Permission.MEMBER_PROFILE_READ,
    is_own=True,
    query=PAGED,
    gives=schemas.SITES,
)
def sites(call: Call) -> Answer:
    """List the sites that lines and actions can be about."""
    piece = listings.sites_after(call.work, members.own_member(call.work), call.after, call.limit)
    items = [site_of(site) for site in piece.rows]
    return Answer({"items": items, "next": cursors.write(piece.next)})


def site_of(site: Site) -> dict[str, Any]:
    """A site as it is given."""
    return {
        "uid": site.uid,
        "code": site.code,
        "name_zh": site.name_zh,
        "name_en": site.name_en,
        "kind": site.kind,
        "country": site.country,
        "province": site.province,
        "is_active": site.is_active,
    }


def _category(category: Category) -> dict[str, Any]:
    return {
        "id": category.id,
        "scope": category.scope,
        "ghg_category": category.ghg_category,
        "name_zh": category.name_zh,
        "name_en": category.name_en,
        "units": list(category.accepted_units),
        "parameters": [
            {
                "name": each.name,
                "kind": each.kind.value,
                "name_zh": each.name_zh,
                "name_en": each.name_en,
                "unit": each.unit,
                "is_required": each.is_required,
                "options": [
                    {"code": option.code, "name_zh": option.name_zh, "name_en": option.name_en}
                    for option in each.options
                ],
            }
            for each in category.parameters
        ],
    }


def _factor(factor: Factor) -> dict[str, Any]:
    return {
        "id": factor.id,
        "name_zh": factor.name_zh,
        "name_en": factor.name_en,
        "region": factor.region,
        "valid_from": factor.valid_from,
        "valid_to": factor.valid_to,
        "unit": factor.unit,
        "numbers": dict(factor.numbers),
        "gwp_set": factor.gwp_set,
        "source": factor.source,
        "source_table": factor.source_table,
        "source_year": factor.source_year,
        "verification": factor.verification,
        "confidence": factor.confidence,
    }
