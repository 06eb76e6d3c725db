"""Why a document could not be made, in a form that crosses from a worker process to whoever waits."""

from __future__ import annotations

from enum import StrEnum

from portal.domain.words import N_


class Failure(StrEnum):
    """The kinds of failure; each has its words in MESSAGES."""

    BAD_FACTS = "document.facts.unreadable"
    FORBIDDEN_FETCH = "document.resource.forbidden"
    MISSING_GLYPHS = "document.characters.missing"
    TOO_LONG = "document.text.too_long"
    TIMED_OUT = "document.worker.timed_out"
    WORKER_DIED = "document.worker.died"
    NOT_READY = "document.renderer.not_ready"
    BROKEN = "document.renderer.broken"


class RenderingFailed(Exception):
    """A document was not made: the kind of failure, and details for the log and for whoever must act."""

    def __init__(self, failure: Failure, detail: str = "") -> None:
        super().__init__(f"{failure.value}: {detail}" if detail else failure.value)
        self.failure = failure
        self.detail = detail


# English here, translated at the doors; %(detail)s is the exception's own detail.
MESSAGES: dict[Failure, str] = {
    Failure.BAD_FACTS: N_("The stored facts of this document can't be read: %(detail)s"),
    Failure.FORBIDDEN_FETCH: N_(
        "The document tried to load something from outside, which is never allowed: %(detail)s"
    ),
    Failure.MISSING_GLYPHS: N_(
        "The document's font has no shape for these characters: %(detail)s. Write them another way."
    ),
    Failure.TOO_LONG: N_(
        "The names and texts are too long to fit on one page. Shorten the longest of them."
    ),
    Failure.TIMED_OUT: N_(
        "Making the document took longer than %(detail)s seconds and was stopped."
    ),
    Failure.WORKER_DIED: N_(
        "The process that makes documents stopped unexpectedly (%(detail)s). Try again."
    ),
    Failure.NOT_READY: N_("This machine can't make documents yet: %(detail)s"),
    Failure.BROKEN: N_("Making the document failed: %(detail)s"),
}
