"""The print templates: Jinja pages that see nothing but their values, their style sheets and their pictures."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from portal.documents import figures
from portal.documents.failures import Failure, RenderingFailed
from portal.documents.fonts import FAMILY
from portal.documents.texts import set_in_type, set_to_width
from portal.resources import TEMPLATES

FOLDER = TEMPLATES / "documents"
_PRINTED_FORMS = (
    figures.day_en,
    figures.day_zh,
    figures.exact_number,
    figures.file_size,
    figures.number,
    figures.period,
    figures.share,
    figures.short_digest,
    figures.short_number,
)


def page_html(template: str, page: str, **values: Any) -> str:
    """The HTML of a page of a template such as "certificate/v1"; a value that is missing is an error."""
    return _environment().get_template(f"{template}/{page}").render(**values)


def style_sheet(template: str) -> str:
    """The print style sheet of a template."""
    return (_folder(template) / "print.css").read_text(encoding="utf-8")


def pictures(template: str) -> dict[str, bytes]:
    """The pictures that a template's style sheet may ask for as `asset:<file name>`."""
    return {path.name: path.read_bytes() for path in sorted(_folder(template).glob("*.svg"))}


def _folder(template: str) -> Path:
    known = {str(path.parent.relative_to(FOLDER)) for path in FOLDER.glob("*/v*/print.css")}
    if template not in known:
        raise RenderingFailed(Failure.BAD_FACTS, f"there is no template {template!r}")
    return FOLDER / template


@cache
def _environment() -> Environment:
    """Templates of documents and the parts they share with the web pages; nothing of Flask."""
    environment = Environment(
        loader=FileSystemLoader([FOLDER, TEMPLATES / "parts"]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_as_printed,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["font"] = FAMILY
    environment.globals.update({form.__name__: form for form in _PRINTED_FORMS})
    environment.filters["cap"] = set_in_type
    environment.filters["ems"] = set_to_width
    return environment


def _as_printed(value: Any) -> Any:
    """What a template's {{ }} puts on paper: markup as it is, text cleaned and capped, numbers only in words."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return set_in_type(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError(f"{type(value).__name__} has no printed form; format it in the template")
