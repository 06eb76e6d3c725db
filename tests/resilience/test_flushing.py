"""What is acknowledged was flushed to the disk before: seen in the system calls of the running portal."""

from __future__ import annotations

import os
import re
import shutil
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from portal.store.base import Database
from portal.store.blobs import Blobs
from tests.resilience.test_outages import Desk, on_disks
from tests.serving import served

TIMES = 10
_FLUSH = re.compile(r"\b(?:fsync|fdatasync)\(")
_ANSWER = re.compile(r'(?:write|writev|sendto|sendmsg)\(.*"HTTP/1\.1 (\d{3})')


def test_sqlite_flushes_every_commit_and_postgresql_is_left_to_do_so(database: Database) -> None:
    wanted = ("synchronous", 2) if database.is_sqlite else ("synchronous_commit", "on")
    with database.reading() as session:
        if database.is_sqlite:
            assert session.scalars(text("PRAGMA synchronous")).one() == wanted[1]
        else:
            source = "SELECT source FROM pg_settings WHERE name = 'synchronous_commit'"
            # Ours would say "client"; it is the server's own, and its operator's.
            assert session.scalars(text(source)).one() in ("default", "command line")


def test_folder_of_a_file_that_is_there_already_is_flushed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = Blobs(tmp_path)
    for _ in range(2):
        flushed: list[str] = []
        plain = os.fsync

        def note(handle: int, seen: list[str] = flushed, flush: Any = plain) -> None:
            seen.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
            flush(handle)

        with monkeypatch.context() as patch, blobs.receive(BytesIO(b"bill"), largest=9) as came:
            patch.setattr(os, "fsync", note)
            blobs.keep(came)
        assert {str(tmp_path / came.sha256[:2]), str(tmp_path)} <= set(flushed)


@pytest.mark.skipif(shutil.which("strace") is None, reason="looks with strace")
def test_acknowledged_writes_are_flushed_before_their_answer(tmp_path: Path) -> None:
    environ, people = on_disks(tmp_path, tmp_path, tmp_path / "storage")
    trace = tmp_path / "trace"
    calls = "trace=fsync,fdatasync,write,writev,sendto,sendmsg"
    traced = tmp_path / "python"
    traced.write_text(
        f'#!/bin/sh\nexec strace -D -f -qq -s 20 -e {calls} -o {trace} {sys.executable} "$@"\n'
    )
    traced.chmod(0o755)
    with served(traced, environ, tmp_path, "--no-worker") as portal:
        desk = Desk(portal, people)
        page = desk.read()
        assert all(desk.save(page).is_kept for _ in range(TIMES))
        files = desk.open_evidence()
        assert all(desk.upload(files).is_kept for _ in range(TIMES))

    flushed = flushes_before_answers(trace.read_text("utf-8", "replace"))
    saves, uploads = flushed[-2 * TIMES : -TIMES], flushed[-TIMES:]
    print(f"flushes before the answer: saves {saves}, uploads {uploads}")  # noqa: T201 -- the figures of this test
    assert len(flushed) >= 2 * TIMES
    assert min(saves) >= 1
    assert min(uploads) >= min(saves) + 3  # the file, its folder, and the folder above it


def flushes_before_answers(trace: str) -> list[int]:
    """For each answer 303, how many flushes there were since the answer before it."""
    found, flushes = [], 0
    for line in trace.splitlines():
        if _FLUSH.search(line):
            flushes += 1
        elif answer := _ANSWER.search(line):
            if answer[1] == "303":
                found.append(flushes)
            flushes = 0
    return found
