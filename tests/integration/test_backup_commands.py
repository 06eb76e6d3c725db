"""`portal backup` and `portal restore`: two sealed files, plain words for what is wrong, nothing half done."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cli import main
from portal.cli.passphrases import LEAST_CHARACTERS
from portal.services import backups
from portal.store.backup.sealing import LEAST_WORK, Sealer
from portal.store.base import Database
from tests import populated
from tests.browsers import ORIGIN, SECRETS
from tests.databases import Databases

PASSPHRASE = "six words chosen by dice"
OTHER_SECRET = "another-secret-0123456789-abcdefghijklm"


@pytest.fixture(autouse=True)
def little_work(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second of work on each passphrase adds up; the first test does it as people do."""
    if request.function is not test_backup_comes_back_on_an_empty_machine:
        for made in (Sealer.__init__, backups.write_backup):
            monkeypatch.setitem(made.__kwdefaults__, "work", LEAST_WORK)


@pytest.fixture
def environ(tmp_path: Path, database_url: str) -> dict[str, str]:
    """The settings of a portal with three members, and with keys of its own."""
    settings = {
        **SECRETS,
        "PORTAL_BASE_URL": ORIGIN,
        "PORTAL_FOLDER": str(tmp_path / "here"),
        "PORTAL_DATABASE_URL": database_url,
    }
    database = Database(database_url)
    populated.populate(database, tmp_path / "here" / "storage", 3)
    database.dispose()
    (tmp_path / "here" / "keys" / "ca").mkdir(parents=True)
    for name, mode in (("log.key", 0o600), ("ca/root.pem", 0o640)):
        path = tmp_path / "here" / "keys" / name
        path.write_bytes(f"the key {name}".encode())
        path.chmod(mode)
    return settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "monday.backup"


@pytest.fixture
def passphrase_file(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text(f"{PASSPHRASE}\nand what is noted below it\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def elsewhere(dialect: str, databases: Databases, tmp_path: Path) -> dict[str, str]:
    """The settings of an empty machine that knows no secret."""
    folder = tmp_path / "elsewhere"
    if dialect == "sqlite":
        return {"PORTAL_FOLDER": str(folder)}
    return {
        "PORTAL_FOLDER": str(folder),
        "PORTAL_DATABASE_URL": databases.new(template="template1"),
    }


def run(*arguments: object, environ: Mapping[str, str], typed: str = f"{PASSPHRASE}\n") -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], env=environ, input=typed)


def keys_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.keys")


