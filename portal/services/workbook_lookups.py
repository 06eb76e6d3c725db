"""The sheets of a workbook that are for looking up only: sites and reduction actions."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from portal import data
from portal.calculation.quantities import text
from portal.documents.progress_words import STATUSES
from portal.documents.workbook import key_column
from portal.documents.workbook_facts import Column, SheetLine, SheetTable
from portal.documents.workbook_words import ACTIVE, CLOSED, COLUMNS, SHEETS
from portal.domain.actions import Status
from portal.domain.actors import MemberId
from portal.domain.permissions import Permission, may
from portal.domain.workbooks import KEY, SheetCode
from portal.services.work import Work
from portal.services.workbook_texts import Texts
from portal.store.actions import Action
from portal.store.members import Member, Site

_SITE_COLUMNS = ("code", "name", "country", "province", "status")
_ACTION_COLUMNS = ("name", "site", "status", "start", "saving")
_WIDTHS = {"name": 36, "province": 20, "saving": 24}


def site_table(texts: Texts, sites: Iterable[Site]) -> SheetTable:
    """A member's sites, open and closed."""
    return _table(
        SheetCode.SITES, texts, _SITE_COLUMNS, tuple(_site(texts, each) for each in sites)
    )


def action_table(work: Work, member: Member, texts: Texts) -> SheetTable:
    """A member's reduction actions; none for somebody who may not read the plan."""
    is_allowed = may(work.actor, Permission.MEMBER_PLAN_READ, MemberId(member.id))
    query = select(Action).where(Action.member_id == member.id)
    ordered = query.order_by(Action.position, Action.id)
    found = list(work.session.scalars(ordered)) if is_allowed else []
    rows = tuple(_action(texts, each) for each in found)
    return _table(SheetCode.ACTIONS, texts, _ACTION_COLUMNS, rows)


def _table(
    code: SheetCode, texts: Texts, names: tuple[str, ...], rows: tuple[SheetLine, ...]
) -> SheetTable:
    columns = [
        Column(
            name,
            COLUMNS[f"{code.value}.{name}"].first(texts.language),
            width=_WIDTHS.get(name, 16),
            is_open=False,
            is_number=name == "saving",
        )
        for name in names
    ]
    key = key_column(COLUMNS[f"{code.value}.key"].first(texts.language))
    title = SHEETS[code].first(texts.language)
    return SheetTable(code, title, (key, *columns), rows, is_open=False)


def _site(texts: Texts, site: Site) -> SheetLine:
    province = data.load_provinces().get(site.province or "")
    values = {
        KEY: str(site.uid),
        "code": site.code,
        "name": texts.name(site),
        "country": site.country,
        "province": texts.name(province) if province else site.province or "",
        "status": (ACTIVE if site.is_active else CLOSED).first(texts.language),
    }
    return SheetLine(values)


def _action(texts: Texts, action: Action) -> SheetLine:
    values = {
        KEY: str(action.uid),
        "name": action.name,
        "site": texts.site_codes.get(action.site_id or 0, ""),
        "status": STATUSES[Status(action.status)].first(texts.language),
        "start": action.start_on.isoformat(),
        "saving": text(action.kg_saving),
    }
    return SheetLine(values)
