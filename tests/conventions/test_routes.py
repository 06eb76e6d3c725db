"""Every route has an access decision and belongs to an audience, and no module of views grows crowded."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from flask import Flask

from portal.app import create_app
from portal.config.settings import Settings
from portal.store.base import Database
from portal.web import access, guard
from tests.conventions.source import modules

MOST_ROUTES_IN_ONE_MODULE = 12


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, on a database that nobody asks anything."""
    folder: Path = tmp_path_factory.mktemp("routes")
    settings = Settings.from_environment({"PORTAL_DEMO": "1", "PORTAL_FOLDER": str(folder)})
    return create_app(settings, Database(settings.database_url))


def test_every_route_has_an_access_decision(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert len(routes) > 20
    assert routes == access.ACCESS.keys()


def test_start_refused_when_a_route_has_no_access_decision(app: Flask) -> None:
    planted = Flask("planted")
    planted.add_url_rule("/open-to-everybody", "planted.page", lambda: "")
    with pytest.raises(LookupError, match=r"planted\.page"):
        guard.check_table(planted)


def test_every_route_belongs_to_a_blueprint(app: Flask) -> None:
    loose = {rule.endpoint for rule in app.url_map.iter_rules() if "." not in rule.endpoint}
    assert loose <= {"static"}


def test_no_module_holds_too_many_routes() -> None:
    crowded = {}
    for module in modules("portal/web"):
        routes = [
            decorator
            for node in module.tree.body
            if isinstance(node, ast.FunctionDef)
            for decorator in node.decorator_list
            if isinstance(decorator, ast.Call)
            and isinstance(decorator.func, ast.Attribute)
            and decorator.func.attr in ("get", "post", "route")
        ]
        if len(routes) > MOST_ROUTES_IN_ONE_MODULE:
            crowded[module.path] = len(routes)
    assert crowded == {}
