"""Looks into a workbook: a sound zip, well-formed parts without a document type, and nothing that runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from xml.parsers import expat

from portal.domain.evidence import PASSWORD_CONTAINER, EvidenceKind, Note, Verdict, accept
from portal.store.inspection.findings import DAMAGED, ENCRYPTED, Refused
from portal.store.inspection.zips import Budget, Entry, entries, unpacked

_CONTENT_TYPES = "[Content_Types].xml"
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

_MACRO_MARKS = ("macroenabled", "vbaproject", "activex", "macrosheet", "intlmacrosheet")
_EXTERNAL_MARKS = ("externallink", "connections+xml", "querytable")
_EMBEDDED_MARKS = ("oleobject",)
_XML_ENDINGS = (".xml", ".rels", ".vml")

_Seen = Callable[[str, dict[str, str]], None]


def inspect_xlsx(data: bytes) -> Verdict:
    """Check a workbook's bytes; refused with a reason, or accepted with what a reviewer should know."""
    if data.startswith(PASSWORD_CONTAINER):
        raise Refused(ENCRYPTED)
    look = _Look()
    found = entries(data)
    names = {entry.name for entry in found}
    if _CONTENT_TYPES not in names:
        raise Refused("evidence.kind_and_name_differ")
    budget = Budget(sum(entry.packed for entry in found))
    for entry in found:
        look.at_name(entry.name)
        pieces = unpacked(data, entry, budget)
        if entry.name.lower().endswith(_XML_ENDINGS):
            listener = (
                partial(look.at_element, entry.name) if _tells_something(entry.name) else None
            )
            read_xml(pieces, listener)
        else:
            _run_through(pieces)
    return look.verdict(found)


class _Look:
    """What was seen so far in one workbook."""

    def __init__(self) -> None:
        self.notes: set[Note] = set()
        self.is_workbook = False
        self.sheets = 0
        self.defaults: dict[str, str] = {}

    def at_name(self, name: str) -> None:
        """Judge a part by its name."""
        self._at_type(name.lower())

    def at_element(self, part: str, tag: str, attributes: dict[str, str]) -> None:
        """Judge an element by its part, its local name and its attributes."""
        if part == _CONTENT_TYPES:
            self._at_content_type(tag, attributes)
        elif part.endswith(".rels"):
            self._at_relation(attributes)
        elif tag == "sheet" and part.endswith("workbook.xml"):
            self.sheets += 1
            if attributes.get("state", "visible") != "visible":
                self.notes.add(Note.HIDDEN_SHEET)
        elif tag == "ddeLink":
            raise Refused("evidence.starts_programs")

    def _at_content_type(self, tag: str, attributes: dict[str, str]) -> None:
        """A default counts only when a part has its extension; some writers list defaults that nothing uses."""
        content_type = attributes.get("ContentType", "")
        if tag == "Default":
            self.defaults[attributes.get("Extension", "").lower()] = content_type.lower()
            return
        self.is_workbook |= content_type == _WORKBOOK
        self._at_type(content_type.lower())

    def _at_relation(self, attributes: dict[str, str]) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2].lower()
        if attributes.get("TargetMode") == "External" and kind != "hyperlink":
            self.notes.add(Note.EXTERNAL_DATA)

    def _at_type(self, name: str) -> None:
        if any(mark in name for mark in _MACRO_MARKS):
            raise Refused("evidence.macros")
        if any(mark in name for mark in _EXTERNAL_MARKS):
            self.notes.add(Note.EXTERNAL_DATA)
        if "/embeddings/" in name or any(mark in name for mark in _EMBEDDED_MARKS):
            self.notes.add(Note.EMBEDDED_FILE)

    def verdict(self, found: list[Entry]) -> Verdict:
        """The verdict once every part was seen."""
        for extension in {entry.name.rpartition(".")[2].lower() for entry in found}:
            self._at_type(self.defaults.get(extension, ""))
        if not self.is_workbook:
            raise Refused("evidence.kind_and_name_differ")
        if not self.sheets or not any(entry.name.startswith("xl/worksheets/") for entry in found):
            raise Refused(DAMAGED)
        return accept(EvidenceKind.XLSX, self.notes)


def read_xml(pieces: Iterator[bytes], seen: _Seen | None) -> None:
    """Run a tokenizer over one part, whatever its encoding; it must be well-formed and name no document type.

    `seen` is told each element's local name and attributes; without it the tokenizer runs at its full speed.
    """
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    if seen is not None:
        parser.StartElementHandler = lambda tag, attributes: seen(
            tag.rpartition(":")[2], attributes
        )
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError):
        raise Refused(DAMAGED) from None


def _refuse_doctype(*_: object) -> None:
    raise Refused("evidence.doctype")


def _tells_something(name: str) -> bool:
    """Whether the part's elements matter; the cells of millions of rows don't."""
    return (
        name == _CONTENT_TYPES
        or name.endswith((".rels", "workbook.xml"))
        or "externallinks/" in name.lower()
    )


def _run_through(pieces: Iterator[bytes]) -> None:
    for _ in pieces:
        pass
