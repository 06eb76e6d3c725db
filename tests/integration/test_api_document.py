"""The OpenAPI document is complete and right: it names every route, every status, and what is really given."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from lxml import html
from openapi_spec_validator import OpenAPIV31SpecValidator

from portal.api import door, openapi
from portal.api.declarations import Kind
from portal.api.refusals import WORDS
from portal.api.schemas import NAMED
from portal.api.titles import TITLES
from tests.conventions.source import ROOT, modules
from tests.programs import program

ROUTES = door.routes()


@pytest.fixture
def document(app: Flask) -> dict:
    answer = program(app).get("/v1/openapi.json")
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_document_is_valid(document: dict) -> None:
    errors = list(OpenAPIV31SpecValidator(document).iter_errors())

    assert errors == []
    assert document["openapi"].startswith("3.1")


def test_document_names_every_route_and_no_other(app: Flask, document: dict) -> None:
    rules = {
        (re.sub(r"<\w+:(\w+)>", r"{\1}", rule.rule), method)
        for rule in app.extensions["api"].url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    named = {
        (path, method.upper()) for path, methods in document["paths"].items() for method in methods
    }

    assert named == rules
    assert len(named) == len(ROUTES) >= 35


def test_every_status_has_its_words_and_every_refusal_its_status() -> None:
    for declared, _view in ROUTES.values():
        statuses = openapi.statuses_of(declared)
        assert {status for status in statuses if status >= 400} <= TITLES.keys()
        assert declared.kind is Kind.OPEN or {401, 403, 429} <= set(statuses)
    raised = {
        int(found)
        for module in modules("portal/api")
        for found in re.findall(r"Refused\(\s*(\d{3})", (ROOT / module.path).read_text("utf-8"))
    }
    assert raised <= TITLES.keys()


def test_every_code_of_the_interface_has_words() -> None:
    source = "\n".join((ROOT / module.path).read_text("utf-8") for module in modules("portal/api"))
    used = set(re.findall(r'Refused\(\s*\d{3},\s*"([a-z_.]+)"', source))
    used |= set(re.findall(r'Misfit\(\s*"([a-z_.]+)"', source))
    reasons = (ROOT / "portal/intake/payload.py").read_text("utf-8")
    used |= set(re.findall(r'NotReadable\("([a-z0-9_.]+)"\)', reasons))

    assert len(used) > 25
    assert used <= WORDS.keys()


def test_forms_are_named_once_and_closed() -> None:
    assert len({id(schema) for schema in NAMED.values()}) == len(NAMED)
    for name, schema in NAMED.items():
        assert schema["additionalProperties"] is False, name


def test_no_number_of_an_answer_is_a_json_number_with_decimals() -> None:
    def kinds(schema: object) -> set[str]:
        if isinstance(schema, dict):
            own = schema.get("type", [])
            found = {own} if isinstance(own, str) else set(own) if isinstance(own, list) else set()
            return found.union(*(kinds(each) for each in schema.values()))
        if isinstance(schema, list | tuple):
            return set().union(*(kinds(each) for each in schema))
        return set()

    for declared, _view in ROUTES.values():
        if declared.gives is not None:
            assert "number" not in kinds(declared.gives), declared.name


@pytest.mark.parametrize("language", ["en", "zh"])
def test_reference_shows_every_address_and_form(app: Flask, document: dict, language: str) -> None:
    answer = program(app).get(f"/v1/reference?lang={language}")
    page = html.fromstring(answer.text)

    assert answer.status_code == 200
    assert page.get("lang") == {"en": "en", "zh": "zh-Hans"}[language]
    shown = {found.get("id") for found in page.xpath("//section")}
    operations = {
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
    }
    assert shown == operations | {f"form-{name}" for name in document["components"]["schemas"]}
    targets = {found.get("href") for found in page.xpath("//main//a[starts-with(@href, '#')]")}
    assert targets <= {f"#{name}" for name in shown}
    assert page.xpath("//script | //*[@style] | //@onclick") == []


def test_reference_is_in_the_language_of_the_browser(app: Flask) -> None:
    asking = program(app)
    chinese = asking.get("/v1/reference", Accept_Language="zh-CN,zh;q=0.9").text

    assert '<html lang="zh-Hans">' in chinese
    assert '<html lang="en">' in asking.get("/v1/reference", Accept_Language="fr").text


def test_guide_names_every_route_with_its_scope() -> None:
    guide = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    table = re.findall(r"(?m)^\| `(\w+) (/api\S+)` \| (.*?) \|", guide)
    declared = []
    for made, _view in ROUTES.values():
        scopes = " or ".join(f"`{scope}`" for scope in made.scopes)
        who = {Kind.OPEN: "everybody", Kind.ANY_TOKEN: "any token"}.get(made.kind, scopes)
        declared.append((made.method, f"/api{openapi.path_of(made)}", who))

    assert sorted(table) == sorted(declared)
    assert Path(ROOT / "docs" / "api.md").is_file()


# What can't grow beyond a page: a year each, a month each, and what the product itself brings along.
NEVER_LONG = {"inventories_listed", "meters_months", "library_categories"}


def test_every_list_that_can_grow_comes_in_pages() -> None:
    lists = {
        name: declared
        for name, (declared, _view) in ROUTES.items()
        if declared.gives is not None and "items" in declared.gives.get("properties", {})
    }
    whole = {name for name, each in lists.items() if "next" not in each.gives["properties"]}

    assert whole == NEVER_LONG
    for name in lists.keys() - whole:
        assert {"cursor", "limit"} <= {each.name for each in lists[name].query}, name
