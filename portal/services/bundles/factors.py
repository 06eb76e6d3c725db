"""The factors that frozen content was worked out with, each with all that makes it usable without the library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from portal.calculation.assessment import Assessment
from portal.calculation.factors import Edition, Factor
from portal.calculation.gases import key_of
from portal.calculation.lines import AssessmentContext
from portal.domain.submissions import Kind
from portal.services.assessments import context_with
from portal.services.bundles.chain import Chain, Handed
from portal.services.explanations import at_old_factors

# Methane has three rows, of which a GWP set takes one or two: they are always at hand, used or not.
_POTENTIALS = "gwp"
_METHANE = frozenset({"ch4", "ch4-fossil", "ch4-nonfossil"})
_GASES = {"ch4_fossil": "ch4", "ch4_biogenic": "ch4"}


def methods_of(content: Mapping[str, Any]) -> Iterator[str]:
    """The editions that frozen content names."""
    if "method" in content:
        yield content["method"]["edition"]
    if content.get("basis", {}).get("edition"):
        yield content["basis"]["edition"]
    for action in content.get("actions", ()):
        if action.get("estimate", {}).get("uses"):
            yield action["estimate"]["edition"]


def used_rows(edition: Edition, submissions: Iterable[Handed], chain: Chain) -> list[Factor]:
    """The rows of an edition that these submissions rest on, by id."""
    wanted: set[str] = set()
    gases: set[str] = set(_METHANE)
    for assessed, parameters in _assessed(edition, list(submissions), chain):
        if assessed["edition"] != edition.code:
            continue
        wanted |= {use["id"] for use in assessed["factors"]}
        gases |= {_GASES.get(gas, gas) for gas in assessed["kg"]}
        gases |= {str(value) for name, value in parameters.items() if name == "gas"}
    potentials = {
        row.id for row in edition.table(_POTENTIALS) if key_of(row.id.removeprefix("gwp.")) in gases
    }
    return sorted(
        (edition.by_id[each] for each in (wanted | potentials) & edition.by_id.keys()),
        key=lambda row: row.id,
    )


def _assessed(
    edition: Edition, submissions: list[Handed], chain: Chain
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Every assessment in frozen content, with the parameters it was made with."""
    for each in submissions:
        content = each.content
        for line in content.get("lines", ()):
            yield line["assessment"], line["parameters"]
        for action in content.get("actions", ()):
            for use in action.get("estimate", {}).get("uses", ()):
                yield use, use.get("parameters", {})
        if each.kind is Kind.PROGRESS and content["change"] is not None:
            yield from _at_old_factors(edition, each, chain)


def _at_old_factors(
    edition: Edition, report: Handed, chain: Chain
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The lines of a year under the factors of the year before, as a change is taken apart with them."""
    years = chain.inventories(report.before)
    now, then = years.get(report.year), years.get(report.year - 1)
    if now is None or then is None or then.content["method"]["edition"] != edition.code:
        return
    old = context_of_content(edition, then.content, now.content["member"]["sector"])
    for line in now.content["lines"]:
        found = at_old_factors(now.content, line, then.year, old)
        if isinstance(found, Assessment):
            yield found.to_json(with_trace=False), line["parameters"]


def context_of_content(
    edition: Edition, content: Mapping[str, Any], sector: str
) -> AssessmentContext:
    """What the lines of a frozen inventory were worked out under."""
    method = content["method"]
    return context_with(edition, method["gwp_set"], method["options"], sector)
