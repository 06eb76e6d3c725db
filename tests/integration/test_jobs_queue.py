"""The queue on both databases: who gets a job, who may finish it, and what becomes of one that fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from portal.documents.making import RendererInProcess
from portal.jobs.heart import Heart, Watch
from portal.jobs.held import HeldJob, Hopeless, LeaseLost
from portal.jobs.journal import Journal
from portal.jobs.queue import Kind, Outcome, Queue, pause_after
from portal.jobs.signing import ConfiguredSigner
from portal.jobs.worker import drain
from portal.services.work import Work
from portal.store import jobs, schedules
from portal.store.base import Database
from tests.workers import START, add_job, job, settings_for, wait_until


@dataclass
class Bench:
    """A queue whose clocks stand still until a test moves them."""

    database: Database
    folder: Path
    moment: datetime = START
    steady: float = 1000.0
    lines: list[str] = field(default_factory=list)

    def queue(self, worker: str = "one", **kinds: Kind) -> Queue:
        url = self.database.url.render_as_string(hide_password=False)
        settings = settings_for(url, self.folder)
        return Queue(
            self.database,
            settings,
            RendererInProcess(),
            ConfiguredSigner(settings),
            kinds,
            lambda: self.moment,
            60,
            worker,
            chance=lambda: 0.5,
        )

    def watch(self, queue: Queue) -> Watch:
        journal = Journal("test", lambda: self.moment, self.lines.append)
        return Watch(queue, journal, lambda: self.steady)

    def add(self, kind: str, **values: object) -> int:
        return add_job(self.database, kind, moment=self.moment, **values)

    def job(self, job_id: int) -> jobs.Job:
        return job(self.database, job_id)

    def take_due(self, name: str, held: HeldJob) -> None:
        with held.writing() as work:
            schedules.take(work.session, name, START, moment=START)

    def is_written(self, name: str) -> bool:
        with self.database.reading() as session:
            return schedules.is_taken(session, name, START)


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> Bench:
    """Lay a bench on this test's own database."""
    return Bench(database, tmp_path)


def _fail(held: HeldJob) -> None:
    raise ConnectionError("the other side hung up\nwith a second line")


def _nothing(held: HeldJob) -> None:
    pass


def test_job_is_done_once_and_keeps_no_token(bench: Bench) -> None:
    seen: list[HeldJob] = []
    queue = bench.queue(look=Kind(seen.append))
    job_id = bench.add("look", arguments={"year": 2025})

    held = queue.take()
    assert held is not None
    assert queue.take() is None
    assert queue.run(held) == (Outcome.DONE, "")

    assert [dict(one.arguments) for one in seen] == [{"year": 2025}]
    row = bench.job(job_id)
    assert (row.state, row.attempts, row.progress, row.token) == ("done", 1, 100, None)
    assert row.finished_at == START


def test_job_order_is_priority_then_time(bench: Bench) -> None:
    late = bench.add("look", run_at=START - timedelta(minutes=1))
    early = bench.add("look", run_at=START - timedelta(minutes=2))
    urgent = bench.add("look", priority=10)
    bench.add("look", run_at=START + timedelta(seconds=1))
    queue = bench.queue()
    taken = [queue.take(), queue.take(), queue.take()]
    assert [held and held.job_id for held in taken] == [urgent, early, late]
    assert queue.take() is None


def test_nothing_is_taken_before_the_commit(bench: Bench) -> None:
    queue = bench.queue()
    with bench.database.writing() as session:
        jobs.add(session, "look", {}, moment=START)
        assert queue.take() is None
        session.commit()
    assert queue.take() is not None


def test_nothing_is_left_of_a_transaction_that_was_rolled_back(bench: Bench) -> None:
    with bench.database.writing() as session:
        jobs.add(session, "look", {}, moment=START)
        session.rollback()
    assert bench.queue().take() is None


