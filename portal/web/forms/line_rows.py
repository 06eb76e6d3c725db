"""Turns lines into the rows that the table draws: as they are kept, or as they were typed with what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext

from portal import data
from portal.calculation.categories import Category, Parameter, ParameterKind
from portal.calculation.problems import Problem, Severity
from portal.domain.warnings import what_stays
from portal.intake.read import PARAMETER
from portal.services.line_page import LinePage
from portal.services.line_saving import Fate, Outcome, Saved
from portal.services.lines import problems_of, shown_values
from portal.services.warnings import Noticed
from portal.web import formats
from portal.web.forms.fields import SummaryItem
from portal.web.forms.line_options import choices_of, units_for
from portal.web.forms.line_table import Asked, FileLink, LineRow, ParameterInput, Remark
from portal.web.names import name_of
from portal.web.words import say

# Problems that only say that a value is missing or not among the choices; the parameter's own name says it better.
_NAMELESS = frozenset(
    {
        "line.choice.missing",
        "line.choice.not_listed",
        "line.parameter.missing",
        "line.parameter.needed",
        "line.parameter.out_of_domain",
        "number.missing",
    }
)


_NIL = UUID(int=0)


class LineLinks:
    """The addresses of a year's lines: asked for once a page, because building one takes as long as drawing a row."""

    def __init__(self, year: int) -> None:
        self._trace = url_for("supplier.line_trace", year=year, line=_NIL)
        self._evidence = url_for("supplier.line_evidence", year=year, line=_NIL)
        self._details = url_for("supplier.line_details", year=year, line=_NIL)
        self._file = url_for("supplier.evidence_file", evidence=_NIL)
        self.warnings = url_for("supplier.warning_list", year=year)
        self.questions = url_for("supplier.questions", year=year)

    def trace(self, key: UUID) -> str:
        """How the line's result comes about."""
        return self._trace.replace(str(_NIL), str(key))

    def evidence(self, key: UUID) -> str:
        """The line's evidence."""
        return self._evidence.replace(str(_NIL), str(key))

    def details(self, key: UUID) -> str:
        """Everything about the line."""
        return self._details.replace(str(_NIL), str(key))

    def file(self, uid: UUID) -> str:
        """A file of the member."""
        return self._file.replace(str(_NIL), str(uid))


class KeptRows:
    """Makes the rows of a page's lines as they are kept."""

    def __init__(self, page: LinePage) -> None:
        self._page = page
        self._codes = {site.id: site.code for site in page.sites}
        self._links = LineLinks(page.inventory.year)

    def row(self, index: int, line: Any) -> LineRow:
        """The row of one line."""
        return _kept_row(index, line, self._page, self._codes, self._links)


def kept_rows(page: LinePage) -> list[LineRow]:
    """The page's lines as they are kept."""
    rows = KeptRows(page)
    return [rows.row(index, line) for index, line in enumerate(page.lines)]


def blank_rows(page: LinePage, count: int, new_uid: Any) -> list[LineRow]:
    """Empty rows behind the page's lines; each brings its key along, so that it can't be added twice."""
    first = len(page.lines)
    return [
        LineRow(
            index=first + place,
            number=page.last_position + place + 1,
            values={"key": str(new_uid())},
            units=units_for(None),
        )
        for place in range(count)
    ]


def template_row() -> LineRow:
    """The row that the page's script copies; its number is replaced in each copy."""
    return LineRow(index=-1, number=-1, values={}, units=units_for(None))


def _kept_row(
    index: int, line: Any, page: LinePage, codes: Mapping[int, str], links: LineLinks
) -> LineRow:
    values = shown_values(line, codes)
    problems = () if line.is_complete else problems_of(line)
    hidden = {"key": str(line.key), "version": str(line.version)}
    return _row(index, line.position, {**values, **hidden}, problems, page, line, links)


def typed_rows(saved: Saved, page: LinePage) -> list[LineRow]:
    """The rows as they were typed, because nothing was saved: with their problems, or with what somebody else left."""
    stored = {line.key: line for line in page.lines}
    codes = {site.id: site.code for site in page.sites}
    links = LineLinks(page.inventory.year)
    rows = []
    for place, outcome in enumerate(each for each in saved.outcomes if not each.row.is_removed):
        line = stored.get(outcome.row.key) if outcome.row.key else None
        number = line.position if line is not None else _number_of(outcome, page, place)
        rows.append(_typed_row(outcome, number, line, page, codes, links))
    return rows


