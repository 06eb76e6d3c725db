"""The corpus of bad inputs against the pages: ids, queries, redirects, headers, bodies, addresses, passwords, codes."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.domain.actors import Role
from portal.intake.passwords import SHORTEST
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.invitations import Invitation
from portal.store.members import Member
from portal.store.messages import Message
from tests.browsers import ORIGIN, PASSWORD, Browser, hashed
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance, unknown_uid

LogIn = Callable[..., Browser]
CORPUS = Path(__file__).parents[2] / "../shared/badinputs/cases.jsonl"
REFUSED = {400, 403, 405, 413, 415, 422}


def cases(field: str) -> list[Any]:
    if not CORPUS.exists():
        return []
    found = [json.loads(line) for line in CORPUS.read_text("ascii").splitlines()]
    return [pytest.param(case, id=case["id"]) for case in found if case["field"] == field]


def value(case: dict[str, Any]) -> Any:
    if "input_b64" in case:
        return base64.b64decode(case["input_b64"])
    recipe = case.get("recipe", {})
    if "repeat" in recipe:
        return recipe["repeat"] * recipe["count"]
    if "prefix" in recipe:
        return (
            recipe["prefix"] * recipe["count"]
            + recipe["middle"]
            + recipe["suffix"] * recipe["count"]
        )
    return case.get("input")


class Scene:
    """A reporter with a site, a site of somebody else, and people of the alliance."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.writing() as session:
            alliance = an_alliance(session, years=(2025,))
            self.member = a_member(session, alliance, "M001", sector="packaging")
            foreign = a_member(session, alliance, "M002", sector="packaging")
            self.foreign_site = a_site(session, foreign, "S1")
            self.reporter = an_account(session, Role.REPORTER, self.member)
            self.administrator = an_account(session, Role.ADMINISTRATOR, None)
            for account in (self.reporter, self.administrator):
                account.password = hashed()
            self.administrator.tf_primary_method = "authenticator"
            self.administrator.tf_totp_secret = "set"
            session.commit()


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database)


@pytest.mark.parametrize("case", cases("object_id"))
def test_id_that_names_nothing_of_mine_is_answered_like_an_unknown_one(
    log_in: LogIn, scene: Scene, case: dict[str, Any]
) -> None:
    browser = log_in(scene.reporter)
    typed = {
        "<uuid of another company>": str(scene.foreign_site.uid),
        "<serial number +1>": "2",
    }.get(case["input"], case["input"])
    unknown = str(unknown_uid())

    answer = browser.get(f"/supplier/sites/{typed}")

    assert answer.status_code == 404
    assert body(answer, typed) == body(browser.get(f"/supplier/sites/{unknown}"), unknown)


def body(answer: TestResponse, typed: str) -> str:
    """A page without the address that was asked for, however it is written there."""
    lines = answer.text.splitlines()
    return "\n".join(line for line in lines if "language-link" not in line).replace(f"/{typed}", "")


@pytest.mark.parametrize(
    "year", ["-1", "2147483648", "1e3", "０", "9" * 400, "2025%00", "0x7e9", "2025;"]
)
def test_year_that_is_no_year_is_no_such_page(log_in: LogIn, scene: Scene, year: str) -> None:
    assert log_in(scene.reporter).get(f"/supplier/inventories/{year}").status_code == 404


QUERY_PAGES = ("/coordinator/members/", "/administrator/accounts/")


@pytest.mark.parametrize("page", QUERY_PAGES)
@pytest.mark.parametrize("case", cases("query"))
def test_query_is_understood_refused_or_harmless(
    log_in: LogIn, scene: Scene, case: dict[str, Any], page: str
) -> None:
    answer = log_in(scene.administrator).get(f"{page}?{case['input']}")

    assert answer.status_code in ({200} if case["expect"] == "accept" else REFUSED)


@pytest.mark.parametrize("field", ["query", "form"])
@pytest.mark.parametrize("case", cases("redirect"))
def test_login_leads_nowhere_but_into_the_portal(
    browser: Browser, scene: Scene, case: dict[str, Any], field: str
) -> None:
    target = case["input"]
    in_query = target if "%" in target else quote(target, safe="")
    page = f"/login?next={in_query}" if field == "query" else "/login"
    data = {"email": scene.reporter.email, "password": PASSWORD}
    if field == "form":
        data["next"] = target

    answer = browser.submit(page, data)

    assert answer.status_code in (302, 303)
    assert urlsplit(answer.headers["Location"]).netloc == ""
    assert answer.headers["Location"].startswith("/")
    assert not answer.headers["Location"].startswith(("//", "/\\"))


