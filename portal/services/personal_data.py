"""Everything that the portal keeps about one person, as the map of personal data says, for that person to take away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, or_, select
from sqlalchemy.orm import Session

from portal.data.personal import columns_about
from portal.domain.permissions import Permission
from portal.domain.words import N_
from portal.services.accounts import subject_of
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.tables import metadata


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one table that are about the person."""

    table: str
    title: str
    rows: list[dict[str, Any]]


def _by(*columns: str) -> Callable[[Table, Account], ColumnElement[bool]]:
    """The rows whose columns hold the account's key."""
    return lambda table, account: or_(*(table.c[name] == account.id for name in columns))


def _by_name(*columns: str) -> Callable[[Table, Account], ColumnElement[bool]]:
    """The rows of the account's own member that name the person as the account does."""
    return lambda table, account: and_(
        table.c["id" if table.name == "member" else "member_id"] == account.member_id,
        or_(*(table.c[name] == account.name for name in columns)),
    )


# How each table that is about people leads to one of them, with what it is called.
ABOUT: Mapping[str, tuple[str, Callable[[Table, Account], ColumnElement[bool]]]] = {
    "account": (N_("Account"), lambda table, account: table.c.id == account.id),
    "account_role": (N_("Roles"), _by("account_id")),
    "passkey": (N_("Passkeys"), _by("account_id")),
    "web_session": (N_("Sessions"), _by("account_id")),
    "api_token": (N_("Tokens of programs"), _by("account_id")),
    "password_reset": (N_("Links for a new password"), _by("account_id")),
    "message": (N_("Letters"), lambda table, account: table.c.to_email == account.email),
    "invitation": (
        N_("Invitations"),
        lambda table, account: or_(
            table.c.account_id == account.id,
            table.c.inviter_id == account.id,
            table.c.email == account.email,
        ),
    ),
    "alliance": (
        N_("Contact of the alliance"),
        lambda table, account: table.c.contact_email == account.email,
    ),
    "member": (N_("Signatory of the organisation"), _by_name("signatory_name")),
    "action": (N_("Named in actions"), _by_name("owner_name", "supervisor_name")),
    "submission": (N_("Submissions"), _by("submitted_by", "decided_by")),
    "submission_event": (N_("Steps of submissions"), _by("account_id")),
    "finding": (N_("Questions and answers"), _by("author_id", "answered_by")),
    "acknowledgement": (N_("Explanations of warnings"), _by("account_id")),
    "standing_warning": (N_("Warnings settled"), _by("settled_by")),
    "warning_notice": (N_("Warnings that you were told of"), _by("account_id")),
    "not_applicable": (N_("Categories that don't apply"), _by("account_id")),
    "activity_line": (N_("Lines changed last"), _by("changed_by")),
    "evidence": (N_("Uploaded files"), _by("uploaded_by")),
    "import_file": (N_("Files that filled in years"), _by("uploaded_by", "settled_by")),
    "meter_batch": (N_("Readings of meters"), _by("entered_by")),
    "metered_line": (N_("Months of meters made into lines"), _by("confirmed_by")),
    "edition_trial": (N_("Trials of factor editions"), _by("asked_by")),
    "trial_decision": (N_("Decisions on restating"), _by("decided_by")),
    "programme_version": (N_("Versions of the programme"), _by("made_by")),
    "ledger_entry": (
        N_("Entries of the ledger"),
        lambda table, account: or_(
            table.c.actor == str(account.uid), table.c.subject == subject_of(account)
        ),
    ),
    "reading": (N_("What you opened"), _by("account_id")),
    "erasure": (N_("Erasures"), lambda table, account: table.c.account_uid == account.uid),
}

# Tables of the map that no export can hold, each for a reason of its own.
CANNOT_BE_TOLD = {
    "attempts": "keyed hashes that go within a day; nobody can tell whose they are",
    "job": "machinery: what a job is about stands in the tables above, and the address goes with the job",
    "log": "the operator's files, outside the database, which expire",
}
# What two people stand in is shared with the one who asks as far as it is theirs.
_ONLY_WITH: Mapping[tuple[str, str], str] = {
    ("submission", "signed_name"): "submitted_by",
    ("submission", "signed_post"): "submitted_by",
    ("submission", "submitted_by"): "submitted_by",
    ("submission", "submitted_at"): "submitted_by",
    ("submission", "decided_by"): "decided_by",
    ("submission", "decided_at"): "decided_by",
    ("import_file", "name"): "uploaded_by",
    ("import_file", "uploaded_by"): "uploaded_by",
    ("import_file", "uploaded_at"): "uploaded_by",
    ("import_file", "settled_by"): "settled_by",
    ("import_file", "settled_at"): "settled_by",
    ("finding", "author_id"): "author_id",
    ("finding", "message"): "author_id",
    ("finding", "at"): "author_id",
    ("finding", "answered_by"): "answered_by",
    ("finding", "answer"): "answered_by",
    ("finding", "answered_at"): "answered_by",
}


def take(work: Work, account: Account, *, form: str) -> list[Section]:
    """All that is kept about a person, for that person; the ledger keeps that it was taken."""
    work.demand(Permission.OWN_ACCOUNT_EDIT)
    found = about(work.session, account)
    work.record("account.data_taken", subject_of(account), detail={"form": form})
    return found


def about(session: Session, account: Account) -> list[Section]:
    """Every table of the map with what it holds about the person; empty ones are there too, since that is an answer."""
    return [
        Section(name, title, _rows(session, metadata.tables[name], leads(table, account), account))
        for name, (title, leads) in ABOUT.items()
        for table in (metadata.tables[name],)
    ]


def _rows(
    session: Session, table: Table, condition: ColumnElement[bool], account: Account
) -> list[dict[str, Any]]:
    names = columns_about(table.name)
    columns = [table.c[name] for name in names]
    public = [table.c.uid] if "uid" in table.c and "uid" not in names else []
    query = select(*public, *columns).where(condition).order_by(*table.primary_key.columns)
    return [_row(table.name, dict(row._mapping), account) for row in session.execute(query)]


def _row(table: str, row: dict[str, Any], account: Account) -> dict[str, Any]:
    return {
        name: _plain(value)
        for name, value in row.items()
        if row.get(_ONLY_WITH.get((table, name), ""), account.id) == account.id
    }


def _plain(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case UUID() | Decimal():
            return str(value)
        case bytes():
            return value.hex()
        case _:
            return value
