"""Reading the signature of a PDF as strictly as one can be: there is one spelling, it covers every byte, nothing follows."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

_BYTE_RANGE = re.compile(rb"/ByteRange ?\[ ?(\d{1,10}) (\d{1,10}) (\d{1,10}) (\d{1,10}) *\]")
_HEX = re.compile(rb"<[0-9A-F]+>")
# What reading made-up bytes as ASN.1 may raise.
_DAMAGED = (ValueError, TypeError, KeyError, IndexError, AttributeError)
MOST_BYTES = 64 * 1024 * 1024


class NotIntact(ValueError):
    """What is wrong with a signature, in words."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that covers the whole file: who signed, when by his own clock, and the certificate's fingerprint."""

    signer: str
    at: datetime | None
    fingerprint: str
    is_stamped: bool


def read_signature(pdf: bytes) -> Signed:
    """The one signature of a PDF; raises NotIntact unless every byte of the file is as it was when it was signed."""
    signed, signature = _parts(pdf)
    content = _loaded(signature)
    # The cheapest question first: most files that are not genuine fail here.
    if _digest_of(content) != hashlib.sha256(signed).digest():
        raise NotIntact("the file was changed after it was signed")
    _refuse_other_spellings(signature, content)
    status = _validated(pdf, None)
    certificate = status.signing_cert
    return Signed(
        certificate.subject.human_friendly,
        status.signer_reported_dt,
        hashlib.sha256(certificate.dump()).hexdigest(),
        status.timestamp_validity is not None,
    )


def is_trusted(pdf: bytes, roots: Sequence[bytes], at: datetime) -> bool:
    """Whether the signer's certificate, at this moment, goes back to one of these (DER). Nothing is fetched."""
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(root) for root in roots],
        allow_fetching=False,
        moment=at.astimezone(UTC),
        best_signature_time=at.astimezone(UTC),
        revocation_mode="soft-fail",
    )
    return bool(_validated(pdf, context).trusted)


def _validated(pdf: bytes, context: ValidationContext | None) -> PdfSignatureStatus:
    context = context or ValidationContext(trust_roots=[], allow_fetching=False)
    try:
        # The file has one /ByteRange, so there is one signature.
        (found,) = PdfFileReader(io.BytesIO(pdf), strict=True).embedded_signatures
        status = validate_pdf_signature(
            found, signer_validation_context=context, ts_validation_context=context
        )
    except Exception as error:
        # Whatever a library says of bytes that somebody made up, they are not what was signed.
        raise NotIntact(f"the signature can't be read: {error}") from error
    if not (status.intact and status.valid and status.docmdp_ok):
        raise NotIntact("the signature does not belong to this file")
    return status


def _parts(pdf: bytes) -> tuple[bytes, bytes]:
    """What is signed, and the signature with the zeros behind it."""
    if len(pdf) > MOST_BYTES or not pdf.startswith(b"%PDF-"):
        raise NotIntact("this is no PDF of the portal")
    ranges = _BYTE_RANGE.findall(pdf)
    if len(ranges) != 1:
        raise NotIntact("the file is not signed" if not ranges else "the file is signed twice")
    start, length, second, rest = map(int, ranges[0])
    if start != 0 or second + rest != len(pdf) or not length < second:
        raise NotIntact("the signature does not cover the whole file")
    gap = pdf[length:second]
    if not _HEX.fullmatch(gap) or len(gap) % 2:
        raise NotIntact("the signature is damaged")
    return pdf[:length] + pdf[second:], bytes.fromhex(gap[1:-1].decode("ascii"))


def _loaded(signature: bytes) -> cms.ContentInfo:
    try:
        return cms.ContentInfo.load(signature)
    except (ValueError, TypeError) as error:
        raise NotIntact("the signature is damaged") from error


def _digest_of(content: cms.ContentInfo) -> bytes:
    """The digest of the file that the signer has signed."""
    try:
        info = content["content"]["signer_infos"][0]
        digest: bytes = _attribute(info, "message_digest").native
    except _DAMAGED as error:
        raise NotIntact("the signature is damaged") from error
    return digest


def _refuse_other_spellings(signature: bytes, content: cms.ContentInfo) -> None:
    """Raise NotIntact where a byte could differ without anybody noticing."""
    try:
        written = content.dump(force=True)
        data = content["content"]
        infos = data["signer_infos"]
        info = infos[0]
        is_plain = (
            signature.startswith(written)
            and not any(signature[len(written) :])
            and content["content_type"].native == "signed_data"
            and len(infos) == 1
            and data["version"].native == info["version"].native == "v1"
            and [each.dump() for each in data["digest_algorithms"]]
            == [info["digest_algorithm"].dump()]
            and info["digest_algorithm"]["algorithm"].native == "sha256"
            and data["encap_content_info"].native == {"content_type": "data", "content": None}
            and not data["crls"]
            and _certificates_fit(data["certificates"], info)
            and _unsigned_fits(info)
        )
    except _DAMAGED as error:
        raise NotIntact("the signature is damaged") from error
    if not is_plain:
        raise NotIntact("the signature is not spelled in the one way that is allowed")


def _certificates_fit(certificates: cms.CertificateSet, info: cms.SignerInfo) -> bool:
    """Whether the signer's certificate, named by number and by digest, is there."""
    named = _attribute(info, "signing_certificate_v2")["certs"][0]["cert_hash"].native
    return any(
        hashlib.sha256(each.chosen.dump()).digest() == named
        and info["sid"].chosen["serial_number"].native == each.chosen.serial_number
        and info["sid"].chosen["issuer"].dump() == each.chosen.issuer.dump()
        for each in certificates
    )


def _unsigned_fits(info: cms.SignerInfo) -> bool:
    """Whether there is nothing beside what is signed but a time stamp, which is signed itself."""
    kinds = [each["type"].native for each in info["unsigned_attrs"] or ()]
    return kinds in ([], ["signature_time_stamp_token"])


def _attribute(info: cms.SignerInfo, name: str) -> cms.CMSAttribute:
    found = [each for each in info["signed_attrs"] if each["type"].native == name]
    if len(found) != 1 or len(found[0]["values"]) != 1:
        raise NotIntact(f"the signature has no {name}")
    return found[0]["values"][0]
