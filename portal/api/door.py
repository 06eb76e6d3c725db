"""The application of the API, put together from its declarations; `portal.app` hangs it under `/api`."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from flask import Flask, Response, g
from flask_babel import gettext
from jinja2 import StrictUndefined
from werkzeug.routing import IntegerConverter

from portal.api import calls, failures, language, v1
from portal.api.bodies import BODY
from portal.api.calls import Wiring
from portal.api.declarations import ROUTES, Route, View
from portal.resources import TEMPLATES

MOUNT = "/api"


class Year(IntegerConverter):
    """A whole number in plain digits that every database can compare."""

    regex = r"[0-9]{1,10}"


def create(
    wired: Wiring, configuration: dict[str, Any], finish: Callable[[Response], Response]
) -> Flask:
    """Put the application together; `finish` completes the headers of every answer, as it does for pages."""
    app = Api("portal.api", static_folder=None, template_folder=str(TEMPLATES))
    app.config.update(configuration, MAX_CONTENT_LENGTH=BODY, PROVIDE_AUTOMATIC_OPTIONS=False)
    app.extensions["api"] = wired
    app.url_map.converters["int"] = partial(Year, max=2**31 - 1)  # type: ignore[assignment]  # whatever makes one will do
    app.url_map.merge_slashes = False
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.autoescape = True
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    language.init_app(app, wired.settings.timezone.key)
    app.jinja_env.globals.update(_=gettext, language=language.chosen, tags=language.TAGS)
    failures.init_app(app)
    app.after_request(finish)
    app.after_request(_add_limits)
    for name, (declared, view) in routes().items():
        app.add_url_rule(
            declared.path,
            f"api.{name}",
            _serving(declared, view),
            methods=[declared.method],
        )
    return app


def routes() -> dict[str, tuple[Route, View]]:
    """Every route by its name; importing a module of views declares those in it."""
    for found in pkgutil.walk_packages(v1.__path__, f"{v1.__name__}."):
        import_module(found.name)
    return ROUTES


class Api(Flask):
    """The application; failures.py writes its log, and no session is ever opened."""

    def log_exception(self, exc_info: object) -> None:
        """Write nothing more: the text of an exception may hold what somebody sent."""


def _serving(declared: Route, view: View) -> Callable[..., Response]:
    def serve(**arguments: Any) -> Response:
        return calls.answer(declared, view, arguments)

    return serve


def _add_limits(response: Response) -> Response:
    # What was refused for the limit says it already.
    for header, value in g.get("limit_headers", {}).items():
        response.headers.setdefault(header, value)
    return response
