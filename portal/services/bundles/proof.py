"""What proves when a submission was decided: the ledger's entries about it and about its certificate."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.domain.ledger.proofs import InclusionProof
from portal.services import checkpoints
from portal.services.bundles.about import LEDGER
from portal.services.bundles.papers import json_bytes
from portal.services.journal import entries_about
from portal.services.work import Work
from portal.store.certificates import Certificate
from portal.store.ledger import LedgerEntry
from portal.store.submissions import Submission

# Who took a bundle is in the ledger too, but not in the bundle: the next one would not have the same bytes.
TAKEN = "submission.taken"


def proof_files(work: Work, submission: Submission) -> dict[str, bytes]:
    """The files that prove the submission's history, by name."""
    subjects = [f"submission/{submission.uid}"]
    query = select(Certificate.number).where(Certificate.submission_id == submission.id)
    subjects += [f"certificate/{number}" for number in work.session.scalars(query)]
    entries = [each for subject in subjects for each in entries_about(work.session, subject)]
    told = [each for each in entries if each.kind != TAKEN]
    files = {LEDGER: json_bytes({"entries": [_entry(each) for each in told]})}
    for each in told:
        proof = _proof(work, each)
        if proof is not None:
            files[proof_name(each.sequence)] = proof.written().encode()
    return files


def proof_name(sequence: int) -> str:
    """The file with the proof that an entry stands in the log."""
    return f"proof/{sequence:09d}.tlog-proof"


def _proof(work: Work, entry: LedgerEntry) -> InclusionProof | None:
    """The entry's proof in the first checkpoint that was signed after it, None before there is one."""
    signed = checkpoints.first_beyond(work.session, entry.sequence)
    if signed is None:
        return None
    hashes = checkpoints.inclusion(work.session, entry.sequence, signed.size)
    return InclusionProof(entry.entry().data(), entry.sequence, tuple(hashes), signed.note)


def record_taken(work: Work, uid: UUID, *, member_code: str, digest: str, with_files: bool) -> None:
    """Note in the ledger who took a bundle of what, and whether the files of the evidence went along."""
    work.record(
        TAKEN,
        f"submission/{uid}",
        on_behalf_of=member_code,
        before=digest,
        after=digest,
        detail={"with_files": with_files},
    )


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    fact = entry.fact()
    return {
        "sequence": fact.sequence,
        "at": fact.at.isoformat(),
        "kind": fact.kind,
        "actor": fact.actor,
        "on_behalf_of": fact.on_behalf_of,
        "subject": fact.subject,
        "before": fact.before,
        "after": fact.after,
        "detail": dict(fact.detail),
        "salt": entry.salt.hex(),
        "leaf": entry.leaf.hex(),
    }
