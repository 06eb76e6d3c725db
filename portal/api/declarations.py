"""What each route declares: who may, what it takes, what it gives. Guard, document and tests read it from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from portal.api.schemas import Schema
from portal.domain.permissions import Permission
from portal.domain.tokens import Scope
from portal.domain.words import N_

MIB = 1024 * 1024
JSON, PDF, BYTES = "application/json", "application/pdf", "application/octet-stream"
View = Callable[..., Any]


class Kind(StrEnum):
    """Whom a route is for, before any scope is asked."""

    OPEN = "open"  # everybody, without a token
    ANY_TOKEN = "any_token"  # noqa: S105 -- the name of a kind
    SCOPED = "scoped"


class Match(StrEnum):
    """Whether a change must say which version it changes."""

    NOT_ASKED = "not_asked"
    NEEDED = "needed"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query; `wanted` says in words what it may be, for who sends something else."""

    name: str
    schema: Schema
    wanted: str
    description: str
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """The declaration of one route; `objects` says what each id in its address names, `largest` how long its body may be.

    `shows` is the kind of reading that opening it is for people of the alliance, and the argument that names the thing.
    `effort` names what is counted of a long year before anything else, see `services/effort.py`.
    """

    name: str
    method: str
    path: str
    summary: str
    kind: Kind
    scopes: tuple[Scope, ...] = ()
    permission: Permission | None = None
    is_own: bool = False
    takes: Schema | None = None
    takes_bytes: bool = False
    largest: int = MIB
    gives: Schema | None = None
    media_type: str = JSON
    status: int = 200
    more_statuses: tuple[int, ...] = ()
    query: tuple[Parameter, ...] = ()
    match: Match = Match.NOT_ASKED
    has_etag: bool = False
    may_run_dry: bool = False
    objects: Mapping[str, str] = field(default_factory=dict)
    shows: tuple[str, str] | None = None
    effort: str = ""

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.method not in ("GET", "HEAD")

    @property
    def takes_key(self) -> bool:
        """Whether an Idempotency-Key means something: for what would otherwise be done twice."""
        return self.writes and not self.takes_bytes


ROUTES: dict[str, tuple[Route, View]] = {}


def route(method: str, path: str, summary: str, **more: Any) -> Callable[[View], View]:
    """Declare the view below as the answer to a method and path; its name is the route's.

    Who names no scope declares `kind` itself.
    """

    def declared(view: View) -> View:
        name = f"{view.__module__.rsplit('.', 1)[-1]}_{view.__name__}"
        made = Route(
            name, method, path, summary, more.pop("kind", Kind.SCOPED), objects=_named(path), **more
        )
        _check(made)
        ROUTES[name] = (made, view)
        return view

    return declared


# What the last part of an address before an id names.
_THINGS = {"key": "line", "evidence": "evidence", "output": "output", "action": "action"}


def _named(path: str) -> dict[str, str]:
    found = {}
    for part in path.split("/"):
        if part.startswith("<"):
            name = part.strip("<>").rpartition(":")[2]
            found[name] = _THINGS.get(name, name)
    return found


def _check(made: Route) -> None:
    """Refuse a declaration that would leave a door open."""
    is_scoped = bool(made.scopes) and made.permission is not None
    if (made.kind is Kind.SCOPED) != is_scoped:
        raise LookupError(
            f"{made.name}: who is not open to every token names scopes and a permission"
        )
    if made.writes and made.kind is not Kind.SCOPED:
        raise LookupError(f"{made.name}: what writes needs a scope")


P = Parameter
CURSOR = P(
    "cursor",
    {"type": "string"},
    N_("the value of `next` of the page before"),
    N_("Where the page begins: `next` of the page before it."),
)
LIMIT = P(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
    N_("a whole number from 1 to 200"),
    N_("How many items a page has."),
)
DRY_RUN = P(
    "dry_run",
    {"type": "boolean", "default": False},
    N_("true or false"),
    N_("With true everything is said that would happen, and nothing is kept."),
)
YEAR = P(
    "year",
    {"type": "integer", "minimum": 2000, "maximum": 2100},
    N_("a year from 2000 to 2100"),
    N_("The reporting year."),
)
PAGED = (CURSOR, LIMIT)


def queries_of(declared: Route) -> tuple[Parameter, ...]:
    """All parameters that a route knows."""
    return (*declared.query, DRY_RUN) if declared.may_run_dry else declared.query
