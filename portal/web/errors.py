"""The words of the pages that say no: what happened, and what a person can do now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """Title and text of one error page."""

    title: Any
    text: Any


ERROR_WORDS = {
    400: ErrorWords(
        _("This request could not be read"),
        _(
            "The page may have been open for too long. Go back, load it again and send it once more."
        ),
    ),
    401: ErrorWords(
        _("You are not logged in"),
        _("Your session has ended. Log in again, then do this once more."),
    ),
    403: ErrorWords(
        _("You may not open this page"),
        _("Your account does not have the right for it. If you need it, ask your coordinator."),
    ),
    404: ErrorWords(
        _("This page was not found"),
        _("The address may be mistyped, or the thing it named is no longer there."),
    ),
    405: ErrorWords(
        _("This page can't be used like that"),
        _("Open it from the portal's menu instead of sending something to its address."),
    ),
    409: ErrorWords(
        _("Somebody was quicker"),
        _(
            "What you saw has changed in the meantime. Load the page again to see how it stands now."
        ),
    ),
    410: ErrorWords(
        _("This file is missing"),
        _("It was here once and can't be found now. We have been told and look for it."),
    ),
    413: ErrorWords(
        _("That is too large"),
        _("A file may have at most 25 MB. Make it smaller or split it, then send it again."),
    ),
    415: ErrorWords(
        _("This kind of content is not taken"),
        _("Use the forms of the portal. Nothing was changed."),
    ),
    422: ErrorWords(
        _("Something needs your attention"),
        _("Go back and correct what was sent."),
    ),
    429: ErrorWords(
        _("Too many tries"),
        _("Wait a few minutes, then try again."),
    ),
    500: ErrorWords(
        _("Something went wrong on our side"),
        _("Nothing you saved before is lost. We have been told; try again in a few minutes."),
    ),
    503: ErrorWords(
        _("The portal is busy or being looked after"),
        _("Nothing you saved before is lost. Try again in a minute."),
    ),
    507: ErrorWords(
        _("The portal has no room left"),
        _(
            "Nothing you saved before is lost, and it can still be read. "
            "We have been told and make room; try again in a few minutes."
        ),
    ),
}


def words_for(status: int) -> ErrorWords:
    """The words for an HTTP status; a status without its own takes those of its class."""
    return ERROR_WORDS.get(status) or ERROR_WORDS[400 if status < 500 else 500]
