"""Warnings: what a rule or a comparison finds odd; they never block, they ask for a reason. One module for each subject of rules.

May import calculation, the statistics of `plausibility` and the standard library; a rule yields RaisedWarnings and decides nothing.
When you come with a new rule, add it to the module of its subject and to the list in `rules.py`, and its words to `texts.py`.
"""

from portal.domain.warnings.factors import CHANGING
from portal.domain.warnings.lines import by_slot, duplicate, duplicates, line_warnings, says
from portal.domain.warnings.rules import find_warnings
from portal.domain.warnings.sameness import same_sight, sight, what_stays
from portal.domain.warnings.seen import (
    Amount,
    Evidence,
    Product,
    RaisedWarning,
    ReportedLine,
    Series,
    Slot,
    Subject,
    Weight,
    day_of_year,
    subject_of,
)
from portal.domain.warnings.texts import INTERNAL, KIND_NAMES, MESSAGES, OF_WHOLE_YEARS

__all__ = [
    "CHANGING",
    "INTERNAL",
    "KIND_NAMES",
    "MESSAGES",
    "OF_WHOLE_YEARS",
    "Amount",
    "Evidence",
    "Product",
    "RaisedWarning",
    "ReportedLine",
    "Series",
    "Slot",
    "Subject",
    "Weight",
    "by_slot",
    "day_of_year",
    "duplicate",
    "duplicates",
    "find_warnings",
    "line_warnings",
    "same_sight",
    "says",
    "sight",
    "subject_of",
    "what_stays",
]
