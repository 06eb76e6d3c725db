"""Has an uploaded file looked into by a child process with limits, and turns its answer into a verdict."""

from __future__ import annotations

import json
import logging
import tempfile
from pathlib import Path

from portal.domain.evidence import (
    PASSWORD_CONTAINER,
    REASONS,
    EvidenceKind,
    Note,
    Verdict,
    accept,
    kind_of_name,
    kind_of_start,
    reject,
)
from portal.store import virus_scanner
from portal.store.confined import TookTooLong, run_confined
from portal.store.inspection.confinement import LIMITS

log = logging.getLogger(__name__)

_LONGEST_ANSWER = 4096
_LOOK_AT = 4096

# The industry's harmless test for virus checks, in two parts, so that this source does not set one off.
_VIRUS_TEST = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def inspect(
    path: Path,
    name: str,
    *,
    scanner: Path | None = None,
    wall_seconds: float = LIMITS.wall_seconds,
) -> Verdict:
    """Look into the file at `path` that was uploaded as `name`; the child takes at most `wall_seconds`.

    Name and first bytes are compared here; everything that needs a parser happens in the child. What passes is shown
    to the virus scanner, where there is one.
    """
    with path.open("rb") as source:
        start = source.read(_LOOK_AT)
    kind, refusal = _kind(start, name)
    if kind is None:
        return refusal
    verdict = _ask_child(path, kind, wall_seconds)
    return _scanned(path, verdict, scanner) if scanner and verdict.is_accepted else verdict


def _scanned(path: Path, verdict: Verdict, scanner: Path) -> Verdict:
    """The verdict, unless the scanner knows something or says nothing: a file that nobody scanned is not a clean one."""
    try:
        infected = virus_scanner.is_infected(path, scanner)
    except virus_scanner.NotScanned as silent:
        log.warning("the virus scanner does not answer: %s", silent)
        return reject("evidence.not_inspected")
    if infected:
        log.warning("the virus scanner recognised an evidence file")
        return reject("evidence.virus_test")
    return verdict


def _kind(start: bytes, name: str) -> tuple[EvidenceKind | None, Verdict]:
    """The kind that name and content agree on, or None and the reason to refuse."""
    claimed, shown = kind_of_name(name), kind_of_start(start)
    if not start:
        return None, reject("evidence.empty")
    if _VIRUS_TEST in start:
        return None, reject("evidence.virus_test")
    if claimed is None:
        return None, reject("evidence.kind")
    if is_locked_office_file(start) and claimed is EvidenceKind.XLSX:
        return None, reject("evidence.encrypted")
    if claimed is not shown:
        return None, reject("evidence.kind_and_name_differ")
    return claimed, reject("evidence.not_inspected")


def is_locked_office_file(start: bytes) -> bool:
    """Whether the bytes begin an OLE container: that is what a workbook with a password is, and an old .xls too."""
    return start.startswith(PASSWORD_CONTAINER)


def _ask_child(path: Path, kind: EvidenceKind, wall_seconds: float) -> Verdict:
    """Start the child in a folder of its own and wait for what it says."""
    with tempfile.TemporaryDirectory(prefix="inspection-") as folder:
        answer = Path(folder, "answer")
        try:
            status = run_confined(
                "portal.store.inspection",
                [kind.value],
                source=path,
                answer=answer,
                wall_seconds=wall_seconds,
            )
        except TookTooLong:
            log.warning("an evidence file of kind %s took too long to look into", kind.value)
            return reject("evidence.too_costly")
        return _verdict(kind, status, answer)


def _verdict(kind: EvidenceKind, status: int, answer: Path) -> Verdict:
    if status < 0:
        log.warning(
            "looking into an evidence file of kind %s was ended by signal %s", kind.value, -status
        )
        return reject("evidence.too_costly")
    with answer.open("rb") as said:
        text = said.read(_LONGEST_ANSWER)
    try:
        content = json.loads(text)
        notes = [Note(each) for each in content.get("notes", [])]
        reason = content.get("refused")
    except (ValueError, AttributeError, TypeError):
        log.warning(
            "looking into an evidence file of kind %s ended with %s and no answer",
            kind.value,
            status,
        )
        return reject("evidence.not_inspected")
    if "error" in content:
        log.warning(
            "looking into an evidence file of kind %s met an unforeseen %s",
            kind.value,
            content["error"],
        )
    if reason is None:
        return accept(kind, notes)
    return reject(reason if reason in REASONS else "evidence.not_inspected")