def test_idle_worker_asks_without_any_lock(bench: Bench) -> None:
    statements: list[str] = []
    event.listen(
        bench.database.engine,
        "before_cursor_execute",
        lambda *arguments: statements.append(arguments[2].split()[0].upper()),
    )
    assert bench.queue().take() is None
    assert set(statements) <= {"SELECT", "BEGIN", "PRAGMA", "SET"}
    with bench.database.writing() as session:  # an idle worker's question would wait here
        schedules.take(session, "writer", START, moment=START)
        assert bench.queue().take() is None


def test_failing_job_is_put_off_longer_each_time_then_parked(bench: Bench) -> None:
    queue = bench.queue(fail=Kind(_fail, first_pause=timedelta(seconds=10)))
    job_id = bench.add("fail")
    pauses = []
    for attempt in range(1, 5):
        held = queue.take()
        assert held is not None, attempt
        assert queue.run(held) == (Outcome.PUT_OFF, "ConnectionError: the other side hung up")
        assert queue.take() is None
        pauses.append(bench.job(job_id).run_at - bench.moment)
        bench.moment = bench.job(job_id).run_at
    assert pauses == [timedelta(seconds=s) for s in (10, 40, 160, 640)]

    held = queue.take()
    assert held is not None
    assert queue.run(held)[0] is Outcome.DEAD
    row = bench.job(job_id)
    assert (row.state, row.attempts) == ("dead", 5)
    assert row.error.startswith("ConnectionError: the other side hung up")
    assert "_fail" in row.error
    bench.moment += timedelta(days=365)
    assert queue.take() is None


def test_pause_is_spread_and_has_an_end() -> None:
    base = timedelta(seconds=10)
    assert pause_after(1, base, 0.0) == timedelta(seconds=7.5)
    assert pause_after(1, base, 0.999) < timedelta(seconds=12.5)
    assert pause_after(50, base, 0.5) == timedelta(hours=2)


def test_hopeless_job_is_parked_at_once_and_says_so_outside(bench: Bench) -> None:
    told: list[tuple[object, str]] = []

    def give_up(held: HeldJob) -> None:
        raise Hopeless("there is no member 7")

    def tell(work: Work, arguments: object, error: str) -> None:
        told.append((arguments, error))
        schedules.take(work.session, "told", START, moment=START)

    queue = bench.queue(hopeless=Kind(give_up, when_dead=tell))
    job_id = bench.add("hopeless", arguments={"member_id": 7})
    held = queue.take()
    assert held is not None
    assert queue.run(held) == (Outcome.DEAD, "there is no member 7")
    assert told == [({"member_id": 7}, "there is no member 7")]
    assert bench.is_written("told")
    assert bench.job(job_id).attempts == 1


def test_kind_without_a_handler_is_parked_with_a_clear_error(bench: Bench) -> None:
    job_id = bench.add("from_a_newer_release")
    queue = bench.queue(look=Kind(_nothing))
    held = queue.take()
    assert held is not None
    assert queue.run(held)[0] is Outcome.DEAD
    assert bench.job(job_id).error == "this release knows no job of the kind 'from_a_newer_release'"


def test_zombie_can_neither_finish_nor_write_nor_show(bench: Bench) -> None:
    first, second = bench.queue("first", look=Kind(_nothing)), bench.queue("second")
    watch = bench.watch(second)
    job_id = bench.add("look")
    zombie = first.take()
    assert zombie is not None
    assert watch.look() == 0
    bench.steady += 60
    assert watch.look() == 1

    heir = second.take()
    assert heir is not None
    assert (heir.job_id, heir.attempt) == (job_id, 2)
    with pytest.raises(LeaseLost):
        bench.take_due("zombie", zombie)
    with pytest.raises(LeaseLost):
        zombie.show(50)
    assert first.run(zombie) == (Outcome.LOST, "")
    assert not first.give_back(zombie)
    assert not bench.is_written("zombie")

    bench.take_due("heir", heir)
    assert bench.is_written("heir")
    row = bench.job(job_id)
    assert (row.state, row.worker, row.token) == ("running", "second", heir.token)


