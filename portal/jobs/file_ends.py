"""The ends of jobs that work through somebody's file: their last transaction, with a letter to whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from portal.jobs.held import HeldJob
from portal.services.import_letters import tell, tell_end
from portal.services.work import Work
from portal.store import jobs
from portal.store.imports import ImportFile


@contextmanager
def ending(held: HeldJob, file_of: Callable[[Work, HeldJob], ImportFile]) -> Iterator[Work]:
    """The job's last transaction, with a letter where it took long."""
    with held.finishing() as work:
        yield work
        asked_at = jobs.created_at(work.session, held.job_id)
        tell_end(work, file_of(work, held), asked_by=_asked_by(held.arguments), asked_at=asked_at)


def tell_failure(work: Work, file: ImportFile, arguments: Mapping[str, Any]) -> None:
    """Write to whoever waits for a file when all attempts at it have failed."""
    tell(work, file, _asked_by(arguments))


def _asked_by(arguments: Mapping[str, Any]) -> int | None:
    account_id: int | None = arguments.get("account_id")
    return account_id
