"""Looks into PDFs: what they would be refused for as PDF/A-3u and PDF/UA-1, and what a reader gets out of them."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import zxingcpp
from pikepdf import Array, Dictionary, Name, Stream
from PIL import Image

LINK_FLAGS_FORBIDDEN = 1 | 2 | 32 | 256
PRINT = 4


def faults(content: bytes) -> list[str]:
    """Everything that a validator of PDF/A-3u or PDF/UA-1 would find, of the kinds that our engine can produce."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        checks = (_metadata, _catalog, _files, _objects, _links)
        return [fault for check in checks for fault in check(pdf)]


def _metadata(pdf: pikepdf.Pdf) -> Iterator[str]:
    xmp = bytes(pdf.Root.Metadata.read_bytes()) if Name.Metadata in pdf.Root else b""
    wanted = {
        "one rdf:RDF": xmp.count(b"<rdf:RDF") == 1,
        "pdfaid:part 3": re.search(rb'pdfaid:part(="|>)3', xmp),
        "pdfaid:conformance U": re.search(rb'pdfaid:conformance(="|>)U', xmp),
        "pdfuaid:part 1": re.search(rb'pdfuaid:part(="|>)1', xmp),
        "the extension schema of pdfuaid": re.search(rb'pdfaSchema:prefix(="|>)pdfuaid', xmp),
        "dc:title": b"dc:title" in xmp,
    }
    yield from (f"metadata without {what}" for what, is_there in wanted.items() if not is_there)


def _catalog(pdf: pikepdf.Pdf) -> Iterator[str]:
    root = pdf.Root
    wanted = {
        "file identifier": Name.ID in pdf.trailer,
        "no encryption": Name.Encrypt not in pdf.trailer,
        "output intent": str(root.get("/OutputIntents", [{}])[0].get("/S")) == "/GTS_PDFA1",
        "tags": root.get("/MarkInfo", {}).get("/Marked") is True,
        "a tree of tags": Name.StructTreeRoot in root,
        "a language": str(root.get("/Lang", "")),
        "its title in the window": root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"),
        "no action on opening": Name.OpenAction not in root and Name.AA not in root,
        "no script": Name.JavaScript not in root.get("/Names", {}),
        "pages read in tag order": all(page.get("/Tabs") == Name.S for page in pdf.pages),
    }
    yield from (f"document without {what}" for what, is_there in wanted.items() if not is_there)


def _files(pdf: pikepdf.Pdf) -> Iterator[str]:
    associated = [file.objgen for file in pdf.Root.get("/AF", [])]
    # The facts, and in a sealed document the proof; each once, though the engine names them twice.
    if len(associated) not in (1, 2) or len(set(associated)) != len(associated):
        yield f"{len(associated)} associated files"
    for file in pdf.Root.get("/AF", []):
        if Name.AFRelationship not in file or Name.UF not in file:
            yield "an associated file without relationship or name"
        if Name.Subtype not in file.EF.F:
            yield "an associated file without type"


def _objects(pdf: pikepdf.Pdf) -> Iterator[str]:
    for thing in pdf.objects:
        if isinstance(thing, Stream):
            if thing.get("/Interpolate") is True:
                yield "an interpolated image"
            is_group = thing.get("/Subtype") == Name.Form and Name.Group in thing
            if is_group and b"BDC" in thing.read_bytes():
                yield "tagged content inside a transparency group"
        elif isinstance(thing, Dictionary):
            yield from _font_faults(thing)
            if thing.get("/S") == Name.Figure and Name.Alt not in thing:
                yield "a figure without words"


def _font_faults(thing: Dictionary) -> Iterator[str]:
    if thing.get("/Type") != Name.Font:
        return
    if thing.get("/Subtype") == Name.Type0:
        if Name.ToUnicode not in thing:
            yield f"{thing.BaseFont} can't be read back as text"
        if isinstance(thing.Encoding, Stream):
            yield f"{thing.BaseFont} has missing glyphs"
        thing = thing.DescendantFonts[0]
    descriptor = thing.get("/FontDescriptor", {})
    if not any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")):
        yield f"{thing.BaseFont} is not embedded"


def _links(pdf: pikepdf.Pdf) -> Iterator[str]:
    tags = _tags_by_number(pdf)
    for page in pdf.pages:
        for link in page.get("/Annots", []):
            if link.get("/Subtype") == Name.Widget:
                continue  # the signature's field, which is off the page
            flags = int(link.get("/F", 0))
            if not flags & PRINT or flags & LINK_FLAGS_FORBIDDEN:
                yield "a link that is not printed"
            tag = tags.get(int(link.get("/StructParent", -1)))
            if tag is None or tag.get("/S") != Name.Link:
                yield "a link outside a Link tag"
            elif Name.Contents not in link and Name.Alt not in tag:
                yield "a link without words"


def _tags_by_number(pdf: pikepdf.Pdf) -> dict[int, Any]:
    numbers = pdf.Root.get("/StructTreeRoot", {}).get("/ParentTree", {}).get("/Nums", Array())
    return {int(numbers[i]): numbers[i + 1] for i in range(0, len(numbers), 2)}


def addresses(content: bytes) -> set[str]:
    """All web addresses that the PDF's links would open."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        links = [link for page in pdf.pages for link in page.get("/Annots", [])]
        return {str(link.A.URI) for link in links if Name.A in link and Name.URI in link.A}


def languages(content: bytes) -> set[str]:
    """The languages that the tags of a PDF are marked with."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        tags = [o for o in pdf.objects if isinstance(o, Dictionary) and Name.S in o]
        return {str(tag.Lang) for tag in tags if Name.Lang in tag}


def fonts(content: bytes) -> set[str]:
    """The names of all fonts, without the mark of their subset."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        named = [o for o in pdf.objects if isinstance(o, Dictionary) and Name.BaseFont in o]
        return {str(font.BaseFont).split("+")[-1] for font in named}


def enclosed(content: bytes) -> dict[str, bytes]:
    """The files that a PDF encloses, by name."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return {name: file.get_file().read_bytes() for name, file in pdf.attachments.items()}


def page_count(content: bytes) -> int:
    """How many pages there are."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return len(pdf.pages)


def bookmarks(content: bytes) -> list[str]:
    """The titles of the outline, depth first, indented by two spaces a level."""
    with pikepdf.open(io.BytesIO(content)) as pdf, pdf.open_outline() as outline:
        return list(_titles(outline.root, 0))


def _titles(items: list[pikepdf.OutlineItem], depth: int) -> Iterator[str]:
    for item in items:
        yield "  " * depth + str(item.title)
        yield from _titles(item.children, depth + 1)


def text_of(content: bytes, *arguments: str) -> str:
    """The text as pdftotext reads it."""
    command = ["pdftotext", *arguments, "-", "-"]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode()


def drawn(content: bytes, folder: Path, dpi: int = 100) -> Image.Image:
    """The first page as a picture."""
    command = ["pdftoppm", "-r", str(dpi), "-png", "-singlefile", "-", str(folder / "page")]
    subprocess.run(command, input=content, capture_output=True, check=True)
    return Image.open(folder / "page.png").convert("RGB")


def qr_codes(picture: Image.Image) -> list[str]:
    """What the QR codes of a picture say."""
    # Text set small can pass for a bar code of some other kind; nobody scans for these.
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return [code.text for code in found]