@pytest.mark.parametrize("case", cases("header"))
def test_header_is_refused_or_ignored(browser: Browser, scene: Scene, case: dict[str, Any]) -> None:
    answer = send_header(browser, case["input"])
    if answer is None:
        pytest.skip("a matter of the server; tests/integration/test_serving_http.py speaks to it")

    wanted = {"accept": {200, 404}, "reject_request": REFUSED, "not_found": {404}}[case["expect"]]
    assert answer.status_code in wanted
    assert "evil.example" not in answer.text


def send_header(browser: Browser, line: str) -> TestResponse | None:
    json_body = json.dumps({"email": "a@example.com", "password": PASSWORD})
    match line.split(" ")[0]:
        case "TRACE":
            return browser.client.open("/", method="TRACE", base_url=ORIGIN)
        case "OPTIONS":
            return browser.client.open("/*", method="OPTIONS", base_url=ORIGIN)
        case "GET":
            return browser.get(line.split(" ")[1])
        case "Content-Type:":
            kind = line.removeprefix("Content-Type: ").removesuffix(" (JSON body)")
            headers = {"X-CSRFToken": browser.token()}
            return browser.post("/login", data=json_body, content_type=kind, headers=headers)
        case "Cookie:":
            return browser.get("/login", headers={"Cookie": "__Host-session=" + "x" * 8192})
        case "Transfer-Encoding:":
            return None
    name, content = line.split(": ", 1)
    return browser.get("/login", headers={name: content})


@pytest.mark.parametrize(
    "case", [case for case in cases("json_body") if case.values[0]["expect"] == "reject_request"]
)
def test_json_that_is_none_never_reaches_the_login(
    browser: Browser, scene: Scene, case: dict[str, Any]
) -> None:
    raw = value(case)
    if raw is None:
        pytest.skip("a sequence of bodies, for the doors of machines")

    answer = browser.post(
        "/login",
        data=raw,
        content_type="application/json",
        headers={"X-CSRFToken": browser.token()},
    )

    assert answer.status_code in REFUSED


@pytest.mark.parametrize(
    "raw",
    ['[1]', '"x"', "1", "null", "true", '{"email": 1}', '{"email": {"a": 1}}', '{"email": ["a"]}',
     '{"password": null}', '{"email": "a", "email": "b"}', '{"email": NaN}', "{", "", '{"code": [[]]}'],
)  # fmt: skip
@pytest.mark.parametrize(
    "path",
    [
        "/login",
        "/login/code",
        "/login/recovery",
        "/account/confirm",
        "/account/password",
        "/logout",
    ],
)
def test_json_of_the_wrong_shape_is_refused_by_every_page_of_the_login(
    log_in: LogIn, scene: Scene, path: str, raw: str
) -> None:
    browser = log_in(scene.reporter)

    answer = browser.post(
        path,
        data=raw,
        content_type="application/json",
        headers={"X-CSRFToken": browser.token("/account/")},
    )

    assert answer.status_code in {*REFUSED, 200, 302, 303}
    assert browser.get("/account/").status_code in (200, 303)


@pytest.mark.parametrize("case", cases("email"))
def test_address_is_taken_in_one_form_or_refused_beside_its_field(
    log_in: LogIn, scene: Scene, database: Database, case: dict[str, Any]
) -> None:
    browser = log_in(scene.administrator)
    page = f"/coordinator/members/{scene.member.uid}/invitations/"

    answer = browser.submit(page, {"email": case["input"], "roles": ["viewer"], "language": "en"})

    with database.reading() as session:
        kept = list(session.scalars(select(Invitation.email)))
    if case["expect"].startswith("accept"):
        assert answer.status_code == 303
        local, domain = case["input"].lower().rsplit("@", 1)
        assert kept == [f"{local}@{domain.encode('idna').decode()}"]
    else:
        assert answer.status_code == 422
        assert 'id="email-error"' in answer.text
        assert 'value="viewer"' in answer.text
        assert kept == []


