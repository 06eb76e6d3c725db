"""Which language a page is in, and the link that changes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, abort, g, has_request_context, request, url_for
from flask_babel import Babel, get_locale, get_translations
from werkzeug.wrappers import Response

from portal.resources import TRANSLATIONS
from portal.web.redirects import local_redirect

COOKIE, PLAIN_COOKIE = "__Host-language", "language"  # a browser takes the first by https only
COOKIE_DAYS = 365


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the portal: its code in addresses, its catalogue, its name in itself."""

    code: str
    locale: str
    html: str
    name: str


CHINESE = Language("zh", "zh_Hans_CN", "zh-Hans", "简体中文")
ENGLISH = Language("en", "en", "en", "English")
LANGUAGES = {language.code: language for language in (CHINESE, ENGLISH)}

blueprint = Blueprint("language", __name__)


def choose(account_language: Callable[[], str | None]) -> Language:
    """The language of this request: the link the reader followed, the account's setting, the browser's wish, Chinese.

    A followed link (the cookie) goes before the account's setting, because it is the later wish and a link may write
    nothing else; the account's page drops the cookie when the setting changes.
    """
    if not has_request_context():
        return CHINESE
    if "language" not in g:
        # Kept before the account is asked: when that fails, the error page must be able to choose without it.
        g.language = _of_the_browser()
        asked = (request.args.get("lang"), request.cookies.get(_cookie()))
        g.language = _first_known(asked) or _first_known([account_language()]) or g.language
    chosen: Language = g.language
    return chosen


def _first_known(codes: Iterable[str | None]) -> Language | None:
    return next((LANGUAGES[code[:2]] for code in codes if code and code[:2] in LANGUAGES), None)


def _of_the_browser() -> Language:
    wishes = (wish[:2].lower() for wish in request.accept_languages.values())
    return _first_known(wishes) or CHINESE


def current() -> Language:
    """The language that messages come out in just now (mails and jobs force their reader's)."""
    locale = get_locale()
    return ENGLISH if locale is not None and locale.language == "en" else CHINESE


def other() -> Language:
    """The language that the switch leads to."""
    return CHINESE if current() is ENGLISH else ENGLISH


def switch_url() -> str:
    """The address that shows this page in the other language."""
    return url_for("language.switch", code=other().code, next=request.full_path.rstrip("?"))


@blueprint.get("/language/<code>")
def switch(code: str) -> Response:
    """Remember the language in a cookie and go back to the page; nothing else is written."""
    if code not in LANGUAGES:
        abort(404)
    response = local_redirect(request.args.get("next"))
    response.set_cookie(
        _cookie(),
        code,
        max_age=COOKIE_DAYS * 86_400,
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def forget_link(response: Response) -> None:
    """Let a language link that was followed earlier no longer count: the account's setting is the later wish."""
    response.delete_cookie(_cookie(), secure=request.is_secure, httponly=True, samesite="Lax")


def _cookie() -> str:
    return COOKIE if request.is_secure else PLAIN_COOKIE


def nobody() -> None:
    """The account language of an application that has no accounts."""


def init_app(
    app: Flask,
    account_language: Callable[[], str | None] = nobody,
    time_zone: str = "Asia/Shanghai",
) -> Babel:
    """Give `app` its languages: catalogues, the choice per request, the switch's route.

    `account_language` says the setting of the account that is logged in, None when nobody is.
    """
    app.register_blueprint(blueprint)
    babel = Babel(
        app,
        default_locale=CHINESE.locale,
        default_timezone=time_zone,
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=lambda: choose(account_language).locale,
    )
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # the i18n extension adds it
        gettext=lambda text: catalogue().ugettext(text),
        ngettext=lambda one, many, count: catalogue().ungettext(one, many, count),
        pgettext=lambda context, text: catalogue().upgettext(context, text),
        npgettext=lambda context, one, many, count: catalogue().unpgettext(
            context, one, many, count
        ),
        newstyle=True,
    )
    return babel


def catalogue() -> Any:
    """The catalogue of the language that messages come out in just now.

    A page asks for a hundred texts, and the library would look for the catalogue anew for each; it is kept beside the
    locale that the library keeps for the request, and found anew when that is another one.
    """
    kept = g.get("_flask_babel")
    locale = getattr(kept, "babel_locale", None)
    if locale is None:
        return get_translations()
    if getattr(kept, "portal_catalogue_of", None) is not locale:
        kept.portal_catalogue, kept.portal_catalogue_of = get_translations(), locale
    return kept.portal_catalogue
