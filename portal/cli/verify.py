"""Checks a certificate or a report by itself: no database, no network, an answer in words and an exit code."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from portal.cli.log_keys import read_ring, read_text

if TYPE_CHECKING:
    from portal.documents.verification import Verdict, Verified
    from portal.domain.ledger.checkpoints import Checkpoint
    from portal.domain.ledger.keyring import KeyRing

COLOURS = {"holds": "green", "fails": "red", "open": "yellow", "skipped": "bright_black"}
LARGEST_FILE = 64 * 1024 * 1024
_ENDS = {
    "holds": (0, "VALID: the document is genuine."),
    "fails": (1, "NOT VALID."),
    "open": (2, "CAN'T TELL: something is missing to decide it."),
}


@click.command()
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--qr", metavar="TEXT", help="Check what a scanner reads from a certificate's QR code instead."
)
@click.option(
    "--log-key",
    metavar="VKEY",
    help="The log's key, or a file with it or with the published list of keys.",
)
@click.option(
    "--ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The certificate of the CA that vouches for the signer, as PEM or DER.",
)
@click.option(
    "--checkpoint",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint from elsewhere, such as a witness's; tiles that lie beside it are used.",
)
@click.option(
    "--revocations",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The log's published list of what was revoked or superseded.",
)
def verify(
    file: Path | None,
    qr: str | None,
    log_key: str | None,
    ca: Path | None,
    checkpoint: Path | None,
    revocations: Path | None,
) -> None:
    """Say whether a PDF is genuine, without the portal's database and without any network.

    Each check is told in words: the file's bytes, the signature, the enclosed facts, their place in the log, the
    log's signed checkpoint, another checkpoint and the list of revocations where you give them. Without --log-key
    and --ca the keys of the portal on this machine are trusted, where there is one.

    Exit code 0: valid. 1: not valid. 2: can't tell.
    """
    # The library tells of every signature that doesn't hold; here that is an answer, not trouble.
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL + 1)
    if (file is None) == (qr is None):
        raise click.UsageError("Give either the PDF file or --qr TEXT.")
    if log_key is None and ca is None:
        log_key, ca = _of_this_machine()
    ring = None if log_key is None else read_ring(log_key)
    if file is None:
        _answer_statement(qr or "", ring)
        return
    if file.stat().st_size > LARGEST_FILE:
        raise click.ClickException("A document of the portal is never as large as this file.")
    from portal.documents import verification

    trust = verification.Trust(
        ring,
        () if ca is None else _roots(ca),
        "" if checkpoint is None else read_text(checkpoint),
        "" if revocations is None else read_text(revocations),
        _comparison(checkpoint),
    )
    _answer(verification.verify(file.read_bytes(), trust, datetime.now(UTC).date()))


def _answer(found: Verified) -> None:
    for check in found.checks:
        _say(check.verdict, check.subject, check.said)
    facts = found.facts or {}
    for name in ("number", "certificate_number", "member_code", "year", "valid_until"):
        if name in facts:
            click.echo(f"         {name}: {facts[name]}")
    _end(found.verdict)


def _answer_statement(scanned: str, ring: KeyRing | None) -> None:
    from portal.documents.verification import Verdict
    from portal.domain import statements
    from portal.domain.ledger.notes import NotANote, NotSigned

    if ring is None:
        _say(Verdict.OPEN, "statement", "can't be checked without the log's key: give --log-key")
        _end(Verdict.OPEN)
    try:
        said = statements.opened(statements.digits_in(scanned), ring.every())
    except (NotANote, NotSigned) as wrong:
        _say(Verdict.FAILS, "statement", str(wrong))
        _end(Verdict.FAILS)
    _say(Verdict.HOLDS, "statement", "signed by the log's key; compare it with what is printed:")
    for line in said.text().split("\n"):
        click.echo(f"         {line}")
    _end(Verdict.HOLDS)


def _say(verdict: Verdict, subject: str, said: str) -> None:
    mark = click.style(f"{verdict.value:<8}", fg=COLOURS[verdict.value])
    click.echo(f"{mark} {subject}: {said}")


def _end(verdict: Verdict) -> NoReturn:
    code, said = _ENDS[verdict.value]
    click.echo(said)
    sys.exit(code)


def _of_this_machine() -> tuple[str | None, Path | None]:
    folder = Path(os.environ.get("PORTAL_FOLDER", "var"))
    keys = Path(os.environ.get("PORTAL_KEYS", str(folder / "keys")))
    ring, ca = keys / "log-keys", keys / "ca.pem"
    if ring.is_file():
        click.echo(f"Trusting the keys of the portal on this machine ({keys}).")
    return (str(ring) if ring.is_file() else None, ca if ca.is_file() else None)


def _roots(path: Path) -> list[bytes]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    content = path.read_bytes()
    try:
        if b"-----BEGIN" in content:
            found = x509.load_pem_x509_certificates(content)
        else:
            found = [x509.load_der_x509_certificate(content)]
    except ValueError as error:
        raise click.UsageError(f"--ca holds no certificate: {error}") from error
    return [each.public_bytes(Encoding.DER) for each in found]


def _comparison(path: Path | None) -> Callable[[Checkpoint, Checkpoint], bool | None]:
    """How two checkpoints of different sizes are compared: by the tiles beside the one that was given."""
    from portal.domain.ledger.merkle import NotProven
    from portal.domain.ledger.tile_hashes import NoTile, TileHashes
    from portal.store.log_files import LogFolder

    def is_consistent(earlier: Checkpoint, later: Checkpoint) -> bool | None:
        if path is None:
            return None
        folder = LogFolder(path.parent)
        tiles = TileHashes(later.size, lambda tile: folder.read(tile.path()))
        try:
            tiles.check(later)
            tiles.check_growth(earlier, later)
        except NoTile:
            return None
        except NotProven:
            return False
        return True

    return is_consistent
