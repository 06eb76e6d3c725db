"""Nobody signs or approves anything but what the page showed, and no decision undoes another."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from portal.domain.actors import Role
from portal.domain.refusals import NotFound
from portal.services import handed_in, inventories, members, review, submissions
from portal.services.submissions import Declaration
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.certificates import Certificate
from portal.store.inventories import Inventory, NotApplicable, Output
from portal.store.ledger import LedgerEntry
from portal.store.lines import ActivityLine
from portal.store.members import Member
from portal.store.submissions import Submission
from tests.browsers import Browser
from tests.factories.suppliers import MOMENT, a_member, a_site, an_account, an_alliance, work_of
from tests.factories.years import a_line, a_year

LogIn = Callable[..., Browser]
YEAR = 2025
CHECK = f"/supplier/inventories/{YEAR}/check"
SUBMIT = f"/supplier/inventories/{YEAR}/submit"
SIGNED = Declaration("李雷", "总经理")


class Scene:
    """A supplier with a year that can be submitted, and a coordinator."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.alliance = an_alliance(session, years=(2024, YEAR))
        self.member = a_member(session, self.alliance, "M001", sector="packaging")
        self.site = a_site(session, self.member, "S1")
        self.signatory = an_account(session, Role.SIGNATORY, self.member)
        self.coordinator = an_account(session, Role.COORDINATOR, None)
        self.coordinator.tf_primary_method = "authenticator"
        self.inventory = a_year(work_of(session, self.signatory), self.member, self.site, YEAR)
        session.add(
            Output(
                uid=self.inventory.uid,
                inventory_id=self.inventory.id,
                product="瓦楞纸箱",
                quantity=1250,
                unit="t",
                raw={},
            )
        )
        session.add(
            NotApplicable(
                inventory_id=self.inventory.id,
                category="heat.steam",
                reason="No boiler on site",
                account_id=self.signatory.id,
                at=MOMENT,
            )
        )
        session.flush()

    def submit(self) -> Submission:
        submitted = submissions.submit(self.as_supplier(), self.inventory, SIGNED)
        self.session.flush()
        return submitted

    def as_supplier(self) -> Work:
        return work_of(self.session, self.signatory)

    def as_coordinator(self) -> Work:
        return work_of(self.session, self.coordinator)


@pytest.fixture
def scene(session: Session) -> Scene:
    return Scene(session)


@pytest.fixture
def kept(database: Database) -> Scene:
    """The scene as others see it, committed."""
    with database.writing() as session:
        made = Scene(session)
        session.commit()
    return made


def rename(database: Database, name: str) -> None:
    with database.writing() as session:
        session.execute(update(Member).values(name_zh=name, name_en=f"{name} Ltd"))
        session.commit()


def submitted_uid(database: Database, scene: Scene) -> str:
    with database.writing() as session:
        work = work_of(session, session.get_one(Account, scene.signatory.id))
        inventory = session.get_one(Inventory, scene.inventory.id)
        uid = submissions.submit(work, inventory, SIGNED).uid
        work.commit()
    return str(uid)


def test_reviewer_reads_the_name_that_the_certificate_will_bear(
    log_in: LogIn, kept: Scene, database: Database
) -> None:
    rename(database, "别家公司")
    uid = submitted_uid(database, kept)
    rename(database, "自己公司")

    page = log_in(kept.coordinator).get(f"/coordinator/submissions/{uid}").text

    heading = re.search(r"<h1>.*?</h1>", page, re.DOTALL)
    assert heading is not None
    assert "别家公司" in heading[0]
    assert "自己公司" not in heading[0]
    assert "自己公司" in page, (
        "that the member is called otherwise now is no secret to the reviewer"
    )


def test_reviewer_reads_everything_that_the_certificate_and_the_report_will_state(
    log_in: LogIn, kept: Scene, database: Database
) -> None:
    uid = submitted_uid(database, kept)

    page = log_in(kept.coordinator).get(f"/coordinator/submissions/{uid}").text

    for stated in ("瓦楞纸箱", "1,250", "No boiler on site", "Operational control", ">2024<"):
        assert stated in page


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found is not None
    return unescape(found[1])


def sign(browser: Browser, mark: str) -> int:
    data = {"declared": "y", "seen": mark, "csrf_token": browser.token(CHECK)}
    return browser.post(SUBMIT, data).status_code


def change_a_line(database: Database, scene: Scene) -> None:
    with database.writing() as session:
        account = session.get_one(Account, scene.signatory.id)
        inventory = session.get_one(Inventory, scene.inventory.id)
        inventories.begin_edit(work_of(session, account), inventory)
        session.execute(update(ActivityLine).values(note="ten times as much"))
        session.commit()


def change_the_name(database: Database, scene: Scene) -> None:
    rename(database, "别家公司")


