"""What every page can use: the filters, functions and words that layouts and macros expect."""

from __future__ import annotations

from flask import Flask

from portal.web import formats
from portal.web.assets import asset_url
from portal.web.forms.fields import control, error_items
from portal.web.forms.line_table import line_words
from portal.web.language import current, other, switch_url
from portal.web.script_words import words_for_scripts
from portal.web.status import status_of
from portal.web.tables import here, pages_around


def init_app(app: Flask) -> None:
    """Give the templates of `app` what templates/layouts and templates/parts ask for."""
    formats.init_app(app)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.globals.update(
        asset_url=asset_url,
        control=control,
        current_language=current,
        error_items=error_items,
        here=here,
        line_words=line_words,
        other_language=other,
        pages_around=pages_around,
        status_of=status_of,
        switch_url=switch_url,
        words_for_scripts=words_for_scripts,
    )
