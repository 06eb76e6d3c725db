"""Does what dead workers have left undone, as a living one does once their leases have run out."""

from __future__ import annotations

from portal.config.settings import Settings
from portal.documents.renderer import Renderer, RendererPool
from portal.jobs import clock, registry
from portal.jobs.heart import Watch
from portal.jobs.journal import Journal
from portal.jobs.queue import Queue
from portal.jobs.signing import ConfiguredSigner
from portal.jobs.worker import USUAL_PACE, drain
from portal.store.base import Database


def queue_of(database: Database, settings: Settings, renderer: Renderer) -> Queue:
    """The job table as a worker sees it."""
    return Queue(
        database,
        settings,
        renderer,
        ConfiguredSigner(settings),
        registry.KINDS,
        clock.now,
        USUAL_PACE.lease_seconds,
        "another worker",
    )


def free_jobs(queue: Queue) -> None:
    """Free every job that is held, on a steady clock that goes on by more than a lease."""
    ahead = iter((0.0, 10.0 * USUAL_PACE.lease_seconds))
    watch = Watch(queue, Journal("watch", clock.now, lambda line: None), steady=lambda: next(ahead))
    watch.look()
    watch.look()


def finish_jobs(settings: Settings) -> int:
    """Free the jobs of workers that were killed and do all that is due; returns how many attempts that were."""
    database = Database(settings.database_url)
    with RendererPool(1) as renderer:
        free_jobs(queue_of(database, settings, renderer))
    database.dispose()
    return drain(settings)
