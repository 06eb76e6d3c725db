"""The documents' font: where it lies, which characters it can print, and that it is the one we ship."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

FAMILY = "Portal Sans All"
FOLDER = Path(__file__).resolve().parents[1] / "data" / "fonts"
# fontconfig reads this file instead of the system's, so that no other font of the machine is ever seen.
CONFIGURATION = FOLDER / "fonts.conf"
CHECKSUMS = FOLDER / "SHA256SUMS"


@cache
def printable_characters() -> frozenset[str]:
    """All characters that every weight of the font has a glyph for."""
    weights = [_code_points(path) for path in font_files()]
    return frozenset(map(chr, set.intersection(*weights)))


def _code_points(path: Path) -> set[int]:
    with TTFont(path, lazy=True) as font:
        return set(font.getBestCmap())


def font_files() -> list[Path]:
    """The font's files, one for each weight."""
    return sorted(FOLDER.glob("*.ttf"))


def damaged_files() -> list[str]:
    """Names of shipped font files that are missing or not the bytes that `SHA256SUMS` promises."""
    damaged = []
    for line in CHECKSUMS.read_text(encoding="ascii").splitlines():
        promised, name = line.split()
        path = FOLDER / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != promised:
            damaged.append(name)
    return damaged


@contextmanager
def only_our_fonts() -> Iterator[None]:
    """Let fontconfig, as long as the block runs, load nothing but the font of this folder.

    The setting is taken back at once: a browser started later by the same process has its own fonts.
    """
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(CONFIGURATION)
    try:
        yield
    finally:
        if before is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = before
