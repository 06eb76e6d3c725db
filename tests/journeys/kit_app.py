"""A small application that draws every macro with samples, in both languages, for the eyes and for axe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, jsonify, render_template, request
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined

from portal.documents.charts.drawing import Chart
from portal.documents.facts import Language
from portal.resources import STATIC, TEMPLATES
from portal.web import headers, language, pages
from portal.web.errors import words_for
from portal.web.forms.fields import SummaryItem
from tests.journeys import server
from tests.journeys.kit_charts import sample_charts
from tests.journeys.kit_forms import Answers, LogIn
from tests.journeys.kit_lines import blank_line, line_options, line_rows

KIT = Path(__file__).parent / "kit"
SHEETS = tuple(sorted(path.stem for path in KIT.glob("*.html")))
FORMS = {"account": LogIn, "forms": Answers}
Text = TypeVar("Text")
NOON = datetime(2026, 3, 27, 4, 0, tzinfo=UTC)


@dataclass
class Received:
    """What the kit's form sent: the tests look at it, and say how it is answered."""

    forms: list[dict[str, str]] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=lambda: {"saved": "14:02"})
    status: int = 200


def create_kit() -> Flask:
    """Make the kit: the portal's look without the portal."""
    app = Flask("kit", static_folder=str(STATIC))
    app.config.update(SECRET_KEY="only-for-the-kit", WTF_CSRF_TIME_LIMIT=None)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.loader = ChoiceLoader([FileSystemLoader(KIT), FileSystemLoader(TEMPLATES)])
    app.extensions["received"] = Received()
    CSRFProtect(app)
    headers.init_app(app)
    language.init_app(app)
    pages.init_app(app)
    app.context_processor(_sample_context)
    app.add_url_rule("/kit/<sheet>", view_func=show, methods=["GET", "POST"])
    app.add_url_rule("/save", view_func=save, methods=["POST"])
    app.add_url_rule("/upload", view_func=upload, methods=["POST"])
    app.add_url_rule("/error/<int:status>", view_func=error)
    return app


def t(en: Text, zh: Text) -> Text:
    """A sample text in the page's language."""
    return zh if language.current() is language.CHINESE else en


def charts() -> dict[str, tuple[Chart, Chart]]:
    """The sample charts in the page's language."""
    return sample_charts(t(Language.EN, Language.ZH))


def _sample_context() -> dict[str, Any]:
    menu = [
        ("Overview", "总览"),
        ("Members", "成员"),
        ("Review queue", "审核队列"),
        ("Certificates", "证书"),
    ]
    return {
        "t": t,
        "charts": charts,
        "noon": NOON,
        "D": Decimal,
        "alliance_name": t("Alpine Dairy Zero-Carbon Alliance", "阿尔卑斯乳业零碳联盟"),
        "navigation": [
            {"label": t(*names), "href": "#", "is_current": at == 2, "count": 46 if at == 2 else 0}
            for at, names in enumerate(menu)
        ],
        "account": {
            "name": t("Anna Chen", "陈安娜"),
            "role": t("Coordinator", "联盟协调员"),
            "links": [{"label": t("My account", "我的账户"), "href": "#"}],
            "logout_url": "/save",
        },
    }


def show(sheet: str) -> str:
    """Draw one sheet of samples; `?bad=1` with the errors of an empty form."""
    if sheet not in SHEETS:
        abort(404)
    form = FORMS[sheet]() if sheet in FORMS else None
    rows = line_rows(bad="bad" in request.args)
    problems: list[SummaryItem] = []
    if form and "bad" in request.args:
        form.validate()
    if sheet == "lines":
        problems = [
            SummaryItem(f"{row.number}: {text}", f"#lines-{row.index}-{column}")
            for row in rows
            for column, text in row.errors.items()
        ]
    lines = {"rows": rows, "options": line_options(), "blank": blank_line()}
    return render_template(f"{sheet}.html", form=form, problems=problems, **lines)


def save() -> Response:
    """Take a form as autosave sends it, and answer as the test has said."""
    received: Received = _received()
    received.forms.append(request.form.to_dict())
    response = jsonify(received.answer)
    response.status_code = received.status
    return response


def upload() -> Response:
    """Take files and say where to go on."""
    names = [file.filename or "" for file in request.files.getlist("files")]
    _received().forms.append({"files": "|".join(names)})
    return jsonify({"next": "/kit/home?uploaded=1"})


def error(status: int) -> tuple[str, int]:
    """Draw an error page."""
    return render_template(
        "errors/error.html", words=words_for(status), reference="7Q2M-11K"
    ), status


def _received() -> Received:
    received: Received = current_app.extensions["received"]
    return received


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve the application on a free port of this machine; gives its address."""
    with server.serving(app) as port:
        yield f"http://127.0.0.1:{port}"
