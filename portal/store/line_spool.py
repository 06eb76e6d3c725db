"""Many new lines on their way into the database: spelled for its driver beforehand, kept in a file, written in one go."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, BinaryIO, cast
from uuid import UUID

from sqlalchemy import JSON, Boolean, Date, Dialect, Integer, String, Table, insert
from sqlalchemy.orm import Session

from portal.store.base import MicroDecimal
from portal.store.lines import ActivityLine

TABLE = cast(Table, ActivityLine.__table__)
# What is the same for all lines of one writing, or follows from it, is added when they are written.
_ADDED = ("inventory_id", "position", "version", "changed_at", "changed_by")
_OWN = [each for each in TABLE.columns if each.name not in ("id", *_ADDED)]
# Documents come last: they are JSON already, so they are put away as they are.
_PLAIN_NAMES = tuple(each.name for each in _OWN if not isinstance(each.type, JSON))
_ASSESSMENT = "assessment"
_DOCUMENTS = (
    *(each.name for each in _OWN if isinstance(each.type, JSON) and each.name != _ASSESSMENT),
    _ASSESSMENT,
)
_SPOOLED = (*_PLAIN_NAMES, *_DOCUMENTS)
_RAW = _DOCUMENTS.index("raw")
_BATCH = 1000
_MOST_FACTORS = 10_000
# JSON in ASCII holds no control character.
_PARTED = "\x1e"
_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_Spelled = str | int | bool | None


class LineSpool:
    """Lines in a file without a name, as the driver takes them; none of them is in the database before `write`.

    Spelling a line for the driver takes longer than writing it, and needs no transaction. On SQLite, where a writer keeps
    all others waiting, a hundred thousand lines so take the lock for two seconds instead of ten.
    """

    def __init__(self, file: BinaryIO, dialect: Dialect) -> None:
        self._file = file
        self._dialect = dialect
        self._spellings = tuple((name, _spelling(name, dialect)) for name in _PLAIN_NAMES)
        self._waiting: list[list[_Spelled]] = []
        self._documents: list[str] = []
        self._assessments = _Assessments()
        self._content = hashlib.sha256()
        self.count = 0

    def add(self, columns: Mapping[str, Any]) -> None:
        """Take in one line by its columns, those that `write` adds left out."""
        documents = [_document(columns[name]) for name in _DOCUMENTS[:-1]]
        documents.append(self._assessments.spell(columns[_ASSESSMENT]))
        said = f"{columns['key']} {documents[_RAW]} {columns['kg_co2e']}\n"
        self._content.update(said.encode())
        self._waiting.append(
            [
                columns[name] if spell is None else spell(columns[name])
                for name, spell in self._spellings
            ]
        )
        self._documents += documents
        self.count += 1
        if len(self._waiting) >= _BATCH:
            self._put_away()

    def digest(self) -> str:
        """SHA-256 over what all lines say, in their order: key, what was typed, and kg CO2e."""
        return self._content.hexdigest()

    def write(
        self, session: Session, *, inventory_id: int, first: int, moment: datetime, by: int | None
    ) -> None:
        """Write all lines in their order, from position `first` on, in the session's transaction."""
        self._put_away()
        session.flush()
        connection = session.connection()
        arrange = _Arrangement(self._dialect)
        spell = _spelling("changed_at", self._dialect) or _plain
        changed_at = spell(moment)
        position = first
        for batch in self._batches():
            rows = []
            for spelled in batch:
                rows.append(arrange.row((*spelled, inventory_id, position, 1, changed_at, by)))
                position += 1
            connection.exec_driver_sql(arrange.statement, rows)

    def _put_away(self) -> None:
        if self._waiting:
            documents = _PARTED.join(self._documents)
            self._file.write(f"{_written(self._waiting)}\n{documents}\n".encode())
            self._waiting, self._documents = [], []

    def _batches(self) -> Iterator[Sequence[Sequence[_Spelled]]]:
        self._file.seek(0)
        for line in self._file:
            plain = json.loads(line)
            parted = next(self._file).decode("ascii").removesuffix("\n").split(_PARTED)
            documents = zip(*[iter(parted)] * len(_DOCUMENTS), strict=True)
            yield [
                [*values, *(each or None for each in each_line)]
                for values, each_line in zip(plain, documents, strict=True)
            ]


class _Assessments:
    """Spells assessments; a factor, most of their text, is spelled once for all lines that rest on it."""

    def __init__(self) -> None:
        # By identity, and with the factor itself, so that no other can come to stand where it stood.
        self._known: dict[int, tuple[Mapping[str, Any], str]] = {}

    def spell(self, assessment: Mapping[str, Any] | None) -> str:
        """The document in ASCII; nothing where there is none."""
        if assessment is None:
            return ""
        factors = ", ".join([self._factor(each) for each in assessment["factors"]])
        head = {name: value for name, value in assessment.items() if name != "factors"}
        return f'{json.dumps(head)[:-1]}, "factors": [{factors}]}}'

    def _factor(self, factor: Mapping[str, Any]) -> str:
        known = self._known.get(id(factor))
        if known is None:
            if len(self._known) >= _MOST_FACTORS:
                self._known.clear()
            known = self._known[id(factor)] = (factor, json.dumps(factor))
        return known[1]


class _Arrangement:
    """The INSERT as the database's driver takes it, and a line's values in the order or under the names that it asks for."""

    def __init__(self, dialect: Dialect) -> None:
        self._names = (*_SPOOLED, *_ADDED)
        compiled = insert(TABLE).compile(dialect=dialect, column_keys=self._names)
        self.statement = str(compiled)
        asked = compiled.positiontup
        self._places = None if asked is None else [self._names.index(name) for name in asked]

    def row(self, values: tuple[_Spelled, ...]) -> Any:
        """One line's parameters."""
        if self._places is None:
            return dict(zip(self._names, values, strict=True))
        return tuple(values[place] for place in self._places)


def _spelling(name: str, dialect: Dialect) -> Callable[[Any], _Spelled] | None:
    """How a column's value is spelled for the driver, by the column's own type; None where it stays as it is."""
    own = TABLE.c[name].type
    kind = own.dialect_impl(dialect)
    process = kind.bind_processor(dialect)
    if isinstance(kind, MicroDecimal):
        return process  # an integer already
    if isinstance(own, Date):
        # Most lines of a year begin and end on a few days of it.
        return lru_cache(1000)(_plain if process is None else lambda day: _plain(process(day)))
    if process is not None:
        return lambda value: _plain(process(value))
    return None if isinstance(own, String | Integer | Boolean) else _plain


def _document(value: Any) -> str:
    """A document in ASCII; nothing where there is none."""
    if value is None:
        return ""
    return "{}" if value == {} else json.dumps(value)


def _plain(value: Any) -> _Spelled:
    """What the driver's own types are as text; the statement says which type the database reads it as."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    spelled: _Spelled = value
    return spelled
