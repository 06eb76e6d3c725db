"""Writes the bill of materials (CycloneDX 1.6): every library of the locks, vendored files, and what the machine brings.

`make sbom` runs it. The libraries come from the locks, their licences from what is installed; the same locks on the
same machine give the same bytes.
"""

from __future__ import annotations

import configparser
import ctypes
import ctypes.util
import json
import platform
import re
import sqlite3
import ssl
import sys
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pikepdf
import psycopg
from cryptography.hazmat.backends.openssl import backend
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PIL import features

ROOT = Path(__file__).parents[1]
SHIPPED, TESTED = "requirements.lock", "requirements-test.lock"
VENDORED = ("static/vendor", "tests/vendor")
FONTS = "portal/data/fonts"
PORTAL = "zero-carbon-alliance-portal"
_ENTRY = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pin:
    """A library of a lock: its version, and the SHA-256 of each file that it may be installed from."""

    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def address(self) -> str:
        """How other tools name this library."""
        return f"pkg:pypi/{self.name}@{self.version}"


def pins(lock: str) -> dict[str, Pin]:
    """The libraries of a lock by name."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    found = {}
    for entry in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE):
        if match := _ENTRY.match(entry):
            found[match[1]] = Pin(match[1], match[2], tuple(_HASH.findall(entry)))
    return found


def licence_of(name: str) -> str:
    """The licence that an installed library states for itself: an expression, a classifier, or a word; empty for none."""
    stated = metadata.metadata(name)
    if stated["License-Expression"]:
        return str(stated["License-Expression"])
    kinds = [kind for kind in stated.get_all("Classifier", []) if kind.startswith("License ::")]
    if kinds:
        return " AND ".join(kind.rpartition(" :: ")[2] for kind in kinds)
    return (stated["License"] or "").strip().partition("\n")[0]


def undecided() -> list[str]:
    """Libraries whose licence nobody has accepted or decided on."""
    known = tomllib.loads((ROOT / "supply/licences.toml").read_text(encoding="utf-8"))
    return [
        f"{name}: {licence_of(name) or 'no licence stated'}"
        for name in pins(TESTED)
        if name not in known["decided"] and licence_of(name) not in known["accepted"]
    ]


def bill() -> dict[str, Any]:
    """The whole bill as plain values."""
    shipped, tested = pins(SHIPPED), pins(TESTED)
    components = [
        *(_library(pin, is_shipped=pin.name in shipped) for pin in tested.values()),
        *_vendored(),
        _fonts(),
        *_machine(),
    ]
    main = _portal()
    asked = {canonicalize_name(each.name) for each in _asked_for()}
    needs = _needs(tested)
    content = {
        "metadata": {"component": main},
        "components": sorted(components, key=lambda each: each["bom-ref"]),
        "dependencies": [
            {"ref": main["bom-ref"], "dependsOn": _addresses(tested, asked)},
            *(
                {"ref": pin.address, "dependsOn": _addresses(tested, needs[pin.name])}
                for pin in tested.values()
            ),
        ],
    }
    serial = uuid5(NAMESPACE_URL, json.dumps(content, sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        **content,
    }


def _addresses(known: Mapping[str, Pin], names: Collection[str]) -> list[str]:
    return sorted(known[name].address for name in names)


def _portal() -> dict[str, Any]:
    setup = _setup()
    return {
        "type": "application",
        "bom-ref": PORTAL,
        "name": PORTAL,
        "version": metadata.version(PORTAL),
        "licenses": [{"license": {"id": setup["metadata"]["license"]}}],
    }


def _setup() -> configparser.ConfigParser:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    return setup


def _asked_for() -> list[Requirement]:
    lines = _setup()["options"]["install_requires"].splitlines()
    return [Requirement(line) for line in lines if line.strip()]


def _needs(names: Collection[str]) -> dict[str, set[str]]:
    """What each library needs of the others, with the extras that somebody asks for."""
    needs: dict[str, set[str]] = {name: set() for name in names}
    waiting = [(PORTAL, each) for each in _asked_for()]
    waiting += [(PORTAL, Requirement(name)) for name in names]
    done: set[tuple[str, str]] = set()
    while waiting:
        of, asked = waiting.pop()
        name = canonicalize_name(asked.name)
        if of in needs and name in needs:
            needs[of].add(name)
        for extra in ("", *asked.extras):
            if name in needs and (name, extra) not in done:
                done.add((name, extra))
                lines = map(Requirement, metadata.requires(name) or ())
                waiting += [(name, each) for each in lines if _holds(each, extra)]
    return needs


def _holds(asked: Requirement, extra: str) -> bool:
    if asked.marker is None:
        return not extra
    return asked.marker.evaluate({"extra": extra}) and (
        not extra or not asked.marker.evaluate({"extra": ""})
    )


def _library(pin: Pin, *, is_shipped: bool) -> dict[str, Any]:
    licence = licence_of(pin.name)
    is_expression = bool(metadata.metadata(pin.name)["License-Expression"])
    return {
        "type": "library",
        "bom-ref": pin.address,
        "name": pin.name,
        "version": pin.version,
        "purl": pin.address,
        "scope": "required" if is_shipped else "excluded",
        "licenses": [{"expression": licence} if is_expression else {"license": {"name": licence}}],
        # One for each file that it may be installed from, so not a hash of the component itself.
        "properties": [{"name": "lock:sha256", "value": each} for each in sorted(pin.hashes)],
    }


def _vendored() -> Iterator[dict[str, Any]]:
    """Files of others that are kept in the repository under their version; the tests hold them against their sums."""
    for folder in VENDORED:
        for place in sorted((ROOT / folder).glob("*-*")):
            name, _, version = place.name.rpartition("-")
            yield {
                "type": "library",
                "bom-ref": f"pkg:npm/{name}@{version}",
                "name": name,
                "version": version,
                "purl": f"pkg:npm/{name}@{version}",
                "scope": "required" if folder.startswith("static") else "excluded",
                "components": _files(place),
            }


def _fonts() -> dict[str, Any]:
    """The font of documents, which is built from another one; its README says how."""
    return {
        "type": "data",
        "bom-ref": FONTS,
        "name": "Portal Sans",
        "scope": "required",
        "licenses": [{"license": {"id": "OFL-1.1"}}],
        "components": _files(ROOT / FONTS),
    }


def _files(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    return [
        {
            "type": "file",
            "bom-ref": f"{folder.relative_to(ROOT).as_posix()}/{name.lstrip('*./')}",
            "name": name.lstrip("*./"),
            "hashes": [{"alg": "SHA-256", "content": digest}],
        }
        for digest, name in (line.split() for line in lines)
    ]


def _machine() -> Iterator[dict[str, Any]]:
    """What no lock pins: the interpreter, its libraries, those inside wheels, and those that documents are made with."""
    for (name, version), where in sorted(machine().items()):
        yield {
            "type": "library",
            "bom-ref": f"machine/{name}@{version} ({where})",
            "name": name,
            "version": version,
            "scope": "required",
            "properties": [{"name": "found:in", "value": where}],
        }


def machine() -> Mapping[tuple[str, str], str]:
    """Name and version of each library beside the locks, with where it was found."""
    number = psycopg.pq.version()
    found = {
        ("CPython", platform.python_version()): "interpreter",
        ("SQLite", sqlite3.sqlite_version): "interpreter",
        ("OpenSSL", ssl.OPENSSL_VERSION.split()[1]): "interpreter",
        ("OpenSSL", backend.openssl_version_text().split()[1]): "cryptography",
        ("libpq", f"{number // 10000}.{number % 10000}"): "psycopg-binary",
        ("qpdf", pikepdf.__libqpdf_version__): "pikepdf",
        ("Pango", _pango()): "system",
    }
    for name in features.get_supported():
        version = features.version(name)
        if version and name not in ("pil", "tkinter"):
            found[name, version] = "pillow"
    return found


def _pango() -> str:
    library = ctypes.util.find_library("pango-1.0")
    if library is None:
        return "missing"
    ask = ctypes.CDLL(library).pango_version_string
    ask.restype = ctypes.c_char_p
    return str(ask().decode())


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(bill(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
