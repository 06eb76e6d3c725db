"""The database's own wall between members: what holds where a filter of ours is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, table, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.domain.actors import Actor
from portal.domain.permissions import Reason, Verdict
from portal.intake.identifiers import credit_check_character
from portal.services import work
from portal.store import row_security, tables
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.members import Member, Site
from portal.store.sight import EVERYBODY, NOBODY, Sight, narrow, of_member, seeing_everybody, widen
from portal.store.summaries import MemberOutput
from portal.web import guard
from tests.browsers import Browser
from tests.factories import plans as plans_of
from tests.factories.scenes import Scene
from tests.populated import populate

MEMBERS = 3
OUTPUT = {"year": 2031, "product": "milk", "unit": "t", "quantity": Decimal(7)}
BEHIND = row_security.protected()
on_postgresql = pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)


@pytest.fixture
def members(database: Database, tmp_path: Path) -> list[int]:
    """The keys of a few members, each with an approved year, a certificate and a file."""
    populate(database, tmp_path, MEMBERS)
    with database.reading() as session:
        return list(session.scalars(select(Member.id).order_by(Member.id)))


@pytest.fixture
def narrowed(database: Database, members: list[int]) -> Iterator[Session]:
    """A session that writes and sees the first member only."""
    with database.writing(of_member(members[0])) as session:
        yield session
        session.rollback()


def rows(database: Database, sees: Sight) -> dict[str, int]:
    """How many rows of each table behind the wall are seen, without any filter."""
    with database.reading(sees) as session:
        return {
            name: session.scalar(select(func.count()).select_from(table(name))) for name in BEHIND
        }


def test_every_table_is_behind_the_wall_or_open_for_a_reason() -> None:
    known = set(tables.metadata.tables)
    assert set(BEHIND) | set(row_security.OPEN) == known
    assert not set(BEHIND) & set(row_security.OPEN)
    assert all(row_security.OPEN.values())


def test_every_key_of_the_wall_is_one_of_the_table() -> None:
    keys = {
        name: ((key, "member"),)
        for name, key in row_security.OF_MEMBERS.items()
        if name != "member"
    }
    for name, pairs in (keys | row_security.OF_PARENTS).items():
        found = tables.metadata.tables[name]
        for key, parent in pairs:
            # What belongs to a meter takes its member from there, so that the two can't part.
            assert [each.target_fullname for each in found.c[key].foreign_keys] in (
                [f"{parent}.id"],
                ["meter.member_id"],
            )
            assert parent in BEHIND
        assert len(pairs) > 1 or not found.c[pairs[0][0]].nullable


@on_postgresql
def test_who_says_nothing_sees_nothing_and_every_row_is_one_members(
    database: Database, members: list[int]
) -> None:
    everything = rows(database, EVERYBODY)
    assert everything["activity_line"] >= MEMBERS
    assert everything["certificate_document"] == MEMBERS
    assert not any(rows(database, NOBODY).values())
    seen = [rows(database, of_member(each)) for each in members]
    assert {name: sum(each[name] for each in seen) for name in BEHIND} == everything
    assert all(each["certificate"] for each in seen)


@on_postgresql
def test_wall_holds_against_words_of_sql(narrowed: Session, members: list[int]) -> None:
    assert narrowed.scalars(text("SELECT DISTINCT member_id FROM inventory")).all() == members[:1]
    union = "SELECT id FROM member UNION SELECT member_id FROM submission UNION SELECT member_id FROM certificate"
    assert narrowed.scalars(text(union)).all() == members[:1]


@on_postgresql
def test_rows_of_others_are_not_written(narrowed: Session, members: list[int]) -> None:
    mine, foreign = members[:2]
    changed = narrowed.execute(update(Site).values(name_en="taken over"))
    assert changed.rowcount == len(narrowed.scalars(select(Site.id)).all())
    assert (
        narrowed.execute(update(Site).where(Site.member_id == foreign).values(name_en="x")).rowcount
        == 0
    )
    assert (
        narrowed.execute(text(f"DELETE FROM member_year WHERE member_id = {foreign:d}")).rowcount
        == 0
    )
    with pytest.raises(DBAPIError, match="row-level security"), narrowed.begin_nested():
        narrowed.execute(update(Site).where(Site.member_id == mine).values(member_id=foreign))
    with pytest.raises(DBAPIError, match="row-level security"), narrowed.begin_nested():
        narrowed.execute(insert(MemberOutput).values(member_id=foreign, **OUTPUT))
    narrowed.execute(insert(MemberOutput).values(member_id=mine, **OUTPUT))


@on_postgresql
def test_sight_lasts_as_long_as_its_session_and_no_longer(
    database: Database, members: list[int]
) -> None:
    def seen(session: Session) -> list[int]:
        return list(session.scalars(select(Member.id).order_by(Member.id)))

    with database.writing(NOBODY) as session:
        assert seen(session) == []
        narrow(session, of_member(members[1]))
        assert seen(session) == [members[1]]
        session.commit()
        assert seen(session) == [members[1]]
        session.rollback()
        assert seen(session) == [members[1]]
        widen(session, members[2])
        assert seen(session) == members[1:]
        narrow(session, of_member(members[1]))
        with session.begin_nested() as savepoint:
            savepoint.rollback()
        assert seen(session) == [members[1]]
    for _ in range(8):  # the pool hands the same connection out again
        with database.reading(NOBODY) as session:
            assert seen(session) == []


@on_postgresql
def test_sight_of_everybody_ends_with_its_block(narrowed: Session, members: list[int]) -> None:
    count = select(func.count()).select_from(Member)
    with seeing_everybody(narrowed):
        assert narrowed.scalar(count) == MEMBERS
        with seeing_everybody(narrowed):
            assert narrowed.scalar(count) == MEMBERS
        assert narrowed.scalar(count) == MEMBERS
    assert narrowed.scalar(count) == 1
    with pytest.raises(ZeroDivisionError), seeing_everybody(narrowed):
        raise ZeroDivisionError
    assert narrowed.scalar(count) == 1


@on_postgresql
def test_connection_says_what_is_wrong_with_its_wall(database: Database) -> None:
    def said(connection: Connection) -> list[str]:
        return row_security.weaknesses(connection)

    with database.engine.connect() as connection:
        assert said(connection) == []
        connection.execute(text("ALTER TABLE site NO FORCE ROW LEVEL SECURITY"))
        assert said(connection) == ["not walled off: site"]
        connection.rollback()


@on_postgresql
def test_member_is_kept_out_though_every_permission_is_given_away(
    scene: Scene, log_in: Callable[[Account], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wall alone, with the portal's own question switched off."""
    submitted = scene.approved(scene.member("M-0001"))
    certificate = scene.certificate(submitted)
    scene.member("M-0002")
    scene.commit()

    def granted(actor: Actor, *_about: object) -> Verdict:
        return Verdict(True, Reason.GRANTED)

    for asking in (work, guard):
        monkeypatch.setattr(asking, "may", granted)
    owner, stranger = (log_in(scene.people[code]) for code in ("M-0001", "M-0002"))
    page = f"/coordinator/submissions/{submitted.uid}"
    assert owner.get(page).status_code == 200  # so it is the wall that keeps the other one out
    for path in (page, f"/supplier/certificates/{certificate.uid}/document"):
        assert stranger.get(path).status_code == 404
    assert "M-0001" in owner.get("/coordinator/members/").text
    members = stranger.get("/coordinator/members/").text
    assert "M-0002" in members
    assert "M-0001" not in members


