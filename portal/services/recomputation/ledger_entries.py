"""The ledger's entries in a bundle: each must hash to its leaf, and together they must tell of this submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portal.domain.differences import Comparison
from portal.domain.ledger import leaf_hash
from portal.services.bundles.about import LEDGER
from portal.services.bundles.chain import Handed
from portal.services.bundles.proof import fact_in
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
        leaf = leaf_hash(fact_in(entry).leaf_data()).hex()
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
    stated = {name: told[0][name] for name in (*wanted, "detail")}
    comparison.compare(LEDGER, place, stated, {**wanted, "detail": detail})
