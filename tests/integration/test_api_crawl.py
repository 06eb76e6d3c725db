"""No member's data is ever in what another one's program is answered: each route with one's own things and with others'."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from portal.api import door
from portal.api.declarations import Kind, Match, Route
from portal.domain.actors import Role
from portal.http import clock
from tests.crawling.walking import Sent
from tests.crawling.world import NOW, Marked, marked_world
from tests.factories.things import ANYTHING, nothing
from tests.programs import Program, give_token, program

DECLARED = [declared for declared, _view in door.routes().values()]
_ARGUMENT = re.compile(r"<\w+:(?P<name>\w+)>")
MEMBERS = 3  # of those that the marked alliance has


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Marked]:
    databases = request.getfixturevalue(f"_{request.param}")
    url = databases.new()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: NOW)
        made = marked_world(tmp_path_factory.mktemp("crawl"), url)
        yield made
    made.database.dispose()
    databases.drop(url)


def named(world: Marked, place: int) -> dict[str, str]:
    """What a member has of each thing that an address can name."""
    return {
        **world.ids[place],
        "member": str(world.shelves[place].member.uid),
        "year": ANYTHING["year"],
    }


def ask(asking: Program, declared: Route, things: dict[str, str], own: str) -> Sent:
    path = _ARGUMENT.sub(lambda found: things[declared.objects[found["name"]]], declared.path)
    headers = {"If_Match": '"v0"'} if declared.match is Match.NEEDED else {}
    body = {} if declared.takes is not None else None
    query = "?dry_run=true" if declared.may_run_dry else ""
    answer = asking.ask(declared.method, path + query, body, **headers)
    return Sent("program", own, declared.method, path, answer, path)


def test_program_of_a_member_is_never_answered_anything_of_another(world: Marked) -> None:
    own = world.letters[0]
    account = world.shelves[0].people[Role.SIGNATORY]
    asking = program(world.app, give_token(world.database, account))
    asked = [d for d in DECLARED if d.kind is not Kind.OPEN and not d.takes_bytes]
    asked = [d for d in asked if d.method == "GET" or d.may_run_dry]
    leaks, seen, statuses = [], set(), set()
    for place in range(MEMBERS):
        things = named(world, place)
        for declared in asked:
            sent = ask(asking, declared, things, own)
            leaks += world.leaks(sent)
            seen |= {trace.what for trace in world.traces(sent) if trace.owner == own}
            statuses.add((place == 0, sent.answer.status_code))
    for declared in asked:
        unknown = {kind: nothing() for kind in things} | {"year": ANYTHING["year"]}
        leaks += world.leaks(ask(asking, declared, unknown, own))

    assert leaks == []
    assert len(asked) > 25
    assert len(seen) > 15, "one's own marks are seen, so others' would be"
    assert {(True, 200), (False, 404)} <= statuses
