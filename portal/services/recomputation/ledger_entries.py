"""The ledger's entries in a bundle: each must hash to its leaf, and together they must tell of this submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portal.domain.differences import Comparison
from portal.domain.ledger.checkpoints import Checkpoint
from portal.domain.ledger.facts import Entry, own_detail
from portal.domain.ledger.keyring import KeyRing
from portal.domain.ledger.notes import Note
from portal.domain.ledger.proofs import InclusionProof
from portal.services.bundles.about import LEDGER
from portal.services.bundles.chain import Handed
from portal.services.bundles.proof import proof_name
from portal.services.certificates import CERTIFICATE


def check_entries(
    comparison: Comparison,
    entries: Sequence[Mapping[str, Any]],
    own: Handed,
    certificate: Mapping[str, Any] | None,
    facts: Mapping[str, Any],
) -> None:
    """Recompute every leaf, and look for what the ledger must say of the submission and its certificate."""
    for entry in entries:
        leaf = Entry.read(entry).leaf().hex()
        comparison.compare(LEDGER, f"{entry['sequence']}/leaf", entry["leaf"], leaf)
    about, said = f"submission/{own.uid}", {"year": own.year, "number": own.number}
    handed_in = {"after": own.digest, "at": own.submitted_at.isoformat()}
    decided = {"after": own.digest, "at": own.decided_at.isoformat()}
    _demand(
        comparison, entries, "submission.submitted", about, said | {"kind": own.kind}, handed_in
    )
    _demand(comparison, entries, "submission.approved", about, said, decided)
    if certificate is None:
        return
    about, document = f"certificate/{certificate['number']}", certificate["document"]
    said = {name: facts[name] for name in ("year", "valid_until")} | {"kind": certificate["kind"]}
    digests = {"before": own.digest, "after": certificate["facts"]}
    _demand(comparison, entries, "certificate.intended", about, said, digests)
    if document is not None:
        digests = {"before": certificate["facts"], "after": document}
        _demand(comparison, entries, "certificate.rendered", about, {"kind": CERTIFICATE}, digests)


def check_proofs(
    comparison: Comparison,
    files: Mapping[str, bytes],
    entries: Sequence[Mapping[str, Any]],
    ring: KeyRing | None,
) -> None:
    """That each entry stands in the log: its proof, and with the log's keys the signature of the checkpoint."""
    unproven = [each for each in entries if proof_name(each["sequence"]) not in files]
    for entry in (each for each in entries if each not in unproven):
        name = proof_name(entry["sequence"])
        stated = {"entry": Entry.read(entry).data().decode(), "index": entry["sequence"]}
        comparison.compare(name, "proof", stated | {"holds": True}, _proven(files[name], ring))
    if unproven:
        comparison.note(
            f"No checkpoint of the log was signed after {len(unproven)} of the {len(entries)} entries: "
            "that they stand in it is not proven yet."
        )
    if ring is None and len(unproven) < len(entries):
        comparison.note(
            "Who signed the log's checkpoints was not checked: give its key with --log-key."
        )


def _proven(written: bytes, ring: KeyRing | None) -> dict[str, Any]:
    """What a proof is about, and whether it holds; words say why not."""
    try:
        proof = InclusionProof.read(written.decode())
        checkpoint = Checkpoint.read(Note.read(proof.checkpoint).text)
        proof.check_against(checkpoint)
        if ring is not None:
            proof.check(ring.for_size(checkpoint.size))
    except ValueError as wrong:
        return {"holds": str(wrong)}
    return {"entry": proof.entry.decode(), "index": proof.index, "holds": True}


def _demand(
    comparison: Comparison,
    entries: Sequence[Mapping[str, Any]],
    kind: str,
    subject: str,
    detail: Mapping[str, Any],
    wanted: Mapping[str, str],
) -> None:
    told = [each for each in entries if (each["kind"], each["subject"]) == (kind, subject)]
    place = f"{kind} {subject}"
    if len(told) != 1:
        comparison.tell(LEDGER, place, f"{len(told)} entries", "one entry")
        return
    stated = {name: told[0][name] for name in wanted} | {"detail": own_detail(told[0]["detail"])}
    comparison.compare(LEDGER, place, stated, {**wanted, "detail": detail})
