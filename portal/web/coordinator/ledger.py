"""The ledger as people read it."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.services import journal
from portal.services.journal import JournalFilter
from portal.web import queries
from portal.web.coordinator import blueprint
from portal.web.requests import current_work


@blueprint.get("/ledger/")
def ledger_list() -> ResponseReturnValue:
    """Show what happened, newest first."""
    work = current_work()
    wanted = JournalFilter(
        kind=queries.search_text("kind"),
        member=queries.search_text("member"),
        subject=queries.search_text("subject"),
    )
    page = journal.list_entries(work, wanted, queries.page_number())
    return render_template(
        "coordinator/ledger/list.html", page=page, wanted=wanted, head=journal.head(work.session)
    )
