"""No member's data is ever in what another one is answered: every text of each member holds its own mark, and all is crawled.

The usual run crawls as one member and as nobody on both databases. `make crawl` does it as everybody of every member in
both languages, and prints how many answers it has read.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from portal.documents.making import make
from portal.domain.actors import Role
from portal.http import clock
from portal.mail.kinds import MessageKind
from portal.mail.messages import render
from portal.services import evidence, members
from portal.services.places import PLACE
from portal.services.work import Work
from portal.store.evidence import Evidence
from portal.store.members import Member, Site
from portal.store.messages import Message
from portal.store.sight import EVERYBODY
from portal.web import requests
from tests.browsers import ORIGIN
from tests.crawling.columns import as_text, text_columns
from tests.crawling.comparing import differences, pages
from tests.crawling.crawl import certificates_of, crawl, faults, guess, look, looked_up, order_of
from tests.crawling.known import ANYBODY, CERTIFIED
from tests.crawling.reading import texts_in
from tests.crawling.unmarked import UNMARKED, UNSEEN
from tests.crawling.world import IS_WHOLE, MEMBERS, NOW, Marked, marked_world
from tests.factories.marked import PEOPLE

INTERNAL = "finding_internal"
# What stands on a certificate beside figures, for whomever its member shows it to.
ON_PAPER = {"name_zh", "name_en", "c", "product"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Marked]:
    yield from _made(request, tmp_path_factory)


@pytest.fixture(params=["sqlite", "postgresql"])
def untouched(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Marked]:
    """A world of one's own: whoever sends forms in the other may have thrown things away."""
    yield from _made(request, tmp_path_factory)


