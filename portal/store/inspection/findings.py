"""How a checker says no: the reason travels as an exception to the child's one place that answers."""

from __future__ import annotations


class Refused(Exception):
    """The file is refused for the reason with this code of `domain.evidence.REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


DAMAGED = "evidence.damaged"
ENCRYPTED = "evidence.encrypted"
HIDDEN_DATA = "evidence.hidden_data"
TWO_KINDS = "evidence.two_kinds"
# The exit status of a child that says why instead of what.
REFUSED = 3
