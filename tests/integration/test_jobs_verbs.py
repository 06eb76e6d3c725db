"""The list of jobs: who may read it, how it is paged, and who may give a dead job another try."""

from __future__ import annotations

import pytest

from portal.domain.actors import STRANGER, SYSTEM, AccountId, Actor, MemberId, Role
from portal.domain.refusals import Conflict, Forbidden, NotFound
from portal.jobs.registry import KINDS
from portal.services import jobs as verbs
from portal.services import work
from portal.store import jobs
from portal.store.base import Database
from portal.store.ledger import LedgerEntry
from portal.web.administrator.jobs import KINDS as NAMES
from tests.workers import START, add_job, job

COORDINATOR = Actor(AccountId(1), "Li Lei", frozenset({Role.COORDINATOR}))
ADMINISTRATOR = Actor(AccountId(2), "Admin", frozenset({Role.ADMINISTRATOR}))
SUPPLIER = Actor(AccountId(3), "Han Meimei", frozenset({Role.SIGNATORY}), MemberId(1))


def park(database: Database, job_id: int) -> None:
    """Let a job die."""
    with database.writing() as session:
        token = f"token-{job_id}"
        jobs.claim(session, moment=START, lease_seconds=60, worker="one", token=token)
        assert jobs.park(session, job_id, token, moment=START, error="ValueError: no")
        session.commit()


@pytest.mark.parametrize("actor", [STRANGER, SUPPLIER])
def test_jobs_are_not_shown_to_suppliers_and_strangers(database: Database, actor: Actor) -> None:
    with work.reading(database, actor, START) as reader, pytest.raises(Forbidden):
        verbs.list_jobs(reader)


def test_jobs_are_listed_newest_first_by_pages(database: Database) -> None:
    added = [add_job(database, "look", moment=START) for _ in range(5)]
    park(database, added[0])
    with work.reading(database, COORDINATOR, START) as reader:
        first = verbs.list_jobs(reader, limit=3)
        assert [row.id for row in first.jobs] == added[:1:-1]
        assert first.counts == {"ready": 4, "dead": 1}
        assert first.before_id == added[2]
        second = verbs.list_jobs(reader, limit=3, before_id=first.before_id)
        assert [row.id for row in second.jobs] == added[1::-1]
        assert second.before_id is None


def test_jobs_are_filtered_by_state_and_kind(database: Database) -> None:
    dead, other = (
        add_job(database, "look", moment=START),
        add_job(database, "report", moment=START),
    )
    park(database, dead)
    with work.reading(database, COORDINATOR, START) as reader:
        assert [row.id for row in verbs.list_jobs(reader, states=["dead"]).jobs] == [dead]
        assert [row.id for row in verbs.list_jobs(reader, kind="report").jobs] == [other]
        assert verbs.find_job(reader, dead).error == "ValueError: no"
        with pytest.raises(NotFound):
            verbs.find_job(reader, 404)


def test_administrator_gives_a_dead_job_another_try_and_the_ledger_says_so(
    database: Database,
) -> None:
    job_id = add_job(database, "look", moment=START)
    park(database, job_id)
    with work.writing(database, ADMINISTRATOR, START, actor_uid="admin") as writer:
        verbs.retry_job(writer, job_id)
    assert job(database, job_id).state == "ready"
    with database.reading() as session:
        [entry] = session.query(LedgerEntry)
    assert (entry.kind, entry.subject, entry.actor) == ("job.retried", f"job/{job_id}", "admin")
    assert entry.detail == {"kind": "look"}


def test_coordinator_reads_but_gives_no_other_try(database: Database) -> None:
    job_id = add_job(database, "look", moment=START)
    park(database, job_id)
    with pytest.raises(Forbidden), work.writing(database, COORDINATOR, START) as writer:
        verbs.retry_job(writer, job_id)
    assert job(database, job_id).state == "dead"


def test_job_that_is_not_dead_is_a_conflict_and_an_unknown_one_is_not_found(
    database: Database,
) -> None:
    job_id = add_job(database, "look", moment=START)
    with pytest.raises(Conflict) as caught, work.writing(database, SYSTEM, START) as writer:
        verbs.retry_job(writer, job_id)
    assert caught.value.values == {"state": "ready"}
    with pytest.raises(NotFound), work.writing(database, SYSTEM, START) as writer:
        verbs.retry_job(writer, 404)


def test_every_kind_of_job_has_a_name_that_people_read() -> None:
    assert NAMES.keys() == KINDS.keys()
