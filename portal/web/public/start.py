"""The start page: everybody's way to where their work is."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response

from portal.domain.actors import ALLIANCE_ROLES, SUPPLIER_ROLES, Actor
from portal.web.navigation import HOMES
from portal.web.public import blueprint
from portal.web.requests import current_actor


@blueprint.get("/")
def start() -> Response:
    """Lead a person who is logged in to their first page, and everybody else to the login."""
    return redirect(url_for(home_of(current_actor())), 303)


def home_of(actor: Actor) -> str:
    """The endpoint of an actor's first page."""
    if actor.is_stranger:
        return "security.login"
    side = "supplier" if actor.roles & SUPPLIER_ROLES else "alliance"
    return HOMES.get(
        side if actor.roles & (SUPPLIER_ROLES | ALLIANCE_ROLES) else "", "account.home"
    )
