"""The keys of a log as somebody gives them at the shell: a key, a file with one, or the published list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from portal.domain.ledger.keyring import KeyRing


def read_ring(given: str) -> KeyRing:
    """The ring of what `--log-key` says, or a usage error that says what is meant."""
    from portal.domain.ledger.keyring import KeyRing

    path = Path(given)
    try:
        return KeyRing.read(read_text(path) if path.is_file() else given)
    except ValueError as error:
        raise click.UsageError(
            f"--log-key is neither a key nor a file with one: {error}"
        ) from error


def read_text(path: Path) -> str:
    """The text of a file, or a usage error."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{path} is not a text") from error
