"""Background jobs as people see them: what waits, runs and failed, and another try for what is dead."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, NotFound
from portal.services.work import Work
from portal.store import jobs
from portal.store.jobs import Job

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class JobPage:
    """Jobs from the newest on, how many there are of each state, and where the next page starts (None: nowhere)."""

    jobs: Sequence[Job]
    counts: dict[str, int]
    before_id: int | None


def list_jobs(
    work: Work,
    *,
    states: Collection[str] = (),
    kind: str | None = None,
    before_id: int | None = None,
    limit: int = PAGE_SIZE,
) -> JobPage:
    """A page of jobs in some states (all when none is named), optionally of one kind."""
    work.demand(Permission.ALLIANCE_JOB_READ)
    rows = jobs.listing(
        work.session, states=states, kind=kind, before_id=before_id, limit=limit + 1
    )
    page = rows[:limit]
    return JobPage(
        page, jobs.count_by_state(work.session), page[-1].id if len(rows) > limit else None
    )


def find_job(work: Work, job_id: int) -> Job:
    """One job, or NotFound."""
    work.demand(Permission.ALLIANCE_JOB_READ)
    job = work.session.get(Job, job_id)
    if job is None:
        raise NotFound
    return job


def retry_job(work: Work, job_id: int) -> Job:
    """Give a dead job all its attempts again; Conflict when it is no longer dead or its work waits in another job."""
    work.demand(Permission.ALLIANCE_JOB_RETRY)
    revived = jobs.revive(work.session, job_id)
    if revived is None:
        found = work.session.get(Job, job_id)
        if found is None:
            raise NotFound
        raise Conflict("job.state.moved_on", {"state": found.state})
    work.record("job.retried", f"job/{job_id}", detail={"kind": revived.kind})
    return revived
