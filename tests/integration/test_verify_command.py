"""`portal verify` answers by its exit code what scripts act on: 0 for genuine, 1 for not, 2 when it can't tell."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cli import main
from portal.domain import revocations
from portal.domain.certificates import State
from portal.domain.ledger.notes import SigningKey
from tests.factories.genuine import keys, sealed_certificate
from tests.keys import ORIGIN

VALID, NOT_VALID, CAN_NOT_TELL = 0, 1, 2


class InJune(datetime):
    """A clock that stands while the certificate is valid."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _while_it_is_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.cli.verify.datetime", InJune)


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "certificate.pdf"
    path.write_bytes(sealed_certificate().pdf)
    return path


@pytest.fixture
def trusted(tmp_path: Path) -> list[str]:
    """The options that name the log's key and the CA."""
    ca = tmp_path / "ca.pem"
    ca.write_bytes(keys().ca())
    return ["--log-key", keys().log_key().verifier.text(), "--ca", str(ca)]


def verify(tmp_path: Path, *arguments: str | Path) -> Result:
    """Run it where no portal has its keys."""
    nowhere = {"PORTAL_FOLDER": str(tmp_path / "nowhere"), "PORTAL_KEYS": str(tmp_path / "no-keys")}
    return CliRunner().invoke(main, ["verify", *map(str, arguments)], env=nowhere)


def ended(tmp_path: Path, key: SigningKey) -> Path:
    """A list that says that the certificate was revoked."""
    one = ("ZCA-2026-00042", State.REVOKED, date(2026, 4, 30))
    made = revocations.listed(ORIGIN, 12, datetime(2026, 5, 1, tzinfo=UTC), [one])
    path = tmp_path / "revocations"
    path.write_text(made.signed(key).written(), encoding="utf-8")
    return path


def test_genuine_file_is_valid(pdf: Path, trusted: list[str], tmp_path: Path) -> None:
    said = verify(tmp_path, pdf, *trusted)
    assert said.exit_code == VALID, said.output
    assert said.output.endswith("VALID: the document is genuine.\n")


def test_changed_file_is_not_valid(pdf: Path, trusted: list[str], tmp_path: Path) -> None:
    pdf.write_bytes(pdf.read_bytes() + b"\n")
    said = verify(tmp_path, pdf, *trusted)
    assert (said.exit_code, said.output[-11:]) == (NOT_VALID, "NOT VALID.\n"), said.output


def test_revoked_certificate_is_not_valid(pdf: Path, trusted: list[str], tmp_path: Path) -> None:
    listed = ended(tmp_path, keys().log_key())
    said = verify(tmp_path, pdf, *trusted, "--revocations", listed)
    assert (said.exit_code, "was revoked on 2026-04-30" in said.output) == (NOT_VALID, True)


@pytest.mark.parametrize("known", [[], ["--log-key"], ["--ca"]])
def test_nobody_is_told_that_a_file_is_valid_while_something_is_missing(
    pdf: Path, trusted: list[str], tmp_path: Path, known: list[str]
) -> None:
    pairs = dict(zip(trusted[::2], trusted[1::2], strict=True))
    given = [part for option in known for part in (option, pairs[option])]
    said = verify(tmp_path, pdf, *given)
    assert (said.exit_code, "CAN'T TELL" in said.output) == (CAN_NOT_TELL, True), said.output


def test_statement_of_a_qr_code_is_held_against_the_key(tmp_path: Path, trusted: list[str]) -> None:
    digits = sealed_certificate().seal.statement
    asked = [("--qr", digits, *trusted[:2]), ("--qr", digits[:-3] + "000", *trusted[:2])]
    asked.append(("--qr", digits))
    codes = [verify(tmp_path, *each).exit_code for each in asked]
    assert codes == [VALID, NOT_VALID, CAN_NOT_TELL]
