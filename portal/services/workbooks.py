"""A year as a workbook: its facts gathered, last year's values beside them, and the hidden part to compare by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import data
from portal.calculation.categories import Category, Parameter, ParameterKind
from portal.calculation.quantities import text
from portal.documents.facts import Language
from portal.documents.workbook import key_column, write_workbook
from portal.documents.workbook_facts import Column, Guide, SheetLine, SheetTable, WorkbookFacts
from portal.documents.workbook_words import COLUMNS, HINTS, OFFERED, SHEETS
from portal.domain.actors import MemberId
from portal.domain.inventories import EDITABLE
from portal.domain.merging import Values
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict
from portal.domain.workbooks import (
    KEY,
    LINE_COLUMNS,
    MOST_LINES,
    OUTPUT_COLUMNS,
    VERSION,
    SheetCode,
    Stamp,
)
from portal.intake.read import PARAMETER
from portal.intake.workbooks import hidden_rows
from portal.services.counterparts import by_place, paired
from portal.services.line_copies import RowToFillIn, key_in, rows_to_fill_in
from portal.services.line_reading import Desk, desk_of
from portal.services.outputs import UNIT_CODES, outputs_of
from portal.services.work import Work
from portal.services.workbook_lookups import action_table, site_table
from portal.services.workbook_texts import Texts, parameters_of
from portal.store.inventories import Inventory, Output
from portal.store.lines import ActivityLine
from portal.store.members import Member

_WIDTHS = {"category": 30, "origin": 30, "note": 40, "product": 30, "period": 12, "unit": 10}
_LONGEST_HINT = 250


def holds(work: Work, inventory: Inventory) -> bool:
    """Whether a workbook has room for the lines of the year; one of more could not be brought back."""
    counted = select(func.count()).where(ActivityLine.inventory_id == inventory.id)
    return work.session.scalars(counted).one() <= MOST_LINES


def workbook_bytes(
    work: Work, inventory: Inventory, language: Language, *, with_lines: bool
) -> bytes:
    """The workbook of a year, with what stands in it or empty; the same data give the same bytes.

    A Conflict where the year has more lines than a workbook holds.
    """
    if with_lines and not holds(work, inventory):
        raise Conflict("workbook.lines.too_many")
    return write_workbook(workbook_facts(work, inventory, language, with_lines=with_lines))


def workbook_facts(
    work: Work, inventory: Inventory, language: Language, *, with_lines: bool
) -> WorkbookFacts:
    """Everything that the workbook of a year says."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    member = work.session.get_one(Member, inventory.member_id)
    desk = desk_of(work, inventory, locale=language.value)
    texts = texts_of(desk, language)
    lines = lines_of(work.session, inventory) if with_lines else []
    outputs = outputs_of(work, inventory) if with_lines else []
    is_open = inventory.state in EDITABLE
    products = _products_offered(work.session, inventory, outputs) if with_lines and is_open else []
    rows = _rows_offered(work.session, inventory, desk) if with_lines and is_open else []
    usual = _usual(desk, member, [*lines, *(row.before for row in rows)])
    base = _handed_out(texts, lines, rows, outputs, products)
    said = base[SheetCode.LINES]
    tables = (
        SheetTable(
            SheetCode.LINES,
            SHEETS[SheetCode.LINES].first(language),
            line_columns(desk, texts, usual, inventory.year, with_origin=bool(rows)),
            (*_line_rows(work.session, inventory, said, lines), *_offers(language, said, rows)),
            is_open,
        ),
        SheetTable(
            SheetCode.OUTPUTS,
            SHEETS[SheetCode.OUTPUTS].first(language),
            output_columns(language),
            (
                *_output_rows(work.session, inventory, base[SheetCode.OUTPUTS], outputs),
                *_products(base[SheetCode.OUTPUTS], products),
            ),
            is_open,
        ),
        site_table(texts, desk.sites.values()),
        action_table(work, member, texts),
    )
    stamp = Stamp(
        VERSION, str(member.uid), member.code, str(inventory.uid), inventory.year, language.value
    )
    offered = {str(row.key) for row in rows} | {str(key) for key, _output in products}
    hidden = hidden_rows(stamp, titles_of(tables), base, offered)
    return WorkbookFacts(
        language,
        texts.name(member),
        member.code,
        inventory.year,
        is_open,
        inventory.changed_at,
        tables,
        tuple(_guide(texts, each) for each in usual),
        tuple(tuple(row) for row in hidden),
    )


