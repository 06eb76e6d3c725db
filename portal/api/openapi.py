"""The OpenAPI document of version 1, made from what the routes declare, in either language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from apispec import APISpec
from flask_babel import gettext

from portal.api import schemas
from portal.api.declarations import (
    BYTES,
    JSON,
    ROUTES,
    Kind,
    Match,
    Parameter,
    Route,
    queries_of,
)
from portal.api.keys import KEY, KEY_HEADER
from portal.api.refusals import PROBLEM_JSON
from portal.api.schemas import Schema
from portal.api.titles import TITLES
from portal.domain.tokens import PREFIX
from portal.domain.words import N_

VERSION = "1.0.0"
OPENAPI = "3.1.0"
TITLE = N_("The portal's interface for programs")
ABOUT = N_(
    "JSON over HTTPS. A token in the header “Authorization: Bearer …” says who asks. Exact decimals leave as text; "
    "numbers may be sent as JSON numbers or as text. Everything that is wrong comes at once, each with a pointer."
)
SUCCESS = N_("Done")
_ARGUMENT = re.compile(r"<(?P<type>\w+):(?P<name>\w+)>")
_TYPES: Mapping[str, Schema] = {
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer", "minimum": 0, "maximum": 2_147_483_647},
}
_LIMIT_HEADERS: Mapping[str, str] = {
    "RateLimit-Limit": N_(
        "How many requests a minute has room for: those of the token or those of all tokens of its account, "
        "whichever has less left."
    ),
    "RateLimit-Remaining": N_("How many are left of them."),
    "RateLimit-Reset": N_("In how many seconds the minute begins anew."),
}
# What every route may answer, whatever it is about.
_ALWAYS = (400, 405, 500, 503, 507)


def document(base_url: str) -> dict[str, Any]:
    """The whole document, for the portal that is reached at this address."""
    spec = APISpec(
        title=gettext(TITLE),
        version=VERSION,
        openapi_version=OPENAPI,
        info={"description": gettext(ABOUT)},
        servers=[{"url": f"{base_url.rstrip('/')}/api"}],
    )
    spec.components.security_scheme(
        "token",
        {
            "type": "http",
            "scheme": "bearer",
            "description": gettext("A token, which begins with “%(prefix)s”.", prefix=PREFIX),
        },
    )
    for name, schema in schemas.NAMED.items():
        spec.components.schema(name, component=_translated(schema))
    for declared, _view in ROUTES.values():
        spec.path(
            path=path_of(declared), operations={declared.method.lower(): _operation(declared)}
        )
    return spec.to_dict()


def path_of(declared: Route) -> str:
    """The path of a route as the document writes it."""
    return _ARGUMENT.sub(r"{\g<name>}", declared.path)


def statuses_of(declared: Route) -> list[int]:
    """Every status that a route may answer with."""
    found = {declared.status, *declared.more_statuses, *_ALWAYS}
    if declared.kind is not Kind.OPEN:
        found |= {401, 403, 429}
    if declared.kind is Kind.SCOPED:
        found |= {404, 409}
    if declared.takes is not None or declared.takes_bytes or declared.writes:
        found |= {413, 415, 422}
    if declared.takes_bytes:
        found.add(411)
    if declared.match is Match.NEEDED:
        found |= {412, 428}
    return sorted(found)


def _operation(declared: Route) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": declared.name,
        "tags": [declared.name.partition("_")[0]],
        "summary": gettext(declared.summary),
        "parameters": [*_arguments(declared), *_queries(declared), *_headers(declared)],
        "responses": {str(status): _response(declared, status) for status in statuses_of(declared)},
        "security": [] if declared.kind is Kind.OPEN else [{"token": []}],
    }
    if declared.scopes:
        made["x-scopes"] = [scope.value for scope in declared.scopes]
    if declared.takes is not None:
        content = {JSON: {"schema": _reference(declared.takes)}}
        made["requestBody"] = {"required": True, "content": content}
    if declared.takes_bytes:
        content = {BYTES: {"schema": {"type": "string", "format": "binary"}}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _arguments(declared: Route) -> Iterator[dict[str, Any]]:
    for found in _ARGUMENT.finditer(declared.path):
        yield {
            "name": found["name"],
            "in": "path",
            "required": True,
            "schema": dict(_TYPES[found["type"]]),
        }


def _queries(declared: Route) -> Iterator[dict[str, Any]]:
    for parameter in queries_of(declared):
        yield _query(parameter)


def _query(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.is_required,
        "schema": dict(parameter.schema),
        "description": gettext(parameter.description),
    }


def _headers(declared: Route) -> Iterator[dict[str, Any]]:
    if declared.match is Match.NEEDED:
        yield _header("If-Match", gettext("The ETag that the thing was read with."), required=True)
    if declared.takes_key and declared.kind is Kind.SCOPED:
        words = gettext("A key of your own: the same key gets the same answer for seven days.")
        yield {
            **_header(KEY_HEADER, words),
            "schema": {"type": "string", "pattern": f"^{KEY}$"},
        }


def _header(name: str, words: str, *, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "schema": {"type": "string"},
        "description": words,
    }


def _response(declared: Route, status: int) -> dict[str, Any]:
    if status >= 400:
        content = {PROBLEM_JSON: {"schema": _reference(schemas.PROBLEM)}}
        return {"description": gettext(TITLES[status]), "content": content}
    made: dict[str, Any] = {"description": gettext(SUCCESS)}
    if declared.gives is not None:
        made["content"] = {declared.media_type: {"schema": _reference(declared.gives)}}
    elif status != 204:
        schema = {"type": "string", "format": "binary"}
        made["content"] = {declared.media_type: {"schema": schema}}
    headers = dict(_LIMIT_HEADERS) if declared.kind is not Kind.OPEN else {}
    made["headers"] = {
        name: {"schema": {"type": "string"}, "description": gettext(words)}
        for name, words in headers.items()
    }
    if declared.has_etag:
        made["headers"]["ETag"] = {"schema": {"type": "string"}}
    return made


def _reference(schema: Schema) -> dict[str, Any]:
    """A form by its name where it has one."""
    for name, named in schemas.NAMED.items():
        if named is schema:
            return {"$ref": f"#/components/schemas/{name}"}
    found: dict[str, Any] = _translated(schema)
    return found


def _translated(schema: Any) -> Any:
    """A form as plain values, what is said in it in the reader's language."""
    if isinstance(schema, Mapping):
        return {
            key: gettext(value)
            if key == "description" and isinstance(value, str)
            else _translated(value)
            for key, value in schema.items()
        }
    if isinstance(schema, list | tuple):
        return [_translated(each) for each in schema]
    return schema
