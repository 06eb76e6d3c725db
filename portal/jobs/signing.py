"""Who signs: the log's notary, and the signer of documents, which is loaded when the first one is signed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

from portal.config.settings import Settings
from portal.documents.signing import DocumentSigner
from portal.services.checkpoints import Notary
from portal.store.keys import KeyFolder


@dataclass(slots=True)
class ConfiguredSigner:
    """Signs with the key of the settings; safe to use from several threads."""

    settings: Settings
    _signer: DocumentSigner | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sign(self, pdf: bytes, moment: datetime) -> bytes:
        """Give the PDF with its signature; raises NoKey or BadSigner with what to do."""
        with self._lock:
            # Reading a key takes longer than signing with it, so one reading serves the whole process.
            self._signer = self._signer or load_signer(self.settings)
        return self._signer.sign(pdf, moment)


def notary_of(settings: Settings) -> Notary:
    """The keys of the log and the folder where it is published."""
    return Notary.at(settings.keys, settings.log)


def load_signer(settings: Settings) -> DocumentSigner:
    """The signer that the settings name; raises NoKey or BadSigner."""
    signer = settings.signer
    if signer.token:
        return DocumentSigner.of_token(
            signer.token.module,
            signer.token.token,
            signer.token.cert,
            signer.passphrase(),
            settings.timestamps_url,
        )
    if signer.file:
        bundle = signer.file.read_bytes()
        return DocumentSigner.of_pkcs12(bundle, signer.passphrase(), settings.timestamps_url)
    bundle, passphrase = KeyFolder(settings.keys).signer()
    return DocumentSigner.of_pkcs12(bundle, passphrase, settings.timestamps_url)
