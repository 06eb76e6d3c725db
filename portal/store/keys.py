"""The folder of keys: the log's own, and a development CA with a signer for documents; private ones for their owner only."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from portal.domain.ledger.keyring import KeyRing, LogKey
from portal.domain.ledger.notes import SigningKey
from portal.store.durable_files import locked, write_durably

# RSA, because ECDSA makes signers write an extension into a PDF/A-3 that not every reader knows.
RSA_BITS = 3072
CA_LIFETIME = timedelta(days=20 * 365)
SIGNER_LIFETIME = timedelta(days=10 * 365)
_PRIVATE, _PUBLIC = 0o600, 0o644


class NoKey(LookupError):
    """A key that should be in the folder is not there."""


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """The keys of one installation. They are read each time they are used, so that a rotation needs no restart."""

    path: Path

    def lay(self, origin: str, moment: datetime) -> list[str]:
        """Make the keys that are missing; returns what was made. What is there is never touched.

        Raises NoKey where the log's key was lost: another one would sign what nobody trusts.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = []
        with locked(self.path):
            if not (self.path / "log.key").exists():
                made.append(f"log key {self._lay_log_key(origin).verifier.text()}")
            if not (self.path / "log-keys").exists():
                self._lay_ring()
            if not (self.path / "signer.p12").exists():
                self._lay_signer(origin, moment)
                made.append("development CA and signer for documents")
        return made

    def log_key(self) -> SigningKey:
        """The key that signs the log now."""
        return SigningKey.read(self._read("log.key").decode())

    def ring(self) -> KeyRing:
        """All keys that the log has had."""
        return KeyRing.read(self.published_ring())

    def published_ring(self) -> str:
        """The signed list of them, as it is published."""
        return self._read("log-keys").decode()

    def ca(self) -> bytes:
        """The development CA's certificate as PEM; raises NoKey where another CA is in use."""
        return self._read("ca.pem")

    def signer(self) -> tuple[bytes, bytes]:
        """The signer as PKCS#12, and its passphrase."""
        return self._read("signer.p12"), self._read("signer.pass").strip()

    def announced(self) -> SigningKey | None:
        """The key that is to follow, None unless a rotation is under way or was broken off."""
        try:
            return SigningKey.read((self.path / "next.key").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def announce(self, newer: SigningKey) -> None:
        """Keep the key that is to follow before the log speaks of it, so that no crash can lose it."""
        _write(self.path / "next.key", newer.text().encode(), _PRIVATE)

    def forget_announced(self) -> None:
        """Drop the key of a rotation that never came to be."""
        (self.path / "next.key").unlink(missing_ok=True)

    def take_over(self, newer: SigningKey, size: int) -> KeyRing:
        """Let the announced key sign everything from a size on; the private part of the one before is destroyed.

        Broken off anywhere, it comes to the same end when it is called again.
        """
        older, ring = self.log_key(), self.ring()
        if older != newer:
            if ring.keys[-1].verifier != newer.verifier:
                ring = ring.followed_by(newer.verifier, size)
                signed = ring.signed([older, newer]).written().encode()
                _write(self.path / "log-keys", signed, _PUBLIC)
            _write(self.path / "log.key", newer.text().encode(), _PRIVATE)
        self.forget_announced()
        return ring

    def _lay_log_key(self, origin: str) -> SigningKey:
        place, ring = self.path / "log.key", self.path / "log-keys"
        if ring.exists():
            raise NoKey(
                f"{place} is missing, and {ring} says that it was in use: restore it from a backup"
            )
        key = new_log_key(origin)
        _write(place, key.text().encode(), _PRIVATE)
        return key

    def _lay_ring(self) -> None:
        key = self.log_key()
        ring = KeyRing((LogKey(key.verifier),))
        _write(self.path / "log-keys", ring.signed([key]).written().encode(), _PUBLIC)

    def _lay_signer(self, origin: str, moment: datetime) -> None:
        host = origin.partition("/")[0]
        ca_key, ca = _new_ca(host, moment)
        key, certificate = _new_signer(host, moment, ca_key, ca)
        passphrase = secrets.token_urlsafe(32).encode()
        bundle = pkcs12.serialize_key_and_certificates(
            b"signer",
            key,
            certificate,
            [ca],
            serialization.BestAvailableEncryption(passphrase),
        )
        _write(self.path / "ca.key", _pem(ca_key), _PRIVATE)
        _write(self.path / "ca.pem", ca.public_bytes(serialization.Encoding.PEM), _PUBLIC)
        _write(self.path / "signer.pass", passphrase, _PRIVATE)
        _write(self.path / "signer.p12", bundle, _PRIVATE)

    def _read(self, name: str) -> bytes:
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError as error:
            raise NoKey(f"{self.path / name} is missing. Run: portal init") from error


def expires_at(bundle: bytes, passphrase: bytes) -> datetime:
    """When the certificate of a PKCS#12 file ends; raises ValueError for what can't be opened."""
    certificate = pkcs12.load_pkcs12(bundle, passphrase or None).cert
    if certificate is None:
        raise ValueError("there is no certificate in it")
    return certificate.certificate.not_valid_after_utc


def new_log_key(origin: str) -> SigningKey:
    """A fresh key for the log of this name."""
    return SigningKey(origin, Ed25519PrivateKey.generate().private_bytes_raw())


def _new_ca(host: str, moment: datetime) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    name = _name(f"{host} development CA")
    certificate = (
        _certificate(name, name, key.public_key(), moment, CA_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_ca=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return key, certificate


def _new_signer(
    host: str, moment: datetime, ca_key: rsa.RSAPrivateKey, ca: x509.Certificate
) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    certificate = (
        _certificate(
            _name(f"{host} documents"), ca.subject, key.public_key(), moment, SIGNER_LIFETIME
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_ca=False), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    return key, certificate


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: rsa.RSAPublicKey,
    moment: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # Clocks differ by minutes between machines.
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=not is_ca,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    write_durably(path, content, mode)
