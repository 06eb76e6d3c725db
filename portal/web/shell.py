"""What stands around every page: the menu for the actor's roles, the account panel, the alliance's name."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actors import ROLE_NAMES, AccountId, Actor, MemberId, Role
from portal.domain.permissions import Permission, may
from portal.store.accounts import Account
from portal.store.alliance import Alliance
from portal.store.members import Member
from portal.store.sight import NOBODY
from portal.web.language import catalogue
from portal.web.language import current as current_language
from portal.web.navigation import MENU, Item
from portal.web.requests import current_account, current_actor, database_session, wiring

KEPT_SECONDS = 60.0


@dataclass(slots=True)
class AllianceName:
    """The alliance's names, asked for once a minute: every page shows one, hardly ever another."""

    names: tuple[str, str] | None = None
    asked_at: float = field(default=float("-inf"))

    def get(self, language: str) -> str:
        """The name in a language; empty before there is an alliance."""
        if time.monotonic() - self.asked_at > KEPT_SECONDS:
            self.names = _ask_for_names()
            self.asked_at = time.monotonic()
        if self.names is None:
            return ""
        return self.names[0 if language == "zh" else 1] or self.names[1] or self.names[0]


def _ask_for_names() -> tuple[str, str] | None:
    query = select(Alliance.name_zh, Alliance.name_en).order_by(Alliance.id).limit(1)
    session: Session | None = g.get("database_session")
    if session is None:
        with wiring().database.reading(NOBODY) as own:
            found = own.execute(query).first()
    else:
        # Without WAL, a second connection would wait for a writer that waits for the first one to end its reading.
        # The connection flushes nothing: the page may tell of a form that was refused.
        found = session.connection().execute(query).first()
    return (found[0], found[1]) if found else None


def init_app(app: Flask) -> None:
    """Give every page its frame."""
    alliance = AllianceName()
    app.jinja_env.globals.update(may_show=may_show, role_names=ROLE_NAMES)

    @app.context_processor
    def _frame() -> dict[str, Any]:
        if g.get("is_plain"):
            return {}
        account = current_account()
        frame: dict[str, Any] = {"alliance_name": alliance.get(current_language().code)}
        if account is not None:
            frame["navigation"] = navigation(current_actor())
            frame["account"] = panel(account)
        return frame


def navigation(actor: Actor) -> list[dict[str, Any]]:
    """The menu: what the actor's roles may open, in the order of the table."""
    has_member = actor.member_id is not None
    endpoint = request.endpoint or ""
    return [
        {"label": label, "href": href, "is_current": _is_current(item, endpoint)}
        for item, label, href in _menu(actor.roles, has_member, catalogue())
    ]


@lru_cache(maxsize=64)
def _menu(
    roles: frozenset[Role], has_member: bool, _words: Any
) -> tuple[tuple[Item, str, str], ...]:
    """The entries that people of these roles see; the same for all of them, so put together once."""
    somebody = Actor(AccountId(0), "", roles, MemberId(0) if has_member else None)
    return tuple(
        (item, gettext(item.label), url_for(item.endpoint))
        for item in MENU
        if _shows(item, somebody)
    )


def _shows(item: Item, actor: Actor) -> bool:
    is_own = item.permission.value.startswith("member:")
    return bool(may(actor, item.permission, actor.member_id)) and (
        not is_own or actor.member_id is not None
    )


def _is_current(item: Item, endpoint: str) -> bool:
    return endpoint == item.endpoint or endpoint.startswith(item.begins)


def panel(account: Account) -> dict[str, Any]:
    """The account panel: who one is here, and the way to one's own pages and out."""
    roles = frozenset(role.name for role in account.roles)
    return {
        "name": account.name,
        "organisation": _organisation(account),
        **_panel(roles, catalogue()),
    }


@lru_cache(maxsize=64)
def _panel(roles: frozenset[str], _words: Any) -> dict[str, Any]:
    """What the panel says to all people of these roles."""
    named = [gettext(name) for role, name in ROLE_NAMES.items() if role in roles]
    return {
        "role": " · ".join(named),
        "links": [
            {"label": gettext("My account"), "href": url_for("account.home")},
            {"label": gettext("My sessions"), "href": url_for("account.sessions")},
            {"label": gettext("Help and words"), "href": url_for("account.help_page")},
        ],
        "help_url": url_for("account.help_page"),
        "logout_url": url_for("security.logout"),
    }


def _organisation(account: Account) -> str:
    """The member's name; most pages have asked for the member already, and then nothing is asked again."""
    member = database_session().get(Member, account.member_id) if account.member_id else None
    if member is None:
        return ""
    zh, en = member.name_zh, member.name_en
    return (zh or en) if current_language().code == "zh" else (en or zh)


def may_show(permission: str) -> bool:
    """For templates: does the reader's role hold the permission (about their own member, if it is a member's)?"""
    actor = current_actor()
    return bool(may(actor, Permission(permission), actor.member_id))
