"""What the QR code of a certificate says without any network: a few lines and the log key's signature of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portal.domain.ledger.notes import KEY_BYTES, NotANote, NotSigned, SigningKey, VerifierKey

_VERSION = 1
_DIGEST_BYTES = (
    16  # enough against a second document with the same digest, and the code stays small
)
_SIGNATURE_BYTES = 2 * KEY_BYTES
_HEAD_BYTES = 1 + 4 + _DIGEST_BYTES
# Nothing else that the log key signs begins with this line.
_PURPOSE = "zero-carbon alliance portal: statement of a certificate, version 1"
_LINES = 6
# The code has room for so much of a name; the certificate has all of it.
MOST_NAME_BYTES = 66
_MOST_DIGITS = 1000


@dataclass(frozen=True, slots=True)
class Statement:
    """The gist of a certificate: `result` is its total or its level in words, `facts_digest` the SHA-256 of all facts (hex)."""

    number: str
    kind: str
    year: int
    member: str
    result: str
    valid_until: date
    facts_digest: str

    def text(self) -> str:
        """The lines that are signed."""
        member = self.member.encode()[:MOST_NAME_BYTES].decode(errors="ignore")
        lines = (
            self.number,
            self.kind,
            str(self.year),
            member,
            self.result,
            self.valid_until.isoformat(),
        )
        if any("\n" in line or not line for line in lines):
            raise ValueError("a line of a statement is one line and not empty")
        return "\n".join(lines)

    def signed(self, key: SigningKey) -> str:
        """The statement as decimal digits, which a QR code holds in the least space."""
        digest = bytes.fromhex(self.facts_digest)[:_DIGEST_BYTES]
        signature = key.sign(_message(key.name, digest, self.text()))
        packed = bytes([_VERSION]) + key.verifier.key_id + digest + self.text().encode() + signature
        return str(int.from_bytes(packed, "big"))

    def agrees_with(self, other: Statement) -> bool:
        """Whether both say the same, as far as the code has room."""
        size = 2 * _DIGEST_BYTES
        return self.text() == other.text() and self.facts_digest[:size] == other.facts_digest[:size]


def opened(digits: str, keys: Iterable[VerifierKey]) -> Statement:
    """The statement of a code; raises NotANote for other forms, NotSigned unless one of these keys signed it."""
    key_id, digest, text, signature = _parts(digits)
    known = [key for key in keys if key.key_id == key_id]
    if not known:
        raise NotSigned("no known key has signed this")
    if not any(key.holds(_message(key.name, digest, text), signature) for key in known):
        raise NotSigned("the signature does not belong to this statement")
    return _read(text, digest)


def digits_in(scanned: str) -> str:
    """The statement's digits in what a scanner reads: they stand behind the # of the address, or alone."""
    return scanned.strip().rpartition("#")[2]


def _parts(digits: str) -> tuple[bytes, bytes, str, bytes]:
    if not digits.isascii() or not digits.isdigit() or len(digits) > _MOST_DIGITS:
        raise NotANote("a statement is a row of digits")
    number = int(digits)
    packed = number.to_bytes((number.bit_length() + 7) // 8, "big")
    if str(number) != digits or packed[:1] != bytes([_VERSION]):
        raise NotANote("this is no statement of version 1")
    if len(packed) <= _HEAD_BYTES + _SIGNATURE_BYTES:
        raise NotANote("the statement is cut off")
    try:
        text = packed[_HEAD_BYTES:-_SIGNATURE_BYTES].decode()
    except UnicodeDecodeError as error:
        raise NotANote("the statement is damaged") from error
    return packed[1:5], packed[5:_HEAD_BYTES], text, packed[-_SIGNATURE_BYTES:]


def _read(text: str, digest: bytes) -> Statement:
    lines = text.split("\n")
    if len(lines) != _LINES:
        raise NotANote(f"a statement has {_LINES} lines")
    number, kind, year, member, result, valid_until = lines
    try:
        found = Statement(
            number, kind, int(year), member, result, date.fromisoformat(valid_until), digest.hex()
        )
        if found.text() != text:
            raise NotANote("this is not the one spelling of a statement")
    except ValueError as error:
        raise NotANote("the statement is damaged") from error
    return found


def _message(name: str, digest: bytes, text: str) -> bytes:
    return f"{_PURPOSE}\n{name}\n{digest.hex()}\n{text}".encode()
