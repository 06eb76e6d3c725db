"""The main menu: which pages stand in it, for whom, in which order."""

from __future__ import annotations

from dataclasses import dataclass

from portal.domain.permissions import Permission
from portal.domain.words import N_

P = Permission


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: shown to whoever holds `permission`, marked as current on endpoints that begin with `begins`."""

    label: str
    endpoint: str
    permission: Permission
    begins: str | tuple[str, ...]


MENU: tuple[Item, ...] = (
    Item(N_("Home"), "supplier.home", P.MEMBER_INVENTORY_READ, "supplier.home"),
    Item(N_("Meters"), "supplier.meter_list", P.MEMBER_INVENTORY_READ, "supplier.meter"),
    Item(N_("Reduction plan"), "supplier.plan_page", P.MEMBER_PLAN_READ, "supplier.plan"),
    Item(N_("Progress"), "supplier.progress_list", P.MEMBER_PLAN_READ, "supplier.progress"),
    Item(N_("Warnings"), "supplier.warning_table", P.MEMBER_INVENTORY_READ, "supplier.warning_"),
    Item(
        N_("Certificates"),
        "supplier.certificate_table",
        P.MEMBER_CERTIFICATE_READ,
        "supplier.certificate",
    ),
    Item(
        N_("Overview"), "coordinator.dashboard", P.ALLIANCE_PORTFOLIO_READ, "coordinator.dashboard"
    ),
    Item(
        N_("Reductions"),
        "coordinator.reductions",
        P.ALLIANCE_PORTFOLIO_READ,
        (
            "coordinator.reductions",
            "coordinator.progress",
            "coordinator.programme",
            "coordinator.edition",
        ),
    ),
    Item(
        N_("Review queue"),
        "coordinator.submission_list",
        P.ALLIANCE_SUBMISSION_READ,
        "coordinator.submission",
    ),
    Item(
        N_("Warnings"), "coordinator.warning_table", P.ALLIANCE_MEMBER_READ, "coordinator.warning"
    ),
    Item(N_("Members"), "coordinator.member_table", P.ALLIANCE_MEMBER_READ, "coordinator.member"),
    Item(
        N_("Certificates"),
        "coordinator.certificate_table",
        P.ALLIANCE_CERTIFICATE_READ,
        "coordinator.certificate",
    ),
    Item(N_("Ledger"), "coordinator.ledger_list", P.ALLIANCE_LEDGER_READ, "coordinator.ledger"),
    Item(
        N_("Accounts"),
        "administrator.account_table",
        P.ALLIANCE_ACCOUNT_READ,
        "administrator.account",
    ),
    Item(
        N_("Background jobs"), "administrator.job_table", P.ALLIANCE_JOB_READ, "administrator.job"
    ),
)

# Where the two sides begin; the page's own module stands behind the endpoint.
HOMES: dict[str, str] = {"supplier": "supplier.home", "alliance": "coordinator.dashboard"}
