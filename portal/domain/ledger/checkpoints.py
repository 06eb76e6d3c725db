"""Checkpoints as in C2SP tlog-checkpoint: the log's name, its size and its root, signed; and a witness's signature of one."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from portal.domain.ledger.notes import (
    COSIGNATURE,
    NotANote,
    Note,
    NotSigned,
    Signature,
    SigningKey,
    VerifierKey,
    decoded,
    encoded,
    signed,
)

HASH_BYTES = 32
_LARGEST_SIZE = 2**53
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND = 2**36  # the year 4147


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: `origin` names the log, `root` is the hash over its first `size` entries."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{encoded(self.root)}\n"

    def signed(self, key: SigningKey) -> Note:
        """The checkpoint as a note of the log."""
        return signed(self.text(), [key])

    @classmethod
    def read(cls, text: str) -> Checkpoint:
        """The checkpoint of a note's text; raises NotANote. Extension lines are refused, as nobody could audit them."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0]:
            raise NotANote("a checkpoint has three lines: log, size, root")
        if not lines[1].isascii() or not lines[1].isdigit() or len(lines[1]) > 16:
            raise NotANote("the size of a log is a whole number")
        found = cls(lines[0], int(lines[1]), decoded(lines[2]))
        if found.size > _LARGEST_SIZE or len(found.root) != HASH_BYTES or found.text() != text:
            raise NotANote("this is not the one spelling of a checkpoint")
        return found


def opened(written: str, keys: Iterable[VerifierKey]) -> Checkpoint:
    """The checkpoint of a signed note; raises NotANote, or NotSigned unless one of these keys of its log signed it."""
    note = Note.read(written)
    checkpoint = Checkpoint.read(note.text)
    note.signed_by(key for key in keys if key.name == checkpoint.origin)
    return checkpoint


def cosigned(note: Note, witness: SigningKey, moment: datetime) -> Note:
    """The note with the signature of a witness who found it consistent with all it had seen until this moment."""
    if witness.algorithm != COSIGNATURE:
        raise NotANote("a witness's key is of the kind for cosignatures")
    seconds = int(moment.timestamp())
    data = struct.pack(">Q", seconds) + witness.sign(_cosigned_message(note.text, seconds))
    added = Signature(witness.name, witness.verifier.key_id, data)
    return Note(note.text, (*note.signatures, added))


def witnessed_at(note: Note, witness: VerifierKey) -> datetime | None:
    """When this witness signed the note, None when it didn't; raises NotSigned for a false signature of its name."""
    for signature in note.signatures:
        if (signature.name, signature.key_id) == (witness.name, witness.key_id):
            seconds = int.from_bytes(signature.data[:8], "big")
            message = _cosigned_message(note.text, seconds)
            if seconds > _LAST_SECOND or not witness.holds(message, signature.data[8:]):
                raise NotSigned(f"the signature of {witness.name} does not belong to this text")
            return _EPOCH + timedelta(seconds=seconds)
    return None


def _cosigned_message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
