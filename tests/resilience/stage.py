"""An alliance whose people may log in, with years that wait to be filled: where the writers of the kill test act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from portal.config.names import DEMO_SECRETS
from portal.domain.actors import Role
from portal.services import inventories, passwords
from portal.services.work import write_ledger
from portal.store.accounts import Account
from portal.store.base import Database
from tests.browsers import PASSWORD
from tests.conventions.source import ROOT
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance, work_of
from tests.keys import shared_keys

YEARS = (2021, 2022, 2023, 2024, 2025)
SUPPLIERS = ("M001", "M002", "M003", "M004", "M005", "M006")
COORDINATORS = 2


@dataclass(frozen=True, slots=True)
class Stage:
    """The addresses under which the people log in: a signatory by member code, and the coordinators."""

    suppliers: Mapping[str, str]
    coordinators: tuple[str, ...]


def set_up(database: Database) -> Stage:
    """Lay out the alliance and commit it."""
    hashed = passwords.hash_password(PASSWORD, DEMO_SECRETS["PORTAL_PASSWORD_SALT"])
    with database.writing() as session:
        alliance = an_alliance(session, years=YEARS)
        suppliers = {}
        for code in SUPPLIERS:
            member = a_member(session, alliance, code, sector="packaging")
            a_site(session, member, "S1")
            person = _may_log_in(an_account(session, Role.SIGNATORY, member), hashed)
            suppliers[code] = person.email
            work = work_of(session, person)
            for year in YEARS:
                inventories.open_inventory(work, member, year)
            write_ledger(session, [work])
        staff = [_may_log_in(_a_coordinator(session), hashed) for _ in range(COORDINATORS)]
        session.commit()
        return Stage(suppliers, tuple(person.email for person in staff))


def environment(url: str, folder: Path) -> dict[str, str]:
    """The environment of a portal on this database; the demo lets coordinators in without a second factor."""
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "PORTAL_DEMO": "1",
        "PORTAL_KEYS": str(shared_keys()),
        "PORTAL_FOLDER": str(folder),
        "PORTAL_DATABASE_URL": url,
    }


def _a_coordinator(session: Session) -> Account:
    return an_account(session, Role.COORDINATOR, None)


def _may_log_in(account: Account, hashed: str) -> Account:
    account.password = hashed
    return account
