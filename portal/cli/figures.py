"""The figures themselves: what the processes have counted, and what database, disk and keys tell at this moment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from portal import __version__
from portal.cli.exporting import VARIABLE
from portal.config.settings import Settings
from portal.services import health
from portal.services.health import Check, Standing
from portal.store import migration
from portal.store.base import Database
from portal.store.keys import KeyFolder, NoKey, expires_at
from portal.store.stamps import Stamps


@dataclass(frozen=True, slots=True)
class Figures(Collector):
    """Asked anew at each scrape; while the database is away, the figures that it would tell are left out."""

    settings: Settings
    database: Database
    now: Callable[[], datetime]
    wanted_revision: str

    @classmethod
    def of(cls, settings: Settings, now: Callable[[], datetime]) -> Figures:
        """The figures of the portal that the settings name."""
        database = Database(settings.database_url, pool_size=1)
        return cls(settings, database, now, migration.head_revision())

    def describe(self) -> list[Metric]:
        """Name nothing beforehand: that would ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All figures of this moment."""
        yield InfoMetricFamily("portal_build", "The release.", {"version": __version__})
        folder = os.environ.get(VARIABLE)
        if folder is not None:
            yield from _counted(Path(folder))
        checks = list(health.storage_checks(self.settings.storage))
        try:
            told = list(self._told_by_database(checks))
        except SQLAlchemyError:
            told = []
            checks.append(Check("database", False))
        yield from told
        yield _labelled(
            "portal_check_ok",
            "Whether a check of /readyz holds (1) or not (0).",
            "check",
            ((check.name, int(check.is_sound)) for check in checks),
        )
        yield self._free()
        yield from self._errands()
        yield from self._signer()

    def _told_by_database(self, checks: list[Check]) -> Iterator[Metric]:
        began = perf_counter()
        moment = self.now()
        with self.database.reading() as session:
            found = health.standing(session, moment)
            seconds = perf_counter() - began
            queue = health.queue(session)
            apart = health.clock_difference(self.database, session, self.now())
        checks += [Check("database", True), *health.checks_of(found, self.wanted_revision)]
        yield _gauge("portal_database_seconds", "Seconds that these questions took.", seconds)
        yield from _ages(found)
        yield _labelled(
            "portal_jobs", "Background jobs: ready, running, dead.", "state", queue.jobs.items()
        )
        yield _labelled(
            "portal_mails", "Letters that wait or were given up.", "state", queue.messages.items()
        )
        if apart is not None:
            yield _gauge(
                "portal_clock_difference_seconds",
                "How far the database's clock is ahead of this machine's.",
                apart.total_seconds(),
            )

    def _free(self) -> Metric:
        folders = {
            "folder": self.settings.folder,
            "storage": self.settings.storage,
            "log": self.settings.log,
        }
        return _labelled(
            "portal_disk_free_bytes",
            "The room that is left where each folder lies.",
            "folder",
            ((name, health.free_bytes(path)) for name, path in folders.items()),
        )

    def _errands(self) -> Iterator[Metric]:
        moment = self.now()
        stamps = list(Stamps(self.settings.folder).read())
        yield _labelled(
            "portal_errand_age_seconds",
            "Seconds since a backup or a check of the ledger was last done on this machine.",
            "errand",
            ((stamp.errand, (moment - stamp.at).total_seconds()) for stamp in stamps),
        )
        yield _labelled(
            "portal_errand_faults",
            "Faults that it found.",
            "errand",
            ((stamp.errand, stamp.faults) for stamp in stamps),
        )

    def _signer(self) -> Iterator[Metric]:
        """The certificate of the signer; one in a token is not opened for this."""
        signer = self.settings.signer
        if signer.token:
            return
        try:
            if signer.file:
                ends = expires_at(signer.file.read_bytes(), signer.passphrase())
            else:
                ends = expires_at(*KeyFolder(self.settings.keys).signer())
        except (NoKey, OSError, ValueError):
            return
        days = (ends - self.now()) / timedelta(days=1)
        yield _gauge("portal_signer_days", "Days until the certificate of the signer ends.", days)


def _counted(folder: Path) -> Iterable[Metric]:
    """What the processes have counted; a file that one has only just opened, or died over opening, is still empty."""
    files = [str(file) for file in folder.iterdir() if file.suffix == ".db" and file.stat().st_size]
    metrics: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]  # has no types
    return metrics


def _ages(found: Standing) -> Iterator[Metric]:
    named = (
        ("portal_worker_silence_seconds", "Since a worker was last heard of.", found.silence),
        (
            "portal_oldest_due_job_seconds",
            "For how long the oldest due job has waited.",
            found.oldest_due_job or timedelta(0),
        ),
        (
            "portal_log_checkpoint_age_seconds",
            "Age of the newest signed checkpoint.",
            found.checkpoint,
        ),
        (
            "portal_log_unsigned_seconds",
            "For how long the oldest ledger entry has waited for a signed checkpoint.",
            found.oldest_unsigned or timedelta(0),
        ),
    )
    for name, said, age in named:
        if age is not None:
            yield _gauge(name, said, age.total_seconds())
    yield _gauge(
        "portal_log_unsigned_entries",
        "Ledger entries that no signed checkpoint holds yet.",
        found.unsigned_entries,
    )


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(name, said, value=value)


def _labelled(name: str, said: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(name, said, labels=(label,))
    for which, value in values:
        family.add_metric((which,), value)
    return family
