"""What the coordinator's overview and queue cost with 154 members and with 5,000 members, six years each.

Run it alone on a quiet machine: python tests/benchmarks/bench_dashboard.py [database URL].
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.alliances import growth

MOST_GROWTH = 2
# The overview is what may not grow; the queue is printed beside it, for it counts what waits.
PAGES = {"overview": "/coordinator/", "queue": "/coordinator/submissions/"}


def main() -> int:
    return 0 if growth(PAGES)["overview"] < MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
