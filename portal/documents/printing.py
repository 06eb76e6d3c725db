"""From a document's facts and its pages as HTML to PDF bytes: how every kind of document is printed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Protocol

from weasyprint.document import Document

from portal.documents.facts import Name
from portal.documents.failures import Failure, RenderingFailed
from portal.documents.press import Enclosure, Style, the_press
from portal.documents.seals import Seal, offline_address
from portal.documents.templates import pictures, style_sheet
from portal.documents.texts import width_in_ems
from portal.domain.canonical import canonical_json, digest_of_bytes

# Of a document that has one page: each step takes smaller letters and less space between the parts.
FITS = ("comfortable", "snug", "tight")


class Printable(Protocol):
    """What printing needs to know of a document's facts; all of them are enclosed in the file."""

    @property
    def template(self) -> str:
        """The template and its version, such as "certificate/v1"."""

    @property
    def issued_on(self) -> date:
        """The day that the file bears."""

    @property
    def member(self) -> Name:
        """Whose document it is."""


class Certifying(Printable, Protocol):
    """Of a certificate, the address that its foot must show too."""

    @property
    def verify_url(self) -> str:
        """Where it is checked."""


def print_pages(facts: Printable, html_of: Callable[[bytes], str], seal: Seal) -> bytes:
    """Print as many pages as it takes; `html_of` draws them and is given the facts as canonical JSON.

    Raises RenderingFailed.
    """
    data = canonical_json(facts)
    document = the_press().lay_out(html_of(data), _style(facts.template))
    return the_press().write(document, _enclosure(facts, data, seal))


def print_one_page(facts: Certifying, html_of: Callable[[str], str], seal: Seal) -> bytes:
    """Print a single page; `html_of` draws it in one of FITS.

    Raises RenderingFailed, with TOO_LONG when the texts don't fit on the one page even in small letters.
    """
    enclosure = _enclosure(facts, canonical_json(facts), seal)
    return the_press().write(_one_page(facts, html_of, seal), enclosure)


def _enclosure(facts: Printable, data: bytes, seal: Seal) -> Enclosure:
    return Enclosure(data, digest_of_bytes(data), facts.issued_on, seal.proof.encode())


def _addresses(document: Document) -> set[str]:
    """Where the links of the first page lead."""
    return {target for _, target, *_ in document.pages[0].links}


def _one_page(facts: Certifying, html_of: Callable[[str], str], seal: Seal) -> Document:
    style = _style(facts.template)
    # What floats at the foot is dropped in silence where it finds no room, so its addresses are asked for.
    addresses = {facts.verify_url}
    if seal.statement:
        addresses.add(offline_address(facts.verify_url))
    for fit in FITS[_first_fit(facts.member) :]:
        document = the_press().lay_out(html_of(fit), style)
        if len(document.pages) == 1 and addresses <= _addresses(document):
            return document
    raise RenderingFailed(Failure.TOO_LONG)


@cache
def _style(template: str) -> Style:
    return the_press().style(style_sheet(template), pictures(template))


def _first_fit(member: Name) -> int:
    """A good guess at the letters' size, so that long names don't cost a second layout."""
    return 0 if max(width_in_ems(member.zh), width_in_ems(member.en)) < 60 else 1
