"""The map of personal data: what every column of the database holds about people, why, and what becomes of it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

_MAP = Path(__file__).parent / "personal_data.csv"
LOG = "log"  # under this name stand the fields of the event log, which is no table


class Kind(StrEnum):
    """Whether a column is about a person; a secret is too, but helps nobody who reads it except a thief."""

    NONE = "none"
    PERSONAL = "personal"
    SECRET = "secret"  # noqa: S105 -- the name of a kind


class Erasure(StrEnum):
    """What becomes of a value when its person is erased.

    `kept` ones hold a public id or words about the work and lead to nobody any more; `locked` ones are a signature that
    the law wants kept: they stay, and are shown to nobody; `swept` and `expires` ones go by themselves within days.
    """

    NONE = ""
    REPLACED = "replaced"
    DELETED = "deleted"
    KEPT = "kept"
    LOCKED = "locked"
    SWEPT = "swept"
    EXPIRES = "expires"


@dataclass(frozen=True, slots=True)
class Mapped:
    """One column: the law's basis is a `contract`, the `law` itself or an `interest` that outweighs the person's."""

    table: str
    column: str
    kind: Kind
    purpose_en: str
    purpose_zh: str
    basis: str
    retention_en: str
    retention_zh: str
    erasure: Erasure


@cache
def personal_data() -> tuple[Mapped, ...]:
    """Every column of every table, and every field of the event log."""
    with _MAP.open(encoding="utf-8", newline="") as opened:
        return tuple(
            Mapped(
                row["table"],
                row["column"],
                Kind(row["class"]),
                row["purpose_en"],
                row["purpose_zh"],
                row["basis"],
                row["retention_en"],
                row["retention_zh"],
                Erasure(row["erasure"]),
            )
            for row in csv.DictReader(opened)
        )


def columns_about(table: str) -> tuple[str, ...]:
    """The columns of a table that a person may read about itself: personal ones, and no secrets."""
    return tuple(
        each.column
        for each in personal_data()
        if each.table == table and each.kind is Kind.PERSONAL
    )
