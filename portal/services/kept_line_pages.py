"""Keeps pages of the table in memory: one that nothing has changed since is shown again without being gathered."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased

from portal.domain.permissions import Permission
from portal.domain.refusals import NotFound
from portal.services.line_page import LinePage, open_page
from portal.services.work import Work
from portal.store.inventories import Inventory
from portal.store.members import Member, Site
from portal.store.submissions import Finding

_LAST_YEAR = aliased(Inventory)
_FINDINGS = Finding.inventory_id == Inventory.id
_OWN_SITES = Site.member_id == Member.id

# The member and its year, with everything that tells whether a page would come out otherwise than before: all that a
# page shows changes the version of its inventory, of the one before, of the member, of a site or of a finding.
_STAMPED = (
    select(
        Member,
        Inventory,
        _LAST_YEAR.uid,
        _LAST_YEAR.version,
        select(func.count()).where(_OWN_SITES).scalar_subquery(),
        select(func.sum(Site.version)).where(_OWN_SITES).scalar_subquery(),
        select(func.count()).where(_FINDINGS).scalar_subquery(),
        select(func.sum(Finding.version)).where(_FINDINGS).scalar_subquery(),
    )
    .join(Inventory, Inventory.member_id == Member.id)
    .outerjoin(
        _LAST_YEAR,
        (_LAST_YEAR.member_id == Member.id) & (_LAST_YEAR.year == Inventory.year - 1),
    )
    .where(Member.id == bindparam("member"), Inventory.year == bindparam("year"))
)

# Pages by everything that tells them from other states of the same page; each is some tens of kilobytes.
_PAGES: dict[tuple[object, ...], LinePage] = {}
MOST_PAGES = 200


def forget() -> None:
    """Let go of every page."""
    _PAGES.clear()


def kept_page(work: Work, year: int, number: int) -> tuple[Member, LinePage]:
    """A page of the actor's own year, gathered anew only when something on it may have changed since the last time."""
    member_id = work.actor.member_id
    if member_id is None:
        raise NotFound()
    work.demand(Permission.MEMBER_INVENTORY_READ, member_id)
    asked = {"member": member_id, "year": year}
    found = work.session.execute(_STAMPED, asked).one_or_none()
    if found is None:
        raise NotFound()
    member, inventory, *others = found
    database = id(work.session.get_bind().engine)
    state = (inventory.uid, inventory.version, inventory.state, member.version)
    stamp = (database, number, *state, *others)
    page = _PAGES.get(stamp)
    if page is None:
        if len(_PAGES) >= MOST_PAGES:
            _PAGES.clear()
        page = _PAGES[stamp] = open_page(work, inventory, number)
    return member, replace(page, inventory=inventory)
