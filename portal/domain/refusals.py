"""Refusals: what may not be done or comes too late; raised, and mapped once to 403, 404, 409, 422 or 429."""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):
    """A person may not do this, or no longer; `code` is a dotted noun that the doors translate."""

    status = 403

    def __init__(self, code: str, values: Mapping[str, object] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.values = dict(values or {})


class Forbidden(Refusal):
    """The actor lacks the permission."""

    status = 403


class NotFound(Refusal):
    """There is no such thing, or it belongs to somebody else: both answer alike."""

    status = 404

    def __init__(self) -> None:
        super().__init__("object.unknown")


class Conflict(Refusal):
    """Somebody was quicker: the thing is no longer in the state the actor saw."""

    status = 409


class TooOften(Refusal):
    """It was done as often as it may be in a while; in so many seconds it may be done again."""

    status = 429

    def __init__(
        self, code: str, values: Mapping[str, object] | None = None, *, seconds: int
    ) -> None:
        super().__init__(code, values)
        self.seconds = max(1, seconds)