def answered_row(outcome: Outcome, page: LinePage) -> LineRow:
    """A row after it was kept: what it comes to and what is to be put right, under the index that the page gave it."""
    codes = {site.id: site.code for site in page.sites}
    stored = {line.key: line for line in page.lines}
    line = outcome.line
    if line is None:
        raise ValueError("an ignored row has no answer")
    here = stored.get(line.key)
    problems = outcome.problems if outcome.is_blocked else ()
    position = here.position if here is not None else line.position
    links = LineLinks(page.inventory.year)
    return _row(outcome.row.index, position, shown_values(line, codes), problems, page, line, links)


def _number_of(outcome: Outcome, page: LinePage, place: int) -> int:
    return page.last_position + 1 + max(0, place - len(page.lines))


def _typed_row(
    outcome: Outcome,
    number: int,
    line: Any,
    page: LinePage,
    codes: Mapping[int, str],
    links: LineLinks,
) -> LineRow:
    kept = shown_values(line, codes) if line is not None else {}
    hidden = {
        "key": str(outcome.row.key) if outcome.row.key else "",
        "version": _version_to_send(outcome, line),
    }
    values = {**kept, **outcome.row.values, **hidden}
    problems = outcome.problems if outcome.is_blocked else ()
    row = _row(outcome.row.index, number, values, problems, page, line, links)
    if outcome.fate is Fate.STALE:
        return replace(row, errors={"quantity": stale_words(outcome, codes)})
    return row


def _version_to_send(outcome: Outcome, line: Any) -> str:
    """After a conflict the newer version goes along: sending once more is a decision, not an accident."""
    if line is not None:
        return str(line.version)
    if outcome.fate is Fate.STALE or outcome.row.version is None:
        return ""
    return str(outcome.row.version)


def stale_words(outcome: Outcome, codes: Mapping[int, str]) -> str:
    """What somebody else made of a line meanwhile."""
    if outcome.line is None:
        return gettext("Somebody removed this line meanwhile. Save again to add it as a new one.")
    now = shown_values(outcome.line, codes)
    says = " · ".join(now[name] for name in ("quantity", "unit", "period", "site") if name in now)
    return gettext(
        "Somebody changed this line meanwhile. It now says: %(says)s. Save again to replace that by what you typed.",
        says=says,
    )


def _row(
    index: int,
    number: int,
    values: Mapping[str, str],
    problems: Sequence[Problem],
    page: LinePage,
    line: Any,
    links: LineLinks,
) -> LineRow:
    """Put a row together from its text and from what is known about the stored line behind it."""
    category = data.load_categories().get(values.get("category", ""))
    errors = errors_of(problems, category)
    inputs = tuple(_inputs(category, values, errors)) if category else ()
    key = line.key if line is not None else None
    files = page.files.get(key, ()) if key else ()
    last = page.last_year.get(key) if key else None
    has_result = line is not None and line.is_complete and not problems
    return LineRow(
        index=index,
        number=number,
        values=values,
        units=units_for(category.id if category else None),
        errors=_on_cells(errors, inputs),
        last_year=None if last is None else f"{formats.decimal(last[0])} {last[1]}",
        result=formats.tonnes(line.kg_co2e) if has_result else None,
        result_note=gettext("Not finished") if problems else None,
        trace_url=None if key is None else links.trace(key),
        files=[FileLink(file.name, links.file(file.uid)) for file in files],
        evidence_url=None if key is None else links.evidence(key),
        details_url=None if key is None else links.details(key),
        remarks=tuple(_remarks(key, page, links)) if key else (),
        asked=tuple(_asked(problems)),
        inputs=inputs,
        must_confirm_removal=bool(files),
    )


def errors_of(problems: Sequence[Problem], category: Category | None) -> dict[str, str]:
    """One message for each column that needs attention; a question stands beside its own choices as well."""
    errors: dict[str, str] = {}
    for found in problems:
        if found.severity is not Severity.WARNING:
            errors.setdefault(found.field, words_of(found, category))
    return errors


def words_of(found: Problem, category: Category | None) -> str:
    """The words of a problem; one about a parameter names it."""
    parameter = parameter_of(found.field, category)
    if parameter is None:
        return say(found)
    if found.code in _NAMELESS:
        return gettext("Give “%(name)s”; this category needs it.", name=name_of(parameter))
    return gettext("%(label)s: %(message)s", label=name_of(parameter), message=say(found))


def parameter_of(column: str, category: Category | None) -> Parameter | None:
    """The parameter that a column of the category holds, None for the columns that every line has."""
    if category is None or not column.startswith(PARAMETER):
        return None
    return category.parameter(column.removeprefix(PARAMETER))


