"""The kinds of letters and the values that each one asks for, as plain data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from portal.domain.actors import Role
from portal.domain.submissions import Kind


class MessageKind(StrEnum):
    """Why a letter is sent; its words stand in `templates/mail/<kind>.txt`."""

    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 -- the name of a letter, not a password
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 -- the name of a letter, not a password
    TWO_FACTOR_CHANGED = "two_factor_changed"
    RECOVERY_CODE_USED = "recovery_code_used"
    NEW_DEVICE = "new_device"
    TOKEN_MADE = "token_made"  # noqa: S105 -- the name of a letter
    EMAIL_CHANGED = "email_changed"
    ROLES_CHANGED = "roles_changed"
    SUBMISSION_RECEIVED = "submission_received"
    RETURNED = "returned"
    APPROVED = "approved"
    REMINDER = "reminder"
    CERTIFICATE_ISSUED = "certificate_issued"
    CERTIFICATE_EXPIRING = "certificate_expiring"
    CERTIFICATE_REVOKED = "certificate_revoked"
    CHECKPOINT_SIGNED = "checkpoint_signed"
    WARNING_DIGEST = "warning_digest"
    IMPORT_ENDED = "import_ended"
    READY_TO_SIGN = "ready_to_sign"


@dataclass(frozen=True, slots=True)
class Values:
    """The names of the values of one kind; `blank` ones may be empty or left out, `secret` ones are wiped once the letter is gone."""

    names: frozenset[str]
    blank: frozenset[str] = frozenset()
    secret: frozenset[str] = frozenset()


class SecondFactorChange(StrEnum):
    """What `two_factor_changed` tells of, in its value `change`."""

    ON = "on"
    OFF = "off"
    REPLACED = "replaced"
    CODES = "codes"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_SUSPECTED = "passkey_suspected"


class ImportOutcome(StrEnum):
    """What `import_ended` says of a file, in its value `outcome`."""

    APPLIED = "applied"
    PROBLEMS = "problems"
    READY = "ready"
    REFUSED = "refused"


def _values(names: str, *, blank: str = "", secret: str = "") -> Values:
    words = frozenset(names.split()) | frozenset(blank.split()) | frozenset(secret.split())
    return Values(words, frozenset(blank.split()), frozenset(secret.split()))


# A name ending in `_at` is an aware moment, in `_on` a date, `path` a path on the portal's own address;
# `roles` are codes of roles with commas between them, `change` is a SecondFactorChange, `outcome` an ImportOutcome, `about` is a Kind of what is
# handed in; a letter that was written before there were several has none, and is about a year's report.
KINDS: dict[MessageKind, Values] = {
    MessageKind.INVITATION: _values("alliance inviter expires_at", blank="member", secret="path"),  # noqa: S106 -- the name of a value
    MessageKind.PASSWORD_RESET: _values("minutes", secret="path"),  # noqa: S106 -- the name of a value
    MessageKind.PASSWORD_CHANGED: _values("changed_at path", blank="device"),
    MessageKind.TWO_FACTOR_CHANGED: _values("change changed_at path", blank="device"),
    MessageKind.RECOVERY_CODE_USED: _values("used_at left path", blank="device"),
    MessageKind.NEW_DEVICE: _values("logged_in_at path", blank="device"),
    MessageKind.TOKEN_MADE: _values("name made_at until_on path", blank="device"),
    MessageKind.EMAIL_CHANGED: _values("new_email changed_at", blank="device"),
    MessageKind.ROLES_CHANGED: _values("roles changed_at path"),
    MessageKind.SUBMISSION_RECEIVED: _values(
        "member year version submitted_at digest path", blank="about quarter"
    ),
    MessageKind.RETURNED: _values(
        "member year version reason findings path", blank="about quarter"
    ),
    MessageKind.APPROVED: _values("member year version path", blank="about quarter comment"),
    MessageKind.REMINDER: _values("member year due_on days_left path", blank="note"),
    MessageKind.CERTIFICATE_ISSUED: _values(
        "member year number valid_until_on path verify_path", blank="about level"
    ),
    MessageKind.CERTIFICATE_EXPIRING: _values(
        "member year number valid_until_on path", blank="about"
    ),
    MessageKind.CERTIFICATE_REVOKED: _values("member year number reason path", blank="about"),
    MessageKind.CHECKPOINT_SIGNED: _values("checkpoint size signed_at path"),
    MessageKind.WARNING_DIGEST: _values("count serious members path", blank="member"),
    MessageKind.IMPORT_ENDED: _values("outcome file year count path"),
    MessageKind.READY_TO_SIGN: _values("member year asker path", blank="about quarter"),
}

_PATH = re.compile(r"/(?!/)[!#-;=?-\[\]-~]*")
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\\\x00-\x1f\x7f]+@[^\s@<>,;:\"()\\\x00-\x1f\x7f]+")


def check_values(kind: MessageKind, values: Mapping[str, object]) -> None:
    """Raise ValueError for a value that is missing, unknown, empty or of another form than its name says."""
    wanted = KINDS[kind]
    missing = wanted.names - wanted.blank - values.keys()
    unknown = values.keys() - wanted.names
    if missing or unknown:
        raise ValueError(f"{kind}: missing {sorted(missing)}, unknown {sorted(unknown)}")
    for name, value in values.items():
        if value in ("", None) and name not in wanted.blank:
            raise ValueError(f"{kind}: {name} is empty")
        if not isinstance(value, (str, int)):
            raise ValueError(f"{kind}: {name} is neither text nor a whole number")  # noqa: TRY004 -- one error for all
        _check_form(kind, name, value)


def _check_form(kind: MessageKind, name: str, value: str | int) -> None:
    if name.endswith("path") and not _PATH.fullmatch(str(value)):
        raise ValueError(f"{kind}: {name} is no path on the portal's own address")
    if name.endswith("_at") and datetime.fromisoformat(str(value)).tzinfo is None:
        raise ValueError(f"{kind}: {name} has no time zone")
    if name.endswith("_on"):
        date.fromisoformat(str(value))
    if name == "change":
        SecondFactorChange(str(value))
    if name == "outcome":
        ImportOutcome(str(value))
    if name == "about" and value:
        Kind(str(value))
    if name == "roles":
        [Role(code) for code in str(value).split(",")]


def without_secrets(kind: MessageKind, values: Mapping[str, object]) -> dict[str, object]:
    """The values with the secret ones emptied, to keep after the letter has left."""
    return {k: "" if k in KINDS[kind].secret else v for k, v in values.items()}


def check_address(email: str) -> None:
    """Raise ValueError for an address that could end a header or name a second receiver."""
    if not _ADDRESS.fullmatch(email) or len(email) > 254:
        raise ValueError("the address of a letter must be one plain e-mail address")
