"""The application on a marked alliance, with everything that members could give away."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

from flask import Flask

from portal.app import create_app
from portal.config.settings import Settings
from portal.domain.actors import Role
from portal.services.checkpoints import Notary
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.keys import KeyFolder
from portal.store.log_files import LogFolder
from tests.browsers import ORIGIN, SECRETS, Browser, give_session
from tests.crawling.guessing import ids_of
from tests.crawling.known import Shown
from tests.crawling.needles import UID, Needles, Trace, needles_of
from tests.crawling.reading import texts_of
from tests.crawling.walking import Sent, Walker
from tests.factories.marked import PAPERS, MarkedAlliance, MarkedShelf, a_marked_alliance, one_more
from tests.factories.suppliers import MOMENT
from tests.keys import shared_keys

MEMBERS = 8
SEED = 20260302  # always the same marks, or a number could belong to two by chance
NOW = MOMENT + timedelta(days=3)
IS_WHOLE = bool(os.environ.get("PORTAL_TEST_EVERY_PAGE"))
_WORD = re.compile(r"[\w.@-]{6,}")


@dataclass
class Marked:
    """The application with the alliance on it."""

    app: Flask
    settings: Settings
    database: Database
    alliance: MarkedAlliance
    needles: Needles
    ids: list[dict[str, str]]
    typed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def shelves(self) -> list[MarkedShelf]:
        """The members."""
        return self.alliance.shelves

    def browse(
        self, person: str, account: Account | None = None, *, own: str = "", language: str = "en"
    ) -> Walker:
        """A browser in which somebody is logged in, whose member's letters are `own`, and has chosen a language."""
        browser = Browser(self.app.test_client())
        browser.client.set_cookie("__Host-language", language, domain="portal.example", secure=True)
        if account is not None:
            browser.cookie = give_session(self.database, account)
        return Walker(person, own, browser)

    @property
    def letters(self) -> list[str]:
        """How what belongs to each member is known."""
        return [shelf.mark.letters for shelf in self.shelves]

    @property
    def copied(self) -> set[str]:
        """The letters of members that let others copy what they did."""
        return {shelf.mark.letters for shelf in self.shelves if shelf.lets_copy}

    def come(self, *, lets_copy: bool) -> None:
        """Let one more member come, with all that members have."""
        with self.database.writing() as session:
            one_more(session, self.alliance, lets_copy=lets_copy)
            self.needles = needles_of(session, self.shelves)
            self.ids.append(ids_of(self.shelves[-1]))
            session.commit()

    def as_member(self, place: int, role: Role, language: str = "en") -> Walker:
        """The browser of somebody of a member."""
        account = self.shelves[place].people[role]
        person = f"member {place} {role.value}"
        return self.browse(person, account, own=self.letters[place], language=language)

    def traces(self, sent: Sent) -> Iterator[Trace]:
        """What of any member stands in an answer, beside what was asked with the request or typed by this person before."""
        said = {word for word in _WORD.findall(unquote(sent.said)) if self._tells(word, sent.own)}
        typed = self.typed[sent.own]
        if sent.method == "POST":
            typed.update(word for word in said if not UID.fullmatch(word))
        for text in texts_of(sent.answer):
            for word in said | typed:
                text = text.replace(word, "")
            yield from self.needles.traces(text)

    def _tells(self, word: str, own: str) -> bool:
        return any(trace.owner != own for trace in self.needles.traces(word))

    def leaks(self, sent: Sent, shown: Iterable[Shown] = ()) -> list[str]:
        """What of other members stands in an answer and is not meant to, as lines for people."""
        return [
            f"{sent.person}: {sent.method} {sent.path} → {sent.answer.status_code} shows"
            f" {trace.what} of {trace.owner}"
            for trace in set(self.traces(sent))
            if trace.owner != sent.own
            and not any(
                each.covers(sent.person, sent.path, trace)
                and (not each.is_asked or trace.owner in self.copied)
                for each in shown
            )
        ]


def marked_world(folder: Path, url: str) -> Marked:
    """Build it on an empty database."""
    settings = Settings.from_environment(
        {
            **SECRETS,
            "PORTAL_BASE_URL": ORIGIN,
            "PORTAL_FOLDER": str(folder),
            "PORTAL_KEYS": str(shared_keys()),
            "PORTAL_DATABASE_URL": url,
        }
    )
    database = Database(url)
    notary = Notary(KeyFolder(shared_keys()), LogFolder(settings.log))
    with database.writing() as session:
        alliance = a_marked_alliance(
            session,
            Blobs(settings.storage),
            notary,
            members=MEMBERS,
            prints=PAPERS if IS_WHOLE else (),
            seed=SEED,
        )
        needles = needles_of(session, alliance.shelves)
        ids = [ids_of(shelf) for shelf in alliance.shelves]
        session.commit()
    app = create_app(settings, database)
    app.testing = False  # failures are answered as they are in earnest
    return Marked(app, settings, database, alliance, needles, ids)
