"""Proofs as in C2SP tlog-proof: an entry, its place, the hashes up to the root, and the checkpoint that is signed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portal.domain.ledger.checkpoints import HASH_BYTES, Checkpoint, opened
from portal.domain.ledger.merkle import check_inclusion, leaf_hash
from portal.domain.ledger.notes import NotANote, VerifierKey, decoded, encoded

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_MOST_HASHES = 64


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That an entry stands in the log; `entry` is its published bytes, which the format calls extra data."""

    entry: bytes
    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str

    def written(self) -> str:
        """The proof as a text file."""
        lines = [_FIRST_LINE, f"extra {encoded(self.entry)}", f"index {self.index}"]
        lines += [encoded(digest) for digest in self.hashes]
        return "\n".join(lines) + "\n\n" + self.checkpoint

    @classmethod
    def read(cls, written: str) -> InclusionProof:
        """Take a proof apart; raises NotANote. Nothing is checked yet but its form."""
        above, _, checkpoint = written.partition("\n\n")
        lines = above.split("\n")
        if len(lines) < 3 or len(lines) > 3 + _MOST_HASHES or lines[0] != _FIRST_LINE:
            raise NotANote("this is no proof of the form c2sp.org/tlog-proof@v1")
        entry = _after("extra ", lines[1])
        index = _after("index ", lines[2])
        if not index.isascii() or not index.isdigit() or len(index) > 16:
            raise NotANote("the place of an entry is a whole number")
        hashes = tuple(decoded(line) for line in lines[3:])
        found = cls(decoded(entry), int(index), hashes, checkpoint)
        if any(len(digest) != HASH_BYTES for digest in hashes) or found.written() != written:
            raise NotANote("this is not the one spelling of a proof")
        return found

    def check(self, keys: Iterable[VerifierKey]) -> Checkpoint:
        """The signed checkpoint that holds the entry; raises NotANote, NotSigned or NotProven."""
        checkpoint = opened(self.checkpoint, keys)
        self.check_against(checkpoint)
        return checkpoint

    def check_against(self, checkpoint: Checkpoint) -> None:
        """Raise NotProven unless the hashes lead from the entry to the checkpoint's root."""
        leaf = leaf_hash(self.entry)
        check_inclusion(leaf, self.index, checkpoint.size, self.hashes, checkpoint.root)


def made(entry: bytes, index: int, hashes: Sequence[bytes], checkpoint: str) -> InclusionProof:
    """The proof from its parts; `checkpoint` is the signed note."""
    return InclusionProof(entry, index, tuple(hashes), checkpoint)


def _after(word: str, line: str) -> str:
    if not line.startswith(word):
        raise NotANote(f"a line of the proof should begin with {word.strip()}")
    return line.removeprefix(word)
