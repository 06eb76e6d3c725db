"""No page, letter or message says anything that isn't translated: a walk through the portal in a pseudo language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask_babel import gettext
from lxml import html
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.domain.actors import ALLIANCE_ROLES, Role
from portal.domain.permissions import GRANTS
from portal.mail.kinds import KINDS, MessageKind
from portal.resources import STATIC
from portal.store.accounts import Account
from portal.store.base import Database
from portal.web.access import ACCESS, Access, Kind
from portal.web.errors import ERROR_WORDS
from portal.web.failures import page
from portal.web.words import PROBLEMS, REFUSALS
from tests import pseudo
from tests.browsers import ORIGIN, Browser, give_session, signed_token
from tests.factories.busy import make_busy
from tests.factories.letters import words_of
from tests.factories.plans import typed_action
from tests.factories.suppliers import an_account, an_alliance
from tests.factories.things import ANYTHING, MAKERS, SIGNED, YEARS, Shelf

RAW_TOKEN = "0123456789abcdef0123456789abcdef01234567"
LEAST_PAGES, LEAST_PAGES_OF_A_STRANGER = 20, 5
# One tells programs that no worker runs here, the other is a file that holds both languages.
NOT_IN_ONE_LANGUAGE = ("/readyz", "/verify/offline")
LINK = re.compile(r'href="([^"#]+)')
TYPED = {
    "checkpoint",
    "alliance",
    "comment",
    "device",
    "digest",
    "inviter",
    "name",
    "member",
    "new_email",
    "note",
    "number",
    "reason",
}


@pytest.fixture
def dialect() -> str:
    """Words don't depend on the database, so one of the two is walked through."""
    return "sqlite"


@pytest.fixture(scope="module")
def translations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("translations")
    pseudo.write_catalogues(folder)
    return folder


