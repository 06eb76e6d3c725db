"""Signing PDFs as PAdES baseline B, with a time stamp where an authority is named; tags and PDF/A survive it."""

from __future__ import annotations

import io
from asyncio import to_thread
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from typing import Any, Protocol

from asn1crypto import algos, tsp
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pkcs11.exceptions import PKCS11Error
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError

from portal.outside import fetched

FIELD = "Signature1"
TIMEOUT_SECONDS = 15
LARGEST_STAMP = 1024 * 1024


class BadSigner(ValueError):
    """A signer that can't be used, with what to do about it."""


class Signatory(Protocol):
    """What jobs ask for signatures."""

    def sign(self, pdf: bytes, moment: datetime) -> bytes:
        """Give the PDF with a signature that allows no further change."""
        ...


@dataclass(frozen=True, slots=True)
class DocumentSigner:
    """A certificate with its key, and the authority for time stamps where there is one."""

    signer: signers.Signer
    timestamper: TimeStamper | None = None

    @classmethod
    def of_pkcs12(cls, bundle: bytes, passphrase: bytes, authority: str = "") -> DocumentSigner:
        """The signer of a PKCS#12 file; raises BadSigner."""
        wrong = BadSigner("the PKCS#12 file can't be opened with this passphrase")
        try:
            loaded = signers.SimpleSigner.load_pkcs12_data(
                bundle, other_certs=[], passphrase=passphrase
            )
        except ValueError as error:
            raise wrong from error
        if loaded is None:
            raise wrong
        return cls(_KeepsKey.of(loaded), _stamper(authority))

    @classmethod
    def of_token(
        cls, module: str, token: str, certificate: str, pin: bytes, authority: str = ""
    ) -> DocumentSigner:
        """The signer of a PKCS#11 token; raises BadSigner. Its session stays open as long as the process."""
        criteria = TokenCriteria(label=token)
        try:
            session = open_pkcs11_session(module, token_criteria=criteria, user_pin=pin.decode())
        except (PKCS11Error, RuntimeError) as error:
            raise BadSigner(f"the token {token} can't be opened: {error!r}") from error
        signer = PKCS11Signer(session, cert_label=certificate, embed_roots=False)
        return cls(signer, _stamper(authority))

    def sign(self, pdf: bytes, moment: datetime) -> bytes:
        """Give the PDF with a signature over all of it, dated with this moment."""
        terms = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        )
        # Outside the page: a drawn one would need its own tag and font, and the page says already that it is signed.
        field = SigFieldSpec(FIELD, invis_sig_settings=InvisSigSettings(box_out_of_bounds=True))
        signer = _AtMoment(moment, terms, self.signer, self.timestamper, field)
        signed: bytes = signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf))).getvalue()
        return signed


class _AtMoment(signers.PdfSigner):
    """A signer that takes the moment as an argument instead of looking at a clock."""

    def __init__(
        self,
        moment: datetime,
        terms: signers.PdfSignatureMetadata,
        signer: signers.Signer,
        timestamper: TimeStamper | None,
        field: SigFieldSpec,
    ) -> None:
        super().__init__(terms, signer=signer, timestamper=timestamper, new_field_spec=field)
        self._moment = moment

    def init_signing_session(
        self, pdf_out: BasePdfFileWriter, *arguments: Any, **named: Any
    ) -> Any:
        session = super().init_signing_session(pdf_out, *arguments, **named)
        session.system_time = self._moment
        return session


class _KeepsKey(signers.SimpleSigner):
    """The library reads and checks the private key anew for every signature, which takes ten times as long as signing."""

    _key: rsa.RSAPrivateKey

    @classmethod
    def of(cls, loaded: signers.SimpleSigner) -> _KeepsKey:
        key = serialization.load_der_private_key(loaded.signing_key.dump(), None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise BadSigner(
                "the signer's key must be RSA: readers of PDF/A-3 know nothing else for sure"
            )
        kept = cls(
            signing_cert=loaded.signing_cert,
            signing_key=loaded.signing_key,
            cert_registry=loaded.cert_registry,
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}),
            embed_roots=False,
        )
        kept._key = key
        return kept

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        if dry_run:
            return bytes(self._key.key_size // 8)
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())


class _Stamper(TimeStamper):
    """Asks an RFC 3161 authority; the library's own client would follow wherever the answer points."""

    def __init__(self, authority: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library leaves it without types
        self._authority = authority

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return tsp.TimeStampResp.load(await to_thread(self._asked, req.dump()))

    def _asked(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query"}
        try:
            return fetched(
                self._authority,
                seconds=TIMEOUT_SECONDS,
                most=LARGEST_STAMP,
                body=body,
                headers=headers,
            )
        except (OSError, HTTPException) as error:
            raise TimestampRequestError("the time stamp authority gives no stamp") from error


def _stamper(authority: str) -> TimeStamper | None:
    return _Stamper(authority) if authority else None
