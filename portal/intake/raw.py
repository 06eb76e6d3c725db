"""A line as it came through a door: untouched values, and for each the address to name in a problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line's values by column name, as typed; `addresses` says where each stood, `origin` where the line stood.

    Columns are named in the portal's words (`quantity`, `unit`, …); whatever the door called them is in the address.
    """

    origin: str
    fields: Mapping[str, object]
    addresses: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_form(cls, prefix: str, fields: Mapping[str, object]) -> Self:
        """A line of a web form: the column `quantity` under `lines-0` is the form field `lines-0-quantity`."""
        return cls(prefix, fields, {column: f"{prefix}-{column}" for column in fields})

    @classmethod
    def of_sheet(
        cls, sheet: str, row: int, letters: Mapping[str, str], fields: Mapping[str, object]
    ) -> Self:
        """A row of a workbook: `letters` names each column's letter, so quantity in column C is `Energy!C17`."""
        addresses = {column: f"{sheet}!{letter}{row}" for column, letter in letters.items()}
        return cls(f"{sheet}!{row}", fields, addresses)

    @classmethod
    def of_json(cls, pointer: str, fields: Mapping[str, object]) -> Self:
        """An object of a JSON body: the column `quantity` under `/lines/0` is the pointer `/lines/0/quantity`."""
        escaped = {column: column.replace("~", "~0").replace("/", "~1") for column in fields}
        return cls(
            pointer, fields, {column: f"{pointer}/{name}" for column, name in escaped.items()}
        )

    def __getitem__(self, column: str) -> object:
        """The value as typed, or None when the door brought no such column."""
        return self.fields.get(column)

    def address(self, column: str) -> str:
        """Where a person finds the column; a column that the door did not bring is named beside the line."""
        joint = "/" if self.origin.startswith("/") else "!" if "!" in self.origin else "-"
        return self.addresses.get(column, f"{self.origin}{joint}{column}")
