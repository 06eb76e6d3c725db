"""The web application, put together from its parts; only the server and the tests import this."""

from __future__ import annotations

import os
import pkgutil
import sys
from importlib import import_module
from types import ModuleType

from flask import Flask
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer
from jinja2 import StrictUndefined
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.api import door
from portal.api.calls import Wiring as ApiWiring
from portal.config.settings import Settings
from portal.http import events
from portal.resources import STATIC, TEMPLATES
from portal.store import migration
from portal.store.base import HURRIED, Database
from portal.web import (
    access,
    account,
    administrator,
    coordinator,
    dossiers,
    failures,
    guard,
    headers,
    language,
    ledger,
    limits,
    links,
    measuring,
    pages,
    public,
    readings,
    redirects,
    requests,
    sessions,
    shell,
    signatures,
    supplier,
    throttle,
    warning_filters,
    words,
)
from portal.web.addresses import PlainInteger
from portal.web.security import setup as security
from portal.web.templating import Templates


class Portal(Flask):
    """The application; failures.py writes its log."""

    jinja_environment = Templates

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer a request by its view; nothing is kept for whoever lost the right to while something slow was done."""
        made = super().dispatch_request()
        guard.demand_still_in()
        return made

    def log_exception(self, exc_info: object) -> None:
        """Write nothing more: the text of an exception may hold what somebody typed."""


AUDIENCES = (public, account, supplier, coordinator, administrator)


def application() -> Flask:
    """What the server runs: the application as the environment says, on a database that fits this release."""
    events.write_to(sys.stderr)
    settings = Settings.from_environment(os.environ)
    database = Database(settings.database_url, patience=HURRIED)
    migration.require_head(database)
    return create_app(settings, database)


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """Put an application together; whoever gives a database answers for its tables."""
    app = Portal("portal", static_folder=str(STATIC), template_folder=str(TEMPLATES))
    app.config.update(_configuration(settings))
    if database is None:
        database = Database(settings.database_url, patience=HURRIED)
        migration.require_head(database)
    _set_up_requests(app, settings, database)
    _set_up_pages(app, settings)
    guard.check_table(app)
    _spare_tokens(app)
    _hang_api(app, settings, database)
    measuring.init_app(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]  # the way Flask documents
    return app


def _configuration(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "TRUSTED_HOSTS": list(settings.trusted_hosts),
        "SESSION_COOKIE_NAME": "__Host-session" if settings.is_https else "session",
        "SESSION_COOKIE_SECURE": settings.is_https,
        # A form lives as long as its session: a token of its own age would lose what somebody typed for an hour.
        "WTF_CSRF_TIME_LIMIT": None,
        # A form that was open while the key changed is still taken; the last key signs.
        "WTF_CSRF_SECRET_KEY": [*settings.secret_key_fallbacks, settings.secret_key],
        "PREFERRED_URL_SCHEME": "https" if settings.is_https else "http",
    }


def _set_up_requests(app: Flask, settings: Settings, database: Database) -> None:
    """What happens before and after each view. Checks run in this order; what follows a view runs the other way round."""
    readings.init_app(app)  # runs last, when the request's own transaction is over
    requests.init_app(app, requests.Wiring(settings, database))
    headers.init_app(app)
    redirects.install(app)
    sessions.init_app(app, database, _signer(app))
    limits.init_app(app)
    CSRFProtect(app)
    throttle.init_app(app)
    security.init_app(app, settings)
    guard.init_app(app)
    failures.init_app(app)


def _set_up_pages(app: Flask, settings: Settings) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.autoescape = True
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.converters["int"] = PlainInteger
    language.init_app(app, requests.account_language, settings.timezone.key)
    pages.init_app(app)
    shell.init_app(app)
    links.init_app(app)
    dossiers.init_app(app)
    ledger.init_app(app)
    signatures.init_app(app)
    warning_filters.init_app(app)
    for audience in AUDIENCES:
        _import_all(audience)
        app.register_blueprint(audience.blueprint)
    app.url_map.merge_slashes = False


def _hang_api(app: Flask, settings: Settings, database: Database) -> None:
    """Hang the programs' door beside the pages: an application of its own, which no cookie reaches."""
    wired = ApiWiring(settings, database, words.say, words.say_refusal)
    api = door.create(wired, _configuration(settings), headers.add_headers)
    app.extensions["api"] = api
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {door.MOUNT: api.wsgi_app})  # type: ignore[method-assign]  # the way Flask documents


def _spare_tokens(app: Flask) -> None:
    """Forms that change nothing work without a token, so that their pages need no cookie."""
    for endpoint, row in access.ACCESS.items():
        if row.changes_nothing:
            app.extensions["csrf"].exempt(app.view_functions[endpoint])


def _import_all(package: ModuleType) -> None:
    # Importing a module of views registers them; whatever is forgotten in the access table stops the start.
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        import_module(found.name)


def _signer(app: Flask) -> URLSafeTimedSerializer:
    keys = [*app.config["SECRET_KEY_FALLBACKS"], app.config["SECRET_KEY"]]  # the last one signs
    return URLSafeTimedSerializer(keys, salt="visitor")
