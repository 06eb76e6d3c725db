"""One folder of keys for a whole run of the tests: making RSA keys takes longer than most tests."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from portal.store.keys import KeyFolder

ORIGIN = "portal.example.com/log"
# Processes that a test starts find the folder of the test by this name.
_VARIABLE = "PORTAL_TEST_KEYS"


def shared_keys() -> Path:
    """The folder, made when it is first asked for and removed by the process that made it."""
    known = os.environ.get(_VARIABLE)
    if known is None:
        known = tempfile.mkdtemp(prefix="portal-keys-")
        KeyFolder(Path(known)).lay(ORIGIN, datetime(2024, 1, 1, tzinfo=UTC))
        os.environ[_VARIABLE] = known
        atexit.register(shutil.rmtree, known, ignore_errors=True)
    return Path(known)
