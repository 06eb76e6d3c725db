"""An order for a document and its answer, as values and as the bytes between a pool and its workers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from portal.documents.failures import Failure, RenderingFailed
from portal.documents.seals import UNSEALED, Seal

READY = b"ready"
_MADE, _FAILED = b"+", b"-"


class Kind(StrEnum):
    """What is rendered."""

    CERTIFICATE = "certificate"
    REPORT = "report"
    PROGRESS_CERTIFICATE = "progress_certificate"
    PROGRESS_REPORT = "progress_report"


@dataclass(frozen=True, slots=True)
class Order:
    """A kind of document, the canonical JSON of its facts, and what ties them to the log."""

    kind: Kind
    facts_json: bytes
    seal: Seal = UNSEALED

    def as_bytes(self) -> bytes:
        """The order as it travels; `read` gives it back."""
        return b"\n".join((self.kind.value.encode("ascii"), self.seal.as_bytes(), self.facts_json))

    @classmethod
    def read(cls, message: bytes) -> Order:
        """The order that a message holds."""
        kind, seal, facts_json = message.split(b"\n", 2)
        return cls(Kind(kind.decode("ascii")), facts_json, Seal.read(seal))


def made(content: bytes) -> bytes:
    """The answer that carries what was asked for."""
    return _MADE + content


def failed(failure: RenderingFailed) -> bytes:
    """The answer that carries a failure."""
    words = {"failure": failure.failure.value, "detail": failure.detail}
    return _FAILED + json.dumps(words).encode("ascii")


def read_answer(message: bytes) -> bytes:
    """What an answer carries; raises the RenderingFailed that it tells of."""
    if message[:1] == _MADE:
        return message[1:]
    words = json.loads(message[1:])
    raise RenderingFailed(Failure(words["failure"]), words["detail"])
