"""What the child process takes away from itself before it looks at a stranger's bytes."""

from __future__ import annotations

import resource
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Memory in bytes, processor and wall time in seconds, open files, and the largest file it may write in bytes."""

    memory: int = 512 * MIB
    processor_seconds: int = 10
    wall_seconds: float = 20
    open_files: int = 64
    written_file: int = 64 * MIB


LIMITS = Limits()
# What a workbook says is written down row by row, and its reader holds a whole sheet.
READING = Limits(memory=768 * MIB, written_file=256 * MIB)
# For jobs, which nobody waits for.
READING_LONG = replace(READING, processor_seconds=60, wall_seconds=240)

_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "ctypes.",
)
_WRITING = frozenset("wax+")


class Escape(RuntimeError):
    """The code tried to reach out of its confinement."""


def confine(limits: Limits) -> None:
    """Lower the process's own limits for good, and refuse network, other programs and writing outside its folder."""
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_FSIZE, limits.written_file),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    # The soft limit sends a signal that ends the process; one second later the kernel kills it.
    resource.setrlimit(
        resource.RLIMIT_CPU, (limits.processor_seconds, limits.processor_seconds + 1)
    )
    own_folder = Path.cwd()
    sys.addaudithook(lambda event, arguments: _watch(event, arguments, own_folder))


def _watch(event: str, arguments: tuple[Any, ...], own_folder: Path) -> None:
    if event.startswith(_FORBIDDEN):
        raise Escape(event)
    if event == "open" and _writes(arguments[1]) and not _is_inside(arguments[0], own_folder):
        raise Escape("open")


def _writes(mode: object) -> bool:
    return isinstance(mode, str) and not _WRITING.isdisjoint(mode)


def _is_inside(path: object, folder: Path) -> bool:
    if not isinstance(path, str | bytes):
        return isinstance(path, int)
    return Path(path.decode() if isinstance(path, bytes) else path).resolve().is_relative_to(folder)
