"""Signed certificates with their proof, made without any database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from portal.documents.certificate import CertificateFacts
from portal.documents.certificate_page import render_certificate
from portal.documents.seals import Seal
from portal.documents.signing import DocumentSigner
from portal.documents.statements import statement_of
from portal.domain.canonical import canonical_json, digest_of_bytes
from portal.domain.ledger.checkpoints import Checkpoint
from portal.domain.ledger.facts import INTENDED, SALT_BYTES, Entry, Fact
from portal.domain.ledger.merkle import inclusion_ranges, proof, root_of
from portal.domain.ledger.notes import SigningKey
from portal.domain.ledger.proofs import InclusionProof
from portal.store.keys import KeyFolder
from tests.factories.facts import certificate_facts
from tests.keys import shared_keys
from tests.threads import apart

MOMENT = datetime(2026, 4, 2, 8, tzinfo=UTC)
PLACE, SIZE = 6, 10


@dataclass(frozen=True)
class Sealed:
    """A certificate with everything that it was made from."""

    pdf: bytes
    unsigned: bytes
    facts: CertificateFacts
    seal: Seal
    checkpoint: Checkpoint


@cache
def keys() -> KeyFolder:
    """The keys of this run."""
    return KeyFolder(shared_keys())


@cache
def signer() -> DocumentSigner:
    """The signer of documents, whose key is read once."""
    return DocumentSigner.of_pkcs12(*keys().signer())


@cache
def sealed_certificate() -> Sealed:
    """A genuine certificate, made once a run."""
    facts = certificate_facts(number="ZCA-2026-00042", issued_on=MOMENT.date())
    seal, checkpoint = seal_of(facts, keys().log_key())
    unsigned = render_certificate(facts, seal)
    return Sealed(apart(signer().sign, unsigned, MOMENT), unsigned, facts, seal, checkpoint)


def seal_of(facts: CertificateFacts, key: SigningKey) -> tuple[Seal, Checkpoint]:
    """The seal of facts in a little log of other entries."""
    entries = [Entry(_fact(place, facts), bytes([place]) * SALT_BYTES) for place in range(SIZE)]
    leaves = [entry.leaf() for entry in entries]
    hashes = proof(
        inclusion_ranges(PLACE, SIZE),
        lambda level, place: root_of(leaves[place << level : (place + 1) << level]),
    )
    checkpoint = Checkpoint(key.name, SIZE, root_of(leaves))
    note = checkpoint.signed(key).written()
    written = InclusionProof(entries[PLACE].data(), PLACE, tuple(hashes), note).written()
    return Seal(written, statement_of(facts).signed(key)), checkpoint


def _fact(place: int, facts: CertificateFacts) -> Fact:
    kind, subject, after = "lines.saved", "inventory/1", ""
    if place == PLACE:
        kind, subject = INTENDED, f"certificate/{facts.number}"
        after = digest_of_bytes(canonical_json(facts))
    return Fact(place, MOMENT, kind, "somebody", "M-0142", subject, "", after, {})
