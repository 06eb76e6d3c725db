"""Activity lines of a year: listed, added many at once, changed and removed one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.api import cursors, schemas
from portal.api.answers import Answer, etag_of_version, tagged
from portal.api.calls import Call, say_place
from portal.api.declarations import PAGED, Match, route
from portal.api.refusals import Blocked, Found, Misfit, Misshapen, Refused
from portal.domain.permissions import Permission
from portal.domain.tokens import Scope
from portal.domain.words import N_
from portal.intake.raw import RawLine, as_text
from portal.intake.read import COLUMNS, PARAMETER
from portal.intake.reading import Change
from portal.services import inventories, listings
from portal.services import lines as line_verbs
from portal.services.line_reading import CONFIRMED
from portal.services.line_saving import Fate, Outcome, Saved, SubmittedLine, save_lines
from portal.store.lines import ActivityLine
from portal.store.members import site_codes

READS = {
    "scopes": (Scope.LINES_READ,),
    "permission": Permission.MEMBER_INVENTORY_READ,
    "is_own": True,
}
WRITES = {
    "scopes": (Scope.LINES_WRITE,),
    "permission": Permission.MEMBER_INVENTORY_EDIT,
    "is_own": True,
    "may_run_dry": True,
}
LINES, LINE = "/v1/inventories/<int:year>/lines", "/v1/inventories/<int:year>/lines/<uuid:key>"


@route(
    "GET", LINES, N_("List the activity lines of a year"), query=PAGED, gives=schemas.LINES, **READS
)
def listed(call: Call, year: int) -> Answer:
    """List lines in the order in which they were added."""
    _member, inventory = inventories.own_year(call.work, year)
    piece = listings.lines_after(call.work, inventory, call.after, call.limit)
    codes = site_codes(call.work.session, inventory.member_id)
    items = [plain(line, codes) for line in piece.rows]
    return Answer({"items": items, "next": cursors.write(piece.next)})


@route(
    "POST",
    LINES,
    N_("Add activity lines: all of them, or none when something needs attention"),
    takes=schemas.LINES_INPUT,
    gives=schemas.LINES_SAVED,
    status=201,
    **WRITES,
)
def added(call: Call, year: int) -> Answer:
    """Add lines; with `keep_unfinished` those with problems are kept as drafts."""
    _member, inventory = inventories.own_year(call.work, year)
    rows = [
        SubmittedLine(place, columns_of(each), confirmed=each.get(CONFIRMED, {}))
        for place, each in enumerate(call.body["lines"])
    ]
    pointers = [f"/lines/{row.index}" for row in rows]
    if empty := [row.index for row in rows if _says_nothing(row)]:
        raise Misshapen([Misfit("field.empty", pointers[place]) for place in empty])
    saved = save_lines(
        call.work,
        inventory,
        rows,
        locale=call.locale,
        keep_unfinished=call.body.get("keep_unfinished", False),
    )
    _demand_kept(saved, pointers)
    codes = site_codes(call.work.session, inventory.member_id)
    return Answer({"lines": [_saved(call, each, codes, pointers) for each in saved.outcomes]}, 201)


@route("GET", LINE, N_("Read one activity line"), gives=schemas.LINE, has_etag=True, **READS)
def shown(call: Call, year: int, key: UUID) -> Answer:
    """Show one line."""
    _member, inventory = inventories.own_year(call.work, year)
    line = line_verbs.find_line(call.work, inventory, key)
    codes = site_codes(call.work.session, inventory.member_id)
    return tagged(plain(line, codes), etag_of_version(line.version))


@route(
    "PATCH",
    LINE,
    N_("Change columns of an activity line; what isn't sent stays"),
    takes=schemas.LINE_CHANGE,
    gives=schemas.LINE,
    match=Match.NEEDED,
    has_etag=True,
    **WRITES,
)
def changed(call: Call, year: int, key: UUID) -> Answer:
    """Change a line that nobody else has changed meanwhile."""
    _member, inventory = inventories.own_year(call.work, year)
    line = line_verbs.find_line(call.work, inventory, key)
    call.demand_match(etag_of_version(line.version))
    row = SubmittedLine(0, columns_of(call.body), key, line.version, call.body.get(CONFIRMED, {}))
    saved = save_lines(
        call.work,
        inventory,
        [row],
        locale=call.locale,
        keep_unfinished=call.body.get("keep_unfinished", False),
    )
    _demand_kept(saved, [""])
    codes = site_codes(call.work.session, inventory.member_id)
    content = _saved(call, saved.outcomes[0], codes, [""])
    return tagged(content, etag_of_version(content["version"]))


@route("DELETE", LINE, N_("Remove an activity line"), status=204, match=Match.NEEDED, **WRITES)
def removed(call: Call, year: int, key: UUID) -> Answer:
    """Remove a line that nobody else has changed meanwhile; its files stay among the member's."""
    _member, inventory = inventories.own_year(call.work, year)
    line = line_verbs.find_line(call.work, inventory, key)
    call.demand_match(etag_of_version(line.version))
    row = SubmittedLine(0, {}, key, line.version, is_removed=True)
    saved = save_lines(call.work, inventory, [row], locale=call.locale, keep_unfinished=True)
    _demand_kept(saved, [""])
    return Answer(status=204)