def test_member_copies_what_another_one_offers(
    scene: Scene, log_in: Callable[..., Browser]
) -> None:
    """Behind the wall an offer is seen all the same: its member asked for that."""
    theirs, own = (planning(scene, code) for code in ("M-0001", "M-0002"))
    offer = plans_of.first_action(scene, theirs)
    offer.may_be_copied, offer.status = True, "done"
    scene.session.commit()
    browser = log_in(scene.people[own.code])
    page = browser.get("/supplier/plan/levers?lang=en")
    assert offer.name in page.text
    assert theirs.name_en in page.text
    sent = {"shared": str(offer.uid)}
    answer = browser.submit("/supplier/plan/shared/copy", sent, page="/supplier/plan/levers")
    assert answer.status_code == 303
    assert theirs.name_zh in browser.get(answer.location).text


def planning(scene: Scene, code: str) -> Member:
    """A member with an approved year and a plan that can be edited."""
    member = scene.member(code)
    scene.approved(member)
    scene.commit()
    plans_of.a_plan(scene, member)
    return member


def test_credit_code_that_another_member_has_is_taken_and_only_the_coordinator_is_told(
    scene: Scene, log_in: Callable[..., Browser]
) -> None:
    theirs, own = scene.member("M-0001"), scene.member("M-0002")
    theirs.credit_code = "91150100MA0000001" + credit_check_character("91150100MA0000001")
    scene.session.commit()
    names = {"name_zh": "晨曦包装", "name_en": "", "credit_code": theirs.credit_code}
    browser = log_in(scene.people[own.code])
    answer = browser.submit("/supplier/set-up/names?change=1", names)
    assert answer.status_code == 303
    assert theirs.code not in browser.get("/supplier/set-up").text
    reviewer = log_in(scene.coordinator)
    scene.session.expire_all()
    submission = scene.waiting(own)
    scene.commit()
    for address, named in (
        (f"/coordinator/members/{theirs.uid}", own),
        (f"/coordinator/members/{own.uid}", theirs),
        (f"/coordinator/submissions/{submission.uid}", theirs),
    ):
        text = reviewer.get(address).text
        assert "states the same credit code" in text
        assert f">{named.code} " in text
