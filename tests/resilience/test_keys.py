"""A request with a key is done exactly once, although it is sent by many at once and the portal is killed in between.

`PORTAL_TEST_KEYS=50` kills it fifty times on each database, which takes some minutes.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import pytest

from tests.resilience import keyed

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
ROUNDS = int(os.environ.get("PORTAL_TEST_KEYS", "1"))


def test_every_key_has_one_effect_and_one_answer_although_the_portal_is_killed(
    database_url: str, tmp_path: Path
) -> None:
    report = keyed.run(database_url, tmp_path, rounds=ROUNDS, seed=secrets.randbelow(1_000_000))
    print(report)  # noqa: T201 -- the seed, for whoever must repeat a failure

    assert report.violations == []
    assert report.requests == 200 * ROUNDS
    assert min(report.unanswered) > 0, "the portal was killed while it was asked"
    assert report.statuses["201"] == report.requests
