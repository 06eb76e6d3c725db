"""The press: HTML and a style sheet become a PDF that is PDF/A-3u and PDF/UA-1 at once, the same bytes every time."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

import pydyf
from weasyprint import CSS, HTML, Attachment
from weasyprint.document import Document
from weasyprint.text.ffi import harfbuzz_subset
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError

from portal.documents import tags
from portal.documents.failures import Failure, RenderingFailed
from portal.documents.fetcher import OnlyAssets
from portal.documents.fonts import FAMILY, damaged_files, only_our_fonts

# The names under which a document encloses what it is about.
FACTS = "facts.json"
PROOF = "proof.tlog-proof"

VARIANT: dict[str, Any] = {"pdf_variant": "pdf/a-3u", "pdf_tags": True}

# PDF/A-3u is WeasyPrint's own; this adds the mark of PDF/UA-1 and, as PDF/A demands, the description of that mark.
_UA_MARK = (
    b'<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">'
    b"<pdfuaid:part>1</pdfuaid:part></rdf:Description>"
    b'<rdf:Description rdf:about=""'
    b' xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
    b' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
    b' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
    b'<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
    b"<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>"
    b"<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"
    b"<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>"
    b'<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">'
    b"<pdfaProperty:name>part</pdfaProperty:name>"
    b"<pdfaProperty:valueType>Integer</pdfaProperty:valueType>"
    b"<pdfaProperty:category>internal</pdfaProperty:category>"
    b"<pdfaProperty:description>PDF/UA part number</pdfaProperty:description>"
    b"</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag>"
    b"</pdfaExtension:schemas></rdf:Description>"
)


@dataclass(frozen=True, slots=True)
class Style:
    """A template's style sheet, parsed once, and the pictures that it may load."""

    sheet: CSS
    fetcher: OnlyAssets


@dataclass(frozen=True, slots=True)
class Enclosure:
    """The canonical JSON that goes into the PDF as its associated file, with its digest, its day and its proof."""

    data: bytes
    digest: str
    day: date
    proof: bytes = b""


class Press:
    """WeasyPrint with our font only; one for a process, since the fonts cost more than a page does."""

    def __init__(self) -> None:
        """Get ready, or raise RenderingFailed saying what this machine lacks."""
        if harfbuzz_subset is None:
            # Without it, fonts are cut down in Python: a hundred times slower, and other bytes each day.
            raise RenderingFailed(Failure.NOT_READY, "the library libharfbuzz-subset0 is missing")
        if damaged := damaged_files():
            raise RenderingFailed(Failure.NOT_READY, f"damaged font files: {', '.join(damaged)}")
        with only_our_fonts():
            self._fonts = FontConfiguration()
        # Layouts share the font configuration, which no two threads may use at once.
        self._lock = threading.Lock()
        tags.install()

    def style(self, css: str, assets: Mapping[str, bytes]) -> Style:
        """Parse a style sheet that may load the given pictures and nothing else."""
        fetcher = OnlyAssets(assets)
        sheet = CSS(string=css, font_config=self._fonts, url_fetcher=fetcher)
        return Style(sheet, fetcher)

    def lay_out(self, html: str, style: Style) -> Document:
        """Break HTML into pages; raises RenderingFailed when it tries to load anything."""
        with self._lock, _nothing_from_outside():
            page = HTML(string=html, url_fetcher=style.fetcher)
            return page.render(font_config=self._fonts, stylesheets=[style.sheet], **VARIANT)

    def write(self, document: Document, enclosure: Enclosure) -> bytes:
        """Write pages as PDF with the facts enclosed; raises RenderingFailed for a character without glyph."""
        _mark_as_accessible(document)
        with self._lock, _nothing_from_outside(), warnings.catch_warnings():
            # WeasyPrint leaves the closing of its colour profile's file to the garbage collector.
            warnings.simplefilter("ignore", ResourceWarning)
            pdf: bytes = document.write_pdf(
                pdf_identifier=enclosure.digest[:32].encode("ascii"),
                attachments=_files(enclosure, document.url_fetcher),
                finisher=_finish,
                **VARIANT,
            )
        return pdf


def _files(enclosure: Enclosure, fetcher: OnlyAssets) -> list[Attachment]:
    """The associated files: the facts, and the proof that they stand in the log."""
    moment = datetime.combine(enclosure.day, time(), UTC)
    files = [(FACTS, enclosure.data, "The facts of this document as canonical JSON", "Data")]
    if enclosure.proof:
        files.append(
            (PROOF, enclosure.proof, "Proof that the facts stand in the log", "Supplement")
        )
    return [
        Attachment(
            string=data,
            name=name,
            description=description,
            created=moment,
            modified=moment,
            relationship=relationship,
            url_fetcher=fetcher,
        )
        for name, data, description, relationship in files
    ]


@cache
def the_press() -> Press:
    """The press of this process, made ready at the first document."""
    return Press()


@contextmanager
def _nothing_from_outside() -> Iterator[None]:
    """Make a refused load an ordinary failure: WeasyPrint's is a BaseException that passes `except Exception`."""
    try:
        yield
    except FatalURLFetchingError as trouble:
        raise RenderingFailed(Failure.FORBIDDEN_FETCH, str(trouble)) from None


def _mark_as_accessible(document: Document) -> None:
    """Put the PDF/UA mark into the one rdf:RDF that readers look at; WeasyPrint's own option adds a second."""
    metadata = document.metadata
    generate = metadata.generate_rdf_metadata

    def generate_with_mark(*arguments: Any) -> bytes:
        plain: bytes = generate(*arguments)
        return plain.replace(b"</rdf:RDF>", _UA_MARK + b"</rdf:RDF>")

    metadata.generate_rdf_metadata = generate_with_mark


def _finish(document: Document, pdf: pydyf.PDF) -> None:
    """Refuse a PDF with missing glyphs or foreign fonts, and name each associated file once."""
    missing = sorted({chr(c) for font in document.fonts.values() for c in font.missing})
    if missing:
        raise RenderingFailed(Failure.MISSING_GLYPHS, " ".join(missing))
    foreign = {font.family for font in document.fonts.values()} - {FAMILY}
    if foreign:
        raise RenderingFailed(Failure.BROKEN, f"foreign fonts: {', '.join(sorted(foreign))}")
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
