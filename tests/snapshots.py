"""Keeps what people receive as files under tests/snapshots; `PORTAL_TEST_WRITE_SNAPSHOTS=1` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "snapshots"


def assert_snapshot(name: str, text: str) -> None:
    """Fail unless `text` is what was kept under `name`; read the difference before you write it anew."""
    path = FOLDER / name
    if os.environ.get("PORTAL_TEST_WRITE_SNAPSHOTS") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"there is no snapshot {name}: PORTAL_TEST_WRITE_SNAPSHOTS=1 writes it"
    assert text == path.read_text(encoding="utf-8")