def _handed_out(
    texts: Texts,
    lines: Sequence[ActivityLine],
    rows: Sequence[RowToFillIn],
    outputs: Sequence[Output],
    products: Sequence[tuple[UUID, Output]],
) -> dict[SheetCode, Mapping[str, Values]]:
    """What the workbook says by sheet and key, which the file that comes back is held against."""
    return {
        SheetCode.LINES: {
            **{str(line.key): texts.line(line) for line in lines},
            **{str(row.key): texts.raw_line(row.raw) for row in rows},
        },
        SheetCode.OUTPUTS: {
            **{str(output.uid): texts.output(output) for output in outputs},
            **{str(key): {**texts.output(output), "quantity": ""} for key, output in products},
        },
    }


def texts_of(desk: Desk, language: Language) -> Texts:
    """How the values of a year are called in a language."""
    codes = {site.id: code for code, site in desk.sites.items()}
    return Texts(language, desk.context.categories, codes)


def titles_of(tables: Sequence[SheetTable]) -> dict[SheetCode, dict[str, str]]:
    """The titles of the columns that come back, by sheet and column."""
    return {
        table.code: {
            column.name: column.title
            for column in table.columns
            if not column.name.startswith("+") and (column.is_open or column.name == KEY)
        }
        for table in tables
        if table.code in (SheetCode.LINES, SheetCode.OUTPUTS)
    }


def lines_of(session: Session, inventory: Inventory) -> list[ActivityLine]:
    """All lines of a year in their order."""
    query = select(ActivityLine).where(ActivityLine.inventory_id == inventory.id)
    return list(session.scalars(query.order_by(ActivityLine.position, ActivityLine.id)))


def _rows_offered(session: Session, inventory: Inventory, desk: Desk) -> list[RowToFillIn]:
    """Last year's rows for a year that nobody has begun, so that only numbers have to be filled in."""
    begun = select(ActivityLine.id).where(ActivityLine.inventory_id == inventory.id).limit(1)
    if session.scalars(begun).first() is not None:
        return []
    return list(islice(rows_to_fill_in(session, inventory, desk), MOST_LINES))


def _products_offered(
    session: Session, inventory: Inventory, outputs: Sequence[Output]
) -> list[tuple[UUID, Output]]:
    """Last year's products for a year that has none yet, each with the key that it has whoever fills it in."""
    if outputs:
        return []
    query = (
        select(Output)
        .join(Inventory, Inventory.id == Output.inventory_id)
        .where(Inventory.member_id == inventory.member_id, Inventory.year == inventory.year - 1)
        .order_by(Output.id)
    )
    return [(key_in(inventory, output.uid), output) for output in session.scalars(query)]


def _products(
    said: Mapping[str, Values], products: Sequence[tuple[UUID, Output]]
) -> Iterator[SheetLine]:
    """Last year's products as the sheet offers them."""
    for key, output in products:
        yield SheetLine({KEY: str(key), **said[str(key)], **_amount(output)}, is_offered=True)


def _offers(
    language: Language, said: Mapping[str, Values], rows: Sequence[RowToFillIn]
) -> Iterator[SheetLine]:
    """Last year's rows as the sheet shows them, with where they come from."""
    for row in rows:
        key = str(row.key)
        told = {"origin": OFFERED.first(language), **_amount(row.before)}
        yield SheetLine({KEY: key, **said[key], **told}, is_offered=True)


def _usual(desk: Desk, member: Member, lines: Sequence[Any]) -> list[Category]:
    """The categories that such a supplier usually has, then those that the year has besides."""
    sector = data.load_sectors().get(member.sector)
    wanted = [*(sector.categories if sector else ()), *(line.category or "" for line in lines)]
    known = desk.context.categories
    return [known[each] for each in dict.fromkeys(wanted) if each in known]


def line_columns(
    desk: Desk, texts: Texts, usual: Sequence[Category], year: int, *, with_origin: bool = False
) -> tuple[Column, ...]:
    """The columns of the sheet of lines: the usual ones, what the categories ask for, and the note."""
    sites = tuple(code for code, site in desk.sites.items() if site.is_active)
    choices = {
        "category": tuple(texts.category(each.id) for each in usual),
        "site": sites,
        "period": _periods(year),
    }
    made = {
        name: _column(
            SheetCode.LINES,
            name,
            texts.language,
            is_number=name == "quantity",
            choices=choices.get(name, ()),
            follows="category" if name == "unit" else "",
        )
        for name in LINE_COLUMNS
    }
    asked = [_parameter_column(texts, name, each) for name, each in parameters_of(usual).items()]
    columns = (
        key_column(COLUMNS["lines.key"].first(texts.language)),
        *(made[name] for name in ("category", "site", "period", "quantity", "unit")),
        *_last_year(SheetCode.LINES, texts.language),
        *([_column(SheetCode.LINES, "origin", texts.language, is_open=False)] * with_origin),
        *asked,
        made["note"],
    )
    return _with_own_titles(columns)