@pytest.fixture(autouse=True)
def brackets(translations: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    pseudo.bracket(translations, monkeypatch)
    yield
    pseudo.forget()


@pytest.mark.parametrize(
    "page",
    [
        "<p>Hello</p>",
        "<p>⟦您好⟧ there</p>",
        "<p>您好</p>",
        "<p><span translate='no'>Li Lei</span> signs</p>",
        "<div translate='no'>Li Lei <b translate='yes'>signs</b></div>",
        "<input placeholder='Your name'>",
        "<input type='submit' value='Send'>",
        "<table><tr><td data-label='Quantity'>5</td></tr></table>",
        "<svg><title>Emissions</title></svg>",
        "<template><button>Remove</button></template>",
    ],
)
def test_reader_finds_what_is_not_translated(page: str) -> None:
    assert len(pseudo.untranslated(f"<body>{page}</body>")) == 1


@pytest.mark.parametrize(
    "page",
    [
        "<p>⟦您好，⟦李雷⟧！⟧ 12.5 tCO₂e</p>",
        "<p translate='no'>Li Lei</p>",
        "<p>2026年3月2日 09:30</p>",
        "<button name='act' value='save'>⟦保存⟧</button>",
        "<option>内蒙古</option>",
        "<script>const word = 'hello'</script>",
    ],
)
def test_reader_leaves_the_rest_alone(page: str) -> None:
    assert pseudo.untranslated(f"<body>{page}</body>") == []


@pytest.mark.parametrize("is_busy", [True, False], ids=["busy", "bare"])
@pytest.mark.parametrize("role", [*Role, None], ids=str)
def test_pages_say_nothing_untranslated(
    app: Flask, database: Database, role: Role | None, *, is_busy: bool
) -> None:
    walk = Walk(app, database, role, is_busy=is_busy)
    walk.open_every_address()
    walk.send_every_form_empty()

    assert not walk.found, "\n".join(f"{text}  ({where})" for text, where in walk.found.items())
    assert walk.pages_read >= (LEAST_PAGES if role else LEAST_PAGES_OF_A_STRANGER)


@pytest.mark.parametrize("role", [Role.SIGNATORY, Role.COORDINATOR, Role.ADMINISTRATOR], ids=str)
def test_english_pages_hold_no_chinese(app: Flask, database: Database, role: Role) -> None:
    walk = Walk(app, database, role, is_busy=True, language="en")
    walk.open_every_address()
    walk.send_every_form_empty()

    assert not walk.found, "\n".join(f"{text}  ({where})" for text, where in walk.found.items())
    assert walk.pages_read >= LEAST_PAGES


class Walk:
    """One person's way through the portal, following what the pages link to; keeps what was found untranslated."""

    def __init__(
        self,
        app: Flask,
        database: Database,
        role: Role | None,
        *,
        is_busy: bool,
        language: str = "zh",
    ) -> None:
        self.app, self.database, self.role, self.language = app, database, role, language
        self.found: dict[str, str] = {}  # text → where it was met first
        self.pages_read = 0
        self.seen: set[tuple[str, frozenset[str]]] = set()
        with database.writing() as session:
            shelf = Shelf(session, an_alliance(session, years=YEARS))
            self.values = dict(ANYTHING)
            if is_busy:
                make_busy(shelf)
                self.values |= {kind: make(shelf) for kind, make in MAKERS.items()}
            member = shelf.member
            self.typed = (
                member.name_zh,
                member.name_en,
                shelf.person.name,
                SIGNED.name,
                SIGNED.post,
                typed_action().values["name"],
            )
            self.account = None if role is None else self._person(session, role, shelf)
            session.commit()
        self.browser = self._new_browser()

    def _person(self, session: Session, role: Role, shelf: Shelf) -> Account:
        account = an_account(session, role, None if role in ALLIANCE_ROLES else shelf.member)
        account.tf_primary_method, account.tf_totp_secret = "authenticator", "set"
        return account

    def _new_browser(self) -> Browser:
        """A browser in Chinese, logged in anew: an address may have ended the session before."""
        browser = Browser(self.app.test_client())
        browser.client.set_cookie(
            "__Host-language", self.language, domain="portal.example", secure=True
        )
        if self.account is not None:
            browser.cookie = give_session(self.database, self.account, raw_token=RAW_TOKEN)
        return browser

    def open_every_address(self) -> None:
        for address in self._addresses("GET"):
            self.browser = self._new_browser()
            self._open(address)

    def send_every_form_empty(self) -> None:
        for address in self._addresses("POST"):
            self.browser = self._new_browser()
            answer = self.browser.post(address, {"csrf_token": signed_token(self.app, RAW_TOKEN)})
            self._read(f"POST {address}", answer)
            if answer.status_code in (302, 303):
                self._read(f"after {address}", self.browser.get(answer.headers["Location"]))

    def _open(self, address: str) -> None:
        answer = self.browser.get(address)
        self._read(address, answer)
        if answer.mimetype == "text/html":
            for link in LINK.findall(answer.text):
                if self._is_new(unescape(link)):
                    self._open(unescape(link))

    def _is_new(self, link: str) -> bool:
        """Whether no page like this one was opened: the same route, asked for with the same parameters and year."""
        parts = urlsplit(link)
        adapter = self.app.url_map.bind("portal.example")
        if parts.netloc or not adapter.test(parts.path, "GET"):
            return False
        endpoint, values = adapter.match(parts.path, "GET")
        if endpoint in ("static", "language.switch") or "lang" in parse_qs(parts.query):
            return False
        key = (endpoint, frozenset({*parse_qs(parts.query), str(values.get("year"))}))
        is_new = key not in self.seen
        self.seen.add(key)
        return is_new

    def _read(self, address: str, answer: TestResponse) -> None:
        if address.partition("?")[0] in NOT_IN_ONE_LANGUAGE:
            return
        assert answer.status_code < 500, f"{address} {answer.status_code}"
        if answer.mimetype == "text/html" and not 300 <= answer.status_code < 400:
            self.pages_read += 1
            for text in self._wrong(answer.text):
                self.found.setdefault(text, address)

    def _wrong(self, shown: str) -> list[str]:
        if self.language == "en":
            return pseudo.chinese_in(shown, self.typed)
        half_width = [f"half-width: {text}" for text in pseudo.odd_punctuation(shown)]
        return [*pseudo.untranslated(shown, self.typed), *half_width]

    def _addresses(self, method: str) -> Iterator[str]:
        for rule in sorted(self.app.url_map.iter_rules(), key=str):
            access = ACCESS[rule.endpoint]
            if method in (rule.methods or ()) and self._may(access):
                kinds = {name: access.objects.get(name, "filename") for name in rule.arguments}
                address = rule.rule
                if not set(kinds.values()) <= self.values.keys():
                    continue  # there is no such thing yet
                for name, kind in kinds.items():
                    address = re.sub(rf"<(\w+:)?{name}>", self.values[kind], address)
                yield address

    def _may(self, access: Access) -> bool:
        if access.kind is Kind.PERMITTED:
            return self.role is not None and access.permission in GRANTS[self.role]
        return access.kind is Kind.PUBLIC or (
            access.kind is Kind.LOGGED_IN and self.role is not None
        )


def test_scripts_find_every_text_they_show_translated(app: Flask, browser: Browser) -> None:
    browser.client.set_cookie("__Host-language", "zh", domain="portal.example", secure=True)
    holder = html.document_fromstring(browser.get("/login").text).get_element_by_id("portal-words")
    told = json.loads(holder.get("data-words"))
    scripts = "".join(path.read_text(encoding="utf-8") for path in (STATIC / "js").glob("*.js"))
    wanted = set(re.findall(r"say\(\s*\"(\w+)\"", scripts))
    for counted in re.findall(r"sayCount\(\s*\"(\w+)\"", scripts):
        wanted |= {f"{counted}_one", f"{counted}_many"}

    assert len(wanted) > 15
    assert wanted <= told.keys()
    assert [text for text in told.values() if pseudo.has_words(text)] == []


@pytest.mark.parametrize("status", ERROR_WORDS)
def test_error_pages_say_nothing_untranslated(app: Flask, status: int) -> None:
    with app.test_request_context("/", base_url=ORIGIN):
        assert pseudo.untranslated(page(status, reference="a1b2c3").get_data(as_text=True)) == []


def test_problems_are_translated(app: Flask) -> None:
    with app.test_request_context("/", base_url=ORIGIN):
        said = {code: gettext(words) for code, words in PROBLEMS.items()}
    assert [code for code, words in said.items() if not words.startswith(pseudo.OPEN)] == []
    assert len(said) > 100


def test_refusals_are_translated(app: Flask) -> None:
    with app.test_request_context("/", base_url=ORIGIN):
        said = {code: str(words) for code, words in REFUSALS.items()}
    assert [code for code, words in said.items() if not words.startswith(pseudo.OPEN)] == []
    assert len(said) > 20


@pytest.mark.parametrize("kind", MessageKind)
def test_letters_say_nothing_untranslated(kind: MessageKind) -> None:
    words = words_of(kind, "zh", to_name="7", **dict.fromkeys(TYPED & KINDS[kind].names, "7"))
    assert pseudo.untranslated(words.html) == []
    assert [line for line in words.text.splitlines() if pseudo.has_words(line)] == []
    assert not pseudo.has_words(words.subject)
    assert not pseudo.has_words(words.sender_name)
