"""The portal's own workbook: its sheets, what its hidden part says about it, and which of it can come back changed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.domain.words import N_

# Raised whenever a sheet or a column means something else; a file of another version is not read.
VERSION = 1
HIDDEN_SHEET = "_base"
KEY = "key"
# Larger years come by CSV, and are no table that anybody edits by hand.
MOST_LINES = 20_000
# Longer texts are handed out cut, and none is read from a file.
LONGEST_TEXT = 5_000
# The rows above the first line: names for machines (hidden), and titles.
ROWS_ABOVE = 2


class SheetCode(StrEnum):
    """The sheets that hold rows. `lines` and `outputs` come back; `sites` and `actions` are for looking up."""

    LINES = "lines"
    SITES = "sites"
    OUTPUTS = "outputs"
    ACTIONS = "actions"


EDITABLE_SHEETS = (SheetCode.LINES, SheetCode.OUTPUTS)

LINE_COLUMNS = ("category", "site", "period", "quantity", "unit", "note")
OUTPUT_COLUMNS = ("product", "quantity", "unit")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a workbook says about itself in its hidden sheet."""

    version: int
    member: str
    member_code: str
    inventory: str
    year: int
    language: str


MESSAGES = {
    "workbook.not_ours": N_(
        "“%(name)s” is not a workbook that was downloaded here. Download the workbook of this year and fill that one in."
    ),
    "workbook.other_version": N_(
        "“%(name)s” was made by another release of the portal. Download a new workbook and copy your values over."
    ),
    "workbook.hidden_part": N_(
        "The hidden part of “%(name)s” was changed, so it can’t be compared any more. Download a new workbook and copy your values over."
    ),
    "workbook.other_member": N_(
        "“%(name)s” is a workbook of the company with the code %(member)s, not of yours. Choose the file of your own company."
    ),
    "workbook.other_year": N_(
        "“%(name)s” is a workbook of the year %(given)s, and this is %(year)s. Upload it on the page of that year."
    ),
    "workbook.key_missing": N_(
        "The sheet “%(sheet)s” has lost its first column, which says which row is which. Download a new workbook and copy your values over."
    ),
    "workbook.column_twice": N_(
        "The sheet “%(sheet)s” has the column “%(column)s” twice (%(cells)s). Delete one of them."
    ),
    "workbook.sheet_twice": N_(
        "The sheets “%(sheet)s” and “%(other)s” are copies of each other. Delete one of them."
    ),
    "workbook.too_many_lines": N_(
        "“%(name)s” has more than %(most)s rows. Bring that many in as CSV, in the table of activity data."
    ),
    "cell.error": N_(
        "%(cell)s shows the error %(given)s. Mend the formula, or type the value itself."
    ),
    "cell.truth": N_(
        "%(cell)s holds %(given)s, which is neither a number nor a text. Type the value itself."
    ),
    "cell.formula_unknown": N_(
        "%(cell)s holds a formula without a result. Open the file in your spreadsheet program, save it there and upload it again."
    ),
    "cell.covered": N_(
        "%(cell)s lies under a merged cell, so it has no value of its own. Undo the merging and fill in each cell."
    ),
    "cell.too_long": N_(
        "%(cell)s holds a text of more than %(most)s characters. Shorten it, or attach it as a file of its own."
    ),
    "cell.calculated": N_("%(cell)s is worked out by a formula; its result %(given)s is taken."),
}
