"""Who may do what: one enum of permissions, one table of roles, one question `may`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from portal.domain.actors import Actor, MemberId, Role


class Permission(StrEnum):
    """`<scope>:<thing>:<act>`; scope `member` is about one member's own data, `alliance` about all."""

    MEMBER_PROFILE_READ = "member:profile:read"
    MEMBER_PROFILE_EDIT = "member:profile:edit"
    MEMBER_INVENTORY_READ = "member:inventory:read"
    MEMBER_INVENTORY_EDIT = "member:inventory:edit"
    MEMBER_PLAN_READ = "member:plan:read"
    MEMBER_PLAN_EDIT = "member:plan:edit"
    MEMBER_EVIDENCE_READ = "member:evidence:read"
    MEMBER_EVIDENCE_EDIT = "member:evidence:edit"
    MEMBER_SUBMISSION_READ = "member:submission:read"
    MEMBER_SUBMISSION_SUBMIT = "member:submission:submit"
    MEMBER_FINDING_ANSWER = "member:finding:answer"
    MEMBER_CERTIFICATE_READ = "member:certificate:read"
    ALLIANCE_PORTFOLIO_READ = "alliance:portfolio:read"
    ALLIANCE_MEMBER_READ = "alliance:member:read"
    ALLIANCE_MEMBER_INVITE = "alliance:member:invite"
    ALLIANCE_SUBMISSION_READ = "alliance:submission:read"
    ALLIANCE_SUBMISSION_DECIDE = "alliance:submission:decide"
    ALLIANCE_FINDING_WRITE = "alliance:finding:write"
    ALLIANCE_REMINDER_SEND = "alliance:reminder:send"
    ALLIANCE_CERTIFICATE_READ = "alliance:certificate:read"
    ALLIANCE_CERTIFICATE_REVOKE = "alliance:certificate:revoke"
    ALLIANCE_EDITION_TRY = "alliance:edition:try"
    ALLIANCE_EDITION_DECIDE = "alliance:edition:decide"
    ALLIANCE_LEDGER_READ = "alliance:ledger:read"
    ALLIANCE_JOB_READ = "alliance:job:read"
    ALLIANCE_JOB_RETRY = "alliance:job:retry"
    ALLIANCE_ACCOUNT_READ = "alliance:account:read"
    ALLIANCE_ACCOUNT_EDIT = "alliance:account:edit"
    ALLIANCE_SETTINGS_EDIT = "alliance:settings:edit"
    OWN_ACCOUNT_EDIT = "own:account:edit"


class Reason(StrEnum):
    """Why a verdict came out as it did; written to the log, never shown to a stranger."""

    GRANTED = "granted"
    NOT_LOGGED_IN = "not_logged_in"
    ROLE_LACKS_IT = "role_lacks_it"
    TOKEN_LACKS_IT = "token_lacks_it"  # noqa: S105 -- the name of a reason
    FOREIGN_MEMBER = "foreign_member"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of `may`, true or false in a condition, with its reason."""

    is_granted: bool
    reason: Reason

    def __bool__(self) -> bool:
        return self.is_granted


P = Permission

_READS_OWN = frozenset(
    {
        P.MEMBER_PROFILE_READ,
        P.MEMBER_INVENTORY_READ,
        P.MEMBER_PLAN_READ,
        P.MEMBER_EVIDENCE_READ,
        P.MEMBER_SUBMISSION_READ,
        P.MEMBER_CERTIFICATE_READ,
        P.OWN_ACCOUNT_EDIT,
    }
)
_REPORTS = _READS_OWN | {
    P.MEMBER_PROFILE_EDIT,
    P.MEMBER_INVENTORY_EDIT,
    P.MEMBER_PLAN_EDIT,
    P.MEMBER_EVIDENCE_EDIT,
    P.MEMBER_FINDING_ANSWER,
}
_READS_ALL = frozenset(
    {
        P.MEMBER_PROFILE_READ,
        P.MEMBER_INVENTORY_READ,
        P.MEMBER_PLAN_READ,
        P.MEMBER_EVIDENCE_READ,
        P.MEMBER_SUBMISSION_READ,
        P.MEMBER_CERTIFICATE_READ,
        P.ALLIANCE_PORTFOLIO_READ,
        P.ALLIANCE_MEMBER_READ,
        P.ALLIANCE_SUBMISSION_READ,
        P.ALLIANCE_CERTIFICATE_READ,
        P.ALLIANCE_LEDGER_READ,
        P.OWN_ACCOUNT_EDIT,
    }
)

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _READS_OWN,
    Role.REPORTER: _REPORTS,
    Role.SIGNATORY: _REPORTS | {P.MEMBER_SUBMISSION_SUBMIT},
    Role.VERIFIER: _READS_ALL,
    Role.COORDINATOR: _READS_ALL
    | {
        P.ALLIANCE_MEMBER_INVITE,
        P.ALLIANCE_SUBMISSION_DECIDE,
        P.ALLIANCE_FINDING_WRITE,
        P.ALLIANCE_REMINDER_SEND,
        P.ALLIANCE_CERTIFICATE_REVOKE,
        P.ALLIANCE_EDITION_TRY,
        P.ALLIANCE_EDITION_DECIDE,
        P.ALLIANCE_JOB_READ,
    },
    Role.ADMINISTRATOR: _READS_ALL
    | {
        P.ALLIANCE_MEMBER_INVITE,
        P.ALLIANCE_EDITION_TRY,
        P.ALLIANCE_JOB_READ,
        P.ALLIANCE_JOB_RETRY,
        P.ALLIANCE_ACCOUNT_READ,
        P.ALLIANCE_ACCOUNT_EDIT,
        P.ALLIANCE_SETTINGS_EDIT,
    },
}


class _Scope(StrEnum):
    MEMBER = "member"
    ALLIANCE = "alliance"
    OWN = "own"


def may(actor: Actor, permission: Permission, member_id: MemberId | None = None) -> Verdict:
    """Say whether `actor` holds `permission`, about the data of `member_id` where the scope is `member`.

    Supplier people hold member permissions for their own member only; alliance people for every member. A program that
    acts for somebody holds what both hold: its token and the person.
    """
    if actor.is_system:
        return Verdict(True, Reason.GRANTED)
    if actor.is_stranger:
        return Verdict(False, Reason.NOT_LOGGED_IN)
    if not any(permission in GRANTS[role] for role in actor.roles):
        return Verdict(False, Reason.ROLE_LACKS_IT)
    if actor.only is not None and permission not in actor.only:
        return Verdict(False, Reason.TOKEN_LACKS_IT)
    scope = _Scope(permission.value.split(":", 1)[0])
    match scope:
        case _Scope.MEMBER if actor.member_id is not None and actor.member_id != member_id:
            return Verdict(False, Reason.FOREIGN_MEMBER)
        case _Scope.MEMBER | _Scope.ALLIANCE | _Scope.OWN:
            return Verdict(True, Reason.GRANTED)
        case _:
            assert_never(scope)
