"""What is typed is taken once, as it is, and shown as a text wherever it comes out again."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from lxml import html
from sqlalchemy import select
from werkzeug.http import parse_options_header

from portal.domain.actors import Role
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.evidence import Evidence
from portal.store.lines import ActivityLine
from tests.browsers import Browser, hashed
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance, work_of
from tests.factories.years import a_year

LogIn = Callable[..., Browser]
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def reporter(database: Database) -> Account:
    with database.writing() as session:
        member = a_member(session, an_alliance(session, years=(2025,)), "M001", sector="packaging")
        account = an_account(session, Role.REPORTER, member)
        account.password = hashed()
        a_year(work_of(session, account), member, a_site(session, member, "S1"), 2025)
        session.commit()
    return account


def name_of(database: Database, account: Account) -> str:
    with database.reading() as session:
        return session.get_one(Account, account.id).name


LOOKS_ENCODED = [
    "%3Cb%3E",
    "%253C",
    "&lt;b&gt;",
    "&amp;lt;",
    r"\u003cb\u003e",
    "=?utf-8?b?PGI+?=",
    "+ %20",
]
HOSTILE = [
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    "</title><img src=x onerror=alert(1)>",
    "-->]]></textarea><svg/onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "%(name)s %s {0.__class__} ${7*7}",
    "javascript:alert(1)",
    "**bold** <style>*{display:none}</style> [b]x[/b]",
]


@pytest.mark.parametrize("typed", [*LOOKS_ENCODED, *HOSTILE])
def test_typed_text_is_kept_as_it_is_and_shown_as_a_text(
    log_in: LogIn, reporter: Account, database: Database, typed: str
) -> None:
    browser = log_in(reporter)

    answer = browser.submit("/account/", {"name": typed, "language": "en"})

    assert answer.status_code == 303
    assert name_of(database, reporter) == typed
    page = html.fromstring(browser.get("/account/").text)
    assert page.xpath("//input[@name='name']/@value") == [typed]
    assert typed in [each.strip() for each in page.xpath("//header//text()")]
    assert page.xpath("//script[not(@src)] | //img[@onerror] | //svg[@onload] | //style") == []
    assert page.xpath("//@onmouseover | //@onerror | //@onload") == []
    assert [link for link in page.xpath("//@href") if not link.startswith(("/", "#"))] == []


def test_parameter_that_comes_twice_or_from_elsewhere_counts_once_and_from_its_place(
    log_in: LogIn, reporter: Account, database: Database
) -> None:
    browser = log_in(reporter)
    token = browser.token("/account/")
    twice = f"name=First&name=Second&language=en&csrf_token={token}"

    browser.post("/account/", data=twice, content_type=FORM)  # type: ignore[arg-type]  # in their order
    assert name_of(database, reporter) == "First"
    elsewhere = browser.post(
        "/account/?name=Query", {"language": "en", "csrf_token": token}, headers={"name": "Header"}
    )

    assert elsewhere.status_code == 422
    assert name_of(database, reporter) == "First"
    assert browser.get("/verify?number=a&number=b").status_code == 400


def upload(browser: Browser, database: Database, name: str, content: bytes) -> tuple[int, str]:
    with database.reading() as session:
        key = session.scalars(select(ActivityLine.key).order_by(ActivityLine.position)).first()
    path = f"/supplier/inventories/2025/lines/{key}/evidence"
    data = {"file": (BytesIO(content), name), "csrf_token": browser.token("/account/")}
    answer = browser.post(
        path, data, content_type="multipart/form-data", headers={"Accept": "application/json"}
    )
    assert answer.content_type == "application/json"
    return answer.status_code, answer.text


@pytest.mark.parametrize("name", ['a";x="b.csv', "账单; filename=evil.html.csv", "a' b%0d%0a.csv"])
def test_name_of_a_file_stays_a_name_in_the_header(
    log_in: LogIn, reporter: Account, database: Database, name: str
) -> None:
    browser = log_in(reporter)
    status, _ = upload(browser, database, "bill.csv", b"month,kWh\n2025-01,120500\n")
    assert status == 200
    with database.writing() as session:
        kept = session.scalars(select(Evidence).where(Evidence.name == "bill.csv")).one()
        kept.name = name
        session.commit()
        address = f"/supplier/evidence/{kept.uid}"

    answer = browser.get(f"{address}?name=other.html&filename=other.html")

    kind, parts = parse_options_header(answer.headers["Content-Disposition"])
    assert (kind, parts["filename"]) == ("attachment", name)
    assert parts.keys() == {"filename"}
    assert answer.mimetype == "text/csv"
