"""What an administrator decides about accounts, and what becomes of the people."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from portal.domain.actors import Role
from portal.domain.refusals import Conflict
from portal.services import accounts, invitations
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.jobs import Job
from portal.store.ledger import LedgerEntry
from portal.store.members import Member
from portal.store.messages import Message
from portal.web import step_up
from tests.browsers import PASSWORD, SECRETS, Browser, hashed
from tests.factories.suppliers import MOMENT, a_member, an_account, an_alliance, work_of

LogIn = Callable[..., Browser]


class Scene:
    """An administrator and a reporter."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.writing() as session:
            alliance = an_alliance(session, years=(2025,))
            member = a_member(session, alliance, "M001", sector="packaging")
            self.reporter = an_account(session, Role.REPORTER, member)
            self.administrator = an_account(session, Role.ADMINISTRATOR, None)
            for account in (self.reporter, self.administrator):
                account.password = hashed()
                account.tf_primary_method, account.tf_totp_secret = "authenticator", "set"
            session.commit()

    def now(self, account: Account) -> Account:
        with self.database.reading() as session:
            return session.get_one(Account, account.id)

    def facts(self) -> list[str]:
        with self.database.reading() as session:
            return list(session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.sequence)))


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database)


@pytest.fixture
def administrator(log_in: LogIn, scene: Scene) -> Browser:
    return log_in(scene.administrator)


def page_of(account: Account) -> str:
    return f"/administrator/accounts/{account.uid}"


def act(browser: Browser, account: Account, what: str, **data: object) -> int:
    page = page_of(account)
    return browser.submit(f"{page}/{what}", data, page=page).status_code


def test_new_roles_end_the_sessions_and_are_told_to_the_owner(
    administrator: Browser, log_in: LogIn, scene: Scene
) -> None:
    theirs = log_in(scene.reporter)

    status = act(administrator, scene.reporter, "roles", roles=["viewer", "signatory"])

    assert status == 303
    assert theirs.get("/account/").status_code == 303
    assert {role.name for role in scene.now(scene.reporter).roles} == {"viewer", "signatory"}
    assert scene.facts() == ["account.roles_changed"]
    with scene.database.reading() as session:
        letter = session.scalars(select(Message)).one()
    assert (letter.kind, letter.values["roles"]) == ("roles_changed", "signatory,viewer")


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.COORDINATOR, Role.VERIFIER])
def test_person_of_a_supplier_gets_no_role_of_the_alliance_whichever_door_asks(
    scene: Scene, role: Role
) -> None:
    with scene.database.writing() as session:
        work = work_of(session, scene.administrator)
        reporter = session.get_one(Account, scene.reporter.id)
        member = session.get_one(Member, reporter.member_id)
        with pytest.raises(Conflict, match="wrong_side"):
            accounts.change_roles(work, reporter, {Role.VIEWER, role})
        with pytest.raises(Conflict, match="wrong_side"):
            invitations.invite(
                work,
                member=member,
                email="han.mei@example.com",
                roles=[role],
                language="en",
                token=secrets.token_urlsafe(32),
            )
        with pytest.raises(Conflict, match="wrong_side"):
            accounts.change_roles(
                work, session.get_one(Account, scene.administrator.id), {Role.SIGNATORY}
            )


@pytest.mark.parametrize("roles", [[], ["administrator"], ["king"], ["viewer", "coordinator"]])
def test_roles_of_the_other_side_are_refused(
    administrator: Browser, scene: Scene, roles: list[str]
) -> None:
    assert act(administrator, scene.reporter, "roles", roles=roles) == 422
    assert {role.name for role in scene.now(scene.reporter).roles} == {"reporter"}


def test_last_administrator_stays_one(administrator: Browser, scene: Scene) -> None:
    assert act(administrator, scene.administrator, "roles", roles=["verifier"]) == 409
    assert {role.name for role in scene.now(scene.administrator).roles} == {"administrator"}


def test_nobody_disables_the_own_account(administrator: Browser, scene: Scene) -> None:
    assert act(administrator, scene.administrator, "disable") == 409
    assert scene.now(scene.administrator).active


