"""In which language the API answers: that of `?lang=` on pages, of Accept-Language, English."""

from __future__ import annotations

from flask import Flask, has_request_context, request
from flask_babel import Babel

from portal.resources import TRANSLATIONS

# How each language is called in addresses, in catalogues and in HTML.
LOCALES = {"en": "en", "zh": "zh_Hans_CN"}
TAGS = {"en": "en", "zh": "zh-Hans"}
USUAL = "en"


def chosen() -> str:
    """The language of this answer."""
    if not has_request_context():
        return USUAL
    wishes = [request.args.get("lang") or "", *request.accept_languages.values()]
    return next((wish[:2].lower() for wish in wishes if wish[:2].lower() in LOCALES), USUAL)


def init_app(app: Flask, time_zone: str) -> None:
    """Give the application its languages."""
    Babel(
        app,
        default_locale=LOCALES[USUAL],
        default_timezone=time_zone,
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=lambda: LOCALES[chosen()],
    )