def _with_own_titles(columns: Sequence[Column]) -> tuple[Column, ...]:
    """A title that stands above another column already gets the column's name beside it."""
    met: set[str] = set()
    own = []
    for column in columns:
        is_taken = column.title in met
        own.append(replace(column, title=f"{column.title} [{column.name}]") if is_taken else column)
        met.add(column.title)
    return tuple(own)


def output_columns(language: Language) -> tuple[Column, ...]:
    """The columns of the sheet of products."""
    made = [
        _column(
            SheetCode.OUTPUTS,
            name,
            language,
            is_number=name == "quantity",
            choices=UNIT_CODES if name == "unit" else (),
        )
        for name in OUTPUT_COLUMNS
    ]
    return (
        key_column(COLUMNS["outputs.key"].first(language)),
        *made,
        *_last_year(SheetCode.OUTPUTS, language),
    )


def _column(
    sheet: SheetCode,
    name: str,
    language: Language,
    *,
    is_number: bool = False,
    is_open: bool = True,
    choices: tuple[str, ...] = (),
    follows: str = "",
) -> Column:
    full = f"{sheet.value}.{name}"
    hint = HINTS[full].first(language) if full in HINTS else ""
    title = COLUMNS[full].first(language)
    return Column(name, title, hint, _WIDTHS.get(name, 14), is_open, is_number, choices, follows)


def _last_year(sheet: SheetCode, language: Language) -> list[Column]:
    return [
        _column(sheet, "last_quantity", language, is_number=True, is_open=False),
        _column(sheet, "last_unit", language, is_open=False),
    ]


def _parameter_column(texts: Texts, name: str, asked: Sequence[Parameter]) -> Column:
    """One column for all categories that ask for something by this name; it offers what any of them offers."""
    first = asked[0]
    title = texts.name(first) + (f" ({first.unit})" if first.unit else "")
    hints = dict.fromkeys(
        each.hint_en if texts.language is Language.EN else each.hint_zh for each in asked
    )
    options = dict.fromkeys(texts.name(option) for each in asked for option in each.options)
    return Column(
        PARAMETER + name,
        title,
        " ".join(filter(None, hints))[:_LONGEST_HINT],
        18,
        is_number=first.kind is ParameterKind.DECIMAL,
        choices=tuple(options),
    )


def _periods(year: int) -> tuple[str, ...]:
    quarters = (f"{year}-Q{number}" for number in range(1, 5))
    return (str(year), *quarters, *(f"{year}-{month:02d}" for month in range(1, 13)))


def _guide(texts: Texts, category: Category) -> Guide:
    asks = [
        texts.name(each) + (f" ({each.unit})" if each.unit else "") for each in category.parameters
    ]
    hint = category.hint_en if texts.language is Language.EN else category.hint_zh
    return Guide(texts.category(category.id), category.scope, category.units, "; ".join(asks), hint)


def _line_rows(
    session: Session,
    inventory: Inventory,
    said: Mapping[str, Values],
    lines: Sequence[ActivityLine],
) -> tuple[SheetLine, ...]:
    pairs = last_years_lines(session, inventory, lines)
    return tuple(
        SheetLine({KEY: str(line.key), **said[str(line.key)], **_amount(pairs.get(line.key))})
        for line in lines
    )


def last_years_lines(
    session: Session, inventory: Inventory, lines: Sequence[ActivityLine]
) -> dict[UUID, Any]:
    """Last year's line for each line that has one, by key."""
    query = (
        select(
            ActivityLine.category,
            ActivityLine.site_id,
            ActivityLine.start_on,
            ActivityLine.end_on,
            ActivityLine.quantity,
            ActivityLine.unit,
        )
        .join(Inventory, Inventory.id == ActivityLine.inventory_id)
        .where(
            Inventory.member_id == inventory.member_id,
            Inventory.year == inventory.year - 1,
            ActivityLine.is_complete.is_(True),
        )
        .order_by(ActivityLine.position, ActivityLine.id)
    )
    return paired(lines, by_place(session.execute(query)))


def _output_rows(
    session: Session,
    inventory: Inventory,
    said: Mapping[str, Values],
    outputs: Sequence[Output],
) -> tuple[SheetLine, ...]:
    query = (
        select(Output)
        .join(Inventory, Inventory.id == Output.inventory_id)
        .where(Inventory.member_id == inventory.member_id, Inventory.year == inventory.year - 1)
    )
    before = {output.product: output for output in session.scalars(query)}
    return tuple(
        SheetLine({KEY: str(each.uid), **said[str(each.uid)], **_amount(before.get(each.product))})
        for each in outputs
    )


def _amount(before: Any) -> dict[str, str]:
    """Last year's quantity with its own unit, so that no digit is lost by converting."""
    if before is None:
        return {}
    return {"last_quantity": text(before.quantity), "last_unit": before.unit}
