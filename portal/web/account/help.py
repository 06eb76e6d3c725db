"""Help for everybody who is logged in: what the portal's words mean, and whom to write to."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.calculation.quality import GRADE_NAMES
from portal.domain.permissions import Permission
from portal.services import alliances
from portal.web.account import blueprint
from portal.web.requests import current_work
from portal.web.shell import may_show


@blueprint.get("/account/help")
def help_page() -> ResponseReturnValue:
    """Explain the words that pages use without explaining them."""
    return render_template(
        "account/help.html",
        contact=alliances.contact_of(current_work()),
        grades=[(int(grade), name) for grade, name in GRADE_NAMES.items()],
        is_supplier=may_show(Permission.MEMBER_INVENTORY_READ.value),
    )