def _inputs(
    category: Category, values: Mapping[str, str], errors: Mapping[str, str]
) -> Iterator[ParameterInput]:
    """What the category needs beside the quantity stands under the line; what it merely takes, on the line's own page."""
    for parameter in category.parameters:
        column = PARAMETER + parameter.name
        if parameter.is_required or column in errors or values.get(column):
            yield ParameterInput(
                name=f"parameters-{parameter.name}",
                label=name_of(parameter),
                value=values.get(column, ""),
                unit=parameter.unit,
                options=choices_of(category, parameter)
                if parameter.kind is ParameterKind.CHOICE
                else None,
                error=errors.get(column, ""),
            )


def _on_cells(errors: Mapping[str, str], inputs: Sequence[ParameterInput]) -> dict[str, str]:
    """Errors by the cell that shows them: what has no control in the table stands beside the category."""
    below = {PARAMETER + each.name.removeprefix("parameters-") for each in inputs}
    cells: dict[str, str] = {}
    for column, message in errors.items():
        if column in below:
            continue
        has_cell = column in ("category", "quantity", "unit", "period", "site")
        cells.setdefault(column if has_cell else "category", message)
    return cells


def _asked(problems: Sequence[Problem]) -> Iterator[Asked]:
    for found in problems:
        if found.severity is Severity.QUESTION:
            control = found.field.replace(".", "-")
            yield Asked(f"confirm-{control}", say(found), found.readings)


def _remarks(key: UUID, page: LinePage, links: LineLinks) -> Iterator[Remark]:
    for noticed in page.notices.get(key, ()):
        yield _warning_remark(noticed, links)
    for finding in page.questions.get(key, ()):
        href = f"{links.questions}#question-{finding.uid}"
        yield Remark("finding", finding.state, finding.message, href, gettext("Answer"))


def _warning_remark(noticed: Noticed, links: LineLinks) -> Remark:
    warning = noticed.warning
    words = say(Problem(warning.code, "", warning.values))
    href = f"{links.warnings}#{warning_anchor(warning.code, warning.address)}"
    if noticed.reason:
        return Remark(
            "warning", "acknowledged", f"{words} “{noticed.reason}”", href, gettext("Change")
        )
    return Remark("warning", "open", words, href, gettext("Give the reason"))


def warning_anchor(code: str, address: str) -> str:
    """The id under which the list of warnings shows one, the same after a figure has moved."""
    known = f"warning-{code}-{what_stays(address)}"
    return "".join(sign if sign.isalnum() else "-" for sign in known)


def summary(rows: Sequence[LineRow]) -> list[SummaryItem]:
    """Every message of the rows as a link to its control: “Line 7, Unit: …”."""
    items = []
    for row in rows:
        for column, message in row.errors.items():
            label = gettext(
                "Line %(number)s, %(column)s", number=row.number, column=label_of(column)
            )
            text = gettext("%(label)s: %(message)s", label=label, message=message)
            items.append(SummaryItem(text, f"#lines-{row.index}-{column}"))
        for each in row.inputs:
            if each.error:
                label = gettext("Line %(number)s, %(column)s", number=row.number, column=each.label)
                text = gettext("%(label)s: %(message)s", label=label, message=each.error)
                items.append(SummaryItem(text, f"#lines-{row.index}-{each.name}"))
    return items


def label_of(column: str, category: Category | None = None) -> str:
    """The name of a column in the reader's language."""
    parameter = parameter_of(column, category)
    if parameter is not None:
        return name_of(parameter)
    names = {
        "category": gettext("Category"),
        "quantity": gettext("Quantity"),
        "unit": gettext("Unit"),
        "period": gettext("Period"),
        "start": gettext("First day"),
        "end": gettext("Last day"),
        "site": gettext("Site"),
        "note": gettext("Note"),
    }
    return names.get(column, column)


def change_words(saved: Saved, most: int = 5) -> list[str]:
    """How typed values were read where that is not what was typed: “Line 3, Quantity: read as 12500”."""
    words = []
    for outcome in saved.outcomes:
        line = outcome.line
        category = data.load_categories().get(line.category or "") if line is not None else None
        for change in outcome.changes:
            if outcome.fate is Fate.SAVED:
                label = label_of(change.field, category)
                words.append(
                    gettext(
                        "%(column)s “%(typed)s” was read as %(read)s.",
                        column=label,
                        typed=change.typed,
                        read=change.read,
                    )
                )
    if len(words) > most:
        return [*words[:most], gettext("And %(count)s more.", count=len(words) - most)]
    return words
