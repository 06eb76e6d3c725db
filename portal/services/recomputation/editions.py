"""Which factors a recomputation uses: those of the shipped edition where it is the same, else those that the bundle brings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from portal import data
from portal.calculation.factors import Edition, Factor
from portal.domain.differences import Comparison
from portal.services.bundles.about import FACTORS


class Editions:
    """The editions that a bundle names, by code."""

    def __init__(self, raw: Mapping[str, Any], comparison: Comparison) -> None:
        self._known = {each["code"]: _chosen(each, comparison) for each in raw["editions"]}

    def of(self, code: str) -> Edition:
        """The edition with that code. Raises LookupError for one that the bundle has no factors of."""
        if code not in self._known:
            raise LookupError(f"{FACTORS} has no factors of edition {code}")
        return self._known[code]

    @property
    def codes(self) -> Iterable[str]:
        """The codes of all editions, in the order of the file."""
        return tuple(self._known)


def _chosen(raw: Mapping[str, Any], comparison: Comparison) -> Edition:
    code, digest = raw["code"], raw["digest"]
    if code not in data.editions():
        comparison.note(
            f"Edition {code} is not shipped with this portal: the factors in the bundle were used."
        )
        return _brought(raw)
    shipped = data.load_edition(code)
    if shipped.digest == digest:
        comparison.note(f"Edition {code} is the one shipped with this portal.")
        return shipped
    # A published edition never changes: one of the two is not what was published.
    comparison.tell(FACTORS, f"{code}/digest", digest, shipped.digest)
    comparison.note(
        f"Edition {code} is shipped with this portal with another digest: the factors in the bundle were used."
    )
    return _brought(raw)


def _brought(raw: Mapping[str, Any]) -> Edition:
    rows = [Factor.from_json(each) for each in raw["factors"]]
    return Edition.of(raw["code"], date.fromisoformat(raw["published_on"]), rows, raw["digest"])
