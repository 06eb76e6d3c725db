"""What was acknowledged survives `kill -9` of every process; `make resilience` does the same two hundred times."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

import pytest

from tests.resilience import killing

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
KILLS = 3


def test_nothing_acknowledged_is_lost_when_everything_is_killed_while_people_write(
    database_url: str, dialect: str, tmp_path: Path
) -> None:
    seed = secrets.randbelow(1_000_000)
    report = killing.run(database_url, tmp_path, kills=KILLS, seed=seed, engine=dialect)
    print(killing.table(report))  # noqa: T201 -- the seed, for whoever must repeat a failure

    assert report.violations == []
    assert report.kills == KILLS
    assert report.kept > 0
