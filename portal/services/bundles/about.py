"""`bundle.json`: what a bundle is about, and in which order the decisions were taken that its submission stands on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from portal.domain.submissions import Kind
from portal.services.bundles.chain import Chain, Decision, Handed, TrialLayer

SCHEMA = 1
ABOUT, MANIFEST, SUBMISSION = "bundle.json", "manifest.json", "submission.json"
FACTS, CERTIFICATE = "certificate/facts.json", "certificate/certificate.pdf"
README, TRACES, FACTORS, EVIDENCE = "README.md", "traces.json", "factors.json", "evidence.csv"
LEDGER = "ledger.json"

_TAKEN = ("file", "uid", "year", "number", "digest", "dossier", "before", "programme")


def entry_of(each: Decision) -> dict[str, Any]:
    """A decision as plain values."""
    match each:
        case Handed():
            return {
                "type": "submission",
                "kind": each.kind.value,
                "submitted_at": _moment(each.submitted_at),
                "decided_at": _moment(each.decided_at),
                **{name: getattr(each, name) for name in _TAKEN},
            }
        case TrialLayer():
            return {
                "type": "trial",
                "uid": each.uid,
                "edition": each.edition,
                "gwp_set": each.gwp_set,
                "decided_at": _moment(each.decided_at),
                "rows": [dict(row) for row in each.rows],
            }


def read_decision(
    raw: Mapping[str, Any], content_of: Callable[[str], Mapping[str, Any]]
) -> Decision:
    """Read back what entry_of wrote; `content_of` gives the frozen content of a file."""
    decided_at = datetime.fromisoformat(raw["decided_at"])
    if raw["type"] == "trial":
        return TrialLayer(raw["uid"], raw["edition"], raw["gwp_set"], decided_at, raw["rows"])
    return Handed(
        kind=Kind(raw["kind"]),
        submitted_at=datetime.fromisoformat(raw["submitted_at"]),
        decided_at=decided_at,
        content=content_of(raw["file"]),
        **{name: raw[name] for name in _TAKEN},
    )


def chain_in(
    about: Mapping[str, Any], content_of: Callable[[str], Mapping[str, Any]]
) -> tuple[Chain, Handed]:
    """The decisions in a bundle, its own submission as the last of them."""
    basis = [read_decision(raw, content_of) for raw in about["basis"]]
    own = read_decision(about["submission"], content_of)
    if not isinstance(own, Handed):
        raise TypeError("a bundle is about a submission")
    return Chain([*basis, own]), own


def _moment(moment: datetime) -> str:
    return moment.isoformat()
