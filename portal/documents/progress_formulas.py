"""The arithmetic of a target's path with its numbers put in, as one line of signs that needs no language."""

from __future__ import annotations

from decimal import Decimal

from portal.calculation.pathways import RATES, Pathway, target_value
from portal.calculation.targets import SBTI_START
from portal.documents.facts import TargetTermsFacts
from portal.documents.figures import exact_number
from portal.documents.progress_sentences import with_unit
from portal.documents.progress_words import TargetFigures


def path_formula(
    terms: TargetTermsFacts, year: int, values: TargetFigures, allowed: Decimal
) -> str:
    """How the path comes to what it allows in a year between base and target year.

    A standard pathway allows the lower of its own line and the straight line to the goal, and never less than the goal.
    """
    base, goal = values.text(terms.base), values.text(target_value(terms.terms))
    result = f" = {with_unit(values, allowed)}"
    if year > terms.target_year:
        return f"{goal} → {terms.net_zero_year or terms.target_year}{result}"
    passed = f"({year} − {terms.base_year}) ÷ ({terms.target_year} − {terms.base_year})"
    straight = f"{base} − ({base} − {goal}) × {passed}"
    if terms.kind.is_share:
        return f"{base} + ({goal} − {base}) × {passed}{result}"
    if terms.pathway is Pathway.COMPOUND:
        return f"{base} × ({goal} ÷ {base})^({passed}){result}"
    if terms.pathway in RATES and year > terms.base_year:
        return f"max({goal}, min({straight}, {_standard(terms, year, base)})){result}"
    return f"{straight}{result}"


def _standard(terms: TargetTermsFacts, year: int, base: str) -> str:
    rate = f"{exact_number(RATES[terms.pathway] * 100)}%"
    start = terms.base_year
    if terms.pathway is not Pathway.FLAG:
        start = min(start, int(SBTI_START))
    return f"{base} × (1 − {rate} × ({year} − {start}))"