def test_zombies_write_is_rolled_back_when_the_lease_is_lost_in_between(bench: Bench) -> None:
    queue = bench.queue()
    bench.add("look")
    held = queue.take()
    assert held is not None
    with bench.database.writing() as session:
        assert jobs.give_back(session, held.job_id, held.token)
        session.commit()
    with pytest.raises(LeaseLost):
        bench.take_due("late", held)
    assert not bench.is_written("late")
    assert held.is_lost


def test_effect_and_done_are_committed_together(bench: Bench) -> None:
    def half(held: HeldJob) -> None:
        with held.finishing() as work:
            schedules.take(work.session, "half", START, moment=START)
            raise ConnectionError("in the middle")

    def whole(held: HeldJob) -> None:
        with held.finishing() as work:
            schedules.take(work.session, "whole", START, moment=START)

    queue = bench.queue(half=Kind(half), whole=Kind(whole))
    outcomes = []
    for kind in ("half", "whole"):
        bench.add(kind)
        held = queue.take()
        assert held is not None
        outcomes.append(queue.run(held)[0])
    assert outcomes == [Outcome.PUT_OFF, Outcome.DONE]
    assert not bench.is_written("half")
    assert bench.is_written("whole")


def test_heart_keeps_the_lease_of_a_long_job(bench: Bench) -> None:
    queue = bench.queue()
    watch = bench.watch(queue)
    bench.add("look")
    held = queue.take()
    assert held is not None
    quick = replace(queue, lease_seconds=1)
    heart = Heart(quick, watch.journal)
    heart.hold(held)
    heart.start()
    try:
        assert watch.look() == 0
        wait_until(lambda: bench.job(held.job_id).beats >= 2)
        bench.steady += 60
        assert watch.look() == 0
    finally:
        heart.stop()
    assert not held.is_lost


# On SQLite there is one writer at a time: both wait for the handler's commit, and find the job alive.
@pytest.mark.parametrize("dialect", ["postgresql"])
def test_transaction_of_a_handler_holds_neither_heart_nor_watch_up(bench: Bench) -> None:
    queue = bench.queue()
    watch = bench.watch(queue)
    bench.add("look")
    held = queue.take()
    assert held is not None
    watch.look()
    with held.writing():
        with bench.database.writing() as session:
            assert jobs.beat(session, held.job_id, held.token, moment=START)
            assert not jobs.beat(session, held.job_id, "another token", moment=START)
        bench.steady += 60
        assert watch.look() == 0
    assert bench.job(held.job_id).state == "running"


def test_heart_notices_that_the_lease_was_lost(bench: Bench) -> None:
    queue = bench.queue()
    bench.add("look")
    held = queue.take()
    assert held is not None
    with bench.database.writing() as session:
        jobs.give_back(session, held.job_id, held.token)
        session.commit()
    quick = replace(queue, lease_seconds=1)
    heart = Heart(quick, Journal("test", queue.now, bench.lines.append))
    heart.hold(held)
    heart.start()
    wait_until(lambda: held.is_lost)
    heart.stop()


@pytest.mark.parametrize("hours", [-2, 2])
def test_clock_that_is_set_frees_no_job_and_holds_none_up(bench: Bench, hours: int) -> None:
    queue = bench.queue(look=Kind(_nothing))
    watch = bench.watch(queue)
    bench.add("look")
    waiting = bench.add("look", run_at=START + timedelta(hours=3))
    at_work = queue.take()
    assert at_work is not None
    at_once = bench.add("look")

    bench.moment += timedelta(hours=hours)
    assert watch.look() == 0
    taken = queue.take()
    assert taken is not None
    assert taken.job_id == at_once
    assert queue.take() is None
    assert bench.job(waiting).state == "ready"

    bench.steady += 60
    assert watch.look() == 1  # silent for its whole lease, whatever the clock says
    again = queue.take()
    assert again is not None
    assert again.job_id == at_work.job_id


