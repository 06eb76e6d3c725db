"""What the interface looks like: the OpenAPI document for programs, and the same as a page for people."""

from __future__ import annotations

from typing import Any

from flask import Response, g, render_template

from portal.api import language, openapi, schemas
from portal.api.answers import Answer
from portal.api.calls import wiring
from portal.api.declarations import Kind, Parameter, route
from portal.domain.tokens import SCOPE_NAMES
from portal.domain.words import N_

HTML = "text/html"
LANGUAGE = Parameter(
    "lang",
    {"type": "string", "enum": ["en", "zh"]},
    N_("en or zh"),
    N_("The language; that of Accept-Language where it is left out."),
)


@route(
    "GET",
    "/v1/openapi.json",
    N_("Read this document"),
    kind=Kind.OPEN,
    query=(LANGUAGE,),
    gives={"type": "object"},
)
def document() -> Answer:
    """Give the document of this version."""
    return Answer(_document())


@route(
    "GET",
    "/v1/reference",
    N_("Read this document as a page"),
    kind=Kind.OPEN,
    query=(LANGUAGE,),
    media_type=HTML,
)
def page() -> Answer:
    """Draw the reference from the same document."""
    g.is_page = True
    drawn = render_template(
        "api/reference.html",
        document=_document(),
        problem=schemas.PROBLEM,
        scopes=SCOPE_NAMES,
    )
    return Answer(response=Response(drawn, content_type=f"{HTML}; charset=utf-8"))


def _document() -> dict[str, Any]:
    """The document in the language of this answer: anybody may ask for it, so it is put together once."""
    kept, spoken = wiring().documents, language.chosen()
    if spoken not in kept:
        kept[spoken] = openapi.document(wiring().settings.base_url)
    return kept[spoken]
