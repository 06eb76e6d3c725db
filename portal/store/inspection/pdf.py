"""Looks into a PDF: one sound document with pages, not locked, not another kind at once, starting no program."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TypeGuard

import pikepdf

from portal.domain.evidence import EvidenceKind, Note, Verdict, accept
from portal.store.inspection.findings import DAMAGED, ENCRYPTED, TWO_KINDS, Refused
from portal.store.inspection.zips import carries_zip

MOST_PAGES = 5000
MOST_OBJECTS = 200_000
_MOST_DEPTH = 60
# Readers look for the header in the first, and for the end mark in the last 1,024 bytes.
_MARGIN = 1024

_HEADER = re.compile(rb"%PDF-[12]\.[0-9](?P<rest>[^\r\n]{0,40})")
_MARKUP = re.compile(rb"<[a-zA-Z!?/]|#!|^MZ|PK\x03\x04|%!PS")

_ACTIONS: dict[str, Note] = {
    "/JavaScript": Note.SCRIPT,
    "/SubmitForm": Note.FORM_SUBMISSION,
    "/ImportData": Note.EXTERNAL_FILE,
    "/GoToR": Note.EXTERNAL_FILE,
    "/GoToE": Note.EMBEDDED_FILE,
    "/Rendition": Note.MULTIMEDIA,
    "/Movie": Note.MULTIMEDIA,
    "/Sound": Note.MULTIMEDIA,
    "/RichMediaExecute": Note.MULTIMEDIA,
}
_KEYS: dict[str, Note] = {
    "/JS": Note.SCRIPT,
    "/EF": Note.EMBEDDED_FILE,
    "/XFA": Note.FORM_LOGIC,
    "/RichMediaContent": Note.MULTIMEDIA,
}
_TYPES: dict[str, Note] = {
    "/EmbeddedFile": Note.EMBEDDED_FILE,
    "/Sig": Note.SIGNATURE_NOT_CHECKED,
    "/DocTimeStamp": Note.SIGNATURE_NOT_CHECKED,
}
_SUBTYPES: dict[str, Note] = {
    "/RichMedia": Note.MULTIMEDIA,
    "/Screen": Note.MULTIMEDIA,
    "/Movie": Note.MULTIMEDIA,
    "/Sound": Note.MULTIMEDIA,
    "/3D": Note.MULTIMEDIA,
    "/FileAttachment": Note.EMBEDDED_FILE,
}


def inspect_pdf(data: bytes) -> Verdict:
    """Check a PDF's bytes; refused with a reason, or accepted with what a reviewer should know."""
    notes = set(_notes_on_bytes(data))
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as document:
            _check_pages(document)
            notes |= _notes_on_objects(document)
    except pikepdf.PasswordError:
        raise Refused(ENCRYPTED) from None
    except pikepdf.PdfError as error:
        raise Refused("evidence.page_loop" if "Loop detected" in str(error) else DAMAGED) from None
    return accept(EvidenceKind.PDF, notes)


def _notes_on_bytes(data: bytes) -> Iterator[Note]:
    """Look at the file's two ends, where a second kind of file would have to stand."""
    header = _HEADER.search(data[:_MARGIN])
    last = data.rfind(b"%%EOF")
    if header is None or last < max(0, len(data) - _MARGIN):
        raise Refused(TWO_KINDS if carries_zip(data) else DAMAGED)
    before, after = data[: header.start()], data[last + 5 :]
    if carries_zip(data) or _MARKUP.search(before) or _MARKUP.search(after):
        raise Refused(TWO_KINDS)
    if (
        before.strip(b"\0 \t\r\n\f\xef\xbb\xbf")
        or header["rest"].strip()
        or after.strip(b"\0 \t\r\n\f\x1a")
    ):
        yield Note.FOREIGN_DATA
    ends = data.count(b"%%EOF") - (1 if b"/Linearized" in data[:_MARGIN] else 0)
    if ends > 1:
        yield Note.SEVERAL_REVISIONS


def _check_pages(document: pikepdf.Pdf) -> None:
    count = len(document.pages)
    if not count:
        raise Refused(DAMAGED)
    if count > MOST_PAGES or len(document.objects) > MOST_OBJECTS:
        raise Refused("evidence.too_costly")


def _notes_on_objects(document: pikepdf.Pdf) -> set[Note]:
    """Walk every object of the file, reachable or not, and note what acts or refers to the outside."""
    notes: set[Note] = set()
    for each in document.objects:
        for found in _dictionaries(each):
            notes.update(_notes_on_dictionary(found))
    return notes


def _dictionaries(top: object) -> Iterator[pikepdf.Object]:
    """Every dictionary in one object; indirect objects inside it come by themselves and are not followed."""
    waiting = [(top, 0)]
    while waiting:
        each, depth = waiting.pop()
        if depth > _MOST_DEPTH:
            raise Refused(DAMAGED)
        if isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
            yield each
            inner = [value for _, value in _items(each)]
        elif isinstance(each, pikepdf.Array):
            inner = list(each.as_list())
        else:
            continue
        waiting.extend((value, depth + 1) for value in inner if _is_direct_container(value))


def _is_direct_container(value: object) -> bool:
    """Whether the value is a dictionary or array written in place, whose inside has to be looked at too."""
    return isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect


def _items(dictionary: pikepdf.Object) -> list[tuple[str, object]]:
    return [(str(name), dictionary.get(name)) for name in dictionary.keys()]  # noqa: SIM118 -- a PDF object is no dict


def _notes_on_dictionary(found: pikepdf.Object) -> Iterator[Note]:
    names = dict(_items(found))
    action, kind, subtype = (_name(names.get(key)) for key in ("/S", "/Type", "/Subtype"))
    if action == "/Launch":
        raise Refused("evidence.starts_programs")
    for table, key in ((_ACTIONS, action), (_TYPES, kind), (_SUBTYPES, subtype)):
        if key in table:
            yield table[key]
    yield from (note for key, note in _KEYS.items() if key in names)
    if any(_opens_link(names[key]) for key in ("/OpenAction", "/AA") if key in names):
        yield Note.AUTOMATIC_LINK
    if isinstance(found, pikepdf.Stream) and "/F" in names:
        yield Note.EXTERNAL_FILE
    if _name(names.get("/FT")) == "/Sig" and "/V" in names:
        yield Note.SIGNATURE_NOT_CHECKED


def _name(value: object) -> str:
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _opens_link(action: object) -> bool:
    """Whether an action that runs by itself, or one that it leads to, opens a web address."""
    waiting = [
        action,
        *([value for _, value in _items(action)] if _is_trigger_table(action) else []),
    ]
    for _ in range(_MOST_DEPTH):
        if not waiting:
            return False
        each = waiting.pop()
        if not isinstance(each, pikepdf.Dictionary):
            continue
        if _name(each.get("/S")) == "/URI":
            return True
        following = each.get("/Next")
        waiting.extend(following.as_list() if isinstance(following, pikepdf.Array) else [following])
    return True


def _is_trigger_table(action: object) -> TypeGuard[pikepdf.Dictionary]:
    """An additional-actions dictionary has one action for each event; an action itself has its kind under /S."""
    return isinstance(action, pikepdf.Dictionary) and "/S" not in action