@pytest.mark.parametrize("case", cases("password"))
def test_password_is_kept_whole_or_refused_beside_its_field(
    log_in: LogIn,
    new_browser: Callable[[], Browser],
    scene: Scene,
    case: dict[str, Any],
) -> None:
    password = value(case)
    if case["expect"] == "accept":
        password = password.rjust(
            SHORTEST + 1
        )  # the case is about its blanks; our least length is our own

    answer = log_in(scene.reporter).submit(
        "/account/password",
        {"password": PASSWORD, "new_password": password, "new_password_confirm": password},
    )

    if case["expect"] == "accept":
        assert answer.status_code == 302
        assert new_browser().log_in(scene.reporter, password).status_code == 302
        assert new_browser().log_in(scene.reporter, password.strip()).status_code == 422
    else:
        assert answer.status_code == 422
        assert 'id="new_password-error"' in answer.text
        assert f'value="{password}"' not in answer.text
        assert new_browser().log_in(scene.reporter).status_code == 302


@pytest.mark.parametrize(
    "password", ["x" * 131072, "\x00" * 20, "\ud800" * 20, "🐄" * 40, "密码" * 30, "' OR 1=1 --"]
)
def test_any_text_is_a_wrong_password_and_nothing_else(
    browser: Browser, scene: Scene, password: str
) -> None:
    sent = password.encode("utf-8", "replace").decode()

    assert browser.log_in(scene.reporter, sent).status_code == 422


def test_large_form_is_cut_off_before_it_is_read(browser: Browser, app: Flask) -> None:
    token = browser.token()
    form = browser.post("/login", {"csrf_token": token, "email": "x" * (2 * 1024 * 1024)})
    many = browser.post(
        "/login",
        {f"field-{n}": "x" for n in range(2100)},
        content_type="multipart/form-data",
        headers={"X-CSRFToken": token},
    )

    assert (form.status_code, many.status_code) == (413, 413)


@pytest.mark.parametrize(
    "path",
    [
        "/supplier//sites/",
        "/supplier/sites//",
        "/./supplier/",
        "/SUPPLIER/",
        "/supplier/%2e%2e/coordinator/",
    ],
)
def test_other_spelling_of_an_address_opens_nothing_more(
    log_in: LogIn, scene: Scene, path: str
) -> None:
    answer = log_in(scene.reporter).get(path)

    assert answer.status_code in (403, 404)


@pytest.mark.parametrize(
    "name", ["X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-User"]
)
def test_header_that_overrides_elsewhere_overrides_nothing_here(
    log_in: LogIn, scene: Scene, name: str
) -> None:
    headers = {name: {"X-HTTP-Method-Override": "DELETE"}.get(name, "/administrator/accounts/")}

    answer = log_in(scene.reporter).get("/account/", headers=headers)

    assert answer.status_code == 200
    assert scene.reporter.name in answer.text


@pytest.mark.parametrize(
    "column",
    [
        "member_id",
        "roles",
        "active",
        "email",
        "id",
        "uid",
        "password",
        "tf_totp_secret",
        "fs_uniquifier",
    ],
)
def test_column_that_no_form_has_cannot_be_set_by_sending_it(
    log_in: LogIn, scene: Scene, database: Database, column: str
) -> None:
    def row() -> dict[str, Any]:
        with database.reading() as session:
            account = session.get_one(Account, scene.reporter.id)
            kept = {each.key: getattr(account, each.key) for each in Account.__table__.columns}
            return kept | {"roles": {role.name for role in account.roles}}

    before = row()

    log_in(scene.reporter).submit(
        "/account/", {"name": "New name", "language": "en", column: "999"}
    )

    assert row() == before | {"name": "New name"}


def test_members_and_messages_are_untouched_by_refusals(
    log_in: LogIn, scene: Scene, database: Database
) -> None:
    browser = log_in(scene.reporter)
    for path in ("/administrator/invitations/", f"/coordinator/members/{scene.member.uid}/remind"):
        browser.submit(path, {"email": "a@example.com"}, page="/account/")

    with database.reading() as session:
        assert list(session.scalars(select(Message))) == []
        assert len(list(session.scalars(select(Member)))) == 2