def change_the_signatory(database: Database, scene: Scene) -> None:
    with database.writing() as session:
        session.execute(update(Member).values(signatory_name="韩梅梅"))
        session.commit()


@pytest.mark.parametrize("change", [change_a_line, change_the_name, change_the_signatory])
def test_signature_is_refused_for_what_changed_since_the_page_was_opened(
    log_in: LogIn,
    kept: Scene,
    database: Database,
    change: Callable[[Database, Scene], None],
) -> None:
    browser = log_in(kept.signatory)
    mark = seen(browser.get(CHECK).text)
    change(database, kept)

    refused = browser.post(
        SUBMIT, {"declared": "y", "seen": mark, "csrf_token": browser.token(CHECK)}
    )

    assert refused.status_code == 409
    with database.reading() as session:
        assert session.scalars(select(Submission.id)).all() == []
    assert seen(refused.text) != mark
    assert sign(browser, seen(refused.text)) == 303


@pytest.mark.parametrize("mark", ["", "0" * 64])
def test_signature_that_names_nothing_seen_is_refused(
    log_in: LogIn, kept: Scene, database: Database, mark: str
) -> None:
    assert sign(log_in(kept.signatory), mark) == 409
    with database.reading() as session:
        assert session.scalars(select(Submission.id)).all() == []


def test_replacement_never_hides_that_a_certificate_was_revoked(scene: Scene) -> None:
    """Somebody revokes between the approval's question which certificates stand and its answer to them."""
    first = scene.submit()
    review.approve_submission(scene.as_coordinator(), first.uid)
    scene.session.execute(update(Certificate).values(state="valid"))
    review.reopen(scene.as_coordinator(), first.uid, "A bill was corrected.")
    second = scene.submit()
    revoking = update(Certificate).where(Certificate.submission_id == first.id)
    revoking = revoking.values(state="revoked", reason="Forged bills", revoked_at=MOMENT)
    connection = scene.session.connection()
    came = []

    @event.listens_for(connection, "before_cursor_execute")
    def revoke(conn: object, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE certificate SET") and not came:
            came.append(statement)
            connection.execute(revoking)

    review.approve_submission(scene.as_coordinator(), second.uid)
    scene.session.flush()
    event.remove(connection, "before_cursor_execute", revoke)

    assert came
    states = select(Certificate.state, Certificate.reason).order_by(Certificate.id)
    assert scene.session.execute(states).first() == ("revoked", "Forged bills")


def test_version_that_a_newer_one_replaces_has_its_entry_in_the_ledger(scene: Scene) -> None:
    first = scene.submit()
    review.approve_submission(scene.as_coordinator(), first.uid)
    review.reopen(scene.as_coordinator(), first.uid, "A bill was corrected.")
    second, coordinator = scene.submit(), scene.as_coordinator()
    review.approve_submission(coordinator, second.uid)
    coordinator.flush_ledger()

    query = select(LedgerEntry).where(LedgerEntry.kind == "submission.replaced")
    (entry,) = scene.session.scalars(query)
    assert (entry.subject, entry.before) == (f"submission/{first.uid}", first.digest)
    assert entry.detail["by"] == second.number


def test_question_about_a_line_of_somebody_else_shows_nothing_of_it(scene: Scene) -> None:
    other = a_member(scene.session, scene.alliance, "M002", sector="packaging")
    their_site = a_site(scene.session, other, "S1")
    their_work = work_of(scene.session, an_account(scene.session, Role.SIGNATORY, other))
    theirs = inventories.open_inventory(their_work, other, YEAR)
    line = a_line(
        their_work, theirs, their_site, 1, category="mobile.diesel", quantity="1", unit="t"
    )
    submitted = scene.submit()
    with pytest.raises(NotFound):
        review.add_finding(
            scene.as_coordinator(),
            submitted.uid,
            message="Why?",
            visibility="supplier",
            line_key=line.key,
        )
    # An earlier release took such a remark, so there may be one.
    question = review.add_finding(
        scene.as_coordinator(), submitted.uid, message="Why?", visibility="supplier"
    )
    question.line_key = line.key
    review.return_submission(scene.as_coordinator(), submitted.uid, "See the question.")

    page = handed_in.questions_page(scene.as_supplier(), scene.inventory)

    assert [question.line for question in page.questions] == [None]


def test_member_that_renames_itself_changes_no_frozen_name(scene: Scene) -> None:
    submitted = scene.submit()
    members.describe(scene.as_supplier(), scene.member, {"name_zh": "别家公司"})
    review.approve_submission(scene.as_coordinator(), submitted.uid)

    facts = scene.session.scalars(select(Certificate.facts)).one().decode()

    assert "M001 有限公司" in facts
    assert "别家公司" not in facts
