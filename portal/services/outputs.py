"""Outputs: what a member produced in a year, the denominator of its intensities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.calculation.problems import Problem, Severity, problem
from portal.calculation.units import UNITS, Dimension
from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.permissions import Permission
from portal.domain.refusals import NotFound
from portal.domain.words import N_
from portal.intake.numbers import read_number
from portal.intake.raw import answers, kept
from portal.intake.reading import Change
from portal.intake.texts import read_short_text
from portal.intake.units import read_unit
from portal.services.inventories import begin_edit
from portal.services.work import Work
from portal.store.inventories import Inventory, Output
from portal.store.sight import seeing_everybody

# What a product is counted in; energy sold and distance driven are products of some suppliers too, and revenue is what
# an economic intensity is divided by.
_DIMENSIONS = (
    Dimension.MASS,
    Dimension.COUNT,
    Dimension.VOLUME,
    Dimension.AREA,
    Dimension.ENERGY,
    Dimension.FREIGHT,
    Dimension.ANIMALS,
    Dimension.MONEY,
)
UNIT_CODES = tuple(
    code for dimension in _DIMENSIONS for code, unit in UNITS.items() if unit.dimension is dimension
)

MOST_OUTPUTS = 500  # of one year


@dataclass(frozen=True, slots=True)
class RawOutput:
    """A product as typed, its quantity perhaps as a machine's number; `confirmed` holds chosen readings by field."""

    product: str
    quantity: str | Decimal | int
    unit: str
    locale: str
    confirmed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SavedOutput:
    """What saving came to: the output and how typed values were read, or problems and nothing kept."""

    output: Output | None
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()


def outputs_of(work: Work, inventory: Inventory) -> list[Output]:
    """The year's outputs in the order they were entered."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    query = select(Output).where(Output.inventory_id == inventory.id).order_by(Output.id)
    return list(work.session.scalars(query))


def find_output(work: Work, inventory: Inventory, uid: UUID) -> Output:
    """One of the inventory's own outputs; any other is answered like an unknown one."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    output = work.session.scalars(
        select(Output).where(Output.uid == uid, Output.inventory_id == inventory.id)
    ).one_or_none()
    if output is None:
        raise NotFound()
    return output


def add_output(
    work: Work, inventory: Inventory, raw: RawOutput, *, key: UUID | None = None
) -> SavedOutput:
    """Add a product with its quantity; a product is named once.

    It gets the `key` that it was offered under, if nothing has that yet.
    """
    member = begin_edit(work, inventory)
    columns, found = _read(work.session, inventory, raw, None)
    if columns is None:
        return found
    uid = key if key is not None and not _is_used(work.session, key) else work.new_uid()
    output = Output(uid=uid, inventory_id=inventory.id, **columns)
    work.session.add(output)
    work.session.flush()
    _record(work, "output.added", output, member.code, "", digest(_facts(output)))
    return SavedOutput(output, found.problems, found.changes)


def change_output(work: Work, inventory: Inventory, output: Output, raw: RawOutput) -> SavedOutput:
    """Change a product, its quantity or its unit."""
    member = begin_edit(work, inventory)
    columns, found = _read(work.session, inventory, raw, output.id)
    if columns is None:
        return found
    before = digest(_facts(output))
    for name, value in columns.items():
        setattr(output, name, value)
    work.session.flush()
    _record(work, "output.changed", output, member.code, before, digest(_facts(output)))
    return SavedOutput(output, found.problems, found.changes)


def check_output(
    work: Work, inventory: Inventory, raw: RawOutput, output: Output | None
) -> tuple[Problem, ...]:
    """What is wrong with a product before anything of it is kept; `output` is the one that it would change."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    own = None if output is None else output.id
    return _read(work.session, inventory, raw, own)[1].problems


def remove_output(work: Work, inventory: Inventory, output: Output) -> None:
    """Remove a product."""
    member = begin_edit(work, inventory)
    _record(work, "output.removed", output, member.code, digest(_facts(output)), "")
    work.session.delete(output)
    work.session.flush()


def _read(
    session: Session, inventory: Inventory, raw: RawOutput, own: int | None
) -> tuple[dict[str, object] | None, SavedOutput]:
    """The columns to keep, or None with every problem at once."""
    confirmed = raw.confirmed
    product = read_short_text(raw.product, field="product")
    quantity = read_number(
        raw.quantity, field="quantity", locale=raw.locale, confirmed=confirmed.get("quantity")
    )
    unit = read_unit(raw.unit, field="unit", allowed=UNIT_CODES, confirmed=confirmed.get("unit"))
    problems = product.problems + quantity.problems + unit.problems
    if product.value is not None and _is_taken(session, inventory, product.value, own):
        problems += (problem("output.product.taken", "product", product=product.value),)
    if own is None and _count(session, inventory) >= MOST_OUTPUTS:
        problems += (problem("output.many", "product", most=MOST_OUTPUTS),)
    if any(each.severity is not Severity.WARNING for each in problems):
        return None, SavedOutput(None, problems)
    typed = {"product": raw.product, "quantity": kept(raw.quantity), "unit": raw.unit}
    columns: dict[str, object] = {
        "product": product.value,
        "quantity": quantity.value,
        "unit": unit.value,
        "raw": typed | {"confirmed": answers(confirmed)},
    }
    return columns, SavedOutput(None, problems, product.changes + quantity.changes + unit.changes)


def _facts(output: Output) -> dict[str, object]:
    return {"product": output.product, "quantity": output.quantity, "unit": output.unit}


def _record(
    work: Work, kind: str, output: Output, member_code: str, before: str, after: str
) -> None:
    work.record(kind, f"output/{output.uid}", on_behalf_of=member_code, before=before, after=after)


def _is_used(session: Session, key: UUID) -> bool:
    """Whether a product of anybody has a key; no more is asked of it."""
    with seeing_everybody(session):
        return session.scalars(select(Output.id).where(Output.uid == key)).first() is not None


def _count(session: Session, inventory: Inventory) -> int:
    query = select(func.count()).where(Output.inventory_id == inventory.id)
    return session.scalars(query).one()


def _is_taken(session: Session, inventory: Inventory, product: str, own: int | None) -> bool:
    query = select(Output.id).where(Output.inventory_id == inventory.id, Output.product == product)
    taken = session.scalars(query).first()
    return taken is not None and taken != own


MESSAGES = {
    "output.many": N_(
        "The year has %(most)s products, which is the most that the portal keeps. Report several together as one product."
    ),
    "output.product.taken": N_(
        "“%(product)s” is in the list already. Change that one, or give this one another name."
    ),
}
