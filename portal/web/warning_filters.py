"""What the lists of warnings can be narrowed to, as the address says it."""

from __future__ import annotations

from flask import Flask, request
from flask_babel import gettext

from portal.domain.standing import WEIGHT_NAMES, State
from portal.domain.warnings import KIND_NAMES, Weight
from portal.services.standing_warnings import WarningFilter
from portal.store.alliance import OrgUnit
from portal.web import queries
from portal.web.status import status_of
from portal.web.words import PROBLEMS

SORTS = ("heaviest", "oldest", "newest", "due", "member")
FILTER_NAMES = ("state", "weight", "code", "year", "q", "unit", "escalated", "sort")
_WEIGHTS = [str(int(weight)) for weight in WEIGHT_NAMES]


def asked_for(unit: OrgUnit | None = None) -> WarningFilter:
    """The filter of the address."""
    weight = queries.word("weight", [*_WEIGHTS, ""])
    return WarningFilter(
        state=queries.word("state", [*State, "all", ""], State.OPEN.value).replace("all", ""),
        weight=int(weight) if weight else None,
        code=queries.word("code", [*PROBLEMS, ""]),
        year=queries.whole("year"),
        search=queries.search_text(),
        unit=unit,
        only_escalated=queries.ticked("escalated"),
        sort=queries.word("sort", SORTS, "heaviest"),
    )


def kept() -> dict[str, str]:
    """The filter as the address has it, to come back to."""
    return {name: request.args[name] for name in FILTER_NAMES if name in request.args}


def state_choices() -> list[tuple[str, str]]:
    """Every state with its name."""
    named = [(state.value, str(status_of("warning", state.value).label)) for state in State]
    return [*named, ("all", gettext("All states"))]


def weight_choices() -> list[tuple[str, str]]:
    """Every weight with its name."""
    named = [(str(int(weight)), gettext(name)) for weight, name in WEIGHT_NAMES.items()]
    return [("", gettext("All weights")), *named]


def code_choices(codes: list[str]) -> list[tuple[str, str]]:
    """The kinds of warnings that there are, each by its name."""
    named = sorted(((code, kind_name(code)) for code in codes), key=lambda each: each[1])
    return [("", gettext("All kinds")), *named]


def kind_name(code: str) -> str:
    """What kind of warning a code is, in a few words; what the readers of numbers and dates remark is one kind."""
    return gettext(KIND_NAMES[code]) if code in KIND_NAMES else gettext("Remark on what was typed")


def init_app(app: Flask) -> None:
    """Give the templates the names of kinds and weights."""
    app.jinja_env.globals.update(warning_kind=kind_name, warning_weight=weight_name)


def weight_name(weight: int) -> str:
    """How much a warning matters, in words."""
    return gettext(WEIGHT_NAMES[Weight(weight)])
