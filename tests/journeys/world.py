"""The alliance of the journeys as tests meet it: its settings, people and things, and a server for it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from portal.app import create_app
from portal.config.settings import Settings
from portal.domain.actors import Role
from portal.store.accounts import Account
from portal.store.base import Database
from tests.browsers import SECRETS, give_session
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance
from tests.journeys import server
from tests.keys import shared_keys
from tests.serving import free_port


@dataclass
class World:
    """The alliance, its people, and addresses of things: what pages are asked for by."""

    settings: Settings
    database: Database
    people: dict[str, Account] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where it is served."""
        return self.settings.base_url

    def people_of_two_languages(self) -> None:
        """Found an alliance with a supplier for each language, and somebody who reports for it, by its code."""
        with self.database.writing() as session:
            alliance = an_alliance(session, years=(2024, 2025))
            for code in ("zh", "en"):
                member = a_member(session, alliance, f"M-{code}", sector="packaging")
                a_site(session, member, "S1")
                self.people[code] = an_account(session, Role.REPORTER, member)
            session.commit()

    def cookie(self, person: str) -> dict[str, str]:
        """A session of somebody, as a browser context takes it."""
        value = give_session(self.database, self.people[person])
        return {"name": "session", "value": value, "url": self.address}


def settings_in(folder: Path, database_url: str, **changes: str) -> Settings:
    """The settings of a portal on a free port of this machine."""
    return Settings.from_environment(environment_in(folder, database_url, **changes))


def environment_in(folder: Path, database_url: str, **changes: str) -> dict[str, str]:
    """The same as an operator would set them."""
    return {
        **SECRETS,
        "PORTAL_BASE_URL": f"http://127.0.0.1:{free_port()}",
        "PORTAL_FOLDER": str(folder),
        "PORTAL_KEYS": str(shared_keys()),
        "PORTAL_DATABASE_URL": database_url,
        **changes,
    }


@contextmanager
def serving(settings: Settings, database: Database) -> Iterator[None]:
    """Answer at the settings' address until the block ends."""
    port = int(settings.base_url.rsplit(":", 1)[1])
    # A line for each request says nothing new.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with server.serving(create_app(settings, database), port):
        yield
