"""Tokens of programs: how one is spelled, what its scopes let it do, and how long it lives.

A token acts for the account that made it. It may do what its scopes name *and* what the account may do at that
moment; what asks a person for a fresh password is in no scope, so no token can ever do it.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from portal.domain.actors import ALLIANCE_ROLES, Role
from portal.domain.permissions import GRANTS, Permission
from portal.domain.words import N_

# What scanners for secrets look for; 43 characters of the secret and six of its checksum follow.
PREFIX = "zcap_"
SECRET_BYTES = 32
SECRET_CHARACTERS, CHECK_CHARACTERS = 43, 6
LENGTH = len(PREFIX) + SECRET_CHARACTERS + CHECK_CHARACTERS
LONGEST_DAYS = 365
USUAL_DAYS = 180
MOST_TOKENS = 20
# What is kept of answers to requests with keys, for all tokens of an account together; a request a minute for a week
# is 10,080 of them.
MOST_ANSWERS = 20_000
MOST_ANSWER_BYTES = 64 * 1024 * 1024
HINT_CHARACTERS = 4
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

P = Permission


class Scope(StrEnum):
    """What a token may be made for; a scope that writes includes reading the same."""

    LINES_READ = "lines:read"
    LINES_WRITE = "lines:write"
    READINGS_READ = "readings:read"
    READINGS_WRITE = "readings:write"
    EVIDENCE_READ = "evidence:read"
    EVIDENCE_WRITE = "evidence:write"
    ACTIONS_READ = "actions:read"
    ACTIONS_WRITE = "actions:write"
    SUBMISSIONS_READ = "submissions:read"
    SUBMISSIONS_SUBMIT = "submissions:submit"
    CERTIFICATES_READ = "certificates:read"
    PORTFOLIO_READ = "portfolio:read"


_READS_LINES = frozenset({P.MEMBER_INVENTORY_READ, P.MEMBER_PROFILE_READ})
_READS_ACTIONS = frozenset({P.MEMBER_PLAN_READ, P.MEMBER_PROFILE_READ})

GIVES: Mapping[Scope, frozenset[Permission]] = {
    Scope.LINES_READ: _READS_LINES,
    Scope.LINES_WRITE: _READS_LINES | {P.MEMBER_INVENTORY_EDIT},
    Scope.READINGS_READ: _READS_LINES,
    Scope.READINGS_WRITE: _READS_LINES | {P.MEMBER_INVENTORY_EDIT},
    Scope.EVIDENCE_READ: frozenset({P.MEMBER_EVIDENCE_READ, P.MEMBER_INVENTORY_READ}),
    # A file that supports a line changes the line's grade, so linking one edits the year.
    Scope.EVIDENCE_WRITE: frozenset(
        {
            P.MEMBER_EVIDENCE_READ,
            P.MEMBER_EVIDENCE_EDIT,
            P.MEMBER_INVENTORY_READ,
            P.MEMBER_INVENTORY_EDIT,
        }
    ),
    Scope.ACTIONS_READ: _READS_ACTIONS,
    Scope.ACTIONS_WRITE: _READS_ACTIONS | {P.MEMBER_PLAN_EDIT},
    Scope.SUBMISSIONS_READ: frozenset({P.MEMBER_SUBMISSION_READ, P.MEMBER_INVENTORY_READ}),
    Scope.SUBMISSIONS_SUBMIT: frozenset(
        {P.MEMBER_SUBMISSION_READ, P.MEMBER_INVENTORY_READ, P.MEMBER_SUBMISSION_SUBMIT}
    ),
    Scope.CERTIFICATES_READ: frozenset({P.MEMBER_CERTIFICATE_READ}),
    Scope.PORTFOLIO_READ: frozenset(
        {
            P.ALLIANCE_PORTFOLIO_READ,
            P.ALLIANCE_MEMBER_READ,
            P.MEMBER_PROFILE_READ,
            P.ALLIANCE_SUBMISSION_READ,
            P.MEMBER_SUBMISSION_READ,
            P.ALLIANCE_CERTIFICATE_READ,
            P.MEMBER_CERTIFICATE_READ,
        }
    ),
}

SCOPE_NAMES: Mapping[Scope, str] = {
    Scope.LINES_READ: N_("Read years, activity lines, outputs and sites"),
    Scope.LINES_WRITE: N_("Add, change and remove activity lines and outputs"),
    Scope.READINGS_READ: N_("Read meters and what they counted"),
    Scope.READINGS_WRITE: N_("Send readings of meters"),
    Scope.EVIDENCE_READ: N_("List and fetch evidence"),
    Scope.EVIDENCE_WRITE: N_("Upload evidence and attach it to lines"),
    Scope.ACTIONS_READ: N_("Read reduction actions"),
    Scope.ACTIONS_WRITE: N_("Add, change and remove reduction actions"),
    Scope.SUBMISSIONS_READ: N_("Read what was handed in and how it was decided"),
    Scope.SUBMISSIONS_SUBMIT: N_("Hand in a year in your name"),
    Scope.CERTIFICATES_READ: N_("List and fetch certificates"),
    Scope.PORTFOLIO_READ: N_("Read all members, their figures, progress and submissions"),
}


def offered(roles: Iterable[Role]) -> tuple[Scope, ...]:
    """The scopes that somebody with these roles may give a token; people of the alliance only read."""
    held = frozenset(roles)
    own = frozenset().union(*(GRANTS[role] for role in held)) if held else frozenset()
    is_of_alliance = bool(held & ALLIANCE_ROLES)
    return tuple(
        scope
        for scope in Scope
        if GIVES[scope] <= own and (scope is Scope.PORTFOLIO_READ) == is_of_alliance
    )


_WRITES = {
    Scope.LINES_READ: Scope.LINES_WRITE,
    Scope.READINGS_READ: Scope.READINGS_WRITE,
    Scope.EVIDENCE_READ: Scope.EVIDENCE_WRITE,
    Scope.ACTIONS_READ: Scope.ACTIONS_WRITE,
    Scope.SUBMISSIONS_READ: Scope.SUBMISSIONS_SUBMIT,
}


def includes(scopes: Collection[str], wanted: Scope) -> bool:
    """Whether these scopes include one: they name it, or the one that writes the same."""
    return wanted in scopes or _WRITES.get(wanted, wanted) in scopes


def powers(scopes: Iterable[str]) -> frozenset[str]:
    """The permissions that these scopes come to; a word that is no scope any more gives nothing."""
    known = [Scope(scope) for scope in scopes if scope in set(Scope)]
    return frozenset(permission.value for scope in known for permission in GIVES[scope])


def spell(secret: bytes) -> str:
    """The token of a secret of 32 bytes: prefix, secret and checksum, letters and digits only."""
    body = _in_base_62(int.from_bytes(secret, "big"), SECRET_CHARACTERS)
    return f"{PREFIX}{body}{_checksum(body)}"


def is_spelled(text: str) -> bool:
    """Whether a text can be a token at all: a slip or a cut one is told without asking the database."""
    if len(text) != LENGTH or not text.startswith(PREFIX) or not text.isascii():
        return False
    body, check = text[len(PREFIX) : -CHECK_CHARACTERS], text[-CHECK_CHARACTERS:]
    return body.isalnum() and _checksum(body) == check


def _checksum(body: str) -> str:
    return _in_base_62(zlib.crc32(body.encode()), CHECK_CHARACTERS)


def _in_base_62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
