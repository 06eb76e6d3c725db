"""Signing with a file, with a token, and with a time stamp; every way comes out as a document that verifies."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pkcs11
import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pkcs11.util.x509 import decode_x509_certificate
from pyhanko.sign.timestamps import DummyTimeStamper, TimestampRequestError

from portal.config.settings import Settings, SettingsError
from portal.documents import verification
from portal.documents.signing import BadSigner, DocumentSigner
from portal.documents.verification import Trust, Verdict
from portal.jobs.signing import ConfiguredSigner, load_signer
from portal.store.keys import KeyFolder, NoKey
from tests.browsers import SECRETS
from tests.factories.genuine import keys, sealed_certificate
from tests.papers import faults
from tests.workers import settings_for

MOMENT = datetime(2026, 4, 2, 8, tzinfo=UTC)
TODAY = date(2026, 6, 1)
SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")


def verdict(pdf: bytes, *roots: bytes) -> Verdict:
    """What a stranger with these CA certificates is told."""
    trust = Trust(keys().ring(), roots or [_der(keys().ca())])
    return verification.verify(pdf, trust, TODAY).verdict


def _der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)


def test_wrong_passphrase_is_told(tmp_path: Path) -> None:
    bundle, _ = keys().signer()
    with pytest.raises(BadSigner, match="passphrase"):
        DocumentSigner.of_pkcs12(bundle, b"wrong")


def test_missing_keys_are_told_with_the_cure(tmp_path: Path) -> None:
    settings = settings_for("sqlite://", tmp_path, keys=tmp_path / "none")
    with pytest.raises(NoKey, match="portal init"):
        ConfiguredSigner(settings).sign(sealed_certificate().unsigned, MOMENT)


def test_keys_are_laid_once_and_kept_from_others(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path / "keys")
    assert len(folder.lay("portal.example.com/log", MOMENT)) == 2
    kept = {path.name: path.read_bytes() for path in folder.path.iterdir()}
    assert folder.lay("portal.example.com/log", MOMENT) == []
    assert {path.name: path.read_bytes() for path in folder.path.iterdir()} == kept
    assert folder.path.stat().st_mode & 0o777 == 0o700
    for name in ("log.key", "ca.key", "signer.p12", "signer.pass"):
        assert (folder.path / name).stat().st_mode & 0o777 == 0o600


class _Authority(BaseHTTPRequestHandler):
    """An RFC 3161 authority."""

    stamper: DummyTimeStamper

    def do_POST(self) -> None:
        asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.stamper.request_tsa_response(asked).dump()
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the test looks at the stamp."""


@pytest.fixture(scope="module")
def authority() -> Iterator[tuple[str, bytes]]:
    """The authority's address, and its own certificate, which is its root."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "time stamps")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(MOMENT - timedelta(days=1))
        .not_valid_after(MOMENT + timedelta(days=3650))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(key, hashes.SHA256())
    )
    der = made.public_bytes(serialization.Encoding.DER)
    private = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _Authority.stamper = DummyTimeStamper(
        asn1_x509.Certificate.load(der),
        asn1_keys.PrivateKeyInfo.load(private),
        fixed_dt=MOMENT + timedelta(seconds=1),
    )
    server = HTTPServer(("127.0.0.1", 0), _Authority)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", der
    server.shutdown()
    thread.join()
    server.server_close()


def test_stamped_document_verifies_and_stays_pdf_a(authority: tuple[str, bytes]) -> None:
    address, root = authority
    bundle, passphrase = keys().signer()
    stamped = DocumentSigner.of_pkcs12(bundle, passphrase, address).sign(
        sealed_certificate().unsigned, MOMENT
    )
    trust = Trust(keys().ring(), [_der(keys().ca()), root])
    found = verification.verify(stamped, trust, TODAY)
    assert found.verdict is Verdict.HOLDS
    assert any("with a time stamp" in check.said for check in found.checks)
    assert faults(stamped) == []


def test_authority_that_is_away_fails_the_signature_for_now(tmp_path: Path) -> None:
    bundle, passphrase = keys().signer()
    away = DocumentSigner.of_pkcs12(bundle, passphrase, "http://127.0.0.1:9/")
    with pytest.raises(TimestampRequestError):
        away.sign(sealed_certificate().unsigned, MOMENT)


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A software token that holds the signer's key and certificate, as the settings name it.

    The library reads its configuration once a process, so there is one token for all tests.
    """
    tmp_path = tmp_path_factory.mktemp("token")
    (tmp_path / "tokens").mkdir()
    configuration = tmp_path / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SOFTHSM2_CONF", str(configuration))
        _fill_token(tmp_path)
        yield f"pkcs11:module={SOFTHSM};token=portal;cert=signer"


def _fill_token(tmp_path: Path) -> None:
    bundle, passphrase = keys().signer()
    key, certificate, _ = serialization.pkcs12.load_key_and_certificates(bundle, passphrase)
    assert key is not None
    assert certificate is not None
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    _run("--init-token", "--free", "--label", "portal", "--pin", "4321", "--so-pin", "8765")
    named = ("--token", "portal", "--label", "signer", "--id", "01", "--pin", "4321")
    _run("--import", str(tmp_path / "key.pem"), *named)
    _import_certificate(certificate)


def _run(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)


def _import_certificate(certificate: x509.Certificate) -> None:
    library = pkcs11.lib(str(SOFTHSM))
    with library.get_token(token_label="portal").open(rw=True, user_pin="4321") as session:
        attributes = decode_x509_certificate(certificate.public_bytes(serialization.Encoding.DER))
        attributes |= {
            pkcs11.Attribute.TOKEN: True,
            pkcs11.Attribute.LABEL: "signer",
            pkcs11.Attribute.ID: b"\x01",
        }
        session.create_object(attributes)


def test_token_signs_as_the_file_does(token: str, tmp_path: Path) -> None:
    (tmp_path / "pin").write_text("4321\n")
    environ = {"PORTAL_SIGNER": token, "PORTAL_SIGNER_PASSPHRASE": str(tmp_path / "pin")}
    settings = settings_from(environ, tmp_path)
    signed = load_signer(settings).sign(sealed_certificate().unsigned, MOMENT)
    assert verdict(signed) is Verdict.HOLDS
    assert faults(signed) == []


def settings_from(environ: dict[str, str], folder: Path) -> Settings:
    """Settings as an operator would give them."""
    return Settings.from_environment(
        {
            **SECRETS,
            "PORTAL_BASE_URL": "https://portal.example.com",
            "PORTAL_FOLDER": str(folder),
            **environ,
        }
    )


@pytest.mark.parametrize(
    "text", ["pkcs11:", "pkcs11:module=x;token=y", "pkcs11:module=x;token=;cert=z", "pkcs11:a=b"]
)
def test_token_that_is_half_named_is_refused_at_the_start(text: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PORTAL_SIGNER"):
        settings_from({"PORTAL_SIGNER": text}, tmp_path)


def test_address_of_time_stamps_that_is_none_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PORTAL_TIMESTAMPS_URL"):
        settings_from({"PORTAL_TIMESTAMPS_URL": "stamps please"}, tmp_path)


def test_token_with_another_pin_is_told(token: str, tmp_path: Path) -> None:
    (tmp_path / "pin").write_text("0000")
    environ = {"PORTAL_SIGNER": token, "PORTAL_SIGNER_PASSPHRASE": str(tmp_path / "pin")}
    with pytest.raises(BadSigner, match="portal"):
        load_signer(settings_from(environ, tmp_path))
