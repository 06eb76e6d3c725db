"""Words and rules of members and their sites."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.domain.words import N_


class Status(StrEnum):
    """Where a member stands in the alliance."""

    INVITED = "invited"
    ACTIVE = "active"
    LEFT = "left"


class Boundary(StrEnum):
    """How the organisational boundary is drawn (GHG Protocol Corporate Standard, chapter 3)."""

    OPERATIONAL_CONTROL = "operational_control"
    FINANCIAL_CONTROL = "financial_control"
    EQUITY_SHARE = "equity_share"


class SiteKind(StrEnum):
    """What a site is."""

    PLANT = "plant"
    FARM = "farm"
    WAREHOUSE = "warehouse"
    FLEET = "fleet"
    OFFICE = "office"
    OTHER = "other"


STATUS_NAMES = {
    Status.INVITED: N_("Invited"),
    Status.ACTIVE: N_("Active"),
    Status.LEFT: N_("Left"),
}
BOUNDARY_NAMES = {
    Boundary.OPERATIONAL_CONTROL: N_("Operational control"),
    Boundary.FINANCIAL_CONTROL: N_("Financial control"),
    Boundary.EQUITY_SHARE: N_("Equity share"),
}
BOUNDARY_HINTS = {
    Boundary.OPERATIONAL_CONTROL: N_(
        "Every site that you run day to day. Most suppliers use this."
    ),
    Boundary.FINANCIAL_CONTROL: N_("Every site whose financial and operating policies you direct."),
    Boundary.EQUITY_SHARE: N_("Every site in proportion to the share you own of it."),
}
SITE_KIND_NAMES = {
    SiteKind.PLANT: N_("Plant"),
    SiteKind.FARM: N_("Farm"),
    SiteKind.WAREHOUSE: N_("Warehouse"),
    SiteKind.FLEET: N_("Fleet"),
    SiteKind.OFFICE: N_("Office"),
    SiteKind.OTHER: N_("Other"),
}


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What a member says about one of its sites; `province` is an ISO 3166-2 code such as CN-NM."""

    code: str
    name_zh: str
    name_en: str
    kind: SiteKind
    country: str
    province: str | None


def shown_name(name_zh: str, name_en: str, language: str) -> str:
    """The name in a language, the other one where there is none."""
    first, second = (name_zh, name_en) if language.startswith("zh") else (name_en, name_zh)
    return first or second
