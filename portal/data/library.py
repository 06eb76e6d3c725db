"""Reads the editions of the factor library: tables with a manifest that says what every byte of them must be."""

from __future__ import annotations

import csv
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from portal.calculation.factors import UNIT_CODES, Edition, Factor, Family, Tier

_LIBRARY = Path(__file__).parent / "factors"
_FAMILIES = Path(__file__).parent / "families.toml"

# Columns that every table has; of the others, those that hold numbers become numbers, the rest words.
_COMMON = frozenset(
    [
        "id",
        "category",
        "name_en",
        "name_zh",
        "region",
        "valid_from",
        "valid_to",
        "unit",
        "gwp_set",
        "source",
        "source_table",
        "source_year",
        "verification",
        "verified_in",
        "confidence",
        "notes",
    ]
)
_NUMBERS = frozenset(
    [
        "ar4",
        "ar5",
        "ar6",
        "carbon_content_tc_per_gj",
        "ch4",
        "co2",
        "co2_bio",
        "co2e",
        "density_kg_per_l",
        "high",
        "low",
        "n2o",
        "ncv",
        "oxidation_fraction",
        "sar",
        "uncertainty_pct",
        "value",
    ]
)


@cache
def editions() -> tuple[str, ...]:
    """The codes of the shipped editions, oldest first."""
    return tuple(sorted(folder.name for folder in _LIBRARY.iterdir() if folder.is_dir()))


def load_edition(code: str | None = None) -> Edition:
    """The edition with that code, or the newest; raises LookupError for one that isn't shipped."""
    wanted = editions()[-1] if code is None else code
    if wanted not in editions():
        raise LookupError(f"there is no edition {wanted}; there are {', '.join(editions())}")
    return _load(wanted)


@cache
def _load(code: str) -> Edition:
    folder = _LIBRARY / code
    manifest = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))
    contents = {name: (folder / name).read_bytes() for name in sorted(manifest["files"])}
    found = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    if found != manifest["files"] or digest_of(found) != manifest["digest"]:
        raise RuntimeError(f"the files of edition {code} are not those that were published")
    families = _families()
    rows = [
        row
        for name, content in contents.items()
        for row in _rows(name.removesuffix(".csv"), content.decode("utf-8"), families)
    ]
    return Edition.of(code, manifest["published_on"], rows, manifest["digest"])


def digest_of(files: Mapping[str, str]) -> str:
    """The digest of an edition: SHA-256 of its files' names and digests, a line each, in order."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _families() -> list[Family]:
    """The publications, longest prefix first, so that the first that fits is the closest."""
    listed = tomllib.loads(_FAMILIES.read_text(encoding="utf-8"))["family"]
    families = [
        Family(
            prefix=each["prefix"],
            tier=Tier[each["tier"].upper()],
            sector=each.get("sector"),
            name_en=each["names"]["en"],
            name_zh=each["names"]["zh"],
        )
        for each in listed
    ]
    return sorted(families, key=lambda family: -len(family.prefix))


def _rows(table: str, content: str, families: Sequence[Family]) -> Iterator[Factor]:
    for row in csv.DictReader(content.splitlines()):
        yield _factor(table, row, families)


def _factor(table: str, row: Mapping[str, str], families: Sequence[Family]) -> Factor:
    own = {name: text for name, text in row.items() if text and name not in _COMMON}
    return Factor(
        id=row["id"],
        table=table,
        name_en=row["name_en"],
        name_zh=_full_width(row["name_zh"]) or row["name_en"],
        region=_region(row["region"]),
        valid_from=_first_day(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        unit=row["unit"],
        per=UNIT_CODES.get(row["unit"]),
        numbers={name: Decimal(text) for name, text in own.items() if name in _NUMBERS},
        texts={name: text for name, text in own.items() if name not in _NUMBERS},
        gwp_set=row["gwp_set"],
        source=row["source"],
        source_table=row["source_table"],
        source_year=int(row["source_year"]),
        verification=row["verification"],
        confidence=row["confidence"],
        notes=row["notes"],
        family=next(family for family in families if row["id"].startswith(family.prefix)),
    )


def _full_width(name: str) -> str:
    """A Chinese name with Chinese brackets; the published tables, which keep their bytes, have half-width ones."""
    return re.sub(r" ?\(([^()]*)\) ?", "（\\1）", name)


def _region(printed: str) -> str:
    """British hotel factors name the hotel's country beside the publisher's; the publisher's is the region."""
    return "GB" if printed.startswith("GB:") else printed


def _first_day(printed: str) -> date:
    return date(int(printed), 1, 1) if len(printed) == 4 else date.fromisoformat(printed)
