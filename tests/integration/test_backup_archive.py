"""What the archive inside a sealed file says is not believed: whoever knows the passphrase may have made it."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from portal.services import backups
from portal.services.backups import Places
from portal.store.backup.archive import ArchiveWriter, members
from portal.store.backup.sealing import LEAST_WORK, Content, Damaged, Opener, Sealer
from portal.store.base import Database
from tests import populated

MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PASSPHRASE = "six words chosen by dice"


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "storage/../../keys/log.key", "../storage/ab", "storage/..", "keys/.."],
)
def test_name_that_leads_elsewhere_is_refused(name: str) -> None:
    file = BytesIO()
    writer = ArchiveWriter(file)
    writer.add_json(name, {})
    writer.close()
    file.seek(0)
    with pytest.raises(Damaged, match="leads elsewhere"):
        list(members(file))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE])
def test_anything_but_a_plain_file_is_refused(kind: bytes) -> None:
    file = BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        info = tarfile.TarInfo("storage/ab")
        info.type, info.linkname = kind, "/etc/passwd"
        tar.addfile(info)
    file.seek(0)
    with pytest.raises(Damaged):
        list(members(file))


def changed(backup: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The backup sealed once more with other members: None leaves one out."""
    out, plain = BytesIO(), BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for member in members(Opener(BytesIO(backup), PASSPHRASE, Content.DATA)):
            name = "/".join(member.parts)
            content = change(name, member.stream.read())
            if content is not None:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, BytesIO(content))
    sealer = Sealer(out, PASSPHRASE, Content.DATA, work=LEAST_WORK)
    sealer.write(plain.getvalue())
    sealer.close()
    return out.getvalue()


@pytest.fixture
def backup(database: Database, database_url: str, tmp_path: Path) -> bytes:
    places = Places(database_url, tmp_path / "storage", tmp_path / "keys")
    populated.populate(database, places.storage, 2)
    file = BytesIO()
    backups.write_backup(places, file, PASSPHRASE, MOMENT, secrets={}, work=LEAST_WORK)
    return file.getvalue()


def test_backup_that_is_sealed_once_more_as_it_was_is_whole(backup: bytes) -> None:
    again = changed(backup, lambda name, content: content)
    found = backups.check_backup(BytesIO(again), PASSPHRASE)
    assert found == backups.check_backup(BytesIO(backup), PASSPHRASE)


@pytest.mark.parametrize(
    "part", ["database/account/", "database/ledger_entry/", "database/ledger_node/", "storage/"]
)
def test_backup_that_lacks_what_it_lists_is_refused(backup: bytes, part: str) -> None:
    lacking = changed(backup, lambda name, content: None if name.startswith(part) else content)
    with pytest.raises(Damaged, match="does not hold what it says"):
        backups.check_backup(BytesIO(lacking), PASSPHRASE)
