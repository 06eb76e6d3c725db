"""Everything that can be read in an answer: its body whatever its kind, files within files, and its headers."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

import pikepdf
from werkzeug.test import TestResponse

from tests.papers import enclosed, text_of

_NOT_ABOUT_DATA = {"Content-Security-Policy", "Permissions-Policy", "Set-Cookie", "Date"}
_read: dict[bytes, tuple[str, ...]] = {}


def texts_of(answer: TestResponse) -> Iterator[str]:
    """The texts of an answer."""
    for name, value in answer.headers:
        if name not in _NOT_ABOUT_DATA:
            yield unquote(value)
    kind = answer.mimetype
    if kind == "text/html":
        yield unescape(answer.text)
    elif kind == "application/json":
        yield json.dumps(json.loads(answer.text), ensure_ascii=False)
    else:
        yield from texts_in(answer.data)


def texts_in(content: bytes) -> tuple[str, ...]:
    """The texts of a file: of a PDF its words, enclosed files and metadata, of a ZIP those of its files."""
    digest = hashlib.sha256(content).digest()
    if digest not in _read:
        _read[digest] = tuple(_texts_in(content))
    return _read[digest]


def _texts_in(content: bytes) -> Iterator[str]:
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name
                yield from texts_in(archive.read(name))
    elif content.startswith(b"%PDF") and b"startxref" in content:
        yield text_of(content)
        with pikepdf.open(io.BytesIO(content)) as pdf:
            yield bytes(pdf.Root.Metadata.read_bytes()).decode()
            yield from (str(value) for value in pdf.docinfo.values())
        for name, file in enclosed(content).items():
            yield name
            yield from texts_in(file)
    else:
        yield content.decode("utf-8", "replace")
