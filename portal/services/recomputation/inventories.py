"""An inventory again: each line's conversion, factor, gases, CO2e and grade, and the totals by scope."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.calculation.assessment import Assessment
from portal.calculation.periods import Period
from portal.domain.differences import Comparison
from portal.services.assessments import assess_frozen, columns_of
from portal.services.bundles.chain import Handed
from portal.services.bundles.factors import context_of_content
from portal.services.explanations import Place
from portal.services.freezing import totals_of
from portal.services.recomputation.editions import Editions

# Words that explain a number may be put better one day; they are not what was computed.
WORDS = frozenset({"label", "name", "note", "why"})
_COLUMNS = ("scope", "kg_co2e", "kg_co2e_market", "kg_co2_biogenic", "quality")


def check_inventory(comparison: Comparison, editions: Editions, handed: Handed) -> None:
    """Work every line and the totals out again."""
    content = handed.content
    edition = editions.of(content["method"]["edition"])
    context = context_of_content(edition, content, content["member"]["sector"])
    sites = {each["code"]: Place(each["country"], each["province"]) for each in content["sites"]}
    columns = []
    position = 0
    for line in content["lines"]:
        # In a very long year places can be empty, so they only rise.
        position = max(position + 1, int(line["position"]))
        found = assess_frozen(
            context,
            line,
            period=Period(*(date.fromisoformat(line[each]) for each in ("start", "end"))),
            year=content["year"],
            site=sites[line["site"]],
        )
        place = f"lines/{line['key']}"
        if isinstance(found, Assessment):
            columns.append(_check_line(comparison, handed.file, place, position, line, found))
        else:
            codes = ", ".join(each.code for each in found)
            comparison.tell(
                handed.file, place, line["kg_co2e"], f"can't be worked out again: {codes}"
            )
    comparison.compare(handed.file, "totals", content["totals"], totals_of(columns))


def _check_line(
    comparison: Comparison,
    file: str,
    place: str,
    position: int,
    line: Mapping[str, Any],
    found: Assessment,
) -> dict[str, Any]:
    columns = {name: columns_of(found)[name] for name in _COLUMNS}
    stated = {name: line[name] for name in (*_COLUMNS, "position")}
    comparison.compare(file, place, stated, columns | {"position": position})
    if meter := line.get("meter"):  # the quantity came from a meter's readings
        said = {"quantity": line["quantity"], "unit": line["unit"]}
        counted = {"quantity": meter["amount"], "unit": meter["unit"]}
        comparison.compare(file, f"{place}/meter", said, counted)
    comparison.compare(
        file, f"{place}/assessment", line["assessment"], found.to_json(), words=WORDS
    )
    return columns