def _made(
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


def test_every_text_holds_the_mark_of_each_member(untouched: Marked) -> None:
    world, found = untouched, []
    with world.database.reading() as session:
        for column in text_columns():
            texts = "\n".join(as_text(value) for value in session.scalars(select(column)))
            marked = [letters in texts.lower() for letters in world.letters]
            name = f"{column.table.name}.{column.name}"
            if name in UNMARKED and all(marked):
                found.append(f"{name} is marked, so it needs no reason why not")
            if name not in UNMARKED and not all(marked):
                found.append(f"{name} is not marked, and has no reason for that")
    assert not found, "\n".join(found)


def test_reasons_are_about_columns_that_exist() -> None:
    assert UNMARKED.keys() - {f"{c.table.name}.{c.name}" for c in text_columns()} == set()


def test_members_see_nothing_of_each_other(world: Marked) -> None:
    counted: Counter[str] = Counter()
    leaks: list[str] = []
    for place in range(MEMBERS) if IS_WHOLE else (0,):
        for role in PEOPLE if IS_WHOLE else (Role.SIGNATORY,):
            sents = crawl(
                world,
                place,
                role,
                others_of(place, role),
                languages=("en", "zh") if IS_WHOLE else ("en",),
                is_whole=IS_WHOLE,
                variants=40 if IS_WHOLE else 4,
            )
            leaks += faults(world, sents, counted)
    report(world, "members", counted)
    assert not leaks, "\n".join(leaks[:50])


def test_nobody_sees_anything_of_a_member_without_a_certificate(world: Marked) -> None:
    counted: Counter[str] = Counter()
    walker = world.browse(ANYBODY)
    leaks = faults(world, walker.walk(["/", "/verify", "/log/"]), counted)
    for place in range(MEMBERS) if IS_WHOLE else (0, 1):
        codes = ("", "A" * 16)
        numbers = [number for number, _, _ in certificates_of(world, place)]
        sents = [walker.get(f"/verify/{each}?c={code}") for each in numbers for code in codes]
        leaks += faults(world, sents, counted)
        leaks += faults(world, guess(world, walker, place, place), counted)
    report(world, ANYBODY, counted)
    assert not leaks, "\n".join(leaks[:50])


def test_who_has_a_certificate_sees_what_stands_on_it_and_no_more(world: Marked) -> None:
    walker = world.browse(ANYBODY)
    for place in range(MEMBERS):
        for number, code, kind in certificates_of(world, place):
            sent = walker.get(f"/verify/{number}?c={code}")
            assert sent.answer.status_code == 200
            assert world.leaks(sent, [CERTIFIED]) == []
            shown = {trace.what for trace in world.traces(sent)}
            assert {trace.owner for trace in world.traces(sent)} == {world.letters[place]}
            assert "certificate.facts_digest" in shown
            assert ("revocation_reason" in shown) == (kind == "progress")
            assert {"name_en", "name_zh"} & shown


def test_papers_of_a_certificate_name_the_member_and_nobody_in_it(world: Marked) -> None:
    for number, _, kind in certificates_of(world, 0):
        order = order_of(world, number)
        shown = set()
        for text in texts_in(make(order)):
            shown |= set(world.needles.traces(text))
        fields = {trace.what for trace in shown if "." not in trace.what}
        assert {trace.owner for trace in shown} == {world.letters[0]}
        assert fields - ON_PAPER == set(), (number, kind)
        assert {"name_zh", "name_en"} <= fields


def test_coordinators_and_the_members_themselves_see_the_marks(untouched: Marked) -> None:
    """Otherwise a crawl that finds nothing would only say that it looked nowhere."""
    world = untouched
    coordinator = world.browse("coordinator", world.alliance.staff[Role.COORDINATOR], language="zh")
    own: set[str] = set()
    walker = world.as_member(0, Role.SIGNATORY)
    walker.variants = 2
    for sent in walker.walk(["/", "/supplier/warnings/?state=resolved"]):
        own |= {each.what for each in world.traces(sent) if each.owner == world.letters[0]}
    administrator = world.browse("administrator", world.alliance.staff[Role.ADMINISTRATOR])
    administrator.within = "/administrator/"
    seen = {
        each for sent in administrator.walk(["/administrator/jobs/"]) for each in world.traces(sent)
    }
    for place in range(MEMBERS):
        coordinator.within = "/coordinator/" if place < 2 or IS_WHOLE else "/coordinator/members/"
        for sent in looked_up(world, coordinator, place):
            seen |= set(world.traces(sent))
    assert {trace.owner for trace in seen} == set(world.letters)
    assert INTERNAL not in own
    fields = own | {trace.what for trace in seen}
    assert marked_fields(world) - fields == UNSEEN.keys()


def test_only_what_its_member_lets_others_copy_is_offered(world: Marked) -> None:
    sent = world.as_member(1, Role.VIEWER).get("/supplier/plan/levers")
    offering = {trace.owner for trace in world.traces(sent)}
    assert world.letters[1] not in world.copied
    assert offering - {world.letters[1]} == world.copied


def test_letters_speak_of_their_receiver_only(world: Marked) -> None:
    leaks = []
    with world.database.reading() as session:
        letters = session.scalars(select(Message)).all()
        for letter in letters:
            words = render(
                MessageKind(letter.kind),
                letter.language,
                letter.values,
                to_name=letter.to_name,
                base_url=ORIGIN,
                zone=PLACE,
            )
            owners = {each.owner for each in world.needles.traces(letter.to_email)}
            text = " ".join((words.subject, words.text, words.html, json.dumps(letter.values)))
            others = {each.owner for each in world.needles.traces(text)} - owners
            leaks += [f"{letter.kind} to {letter.to_email}: {other}" for other in others]
    assert len(letters) > MEMBERS
    assert not leaks, "\n".join(leaks)


def test_what_another_member_does_changes_no_byte(world: Marked) -> None:
    """Neither a count, nor a place in an order, nor a sum or a rank tells that somebody else is there."""
    walkers = [world.browse(ANYBODY), world.as_member(2, Role.VIEWER)]
    starts = (["/", "/verify"], ["/"])
    before = [pages(walker, start) for walker, start in zip(walkers, starts, strict=True)]
    world.come(lets_copy=False)
    after = [pages(walker, start) for walker, start in zip(walkers, starts, strict=True)]
    assert len(before[1]) > 60
    assert differences(before[0], after[0]) == []
    assert differences(before[1], after[1]) == []


def without_member(work: Work, member: Member, uid: object) -> Site:
    return work.session.scalars(select(Site).where(Site.uid == uid)).one()


def of_everybody(work: Work, member: Member, *, with_closed: bool = False) -> list[Site]:
    return list(work.session.scalars(select(Site).order_by(Site.code)))


def without_asking(work: Work, uid: object) -> Evidence:
    return work.session.scalars(select(Evidence).where(Evidence.uid == uid)).one()


PLANTS: dict[str, tuple[object, str, Callable[..., object], str]] = {
    "a page": (members, "find_site", without_member, "/supplier/sites/"),
    "a list": (members, "sites_of", of_everybody, "/supplier/sites/"),
    "a file": (evidence, "find_evidence", without_asking, "/supplier/evidence/"),
}


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_leak_is_found(
    world: Marked, monkeypatch: pytest.MonkeyPatch, plant: str
) -> None:
    """PostgreSQL holds it back by itself as long as its own wall stands; SQLite has none."""
    module, name, leaking, within = PLANTS[plant]
    monkeypatch.setattr(module, name, leaking)
    assert shows_others(world, within) == world.database.is_sqlite
    monkeypatch.setattr(requests, "sight_of", lambda _: EVERYBODY)
    assert shows_others(world, within)


def shows_others(world: Marked, within: str) -> bool:
    """Whether pages beneath an address show a member anything of others."""
    walker = world.as_member(3, Role.REPORTER)
    walker.within = within
    sents = [*walker.walk([within]), *look(world, walker, 3, 4)]
    return any(world.leaks(sent) for sent in sents)


def test_a_count_of_others_is_found(world: Marked, monkeypatch: pytest.MonkeyPatch) -> None:
    walker = world.as_member(3, Role.REPORTER)
    walker.within = "/supplier/sites/"
    before = pages(walker, [walker.within])
    monkeypatch.setattr(members, "sites_of", lambda *_, **__: [])
    assert differences(before, pages(walker, [walker.within])) != []


def others_of(place: int, role: Role) -> list[int]:
    """Whose things somebody looks for: of all others who may do most, of two neighbours the rest."""
    many = MEMBERS - 1 if role is Role.SIGNATORY else 2
    return [(place + step) % MEMBERS for step in range(1, 1 + (many if IS_WHOLE else 1))]


def report(world: Marked, who: str, counted: Counter[str]) -> None:
    """How many answers were read; `make crawl` shows it."""
    dialect = world.database.engine.dialect.name
    each = ", ".join(f"{count} × {name}" for name, count in counted.most_common())
    print(f"\n{dialect}, {who}: {counted.total()} answers read: {each}")  # noqa: T201 -- on demand


def marked_fields(world: Marked) -> set[str]:
    """The fields whose words stand in the database for the first member."""
    found: set[str] = set()
    with world.database.reading() as session:
        for column in text_columns():
            for value in session.scalars(select(column)):
                traces = world.needles.traces(as_text(value))
                found |= {each.what for each in traces if each.owner == world.letters[0]}
    return {name for name in found if "." not in name} - {"", "s1", "c"}
