"""Tells whoever asked for it that a file which took long has been worked through: once, with what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from portal.calculation.problems import Severity
from portal.mail.kinds import ImportOutcome, MessageKind
from portal.services import imports
from portal.services.outbox import send_message
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.imports import ImportFile
from portal.store.inventories import Inventory

# Who waited for less is still looking at the page.
LONG = timedelta(minutes=1)


def tell_end(work: Work, file: ImportFile, *, asked_by: int | None, asked_at: datetime) -> None:
    """Write the letter of a job that has just ended, in its own last transaction; none where it was soon done.

    It goes to the person who asked, while they still belong to the company, in their own language.
    """
    if work.moment - asked_at >= LONG:
        tell(work, file, asked_by)


def tell(work: Work, file: ImportFile, asked_by: int | None) -> None:
    """Write the letter however long it took."""
    outcome = _outcome(file)
    account = work.session.get(Account, asked_by or file.uploaded_by)
    if outcome is None or account is None or not work.writes_letters:
        return
    if not account.active or account.member_id != file.member_id:
        return
    year = work.session.get_one(Inventory, file.inventory_id).year
    send_message(
        work,
        MessageKind.IMPORT_ENDED,
        to_email=account.email,
        to_name=account.name,
        language=account.language,
        values={
            "outcome": outcome.value,
            "file": file.name,
            "year": year,
            "count": _count(file.counts or {}),
            "path": _path(file, year),
        },
        member_id=file.member_id,
    )


def _outcome(file: ImportFile) -> ImportOutcome | None:
    """What came of the file; nothing to be told of one that was given up, or is in somebody's hands."""
    match file.state:
        case imports.APPLIED:
            return ImportOutcome.APPLIED
        case imports.REFUSED:
            return ImportOutcome.REFUSED
        case imports.READY:
            has_problems = _has_problems(file.preview or {})
            return ImportOutcome.PROBLEMS if has_problems else ImportOutcome.READY
        case _:
            return None


def _has_problems(preview: Mapping[str, Any]) -> bool:
    """Whether something keeps the file from being taken over as it is."""
    if "check" in preview:
        return bool(preview["check"]["bad_count"]) or not preview["check"]["lines"]
    told = preview.get("survey", preview).get("problems", ())
    is_grave = any(each["severity"] != Severity.WARNING for each in told)
    return is_grave or bool(preview.get("blocked"))


def _count(counts: Mapping[str, int]) -> int:
    """How many rows came of it: the lines of a table, or what a workbook touched."""
    return counts.get("lines", 0) or sum(
        counts.get(name, 0) for name in ("added", "changed", "removed")
    )


def _path(file: ImportFile, year: int) -> str:
    place = "imports" if file.kind == imports.WORKBOOK else "tables"
    return f"/supplier/inventories/{year}/{place}/{file.uid}"
