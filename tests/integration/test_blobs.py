"""The blob folder: once, whole, private, and nothing left behind."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from datetime import UTC, datetime, timedelta

import pytest

from portal.store.blobs import Blobs, TooLarge

CONTENT = "电费账单\n".encode() * 50_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def blobs(tmp_path):
    return Blobs(tmp_path / "evidence")


def _keep(blobs, content=CONTENT):
    with blobs.receive(io.BytesIO(content), largest=len(content)) as received:
        blobs.keep(received)
    return received


def _files(blobs):
    return sorted(path for path in blobs.root.rglob("*") if path.is_file())


def test_content_is_kept_once_under_its_digest_and_reads_back(blobs):
    first, second = _keep(blobs), _keep(blobs)
    assert first.sha256 == second.sha256 == DIGEST
    assert first.size == len(CONTENT)
    assert [path.name for path in _files(blobs)] == [DIGEST]
    with blobs.open(DIGEST) as file:
        assert file.read() == CONTENT
    assert list(blobs.digests()) == [DIGEST]


def test_files_are_readable_by_owner_and_group_only(blobs):
    old = os.umask(0)
    try:
        _keep(blobs)
    finally:
        os.umask(old)
    for path in (blobs.root, *blobs.root.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o640 if path.is_file() else 0o750), path


def test_upload_that_is_not_kept_leaves_nothing(blobs):
    with blobs.receive(io.BytesIO(CONTENT), largest=len(CONTENT)) as received:
        assert received.path.read_bytes() == CONTENT
    assert _files(blobs) == []
    with pytest.raises(RuntimeError), blobs.receive(io.BytesIO(CONTENT), largest=len(CONTENT)):
        raise RuntimeError("the inspection broke")
    assert _files(blobs) == []


class Endless:
    """A stream that never ends, and counts what was taken from it."""

    taken = 0

    def read(self, size: int, /) -> bytes:
        self.taken += size
        return b"x" * size


def test_too_long_stream_is_cut_off_one_byte_past_the_limit(blobs):
    stream = Endless()
    with pytest.raises(TooLarge) as caught, blobs.receive(stream, largest=1_000_000):
        pass
    assert caught.value.largest == 1_000_000
    assert stream.taken == 1_000_001
    assert _files(blobs) == []


def test_both_file_and_folder_are_flushed_before_keeping_returns(blobs, monkeypatch):
    flushed = []
    real = os.fsync

    def watched(handle):
        flushed.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        real(handle)

    monkeypatch.setattr(os, "fsync", watched)
    _keep(blobs)
    assert False in flushed
    assert flushed[-1] is True


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_failure_in_the_middle_is_reported_and_leaves_nothing(blobs, monkeypatch, step):
    def full(*_arguments, **_names):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="No space left"):
        _keep(blobs)
    monkeypatch.undo()
    assert _files(blobs) == []


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "", "a" * 63, DIGEST.upper(), f"{DIGEST}\n", f"{DIGEST[:62]}/.."]
)
def test_only_a_digest_ever_becomes_a_path(blobs, name):
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        blobs.open(name)


def test_flipped_bit_is_found(blobs):
    _keep(blobs)
    assert blobs.is_intact(DIGEST)
    (path,) = _files(blobs)
    damaged = bytearray(CONTENT)
    damaged[1000] ^= 1
    path.write_bytes(damaged)
    assert not blobs.is_intact(DIGEST)
    assert not blobs.is_intact("0" * 64)


def test_sweep_removes_only_what_a_crash_left_behind(blobs):
    _keep(blobs)
    now = datetime.now(UTC)
    with blobs.receive(io.BytesIO(b"in progress"), largest=100) as received:
        stale = received.path.with_name("left-behind")
        stale.write_bytes(b"half")
        os.utime(stale, (0, 0))
        assert blobs.sweep(now - timedelta(hours=24)) == 1
        assert received.path.exists()
        assert not stale.exists()
    assert blobs.holds(DIGEST)


def test_removed_blob_is_gone_and_removing_twice_is_no_error(blobs):
    _keep(blobs)
    blobs.remove(DIGEST)
    blobs.remove(DIGEST)
    assert not blobs.holds(DIGEST)
    with pytest.raises(FileNotFoundError):
        blobs.open(DIGEST)
