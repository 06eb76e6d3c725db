"""The main menu: which pages stand in it, for whom, in which order."""

from __future__ import annotations

from dataclasses import dataclass

from portal.domain.permissions import Permission

P = Permission


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: shown to whoever holds `permission`, marked as current on endpoints that begin with `begins`."""

    label: str
    endpoint: str
    permission: Permission
    begins: str


MENU: tuple[Item, ...] = ()

# Where the two sides begin; the page's own module stands behind the endpoint.
HOMES: dict[str, str] = {}
