"""Drafts the next numbered migration from what the store's tables say that the migrations don't yet.

    python migrations/draft.py "add the review queue"

Read the draft before you keep it: triggers, changed CHECK texts and moved data are not seen by the comparison.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from portal.resources import MIGRATIONS
from portal.store import migration
from portal.store.base import Database


def draft(message: str) -> Path:
    """Write the draft against a fresh database at the newest revision, and return its path."""
    written = sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))
    number = f"{len(written) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/draft.sqlite3"
        if written:
            migration.upgrade(url)
        with Database(url).engine.begin() as connection:
            config = migration.alembic_config(connection)
            script = command.revision(config, message, autogenerate=True, rev_id=number)
    return Path(script.path)


if __name__ == "__main__":
    print(draft(" ".join(sys.argv[1:])))  # noqa: T201 -- a maintainer's command
