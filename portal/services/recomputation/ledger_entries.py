"""The ledger's entries in a bundle: each must hash to its leaf, and together they must tell of this submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portal.domain.differences import Comparison
from portal.domain.ledger import leaf_hash
from portal.services.bundles.about import LEDGER
from portal.services.bundles.chain import Handed
from portal.services.bundles.proof import fact_in


def check_entries(
    comparison: Comparison,
    entries: Sequence[Mapping[str, Any]],
    own: Handed,
    certificate: Mapping[str, Any] | None,
) -> None:
    """Recompute every leaf, and look for what the ledger must say of the submission and its certificate."""
    for entry in entries:
        leaf = leaf_hash(fact_in(entry).leaf_data()).hex()
        comparison.compare(LEDGER, f"{entry['sequence']}/leaf", entry["leaf"], leaf)
    _demand(comparison, entries, "submission.submitted", f"submission/{own.uid}", after=own.digest)
    _demand(comparison, entries, "submission.approved", f"submission/{own.uid}", after=own.digest)
    if certificate is None:
        return
    about = f"certificate/{certificate['number']}"
    facts, document = certificate["facts"], certificate["document"]
    _demand(comparison, entries, "certificate.intended", about, before=own.digest, after=facts)
    if document is not None:
        _demand(comparison, entries, "certificate.rendered", about, before=facts, after=document)


def _demand(
    comparison: Comparison,
    entries: Sequence[Mapping[str, Any]],
    kind: str,
    subject: str,
    **digests: str,
) -> None:
    told = [each for each in entries if (each["kind"], each["subject"]) == (kind, subject)]
    stated = {name: told[0][name] for name in digests} if len(told) == 1 else f"{len(told)} entries"
    comparison.compare(LEDGER, f"{kind} {subject}", stated, digests)
