"""The sealed file: a stream under a passphrase, in which a changed, moved or missing byte is noticed.

A header of 116 bytes, then pieces of 256 KiB, each with a tag of 16 bytes (AES-256-GCM). A piece's nonce is its number
and whether it is the last one (the STREAM construction), so pieces can't be swapped, repeated or left out, and a file
without its end is not a whole one. The key comes from the passphrase by scrypt and belongs to this file alone.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
import unicodedata
from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

PIECE = 256 * 1024
TAG = 16
SALT = 32
# 128 MiB and about half a second for each passphrase that somebody tries.
USUAL_WORK = 17
LEAST_WORK, MOST_WORK = 10, 20
_ABOUT = struct.Struct(">16sBBBx32s")  # what it is, log2(N), r, p, salt
HEADER = _ABOUT.size + 2 * 32  # with the passphrase's proof and the checksum of all before it


class Content(Enum):
    """What a sealed file holds; the first bytes say so to whoever looks."""

    DATA = b"portal backup 1\n"
    KEYS = b"portal keys   1\n"


class Damaged(Exception):
    """The file can't be read as it was written; the message says where and how."""


class WrongPassphrase(Damaged):
    """The file is sound at its beginning, and was sealed with another passphrase."""


@dataclass(frozen=True, slots=True)
class _Secrets:
    cipher: AESGCM
    proof: bytes


class Sealer:
    """Takes bytes and writes them sealed; `close` writes the last piece, and leaves the file itself open."""

    def __init__(
        self, file: BinaryIO, passphrase: str, content: Content, *, work: int = USUAL_WORK
    ) -> None:
        about = _ABOUT.pack(content.value, work, 8, 1, os.urandom(SALT))
        secrets = _derive(passphrase, about)
        self._header = about + secrets.proof + hashlib.sha256(about + secrets.proof).digest()
        self._cipher = secrets.cipher
        self._file = file
        self._waiting = bytearray()
        self._number = 0
        file.write(self._header)

    def write(self, data: bytes) -> int:
        """Take bytes; they are written as soon as it is sure that they are not the last."""
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._seal(bytes(self._waiting[:PIECE]), is_last=False)
            del self._waiting[:PIECE]
        return len(data)

    def close(self) -> None:
        """Write what is left as the last piece: without it the file is not whole."""
        self._seal(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def _seal(self, piece: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._number, is_last=is_last)
        self._file.write(self._cipher.encrypt(nonce, piece, self._header))
        self._number += 1


class Opener:
    """Gives the bytes of a sealed file back; raises Damaged before it gives one that was not written so."""

    def __init__(self, file: BinaryIO, passphrase: str, content: Content) -> None:
        self._header = file.read(HEADER)
        secrets = _admit(self._header, passphrase, content)
        self._cipher = secrets.cipher
        self._file = file
        self._ahead = file.read(PIECE + TAG)
        self._plain = memoryview(b"")
        self._number = 0
        self._is_done = False

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, fewer only at the end; all that is left without a size."""
        found = []
        while size != 0 and (self._plain or self._open_next()):
            part = self._plain if size < 0 else self._plain[:size]
            self._plain = self._plain[len(part) :]
            size -= len(part) if size > 0 else 0
            found.append(bytes(part))
        return b"".join(found)

    def drain(self) -> None:
        """Read to the end, so that the last piece was seen and nothing stands behind it."""
        while self.read(PIECE):
            pass

    def _open_next(self) -> bool:
        if self._is_done:
            return False
        sealed, self._ahead = self._ahead, self._file.read(PIECE + TAG)
        is_last = not self._ahead
        try:
            piece = self._open(sealed, is_last=is_last)
        except InvalidTag:
            raise Damaged(self._what_is_wrong(sealed, is_last=is_last)) from None
        self._plain = memoryview(piece)
        self._number += 1
        self._is_done = is_last
        return bool(piece)

    def _open(self, sealed: bytes, *, is_last: bool) -> bytes:
        if len(sealed) < TAG:
            raise InvalidTag
        return self._cipher.decrypt(_nonce(self._number, is_last=is_last), sealed, self._header)

    def _what_is_wrong(self, sealed: bytes, *, is_last: bool) -> str:
        first = HEADER + self._number * (PIECE + TAG)
        if not is_last:
            return f"The file is damaged between byte {first} and byte {first + len(sealed)}."
        try:
            self._open(sealed, is_last=False)
        except InvalidTag:
            return f"The file is damaged after byte {first}, or its end is missing."
        return f"The end of the file is missing: it was cut off after byte {first + len(sealed)}."

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _admit(header: bytes, passphrase: str, content: Content) -> _Secrets:
    """Look at the header and the passphrase, each with an answer of its own."""
    about, proof, checksum = header[: _ABOUT.size], header[_ABOUT.size : -32], header[-32:]
    _check_first_bytes(header, content)
    if len(header) < HEADER:
        raise Damaged("The end of the file is missing: hardly its first line is there.")
    if hashlib.sha256(about + proof).digest() != checksum:
        raise Damaged(f"The file is damaged in its first {HEADER} bytes.")
    _, work, width, lanes, _ = _ABOUT.unpack(about)
    if not LEAST_WORK <= work <= MOST_WORK or (width, lanes) != (8, 1):
        raise Damaged("The file asks for more work on its passphrase than any of ours does.")
    secrets = _derive(passphrase, about)
    if not hmac.compare_digest(secrets.proof, proof):
        raise WrongPassphrase("The passphrase is not the one that this file was sealed with.")
    return secrets


def _check_first_bytes(header: bytes, content: Content) -> None:
    first = header[: len(content.value)]
    if first == content.value:
        return
    if first == Content.KEYS.value:
        raise Damaged("This file holds the keys; the backup of the data is another file.")
    if first == Content.DATA.value:
        raise Damaged("This file holds the data; the keys are in another file.")
    raise Damaged("This is no backup of a portal, or its first bytes are damaged.")


def _derive(passphrase: str, about: bytes) -> _Secrets:
    _, work, width, lanes, salt = _ABOUT.unpack(about)
    typed = unicodedata.normalize("NFC", passphrase).encode()
    made = Scrypt(salt=salt, length=64, n=1 << work, r=width, p=lanes).derive(typed)
    return _Secrets(AESGCM(made[:32]), hmac.digest(made[32:], about, "sha256"))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if is_last else b"\x00")
