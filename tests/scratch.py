"""Where databases of tests lie: in memory where there is room, since nothing of them has to outlive the tests.

Making a database means making some four hundred files, which takes a disk thirty times as long.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 -- folders of our own are made in it, with random names
LEAST_FREE_BYTES = 4 * 1024**3


def folder_for_databases() -> str:
    """The folder to make such folders in."""
    has_room = (
        MEMORY.is_dir()
        and os.access(MEMORY, os.W_OK | os.X_OK)
        and shutil.disk_usage(MEMORY).free >= LEAST_FREE_BYTES
    )
    return str(MEMORY) if has_room else tempfile.gettempdir()
