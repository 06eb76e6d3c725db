"""The planted faults as they are kept: a sentence about the mistake, the tests that notice it, and the mistake itself."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
CAUGHT_BY = "caught by: "


@dataclass(frozen=True, slots=True)
class Patch:
    """One mistake, as a file that `git apply` takes; the lines above the difference are the header."""

    path: Path

    @property
    def name(self) -> str:
        """Its theme and its own name, such as `login/totp-replayed`."""
        return self.path.relative_to(FOLDER).with_suffix("").as_posix()

    @property
    def header(self) -> list[str]:
        """The lines above the difference."""
        return self.path.read_text(encoding="utf-8").partition("\ndiff --git ")[0].splitlines()

    @property
    def mistake(self) -> str:
        """What somebody did, in a sentence."""
        return " ".join(line for line in self.header if not line.startswith(CAUGHT_BY)).strip()

    @property
    def tests(self) -> list[str]:
        """The tests that are run to notice it, as pytest names them."""
        said = [line.removeprefix(CAUGHT_BY) for line in self.header if line.startswith(CAUGHT_BY)]
        return " ".join(said).split()


def all_patches() -> list[Patch]:
    """Every planted fault, by theme and name."""
    return [Patch(path) for path in sorted(FOLDER.glob("*/*.patch"))]


def named(wanted: list[str]) -> list[Patch]:
    """The faults whose name contains one of these words, all of them for none; LookupError for a word without any."""
    patches = all_patches()
    for word in wanted:
        if not any(word in patch.name for patch in patches):
            raise LookupError(f"no planted fault is called {word!r}")
    return [each for each in patches if not wanted or any(word in each.name for word in wanted)]


def is_there(test: str, root: Path = ROOT) -> bool:
    """Whether a checkout has the file, and in it the function, that pytest would run under this name."""
    file, _, function = test.partition("::")
    path = root / file
    if not path.is_file():
        return False
    if not function:
        return True
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return function.partition("[")[0] in {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef)
    }