def test_disabled_person_is_out_and_comes_back_with_the_old_password(
    administrator: Browser, log_in: LogIn, new_browser: Callable[[], Browser], scene: Scene
) -> None:
    theirs = log_in(scene.reporter)

    assert act(administrator, scene.reporter, "disable") == 303
    assert theirs.get("/account/").status_code == 303
    assert new_browser().log_in(scene.reporter).status_code == 422

    assert act(administrator, scene.reporter, "enable") == 303
    assert new_browser().log_in(scene.reporter).status_code == 302
    assert scene.facts() == ["account.disabled", "account.enabled"]


def test_lost_second_factor_is_taken_off_with_its_recovery_codes(
    administrator: Browser, new_browser: Callable[[], Browser], scene: Scene
) -> None:
    with scene.database.writing() as session:
        session.get_one(Account, scene.reporter.id).mf_recovery_codes = ["kept"]
        session.commit()

    assert act(administrator, scene.reporter, "second-factor/remove") == 303

    account = scene.now(scene.reporter)
    assert (account.tf_primary_method, account.mf_recovery_codes) == (None, None)
    assert new_browser().log_in(scene.reporter).headers["Location"] == "/"


def test_deciding_about_an_account_asks_for_the_password_when_it_was_given_long_ago(
    log_in: LogIn, scene: Scene
) -> None:
    browser = log_in(scene.administrator, fresh=False)
    page = page_of(scene.reporter)

    assert act(browser, scene.reporter, "disable") == 401
    assert scene.now(scene.reporter).active
    sent = {"csrf_token": browser.token(page), step_up.FIELD: PASSWORD}
    assert browser.post(f"{page}/disable", sent).status_code == 303
    assert not scene.now(scene.reporter).active


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"reporter", "administrator"}),
        ("role=reporter", {"reporter"}),
        ("state=disabled", set()),
        ("q=M001", {"reporter"}),
        ("q=%25", set()),
        ("q=_", set()),
        ("sort=-created", {"reporter", "administrator"}),
        ("page=7", set()),
    ],
)
def test_list_is_narrowed_by_its_address(
    administrator: Browser, scene: Scene, query: str, names: set[str]
) -> None:
    page = administrator.get(f"/administrator/accounts/?{query}").text

    people = {"reporter": scene.reporter, "administrator": scene.administrator}
    assert {name for name, account in people.items() if page_of(account) in page} == names


def test_dead_job_gets_another_try(administrator: Browser, scene: Scene) -> None:
    with scene.database.writing() as session:
        job = Job(
            kind="send_message",
            arguments={},
            state="dead",
            attempts=5,
            run_at=MOMENT,
            created_at=MOMENT,
            error="no such host",
        )
        session.add(job)
        session.commit()
    assert "no such host" in administrator.get("/administrator/jobs/?state=dead").text

    answer = administrator.submit(
        f"/administrator/jobs/{job.id}/retry", {}, page="/administrator/jobs/"
    )

    assert answer.status_code == 303
    with scene.database.reading() as session:
        assert session.get_one(Job, job.id).state == "ready"
    assert scene.facts() == ["job.retried"]


def test_old_hash_is_renewed_at_the_next_login(
    new_browser: Callable[[], Browser], scene: Scene
) -> None:
    with scene.database.writing() as session:
        kept = session.get_one(Account, scene.reporter.id)
        kept.tf_primary_method = kept.tf_totp_secret = None
        kept.password = weaker(kept.password)
        session.commit()

    assert new_browser().log_in(scene.reporter).status_code == 302

    password = scene.now(scene.reporter).password
    assert password is not None
    assert password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def weaker(strong: str | None) -> str:
    """The hash of the same password with less work in it."""
    assert strong is not None
    salt = SECRETS["PORTAL_PASSWORD_SALT"].encode()
    keyed = hmac.new(salt, PASSWORD.encode(), hashlib.sha512).digest()
    return PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(
        base64.b64encode(keyed)
    )
