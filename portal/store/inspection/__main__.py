"""The child process: takes limits on itself, reads one file from standard input, and answers one line of JSON.

Called as `python -m portal.store.inspection KIND`, in an empty folder of its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module

from portal.domain.evidence import EvidenceKind, Verdict
from portal.store.inspection.confinement import LIMITS, confine
from portal.store.inspection.findings import Refused

_MODULES = {
    EvidenceKind.PDF: "pdf",
    EvidenceKind.XLSX: "xlsx",
    EvidenceKind.CSV: "tables",
    EvidenceKind.PNG: "images",
    EvidenceKind.JPEG: "images",
}


def main(kind: EvidenceKind) -> int:
    """Look into standard input and print the verdict; anything unforeseen is answered with the error's name only."""
    confine(LIMITS)
    try:
        verdict = _inspect(kind, sys.stdin.buffer.read())
        answer: dict[str, object] = {"notes": list(verdict.notes)}
    except Refused as refused:
        answer = {"refused": refused.reason}
    except MemoryError:
        answer = {"refused": "evidence.too_costly"}
    except Exception as error:  # noqa: BLE001 -- the parent logs it; a stranger's file must not show a trace
        answer = {"refused": "evidence.not_inspected", "error": type(error).__name__}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


def _inspect(kind: EvidenceKind, data: bytes) -> Verdict:
    """Import only the checker that is needed: a decoder that is not loaded can't be attacked."""
    checkers = import_module(f"portal.store.inspection.{_MODULES[kind]}")
    checker: Callable[[bytes], Verdict] = getattr(checkers, f"inspect_{kind.value}")
    return checker(data)


if __name__ == "__main__":
    sys.exit(main(EvidenceKind(sys.argv[1])))
