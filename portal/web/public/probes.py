"""What a monitor asks: `/healthz`, whether this process answers at all, and `/readyz`, whether the portal can work.

Both are the same for everybody, open no session, and say neither a path nor a secret. However often `/readyz` is asked,
a process looks once a second at most, and an answer comes within a second even while the database hangs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from flask import Response, current_app, jsonify
from flask.blueprints import BlueprintSetupState
from sqlalchemy.exc import SQLAlchemyError

from portal.http import clock
from portal.services import health
from portal.services.health import Check
from portal.store import migration
from portal.web.public import blueprint
from portal.web.requests import Wiring

PATIENCE_SECONDS = 1.0
KEPT_SECONDS = 1.0


@dataclass(slots=True)
class Probe:
    """Looks in a thread of its own, so that whoever asks never waits for longer than his patience."""

    look: Callable[[], Sequence[Check]]
    fall_back: Callable[[], Sequence[Check]]
    patience: float = PATIENCE_SECONDS
    steady: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _under_way: threading.Thread | None = None
    _found: Sequence[Check] = ()
    _found_at: float = float("-inf")

    def ask(self) -> Sequence[Check]:
        """What was found within the last second, or is found within the next one; otherwise that nothing answered."""
        with self._lock:
            if self._is_fresh():
                return self._found
            looking = self._under_way
            if looking is None or not looking.is_alive():
                looking = threading.Thread(target=self._look, name="probe", daemon=True)
                self._under_way = looking
                looking.start()
            looking.join(self.patience)
            return self._found if self._is_fresh() else self.fall_back()

    def _is_fresh(self) -> bool:
        return self.steady() - self._found_at <= KEPT_SECONDS

    def _look(self) -> None:
        try:
            found = self.look()
        except (SQLAlchemyError, OSError):
            found = self.fall_back()
        self._found, self._found_at = found, self.steady()


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that this process answers; nothing else is touched."""
    return jsonify(alive=True)


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say whether the portal can do its work, check by check."""
    checks = _probe().ask()
    answer = jsonify(
        ready=all(check.is_sound for check in checks),
        checks={
            check.name: {"ok": check.is_sound, **({check.unit: check.value} if check.unit else {})}
            for check in checks
        },
    )
    answer.status_code = 200 if all(check.is_sound for check in checks) else 503
    return answer


@blueprint.record
def _set_up(state: BlueprintSetupState) -> None:
    """Make the one probe of an application when its pages are registered."""
    state.app.extensions["probe"] = _probe_of(state.app.extensions["portal"])


def _probe_of(wired: Wiring) -> Probe:
    database, storage = wired.database, wired.settings.storage
    wanted = (
        migration.head_revision()
    )  # reading the migrations takes longer than asking the database

    def look() -> list[Check]:
        return health.readiness(database, storage, wanted, clock.now())

    def fall_back() -> list[Check]:
        return [Check("database", False), *health.storage_checks(storage)]

    return Probe(look, fall_back)


def _probe() -> Probe:
    return cast(Probe, current_app.extensions["probe"])