def columns_of(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a line as they were sent; null says what leaving out says."""
    found = {name: sent[name] for name in COLUMNS if sent.get(name) is not None}
    parameters = sent.get("parameters") or {}
    return found | {
        PARAMETER + name: value for name, value in parameters.items() if value is not None
    }


def plain(
    line: ActivityLine,
    site_codes: Mapping[int, str],
    *,
    changed_at: datetime | None = None,
    changes: Iterable[Change] = (),
    pointer: str = "",
) -> dict[str, Any]:
    """A line as it is given: what was read, what was typed, what it comes to, and what is to be put right."""
    raw = {name: value for name, value in line.raw.items() if name != CONFIRMED}
    return {
        "key": line.key,
        "version": line.version,
        "position": line.position,
        "is_complete": line.is_complete,
        "values": line_verbs.shown_values(line, site_codes),
        "raw": raw,
        "confirmed": line.raw.get(CONFIRMED) or {},
        "result": _result(line),
        "problems": [
            say_place(found, pointer_to(pointer, found.field))
            for found in line_verbs.problems_of(line)
        ],
        "changes": [
            {"column": each.field, "typed": each.typed, "read": each.read} for each in changes
        ],
        "changed_at": changed_at or line.changed_at,
    }


def pointer_to(line: str, column: str) -> str:
    """Where a column of a line stands in the body."""
    return RawLine.of_json(line, {}).address(column)


def _says_nothing(row: SubmittedLine) -> bool:
    """An empty row of a table is passed over; a program that sends one has made a mistake."""
    return not any(as_text(value).strip() for value in row.values.values())


def _result(line: ActivityLine) -> dict[str, Any] | None:
    if not line.is_complete:
        return None
    return {
        "scope": line.scope,
        "kg_co2e": line.kg_co2e,
        "kg_co2e_market": line.kg_co2e_market,
        "kg_co2_biogenic": line.kg_co2_biogenic,
        "quality": line.quality,
        "factor": line.factor,
    }


def _saved(
    call: Call, outcome: Outcome, codes: Mapping[int, str], pointers: Sequence[str]
) -> dict[str, Any]:
    line = outcome.line
    assert line is not None  # noqa: S101 -- a row that says something is saved or refused
    return plain(
        line,
        codes,
        changed_at=call.work.moment if outcome.fate is Fate.SAVED else None,
        changes=outcome.changes,
        pointer=pointers[outcome.row.index],
    )


def _demand_kept(saved: Saved, pointers: Sequence[str]) -> None:
    if saved.stale:
        raise Refused(412, "version.stale")
    if saved.is_kept:
        return
    raise Blocked(
        [
            Found(problem, pointer_to(pointers[outcome.row.index], problem.field))
            for outcome in saved.outcomes
            for problem in outcome.problems
        ]
    )
