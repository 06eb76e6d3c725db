"""What was sent while the portal could not keep it: given back on the page that says so, to be sent again by one button."""

from __future__ import annotations

from flask import g, request
from flask_babel import gettext
from werkzeug.exceptions import HTTPException

from portal.web.access import ACCESS, Kind
from portal.web.requests import READING_METHODS


def what_to_send_again() -> tuple[tuple[str, str], ...]:
    """The controls of the form that was sent, in their order; none where it must not or can't be sent a second time.

    Passwords and codes are never given back: only pages that ask for a permission are, and those ask for none.
    """
    access = ACCESS.get(request.endpoint or "")
    is_form = request.mimetype == "application/x-www-form-urlencoded"
    if not is_form or access is None or access.kind is not Kind.PERMITTED or may_be_kept():
        return ()
    try:
        return tuple(request.form.items(multi=True))
    except HTTPException:
        return ()  # more than is read, so it never came as far as the form


def words_about_what_was_sent() -> str | None:
    """What became of it, and what to do now; None where nothing was sent."""
    if request.method in READING_METHODS:
        return None
    if may_be_kept():
        return gettext(
            "The connection broke off at the last moment: what you sent may have been kept or not. "
            "Look before you send it again."
        )
    if what_to_send_again():
        return gettext(
            "What you just sent was not kept. It is still here: send it again with the button below, "
            "nothing has to be typed anew."
        )
    return gettext("What you just sent was not kept. Go back and send it again.")


def may_be_kept() -> bool:
    """Whether the failure came so late that the transaction may be committed."""
    return bool(g.get("may_be_kept"))
