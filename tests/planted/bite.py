"""Plants one mistake after the other into a copy of the portal, and sees whether the tests that should notice it do.

`python -m tests.planted.bite` tries all of them, `… bite login erasure` those whose names contain one of these words,
`--jobs 2` two at a time. `make bite` calls it. The exit code is 0 only when every mistake was caught.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests import postgresql
from tests.planted.patches import ROOT, Patch, is_there, named

LONGEST_SECONDS = 300
TEST_FAILED = 1  # what pytest ends with when tests ran and some failed
_FAILED = re.compile(r"^FAILED (.+?)(?: - .*)?$", re.MULTILINE)
# Message catalogues that `make` has compiled: git doesn't know them, and pages are drawn with them.
COMPILED = "portal/translations/*/LC_MESSAGES/*.mo"


@dataclass(frozen=True, slots=True)
class Bite:
    """What became of one mistake: the test that noticed it, or why none did; and how long that took."""

    patch: Patch
    test: str
    why_not: str
    seconds: float

    @property
    def is_caught(self) -> bool:
        """Whether a test failed because of the mistake."""
        return bool(self.test)

    def line(self) -> str:
        """The outcome in a line."""
        word = "caught" if self.is_caught else "NOT CAUGHT"
        return (
            f"{word:<11} {self.patch.name:<44} {self.seconds:5.1f} s  {self.test or self.why_not}"
        )


class NotReady(Exception):
    """What keeps the mistakes from being tried; the message says what to do first."""


@dataclass(frozen=True, slots=True)
class Copy:
    """The files of the checkout in a folder of their own, as a repository whose index is the sound state."""

    folder: Path

    @classmethod
    def of(cls, root: Path, folder: Path) -> Copy:
        """Copy a checkout as it lies there, changes that are not committed yet included."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        kept = [root / name for name in listed.split("\0") if name]
        for path in [*kept, *root.glob(COMPILED)]:
            if path.is_file():
                place = folder / path.relative_to(root)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, place)
        made = cls(folder)
        made.git("init", "--quiet")
        made.git("add", "--all")
        return made

    def again(self, folder: Path) -> Copy:
        """Another copy, with what Python has compiled in this one."""
        shutil.copytree(self.folder, folder)
        return Copy(folder)

    def demand_fit(self, patch: Patch) -> None:
        """Raise NotReady when a patch doesn't fit."""
        try:
            self.git("apply", "--check", str(patch.path))
        except subprocess.CalledProcessError as error:
            raise NotReady(f"{patch.name} does not apply any more:\n{error.stderr}") from error

    @contextmanager
    def planted(self, patch: Patch) -> Iterator[None]:
        """Be without soundness for a while."""
        self.git("apply", str(patch.path))
        try:
            yield
        finally:
            self.git("checkout", "--quiet", "--", ".")
            self.git("clean", "--quiet", "--force", "-d")

    def pytest(
        self, tests: Iterable[str], *options: str, longest: float | None = None, **settings: str
    ) -> tuple[int | None, str]:
        """Run tests here for so many seconds; the exit code (None when they took longer) and what was printed."""
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += ["-p", "no:randomly", *options, *tests]
        # Whatever starts another Python finds this copy before the checkout that is installed.
        environ = {**os.environ, "PYTHONPATH": str(self.folder), "COLUMNS": "400", **settings}
        child = subprocess.Popen(
            command,
            cwd=self.folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            said, _ = child.communicate(timeout=longest)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            said, _ = child.communicate()
            return None, said
        return child.returncode, said

    def git(self, *arguments: str) -> None:
        """Run git on this copy alone."""
        subprocess.run(
            ["git", *arguments], cwd=self.folder, check=True, capture_output=True, text=True
        )


def bite(copy: Copy, patch: Patch) -> Bite:
    """Plant a mistake, run the tests that should notice it, and take it out again."""
    began = time.monotonic()
    with copy.planted(patch):
        # Nothing is compiled to a file now: it would look as new as what is sound a moment later.
        code, said = copy.pytest(
            patch.tests, "-x", "-rf", longest=LONGEST_SECONDS, PYTHONDONTWRITEBYTECODE="1"
        )
    seconds = time.monotonic() - began
    failed = _FAILED.findall(said)
    if code == TEST_FAILED and failed:
        return Bite(patch, failed[0], "", seconds)
    return Bite(patch, "", _why_not(code, said), seconds)


def _why_not(code: int | None, said: str) -> str:
    if code is None:
        return f"its tests took longer than {LONGEST_SECONDS} s"
    if code == 0:
        return "its tests pass all the same"
    last = next((line for line in reversed(said.splitlines()) if line.strip()), "")
    return f"pytest ended with {code} and no failed test: {last}"


def demand_ready(copy: Copy, patches: Sequence[Patch], jobs: int) -> None:
    """Refuse patches that don't fit, and tests that are not there or fail anyway: these say nothing of a mistake."""
    for patch in patches:
        copy.demand_fit(patch)
    tests = sorted({test for patch in patches for test in patch.tests})
    if gone := [test for test in tests if not is_there(test)]:
        raise NotReady(f"these tests are not there: {', '.join(gone)}")
    whole = {test for test in tests if "::" not in test}
    tests = [test for test in tests if test in whole or test.partition("::")[0] not in whole]
    code, said = copy.pytest(tests, "-n", str(jobs), "--dist", "loadfile")
    if code != 0:
        raise NotReady(f"{said}\nThese tests must pass before anything is planted.")


def try_all(patches: Sequence[Patch], folder: Path, jobs: int) -> Iterator[Bite]:
    """Try each mistake in one of so many copies; the outcomes come in the order of the patches."""
    first = Copy.of(ROOT, folder / "1")
    demand_ready(first, patches, jobs)
    idle: SimpleQueue[Copy] = SimpleQueue()
    for copy in [first, *(first.again(folder / str(number)) for number in range(2, jobs + 1))]:
        idle.put(copy)

    def one(patch: Patch) -> Bite:
        copy = idle.get()
        try:
            return bite(copy, patch)
        finally:
            idle.put(copy)

    with ThreadPoolExecutor(jobs) as threads:
        yield from threads.map(one, patches)


@contextmanager
def shared_server() -> Iterator[None]:
    """One PostgreSQL for all runs, unless one is named already."""
    name = "PORTAL_TEST_PG_URL"
    if name in os.environ:
        yield
        return
    server = postgresql.Server(postgresql.find_binaries()).start()
    os.environ[name] = server.url
    try:
        yield
    finally:
        del os.environ[name]
        server.stop()


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="words of the names of faults; all without any")
    parser.add_argument("--jobs", type=int, default=1, help="how many are tried at a time")
    asked = parser.parse_args()
    began = time.monotonic()
    caught = 0
    try:
        patches = named(asked.names)
        with shared_server(), tempfile.TemporaryDirectory(prefix="bite-") as folder:
            for outcome in try_all(patches, Path(folder), asked.jobs):
                caught += outcome.is_caught
                print(outcome.line(), flush=True)  # noqa: T201 -- a command's answer
    except (LookupError, NotReady) as refusal:
        print(refusal, file=sys.stderr)  # noqa: T201 -- a command's answer
        return 2
    minutes = (time.monotonic() - began) / 60
    print(f"{caught} of {len(patches)} planted faults were caught, in {minutes:.1f} minutes")  # noqa: T201 -- a command's answer
    return 0 if caught == len(patches) else 1


if __name__ == "__main__":
    sys.exit(main())
