"""A person takes its data away and is erased; the ledger verifies afterwards, and a backup doesn't bring anybody back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from portal.cli import main
from portal.domain.actors import Role
from portal.services import (
    accounts,
    actions,
    backups,
    erasure,
    invitations,
    journal,
    members,
    password_resets,
    personal_data,
    plans,
    restoring,
    review,
    submissions,
)
from portal.services.backups import Places
from portal.services.places import day_of
from portal.services.submissions import Declaration
from portal.services.work import Work, write_ledger
from portal.store import readings
from portal.store.accounts import Account
from portal.store.backup import plain
from portal.store.backup.sealing import LEAST_WORK
from portal.store.base import Database
from portal.store.erasures import Erasure
from portal.store.jobs import Job
from portal.store.ledger import LedgerEntry
from portal.store.messages import Message
from portal.store.passkeys import Passkey
from portal.store.readings import Opened
from portal.store.sessions import WebSession
from portal.store.submissions import Submission
from portal.web import step_up
from tests.browsers import PASSWORD, Browser, give_session, hashed
from tests.factories.plans import typed_action
from tests.factories.scenes import Scene, a_scene, staff
from tests.factories.suppliers import MOMENT, work_of

LogIn = Callable[..., Browser]
NAME, ADDRESS, DEVICE = "Marker Möller 标记", "marker.person@marked.example", "Markerfox"
MARKERS = ("Marker", "标记", "marker.person", "marked.example")
LATER = MOMENT + timedelta(days=3)


class Marked:
    """Somebody who left traces in every table that can hold any, and the administrator."""

    def __init__(self, session: object, scene: Scene) -> None:
        self.scene = scene
        self.works: list[Work] = []
        scene.as_supplier = self._kept(scene.as_supplier)  # type: ignore[method-assign]  # its entries are wanted here
        scene.as_coordinator = self._kept(scene.as_coordinator)  # type: ignore[method-assign]  # and these
        member = scene.member("M001")
        self.person: Account = scene.people["M001"]
        self.person.name, self.person.email = NAME, ADDRESS
        self.person.password = hashed()
        self.administrator = staff(scene.session, Role.ADMINISTRATOR)
        self.administrator.password = hashed()
        scene.approved(member)
        members.describe(
            self.as_person(), member, {"signatory_name": NAME, "signatory_post": "CFO"}
        )
        submitted = submissions.submit(
            self.as_person(), scene.draft(member), Declaration(NAME, "CFO")
        )
        question = review.add_finding(
            scene.as_coordinator(1), submitted.uid, message="Why?", visibility="supplier"
        )
        review.return_submission(scene.as_coordinator(2), submitted.uid, "Please explain.")
        review.answer_finding(self.as_person(), question.uid, "Because of a marked-up bill.")
        work = self.as_person()
        plan = plans.begin_plan(work, member)
        typed = typed_action(owner_name=NAME, supervisor_name=NAME)
        assert actions.add_action(work, plan, typed).problems == ()
        self._letters_and_links(work)
        self._machinery()
        write_ledger(scene.session, self.works)
        scene.session.flush()

    def _kept(self, make: Callable[..., Work]) -> Callable[..., Work]:
        def made(*arguments: object) -> Work:
            self.works.append(make(*arguments))
            return self.works[-1]

        return made

    def as_person(self) -> Work:
        return self._kept(work_of)(self.scene.session, self.person)

    def as_administrator(self) -> Work:
        return work_of(self.scene.session, self.administrator, moment=LATER)

    def _letters_and_links(self, work: Work) -> None:
        accounts.note_new_password(work, self.person, device=DEVICE)
        password_resets.ask(work, ADDRESS)
        password_resets.send(work, ADDRESS, "A" * 43)
        invited = invitations.invite(
            self.as_administrator_named(),
            member=None,
            email="guest@other.example",
            roles={Role.VERIFIER},
            language="en",
            token="B" * 43,
        )
        assert invited.inviter_id == self.person.id

    def as_administrator_named(self) -> Work:
        """The marked person invited somebody, in an earlier role."""
        actor = work_of(self.scene.session, self.administrator).actor
        work = self.as_person()
        work.actor = type(actor)(
            work.actor.account_id, NAME, actor.roles, actor.member_id, actor.is_system
        )
        return work

    def _machinery(self) -> None:
        session, person = self.scene.session, self.person
        session.add(
            Job(
                kind="send_message",
                arguments={"message_id": 1},
                state="dead",
                run_at=MOMENT,
                created_at=MOMENT,
                error=f"550 <{ADDRESS.upper()}> unknown",
            )
        )
        session.add(
            WebSession(
                uid=uuid4(),
                digest=b"d" * 32,
                account_id=person.id,
                data="{}",
                device=DEVICE,
                idle_minutes=30,
                created_at=MOMENT,
                seen_at=MOMENT,
                expires_at=MOMENT,
            )
        )
        session.add(
            Passkey(
                uid=uuid4(),
                account_id=person.id,
                name="Marker's key",
                credential_id=b"c" * 16,
                public_key=b"p" * 77,
                sign_count=3,
                transports=["usb"],
                is_synced=False,
                created_at=MOMENT,
                used_at=MOMENT,
            )
        )
        session.flush()
        opened = Opened(person.member_id or 0, person.id, ("coordinator",), "member", uuid4(), None)
        readings.count(session, opened, MOMENT, day_of(MOMENT))


@pytest.fixture
def marked(database: Database) -> Iterator[Marked]:
    with database.writing() as session:
        made = Marked(session, a_scene(session))
        session.commit()
        yield made
        session.rollback()


def erased(marked: Marked) -> None:
    work = marked.as_administrator()
    erasure.erase(work, marked.person)
    work.commit()


def hits(database: Database) -> dict[str, int]:
    """Rows of a whole dump in which a marker stands, by table."""
    found: dict[str, int] = {}
    with database.engine.connect() as connection:
        for shape in plain.shapes(connection):
            for row in plain.read_rows(connection, shape):
                text = json.dumps(json.loads(plain.line_of(row)), ensure_ascii=False).casefold()
                if any(marker.casefold() in text for marker in MARKERS):
                    found[shape.name] = found.get(shape.name, 0) + 1
    return found


def test_markers_stand_in_every_table_that_erasure_is_about(
    marked: Marked, database: Database
) -> None:
    found = hits(database)

    assert {"account", "message", "job", "invitation"} - found.keys() == {"invitation"}
    assert {"member", "action", "submission", "web_session", "passkey"} - found.keys() == set()


def test_dump_holds_nothing_of_an_erased_person_but_the_locked_signature(
    marked: Marked, database: Database
) -> None:
    erased(marked)

    assert hits(database) == {"submission": 1}
    with database.reading() as session:
        submission = session.scalars(select(Submission).where(Submission.signed_name == NAME)).one()
        assert submission.signed_name == NAME
        assert all(marker not in submission.canonical_content().decode() for marker in MARKERS)


def test_ledger_verifies_after_an_erasure_and_names_the_account_as_before(
    marked: Marked, database: Database
) -> None:
    uid = str(marked.person.uid)
    with database.reading() as session:
        before = session.scalars(select(LedgerEntry.leaf).order_by(LedgerEntry.sequence)).all()

    erased(marked)

    with database.reading() as session:
        assert journal.faults(session) == []
        leaves = session.scalars(select(LedgerEntry.leaf).order_by(LedgerEntry.sequence)).all()
        assert leaves[: len(before)] == before
        last = session.scalars(select(LedgerEntry).order_by(LedgerEntry.sequence.desc())).first()
        assert session.scalars(select(LedgerEntry).where(LedgerEntry.actor == uid)).first()
    assert last is not None
    assert (last.kind, last.subject) == ("account.erased", f"account/{uid}")


def test_letters_that_waited_are_never_sent_and_links_lead_nowhere(
    marked: Marked, database: Database
) -> None:
    erased(marked)

    with database.reading() as session:
        own = session.scalars(
            select(Message).where(Message.to_email == f"{marked.person.uid}@erased.invalid")
        ).all()
        assert {(letter.state, letter.to_name, str(letter.values)) for letter in own} == {
            ("bounced", "", "{}")
        }
        inviting = session.scalars(select(Message).where(Message.kind == "invitation")).one()
        assert (inviting.state, inviting.values["inviter"]) == ("waiting", "–")
        work = Work(session, marked.as_person().actor, LATER)
        assert password_resets.account_of(work, "A" * 43) is None


def test_address_is_free_for_a_new_account_and_the_old_one_stays_closed(marked: Marked) -> None:
    erased(marked)
    work = marked.as_administrator()

    again = accounts.create_account(
        work,
        email=ADDRESS,
        name="Somebody new",
        language="en",
        roles={Role.VIEWER},
        password_hash=hashed(),
        member_id=marked.person.member_id,
    )

    assert again.id != marked.person.id
    with pytest.raises(accounts.Conflict, match=r"account\.erased"):
        accounts.enable(work, marked.person)


def test_nobody_erases_themselves_or_the_last_administrator(marked: Marked) -> None:
    work = marked.as_administrator()

    with pytest.raises(accounts.Conflict, match=r"account\.own\.erase"):
        erasure.erase(work, marked.administrator)
    other = staff(marked.scene.session, Role.ADMINISTRATOR)
    marked.scene.session.execute(
        update(Account).where(Account.id == marked.administrator.id).values(active=False)
    )
    with pytest.raises(accounts.Conflict, match=r"account\.administrator\.last"):
        erasure.erase(work, other)


def test_export_holds_every_trace_but_no_secret(marked: Marked) -> None:
    work = marked.as_person()

    sections = {
        each.table: each.rows for each in personal_data.take(work, marked.person, form="json")
    }

    filled = {name for name, rows in sections.items() if rows}
    assert filled >= {
        "account",
        "account_role",
        "action",
        "finding",
        "invitation",
        "ledger_entry",
        "member",
        "message",
        "passkey",
        "password_reset",
        "reading",
        "submission",
        "submission_event",
        "web_session",
    }
    text = json.dumps(sections, ensure_ascii=False)
    for marker in (NAME, ADDRESS, DEVICE, "Marker's key", "Because of a marked-up bill."):
        assert marker in text
    assert "$argon2" not in text
    assert "Why?" not in text, "the coordinator's question is the coordinator's"
    assert sections["account"][0].keys().isdisjoint({"password", "tf_totp_secret", "fs_uniquifier"})


def test_export_of_one_person_holds_nothing_of_another(marked: Marked) -> None:
    sections = personal_data.about(marked.scene.session, marked.scene.coordinator)

    text = json.dumps([each.rows for each in sections], ensure_ascii=False)
    assert "Why?" in text
    assert all(marker not in text for marker in (NAME, ADDRESS, "marked-up"))


def test_namesake_at_another_member_takes_nothing_of_the_first(marked: Marked) -> None:
    scene = marked.scene
    member, namesake = scene.member("M002"), scene.people["M002"]
    namesake.name = member.signatory_name = NAME
    scene.session.flush()

    sections = {each.table: each.rows for each in personal_data.about(scene.session, namesake)}

    assert [row["uid"] for row in sections["member"]] == [str(member.uid)]
    assert sections["action"] == sections["finding"] == sections["message"] == []


@pytest.mark.parametrize(
    ("form", "media_type", "words"),
    [("json", "application/json", '"data"'), ("page", "text/html; charset=utf-8", "<h1>")],
)
def test_person_takes_its_data_after_giving_the_password(
    marked: Marked, database: Database, log_in: LogIn, form: str, media_type: str, words: str
) -> None:
    browser = log_in(marked.person, fresh=False)
    sent = {"form": form, "csrf_token": browser.token("/account/data")}

    assert browser.post("/account/data", sent).status_code == 401
    answer = browser.post("/account/data", {**sent, step_up.FIELD: PASSWORD})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == media_type
    assert "attachment" in answer.headers["Content-Disposition"]
    assert words in answer.text
    assert ADDRESS in answer.text
    with database.reading() as session:
        kinds = session.scalars(select(LedgerEntry.kind)).all()
    assert kinds.count("account.data_taken") == 1


def test_person_asks_and_administrator_erases(
    marked: Marked, database: Database, log_in: LogIn, new_browser: Callable[[], Browser]
) -> None:
    browser = log_in(marked.person)
    assert browser.submit("/account/erasure", {}, page="/account/data").status_code == 303
    assert "I want to stay" in browser.get("/account/data").text
    administrator = log_in(marked.administrator)
    assert "Asks to be erased" in administrator.get("/administrator/accounts/").text

    page = f"/administrator/accounts/{marked.person.uid}/erase"
    assert administrator.submit(page, {}).status_code == 303

    assert browser.get("/account/").status_code == 303
    assert (
        new_browser().submit("/login", {"email": ADDRESS, "password": PASSWORD}).status_code == 422
    )
    shown = administrator.get(f"/administrator/accounts/{marked.person.uid}").text
    assert "was erased" in shown
    assert hits(database) == {"submission": 1}


def test_wish_to_be_erased_can_be_taken_back(
    marked: Marked, database: Database, log_in: LogIn
) -> None:
    browser = log_in(marked.person)
    browser.submit("/account/erasure", {}, page="/account/data")
    browser.submit("/account/erasure/take-back", {}, page="/account/data")

    with database.reading() as session:
        assert session.get_one(Account, marked.person.id).erasure_asked_at is None


def test_locked_signature_is_shown_on_no_page(
    marked: Marked, database: Database, log_in: LogIn
) -> None:
    with database.reading() as session:
        uid = session.scalars(select(Submission.uid).where(Submission.signed_name == NAME)).one()
    pages = [f"/coordinator/submissions/{uid}"]
    reader = log_in(marked.scene.coordinator)
    assert all(NAME in reader.get(page).text for page in pages)

    erased(marked)

    for page in pages:
        answer = reader.get(page)
        assert answer.status_code == 200
        assert all(marker not in answer.text for marker in MARKERS)


def test_restored_backup_brings_nobody_back(
    marked: Marked, database: Database, database_url: str, tmp_path: Path
) -> None:
    here = Places(database_url, tmp_path / "storage", tmp_path / "keys")
    file = BytesIO()
    backups.write_backup(here, file, "six words", MOMENT, secrets={}, work=LEAST_WORK)
    erased(marked)
    with database.reading() as session:
        listed = [uid for uid, _ in erasure.list_of(session)]
    assert listed == [marked.person.uid]
    there = Places(f"sqlite:///{tmp_path}/there.sqlite3", tmp_path / "s2", tmp_path / "k2")

    file.seek(0)
    restoring.restore(there, file, "six words", erased=[*listed, uuid4()], moment=LATER)

    opened = Database(there.database_url)
    assert hits(opened) == {"submission": 1}
    with opened.reading() as session:
        assert journal.faults(session) == []
        assert session.scalars(select(Erasure.account_uid)).all() == listed
    opened.dispose()


def test_command_lists_erasures_and_takes_them_back_line_by_line(
    marked: Marked, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erased(marked)
    monkeypatch.setenv("PORTAL_DEMO", "1")
    monkeypatch.setenv("PORTAL_DATABASE_URL", database_url)
    monkeypatch.setenv("PORTAL_FOLDER", str(tmp_path))

    said = CliRunner().invoke(main, ["erasures"])

    assert said.exit_code == 0, said.output
    assert said.output.startswith(f"{marked.person.uid} ")
    broken = tmp_path / "list.txt"
    broken.write_text(f"{said.output}nobody 2026\n")
    refused = CliRunner().invoke(main, ["restore", str(broken), "--erasures", str(broken)])
    assert refused.exit_code != 0


def test_session_of_an_erased_person_is_dead_at_once(
    marked: Marked, database: Database, new_browser: Callable[[], Browser]
) -> None:
    browser = new_browser()
    browser.cookie = give_session(database, marked.person)
    assert browser.get("/account/").status_code == 200

    erased(marked)

    assert browser.get("/account/").status_code == 303