def change(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(bytes(content))


def test_backup_comes_back_on_an_empty_machine(
    environ: dict[str, str], elsewhere: dict[str, str], file: Path, passphrase_file: Path
) -> None:
    asked = ("--passphrase-file", passphrase_file)
    made = run("backup", file, *asked, environ=environ, typed="")
    assert made.exit_code == 0, made.output
    assert "300 ledger entries" in made.output
    assert "4 settings and 2 key files. Keep it in another place." in made.output
    assert {path.stat().st_mode & 0o777 for path in (file, keys_of(file))} == {0o600}

    answer = run("restore", file, "--keys", keys_of(file), *asked, environ=elsewhere, typed="")
    assert answer.exit_code == 0, answer.output
    here, there = Path(environ["PORTAL_FOLDER"]), Path(elsewhere["PORTAL_FOLDER"])
    for name in ("storage", "keys"):
        assert populated.files(there / name) == populated.files(here / name)
    assert (there / "keys" / "log.key").stat().st_mode & 0o777 == 0o600
    left = there / "restored.env"
    assert left.stat().st_mode & 0o777 == 0o600
    assert dict(line.split("=", 1) for line in left.read_text().splitlines()) == {
        **SECRETS,
        "PORTAL_BASE_URL": ORIGIN,
    }
    root = answer.output.split("The ledger's root is ")[1][:64]
    again = run(
        "backup",
        there / "again",
        *asked,
        environ={**SECRETS, "PORTAL_BASE_URL": ORIGIN, **elsewhere},
        typed="",
    )
    assert again.exit_code == 0, again.output
    checked = run("backup", "--verify", there / "again", *asked, environ=elsewhere, typed="")
    assert f"The ledger's root is {root}" in checked.output


def test_verify_needs_no_settings_and_restores_nothing(
    environ: dict[str, str], file: Path, tmp_path: Path
) -> None:
    run("backup", file, environ=environ)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    answer = run("backup", "--verify", file, environ={})
    assert answer.exit_code == 0, answer.output
    assert f"{file} is whole: " in answer.output
    assert f"{keys_of(file)} is whole: 4 settings and 2 key files" in answer.output
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_keys_are_not_in_the_file_of_the_data(environ: dict[str, str], file: Path) -> None:
    run("backup", file, environ=environ)
    seen: list[str] = []

    class Names:
        def begin(self, about: object) -> None:
            assert not any(secret in repr(about) for secret in SECRETS.values())

        def lines(self, shape: object, lines: list[bytes]) -> None:
            assert not any(secret.encode() in line for secret in SECRETS.values() for line in lines)

        def file(self, member: backups.Member) -> None:
            seen.append(member.room)

    with file.open("rb") as opened:
        backups.check_backup(opened, PASSPHRASE, Names())
    assert seen == ["storage"] * 3


@pytest.mark.parametrize(
    ("place", "says"),
    [
        (0, "This is no backup of a portal"),
        (40, "damaged in its first 116 bytes"),
        (5000, "is damaged"),
        (-1, "is damaged after byte 116, or its end is missing"),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])  # the file is the same from either
def test_damage_is_told_in_plain_words(
    environ: dict[str, str], elsewhere: dict[str, str], file: Path, place: int, says: str
) -> None:
    run("backup", file, environ=environ)
    change(file, place)
    for command in (("backup", "--verify", file), ("restore", file, "--keys", keys_of(file))):
        answer = run(*command, environ=elsewhere)
        assert answer.exit_code == 1
        assert says in answer.output
    assert populated.files(Path(elsewhere["PORTAL_FOLDER"])) == {}


@pytest.mark.parametrize("dialect", ["sqlite"])  # the file is the same from either
def test_wrong_passphrase_is_told_in_plain_words(
    environ: dict[str, str], elsewhere: dict[str, str], file: Path
) -> None:
    run("backup", file, environ=environ)
    for command in (("backup", "--verify", file), ("restore", file, "--keys", keys_of(file))):
        answer = run(*command, environ=elsewhere, typed="six words chosen by mice\n")
        assert answer.exit_code == 1
        assert "The passphrase is not the one that this file was sealed with." in answer.output
    assert populated.files(Path(elsewhere["PORTAL_FOLDER"])) == {}


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_files_taken_for_each_other_are_told(
    environ: dict[str, str], elsewhere: dict[str, str], file: Path
) -> None:
    run("backup", file, environ=environ)
    answer = run("restore", keys_of(file), "--keys", keys_of(file), environ=elsewhere)
    assert "This file holds the keys; the backup of the data is another file." in answer.output
    answer = run("restore", file, "--keys", file, environ=elsewhere)
    assert "This file holds the data; the keys are in another file." in answer.output


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_restore_without_keys_says_what_will_not_work(
    environ: dict[str, str], elsewhere: dict[str, str], file: Path
) -> None:
    run("backup", file, environ=environ)
    assert run("restore", file, environ=elsewhere).exit_code == 1  # the secrets are nowhere
    settings = {**SECRETS, "PORTAL_PASSWORD_SALT": OTHER_SECRET, "PORTAL_BASE_URL": ORIGIN}
    answer = run("restore", file, environ={**settings, **elsewhere})
    assert answer.exit_code == 0, answer.output
    assert "PORTAL_PASSWORD_SALT is another one than when the backup was made" in answer.output
    assert "PORTAL_TOTP_SECRET is another one" not in answer.output


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_restore_refused_when_another_salt_is_set(
    environ: dict[str, str], elsewhere: dict[str, str], file: Path
) -> None:
    run("backup", file, environ=environ)
    settings = {**elsewhere, "PORTAL_PASSWORD_SALT": OTHER_SECRET}
    answer = run("restore", file, "--keys", keys_of(file), environ=settings)
    assert answer.exit_code == 1
    assert "PORTAL_PASSWORD_SALT is set here, and is not the one in the file" in answer.output
    assert not Path(elsewhere["PORTAL_FOLDER"]).exists()


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_restore_refused_when_other_keys_lie_there(
    environ: dict[str, str], elsewhere: dict[str, str], file: Path
) -> None:
    run("backup", file, environ=environ)
    keys = Path(elsewhere["PORTAL_FOLDER"]) / "keys"
    keys.mkdir(parents=True)
    (keys / "log.key").write_bytes(b"a new one")
    answer = run("restore", file, "--keys", keys_of(file), environ=elsewhere)
    assert answer.exit_code == 1
    assert "log.key is there already and differs from the backup's" in answer.output
    assert populated.files(Path(elsewhere["PORTAL_FOLDER"])).keys() == {"keys/log.key"}


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_backup_does_not_write_over_another(environ: dict[str, str], file: Path) -> None:
    file.write_bytes(b"last week's")
    answer = run("backup", file, environ=environ)
    assert answer.exit_code == 1
    assert "is there already" in answer.output
    assert file.read_bytes() == b"last week's"


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("folder", ["storage", "keys/ca"])
def test_backup_does_not_go_into_what_is_backed_up(environ: dict[str, str], folder: str) -> None:
    inside = Path(environ["PORTAL_FOLDER"]) / folder / "monday.backup"
    answer = run("backup", inside, environ=environ)
    assert answer.exit_code == 1
    assert "lies in a folder that is backed up itself" in answer.output
    assert not inside.exists()


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_failed_backup_leaves_nothing(
    environ: dict[str, str], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", str(file))

    monkeypatch.setattr(backups, "_write_files", fail)
    before = set(file.parent.iterdir())
    answer = run("backup", file, environ=environ)
    assert answer.exit_code == 1
    assert "No space left on device" in answer.output
    assert set(file.parent.iterdir()) == before


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_backup_of_a_damaged_portal_is_made_and_ends_with_a_warning(
    environ: dict[str, str], file: Path
) -> None:
    blob = next(Path(environ["PORTAL_FOLDER"]).rglob("[0-9a-f]" * 64))
    blob.unlink()
    answer = run("backup", file, environ=environ)
    assert answer.exit_code == 1
    assert f"evidence files are missing from the storage: {blob.name}" in answer.output
    assert run("backup", "--verify", file, environ={}).exit_code == 1
    assert file.exists()
    assert keys_of(file).exists()


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(
    ("content", "mode", "says"),
    [
        ("short\n", 0o600, f"fewer than {LEAST_CHARACTERS} characters"),
        ("\n", 0o600, "its first line is empty"),
        (f"{PASSPHRASE}\n", 0o644, "Everybody on this machine may read"),
        (None, 0o600, "No such file or directory"),
    ],
)
def test_passphrase_that_protects_nothing_is_refused(
    environ: dict[str, str], file: Path, passphrase_file: Path, content: str, mode: int, says: str
) -> None:
    if content is None:
        passphrase_file.unlink()
    else:
        passphrase_file.write_text(content)
        passphrase_file.chmod(mode)
    answer = run("backup", file, "--passphrase-file", passphrase_file, environ=environ)
    assert answer.exit_code == 1
    assert says in answer.output
    assert not file.exists()


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_unreadable_file_is_told(environ: dict[str, str], file: Path) -> None:
    answer = run("backup", "--verify", file, environ=environ)
    assert answer.exit_code == 1
    assert f"{file}: No such file or directory" in answer.output
    answer = run("restore", file, environ=environ)
    assert f"{file}: No such file or directory" in answer.output


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_database_that_is_not_there_is_told_without_its_password(
    environ: dict[str, str], file: Path, tmp_path: Path
) -> None:
    url = f"postgresql://portal:opensesame@/portal?host={tmp_path}"
    answer = run("backup", file, environ=environ | {"PORTAL_DATABASE_URL": url})
    assert answer.exit_code == 1
    assert "The database says:" in answer.output
    assert "opensesame" not in answer.output
    assert not [path for path in file.parent.iterdir() if path.name.startswith(".monday")]


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_files_that_a_killed_backup_left_are_named(environ: dict[str, str], file: Path) -> None:
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(b"half of it")
    answer = run("backup", file, environ=environ)
    assert answer.exit_code == 1
    assert f"{part} is there" in answer.output
    assert part.read_bytes() == b"half of it"
    assert not file.exists()
