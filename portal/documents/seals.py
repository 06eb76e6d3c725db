"""What ties a document to the log: the proof that its facts stand there, and the statement that its QR code carries."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seal:
    """A proof in the form of C2SP tlog-proof and a certificate's signed statement as digits; empty where there is none."""

    proof: str = ""
    statement: str = ""

    def as_bytes(self) -> bytes:
        """The seal on one line, as it travels to a worker; `read` gives it back."""
        return json.dumps([self.proof, self.statement]).encode("ascii")

    @classmethod
    def read(cls, line: bytes) -> Seal:
        """The seal of a line."""
        return cls(*json.loads(line))


UNSEALED = Seal()


def offline_address(verify_url: str) -> str:
    """Where the page stands that checks a document without any server, of the portal that checks this one."""
    return f"{verify_url.partition('/verify/')[0]}/verify/offline"
