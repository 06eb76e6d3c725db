"""The words and the tone of every state a person can meet: one table, so that a state reads the same on each page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext, lazy_pgettext


class Tone(StrEnum):
    """How a tag looks; the words carry the meaning, the tone only helps to find it."""

    NEUTRAL = "neutral"
    ACTIVE = "active"
    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Status:
    """A state as shown: translated words and a tone."""

    label: Any
    tone: Tone


STATUSES: dict[str, dict[str, Status]] = {
    "task": {
        "cannot_start": Status(lazy_pgettext("task", "Cannot start yet"), Tone.NEUTRAL),
        "not_started": Status(lazy_pgettext("task", "Not started"), Tone.NEUTRAL),
        "in_progress": Status(lazy_pgettext("task", "In progress"), Tone.ACTIVE),
        "needs_attention": Status(lazy_pgettext("task", "Needs attention"), Tone.CAUTION),
        "completed": Status(lazy_pgettext("task", "Completed"), Tone.GOOD),
    },
    "inventory": {
        "draft": Status(lazy_pgettext("inventory", "Draft"), Tone.NEUTRAL),
        "submitted": Status(lazy_pgettext("inventory", "Submitted"), Tone.ACTIVE),
        "returned": Status(lazy_pgettext("inventory", "Returned"), Tone.CAUTION),
        "approved": Status(lazy_pgettext("inventory", "Approved"), Tone.GOOD),
        "none": Status(lazy_pgettext("inventory", "Not started"), Tone.NEUTRAL),
        "overdue": Status(lazy_pgettext("inventory", "Overdue"), Tone.BAD),
    },
    "import": {
        "reading": Status(lazy_pgettext("import", "Being read"), Tone.ACTIVE),
        "ready": Status(lazy_pgettext("import", "Waits for you"), Tone.CAUTION),
        "applying": Status(lazy_pgettext("import", "Being applied"), Tone.ACTIVE),
        "applied": Status(lazy_pgettext("import", "Applied"), Tone.GOOD),
        "refused": Status(lazy_pgettext("import", "Refused"), Tone.BAD),
        "abandoned": Status(lazy_pgettext("import", "Not kept"), Tone.NEUTRAL),
    },
    "dossier": {
        "draft": Status(lazy_pgettext("inventory", "Draft"), Tone.NEUTRAL),
        "submitted": Status(lazy_pgettext("inventory", "Submitted"), Tone.ACTIVE),
        "returned": Status(lazy_pgettext("inventory", "Returned"), Tone.CAUTION),
        "approved": Status(lazy_pgettext("inventory", "Approved"), Tone.GOOD),
        "none": Status(lazy_pgettext("inventory", "Not started"), Tone.NEUTRAL),
    },
    "action": {
        "idea": Status(lazy_gettext("Idea"), Tone.NEUTRAL),
        "planned": Status(lazy_gettext("Planned"), Tone.NEUTRAL),
        "in_progress": Status(lazy_gettext("In progress"), Tone.ACTIVE),
        "done": Status(lazy_gettext("Done"), Tone.GOOD),
        "stopped": Status(lazy_gettext("Stopped"), Tone.CAUTION),
    },
    "path": {
        "on": Status(lazy_gettext("On its path"), Tone.GOOD),
        "off": Status(lazy_gettext("Off its path"), Tone.CAUTION),
    },
    "trial": {
        "running": Status(lazy_pgettext("trial", "Being worked out"), Tone.ACTIVE),
        "ready": Status(lazy_pgettext("trial", "Waiting for decisions"), Tone.CAUTION),
        "decided": Status(lazy_pgettext("trial", "Decided"), Tone.GOOD),
    },
    "trial_decision": {
        "open": Status(lazy_pgettext("trial", "Waiting"), Tone.NEUTRAL),
        "restate": Status(lazy_pgettext("trial", "Restate"), Tone.ACTIVE),
        "keep": Status(lazy_pgettext("trial", "Keep"), Tone.NEUTRAL),
    },
    "phase": {
        "reached": Status(lazy_gettext("Reached"), Tone.GOOD),
        "planned": Status(lazy_gettext("Within the plans"), Tone.ACTIVE),
        "beyond": Status(lazy_gettext("Beyond the plans"), Tone.CAUTION),
        "unknown": Status(lazy_gettext("Can’t be told yet"), Tone.NEUTRAL),
    },
    "submission": {
        "submitted": Status(lazy_pgettext("submission", "Waiting for review"), Tone.ACTIVE),
        "returned": Status(lazy_pgettext("submission", "Returned"), Tone.CAUTION),
        "approved": Status(lazy_pgettext("submission", "Approved"), Tone.GOOD),
        "withdrawn": Status(lazy_pgettext("submission", "Withdrawn"), Tone.NEUTRAL),
        "outdated": Status(
            lazy_pgettext("submission", "Replaced by a newer version"), Tone.NEUTRAL
        ),
    },
    "event": {
        "submitted": Status(lazy_gettext("Submitted"), Tone.ACTIVE),
        "returned": Status(lazy_gettext("Returned"), Tone.CAUTION),
        "approved": Status(lazy_gettext("Approved"), Tone.GOOD),
        "withdrawn": Status(lazy_gettext("Withdrawn"), Tone.NEUTRAL),
        "reopened": Status(lazy_gettext("Reopened for correction"), Tone.CAUTION),
        "replaced": Status(lazy_gettext("Replaced by a newer version"), Tone.NEUTRAL),
    },
    "finding": {
        "open": Status(lazy_pgettext("finding", "Open question"), Tone.CAUTION),
        "answered": Status(lazy_pgettext("finding", "Answered"), Tone.ACTIVE),
        "settled": Status(lazy_pgettext("finding", "Settled"), Tone.GOOD),
    },
    "warning": {
        "open": Status(lazy_pgettext("warning", "Needs a reason"), Tone.CAUTION),
        "acknowledged": Status(lazy_pgettext("warning", "Reason given"), Tone.NEUTRAL),
        "resolved": Status(lazy_pgettext("warning", "Resolved"), Tone.GOOD),
    },
    "certificate": {
        "issuing": Status(lazy_pgettext("certificate", "Being issued"), Tone.ACTIVE),
        "valid": Status(lazy_pgettext("certificate", "Valid"), Tone.GOOD),
        "expired": Status(lazy_pgettext("certificate", "Expired"), Tone.CAUTION),
        "superseded": Status(
            lazy_pgettext("certificate", "Replaced by a newer certificate"), Tone.CAUTION
        ),
        "revoked": Status(lazy_pgettext("certificate", "Revoked"), Tone.BAD),
        "unknown": Status(lazy_pgettext("certificate", "Not known"), Tone.BAD),
    },
    "member": {
        "invited": Status(lazy_pgettext("member", "Invited"), Tone.NEUTRAL),
        "active": Status(lazy_pgettext("member", "Active"), Tone.GOOD),
        "left": Status(lazy_pgettext("member", "Left the alliance"), Tone.NEUTRAL),
    },
    "invitation": {
        "sent": Status(lazy_pgettext("invitation", "Sent"), Tone.ACTIVE),
        "accepted": Status(lazy_pgettext("invitation", "Accepted"), Tone.GOOD),
        "expired": Status(lazy_pgettext("invitation", "Expired"), Tone.CAUTION),
        "bounced": Status(lazy_pgettext("invitation", "Could not be delivered"), Tone.BAD),
        "revoked": Status(lazy_pgettext("invitation", "Withdrawn"), Tone.NEUTRAL),
    },
    "message": {
        "waiting": Status(lazy_pgettext("message", "Waiting to be sent"), Tone.ACTIVE),
        "sent": Status(lazy_pgettext("message", "Sent"), Tone.GOOD),
        "failed": Status(lazy_pgettext("message", "Failed"), Tone.BAD),
        "bounced": Status(lazy_pgettext("message", "Could not be delivered"), Tone.BAD),
    },
    "job": {
        "ready": Status(lazy_pgettext("job", "Waiting"), Tone.NEUTRAL),
        "running": Status(lazy_pgettext("job", "Running"), Tone.ACTIVE),
        "done": Status(lazy_pgettext("job", "Done"), Tone.GOOD),
        "dead": Status(lazy_pgettext("job", "Gave up"), Tone.BAD),
    },
    "account": {
        "active": Status(lazy_pgettext("account", "Active"), Tone.GOOD),
        "disabled": Status(lazy_pgettext("account", "Disabled"), Tone.NEUTRAL),
    },
}


def status_of(noun: str, state: str) -> Status:
    """The words and tone of `state`; an unlisted state is a bug and raises KeyError."""
    return STATUSES[noun][state]