def test_job_that_kills_its_worker_is_parked_in_the_end(bench: Bench) -> None:
    told: list[str] = []
    queue = bench.queue(
        deadly=Kind(_nothing, when_dead=lambda work, arguments, error: told.append(error))
    )
    watch = bench.watch(queue)
    job_id = bench.add("deadly")
    for attempt in range(1, 6):
        held = queue.take()
        assert held is not None, attempt
        watch.look()
        bench.steady += 60
        assert watch.look() == 1
    assert queue.take() is None
    assert bench.job(job_id).state == "dead"
    assert told == ["the worker one stopped before the job was done"]


def test_unique_key_lets_one_wait_or_run_and_the_next_in_after_it(bench: Bench) -> None:
    queue = bench.queue(look=Kind(_nothing))

    def try_to_add() -> bool:
        with bench.database.writing() as session:
            added = jobs.add(session, "look", {}, moment=START, unique_key="report:7")
            session.commit()
        return added is not None

    assert try_to_add()
    assert not try_to_add()
    held = queue.take()
    assert held is not None
    assert not try_to_add()
    queue.run(held)
    assert try_to_add()


def test_unique_key_holds_between_transactions_at_once(bench: Bench) -> None:
    added: list[bool] = []
    barrier = threading.Barrier(4)

    def add() -> None:
        barrier.wait()
        with bench.database.writing() as session:
            found = jobs.add(session, "look", {}, moment=START, unique_key="report:7")
            session.commit()
        added.append(found is not None)

    _run_at_once([add] * 4)
    assert sorted(added) == [False, False, False, True]


def test_hundred_claims_at_once_give_each_job_to_one(bench: Bench) -> None:
    for _ in range(100):
        bench.add("look")
    taken: list[int] = []

    def take_all() -> None:
        while held := bench.queue().take():
            taken.append(held.job_id)

    _run_at_once([take_all] * 4)
    assert len(taken) == len(set(taken)) == 100


def test_dead_job_is_revived_with_all_its_attempts(bench: Bench) -> None:
    job_id = bench.add("look", unique_key="report:7")
    held = bench.queue().take()
    assert held is not None
    bench.queue().run(held)
    with bench.database.writing() as session:
        assert jobs.revive(session, job_id) is not None
        assert jobs.revive(session, job_id) is None
        session.commit()
    row = bench.job(job_id)
    assert (row.state, row.attempts, row.finished_at) == ("ready", 0, None)


def test_dead_job_stays_dead_while_another_has_its_key(bench: Bench) -> None:
    job_id = bench.add("look", unique_key="report:7")
    held = bench.queue().take()
    assert held is not None
    bench.queue().run(held)
    bench.add("look", unique_key="report:7")
    with bench.database.writing() as session:
        assert jobs.revive(session, job_id) is None


def test_step_is_shown_but_not_each_of_a_thousand(bench: Bench) -> None:
    queue = bench.queue()
    bench.add("look")
    held = queue.take()
    assert held is not None
    held.show(10, "Rendering the certificate")
    held.show(11, "Too soon after the last step")
    row = bench.job(held.job_id)
    assert (row.progress, row.message) == (10, "Rendering the certificate")


def test_drain_does_what_is_due_and_comes_back(bench: Bench, database_url: str) -> None:
    seen: list[HeldJob] = []
    for _ in range(3):
        bench.add("look")
    bench.add("look", run_at=START + timedelta(hours=1))
    settings = settings_for(database_url, bench.folder)
    assert drain(settings, kinds={"look": Kind(seen.append)}, now=lambda: START) == 3
    assert len(seen) == 3
    with bench.database.reading() as session:
        assert jobs.count_by_state(session) == {"done": 3, "ready": 1}


def test_old_jobs_are_swept_but_dead_ones_stay(bench: Bench) -> None:
    for kind in ("look", "look", "unknown"):
        bench.add(kind)
    queue = bench.queue(look=Kind(_nothing))
    while held := queue.take():
        queue.run(held)
    with bench.database.writing() as session:
        assert jobs.delete_done(session, START) == 0
        assert jobs.delete_done(session, START + timedelta(seconds=1), limit=1) == 1
        assert jobs.delete_done(session, START + timedelta(seconds=1)) == 1
        assert jobs.count_by_state(session) == {"dead": 1}


def _run_at_once(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
