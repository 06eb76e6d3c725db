"""What the statuses of refusals are called."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext

from portal.domain.words import N_

TITLES: Mapping[int, str] = {
    400: N_("This request can't be read"),
    401: N_("No token"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("Not with this method"),
    409: N_("Its state has changed"),
    410: N_("The file is missing"),
    411: N_("Length missing"),
    412: N_("It was changed meanwhile"),
    413: N_("Too large"),
    415: N_("This kind of content is not taken"),
    422: N_("Something needs your attention"),
    428: N_("Say which version"),
    429: N_("Too many requests"),
    500: N_("Something went wrong on our side"),
    503: N_("Busy or being looked after"),
    507: N_("No room left"),
}


def title_of(status: int) -> str:
    """What a status is called, in the reader's language."""
    found: str = gettext(TITLES[status])
    return found
