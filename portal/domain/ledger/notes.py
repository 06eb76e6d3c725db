"""Signed notes as in C2SP signed-note: a text, and Ed25519 signatures beneath it that name their keys."""

from __future__ import annotations

import base64
import binascii
import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 1
COSIGNATURE = 4  # C2SP tlog-cosignature: a witness's signature, which holds the time
KEY_BYTES = 32
MOST_SIGNATURES = 64
_PRIVATE = "PRIVATE+KEY+"


class NotANote(ValueError):
    """A text that has not the form of a note, of a key or of what a note is expected to say."""


class NotSigned(ValueError):
    """A note without a sound signature of any known key."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name that its owner goes by; its text is `name+id+key` (a vkey)."""

    name: str
    public: bytes
    algorithm: int = ED25519

    def __post_init__(self) -> None:
        """Refuse names that the form of a note has no place for."""
        _check_name(self.name)
        if len(self.public) != KEY_BYTES or self.algorithm not in (ED25519, COSIGNATURE):
            raise NotANote("a key is 32 bytes of Ed25519")

    @property
    def key_id(self) -> bytes:
        """The four bytes by which signatures point at this key."""
        said = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public
        return hashlib.sha256(said).digest()[:4]

    def text(self) -> str:
        """The key as it is passed on, such as `portal.example.com/log+1a2b3c4d+AZ…`."""
        key = encoded(bytes([self.algorithm]) + self.public)
        return f"{self.name}+{self.key_id.hex()}+{key}"

    @classmethod
    def read(cls, text: str) -> VerifierKey:
        """The key of a vkey; raises NotANote."""
        name, key_id, key = _three_parts(text.strip())
        found = cls(name, key[1:], key[0])
        if found.key_id.hex() != key_id:
            raise NotANote("the key's id is not that of its name and bytes")
        return found

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Whether this is the key's signature of the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its name; kept out of every repr."""

    name: str
    seed: bytes = field(repr=False)
    algorithm: int = ED25519

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        return VerifierKey(self.name, key.public_key().public_bytes_raw(), self.algorithm)

    def text(self) -> str:
        """The key as it is kept in a file, in the form that other tools for notes read too."""
        key = encoded(bytes([self.algorithm]) + self.seed)
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{key}"

    @classmethod
    def read(cls, text: str) -> SigningKey:
        """The key of a file; raises NotANote."""
        if not text.startswith(_PRIVATE):
            raise NotANote("this is no private key")
        name, key_id, key = _three_parts(text.strip().removeprefix(_PRIVATE))
        found = cls(name, key[1:], key[0])
        if len(found.seed) != KEY_BYTES or found.verifier.key_id.hex() != key_id:
            raise NotANote("the key's id is not that of its name and bytes")
        return found

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of an Ed25519 signature."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


@dataclass(frozen=True, slots=True)
class Signature:
    """One line beneath a note: whose it says it is, and its bytes."""

    name: str
    key_id: bytes
    data: bytes

    def line(self) -> str:
        """The line as it stands in a note."""
        return f"— {self.name} {encoded(self.key_id + self.data)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends with a line feed, and the signatures beneath it, checked or not."""

    text: str
    signatures: tuple[Signature, ...]

    def written(self) -> str:
        """The whole note."""
        return self.text + "\n" + "".join(signature.line() for signature in self.signatures)

    @classmethod
    def read(cls, written: str) -> Note:
        """Take a note apart; raises NotANote. Only one spelling of each note is taken."""
        text, gap, below = written.rpartition("\n\n")
        lines = below.splitlines(keepends=True)
        if not gap or not text or not 0 < len(lines) <= MOST_SIGNATURES:
            raise NotANote("a note is a text, an empty line and signatures")
        if any(c < " " and c != "\n" for c in written):
            raise NotANote("a note has no control characters")
        note = cls(text + "\n", tuple(_signature(line) for line in lines))
        if note.written() != written:
            raise NotANote("the note is not written in the one way that is allowed")
        return note

    def signed_by(self, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
        """The keys whose signatures hold, at least one; raises NotSigned also when one of a known key does not."""
        known = {(key.name, key.key_id): key for key in keys if key.algorithm == ED25519}
        held = []
        for signature in self.signatures:
            key = known.get((signature.name, signature.key_id))
            if key is None:
                continue
            if not key.holds(self.text.encode(), signature.data):
                raise NotSigned(f"the signature of {key.name} does not belong to this text")
            held.append(key)
        if not held:
            raise NotSigned("no known key has signed this")
        return held


def signed(text: str, keys: Sequence[SigningKey]) -> Note:
    """The text with the signature of each key beneath it."""
    if not text.endswith("\n"):
        raise NotANote("the text of a note ends with a line feed")
    return Note(
        text,
        tuple(Signature(key.name, key.verifier.key_id, key.sign(text.encode())) for key in keys),
    )


def encoded(data: bytes) -> str:
    """Base64 as all these forms write it."""
    return base64.b64encode(data).decode("ascii")


def decoded(text: str) -> bytes:
    """The bytes of Base64 in its one spelling; raises NotANote for any other."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotANote("this is not Base64") from error
    if encoded(data) != text:
        raise NotANote("this is not the one spelling of its Base64")
    return data


def _check_name(name: str) -> None:
    if (
        not name
        or "+" in name
        or any(c.isspace() or unicodedata.category(c)[0] == "C" for c in name)
    ):
        raise NotANote("a key's name has neither spaces nor a plus sign")


def _three_parts(text: str) -> tuple[str, str, bytes]:
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise NotANote("a key has the form name+id+key")
    key = decoded(parts[2])
    if len(key) < 2:
        raise NotANote("the key is empty")
    return parts[0], parts[1], key


def _signature(line: str) -> Signature:
    mark, _, rest = line.rstrip("\n").partition(" ")
    name, _, data = rest.partition(" ")
    raw = decoded(data)
    if mark != "—" or len(raw) <= 4:
        raise NotANote("a signature's line is a dash, a name and Base64")
    _check_name(name)
    return Signature(name, raw[:4], raw[4:])
