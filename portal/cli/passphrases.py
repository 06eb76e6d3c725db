"""Asks for the passphrase of a backup: from a file, from the terminal, never from the command line."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import click

LEAST_CHARACTERS = 12


def read_passphrase(file: Path | None, *, is_new: bool) -> str:
    """Return the passphrase; a new one is asked for twice and must be long enough."""
    passphrase = _from_file(file) if file else _asked(is_new=is_new)
    if is_new and len(passphrase) < LEAST_CHARACTERS:
        raise click.ClickException(
            f"The passphrase has fewer than {LEAST_CHARACTERS} characters: whoever finds the file could guess it. "
            "Six words chosen by dice are good, and can be written down."
        )
    return passphrase


def _from_file(file: Path) -> str:
    try:
        found = file.stat()
        first, _, _ = file.read_text("utf-8").partition("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise click.ClickException(f"The passphrase can't be read from {file}: {reason}") from error
    if stat.S_ISREG(found.st_mode) and found.st_mode & stat.S_IROTH:
        raise click.ClickException(
            f"Everybody on this machine may read {file}. Run: chmod 600 {file}"
        )
    return _something(first.rstrip("\r"))


def _asked(*, is_new: bool) -> str:
    if sys.stdin.isatty():
        return click.prompt("Passphrase", hide_input=True, confirmation_prompt=is_new)
    return _something(sys.stdin.readline().rstrip("\r\n"))


def _something(passphrase: str) -> str:
    if not passphrase:
        raise click.ClickException("No passphrase was given: its first line is empty.")
    return passphrase
