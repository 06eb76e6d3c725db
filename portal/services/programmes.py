"""The alliance's programme: which version is in force, and making a new one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import data
from portal.domain.canonical import canonical_json, digest
from portal.domain.permissions import Permission
from portal.domain.programmes import Programme, read_programme
from portal.domain.refusals import Conflict
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.alliance import Alliance
from portal.store.programmes import ProgrammeVersion


@dataclass(frozen=True, slots=True)
class InForce:
    """The programme that holds, with its number; 0 is the one that every alliance begins with."""

    number: int
    programme: Programme
    content: Mapping[str, Any]


def in_force(session: Session, alliance_id: int) -> InForce:
    """The newest version of an alliance's programme, or the one that is shipped while it has none of its own."""
    query = (
        select(ProgrammeVersion)
        .where(ProgrammeVersion.alliance_id == alliance_id)
        .order_by(ProgrammeVersion.number.desc())
        .limit(1)
    )
    newest = session.scalars(query).one_or_none()
    return _shipped() if newest is None else _of(newest)


def version(session: Session, alliance_id: int, number: int) -> InForce:
    """One version of an alliance's programme; 0 is the one that is shipped."""
    if not number:
        return _shipped()
    query = select(ProgrammeVersion).where(
        ProgrammeVersion.alliance_id == alliance_id, ProgrammeVersion.number == number
    )
    return _of(session.scalars(query).one())


def change(work: Work, alliance: Alliance, content: Mapping[str, Any]) -> InForce:
    """Put a new version in force. Raises ValueError with words when the content is no programme.

    Of two changes of one version the second gets a Conflict.
    """
    work.demand(Permission.ALLIANCE_SETTINGS_EDIT)
    programme = read_programme(content)
    before = in_force(work.session, alliance.id)
    if digest(before.content) == digest(content):
        return before
    version = ProgrammeVersion(
        alliance_id=alliance.id,
        number=before.number + 1,
        content=dict(content),
        made_by=work.actor.account_id,
        made_at=work.moment,
    )
    try:
        with work.session.begin_nested():
            work.session.add(version)
    except IntegrityError as taken:  # somebody else changed it at the same moment
        raise Conflict("programme.moved_on") from taken
    work.record(
        "programme.changed",
        f"alliance/{alliance.code}",
        before=digest(before.content),
        after=digest(content),
        detail={"number": version.number},
    )
    return InForce(version.number, programme, content)


def history(work: Work, alliance: Alliance) -> list[tuple[ProgrammeVersion, str]]:
    """The versions of an alliance's programme, newest first, each with the name of who made it (empty: the portal itself)."""
    work.demand(Permission.ALLIANCE_PORTFOLIO_READ)
    query = (
        select(ProgrammeVersion, Account.name)
        .outerjoin(Account, Account.id == ProgrammeVersion.made_by)
        .where(ProgrammeVersion.alliance_id == alliance.id)
        .order_by(ProgrammeVersion.number.desc())
    )
    return [(version, name or "") for version, name in work.session.execute(query)]


@lru_cache(maxsize=1)
def _shipped() -> InForce:
    content = data.load_programme()
    return InForce(0, read_programme(content), content)


def _of(version: ProgrammeVersion) -> InForce:
    return InForce(version.number, _read(canonical_json(version.content)), version.content)


@lru_cache(maxsize=16)
def _read(content: bytes) -> Programme:
    return read_programme(json.loads(content))
