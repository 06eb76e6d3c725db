"""The words of a letter: subject, plain text and HTML in the receiver's language, from one template per kind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portal.domain.actors import ROLE_NAMES, Role
from portal.domain.submissions import Kind
from portal.domain.words import N_
from portal.mail.catalogues import CHINESE, ENGLISH, catalogue
from portal.mail.kinds import KINDS, MessageKind, check_values
from portal.resources import TEMPLATES

# What a letter is about, and the words of the link to it.
_PAPERS = {
    Kind.BASELINE: (N_("%(year)s report of %(member)s"), N_("Look at the report")),
    Kind.PLAN: (N_("reduction plan of %(member)s"), N_("Look at the plan")),
    Kind.PROGRESS: (N_("%(year)s progress report of %(member)s"), N_("Look at the report")),
    Kind.RESTATEMENT: (
        N_("%(year)s recalculation of %(member)s"),
        N_("Look at the recalculation"),
    ),
}
_QUARTER = N_("progress report of %(member)s for quarter %(quarter)s of %(year)s")
# Only these may have several lines; templates show them as quotations.
QUOTED = frozenset({"reason", "note", "comment", "checkpoint"})
LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says, in both of its forms."""

    subject: str
    text: str
    html: str
    language_tag: str
    sender_name: str


def language_of(wanted: str) -> str:
    """The language that letters are written in for a person's setting: simplified Chinese or English."""
    return CHINESE if wanted.lower().startswith("zh") else ENGLISH


def render(
    kind: MessageKind,
    language: str,
    values: Mapping[str, Any],
    *,
    to_name: str,
    base_url: str,
    zone: ZoneInfo,
) -> Words:
    """Write a letter; moments are shown in `zone`, and links begin with `base_url`, whatever the values say."""
    check_values(kind, values)
    language = language_of(language)
    shown = dict.fromkeys(KINDS[kind].blank, "") | _shown(values, language, base_url, zone)
    shown |= {"to_name": one_line(to_name), "base_url": base_url}
    shown["language_tag"] = "zh-Hans" if language == CHINESE else "en"
    if "about" in KINDS[kind].names:
        shown |= _paper(shown, language)
    subject = _subject(kind, language, shown)
    text, html = (
        _environment(language, form)
        .get_template(f"mail/{kind.value}.txt")
        .render(shown, subject=subject, layout=f"mail/layout.{form}")
        for form in ("txt", "html")
    )
    text = re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
    sender_name = catalogue(language).gettext("Zero-Carbon Alliance Portal")
    return Words(subject, text, html, shown["language_tag"], sender_name)


def one_line(text: str) -> str:
    """Text without line breaks, control characters or marks that turn the direction of reading."""
    kept = (" " if c.isspace() or unicodedata.category(c) == "Cc" else c for c in text)
    return " ".join("".join(c for c in kept if unicodedata.category(c) != "Cf").split())


def _shown(
    values: Mapping[str, Any], language: str, base_url: str, zone: ZoneInfo
) -> dict[str, Any]:
    locale = Locale.parse(language)
    shown: dict[str, Any] = {}
    for name, value in values.items():
        if name.endswith("path"):
            shown[name.replace("path", "link")] = base_url + value
        elif name.endswith("_at"):
            shown[name] = _moment(datetime.fromisoformat(value), locale, zone)
        elif name.endswith("_on"):
            shown[name] = format_date(date.fromisoformat(value), "long", locale)
        elif name == "roles":
            shown[name] = _role_names(value, language)
        elif isinstance(value, str):
            lines = value.splitlines() if name in QUOTED else [value]
            shown[name] = "\n".join(map(one_line, lines)).strip()
        else:
            shown[name] = value
    return shown


def _paper(shown: Mapping[str, Any], language: str) -> dict[str, str]:
    """What the letter is about, in words that stand within a sentence."""
    name, look = _PAPERS[Kind(shown["about"] or Kind.BASELINE)]
    if shown.get("quarter"):
        name = _QUARTER
    words = catalogue(language)
    return {"paper": words.gettext(name) % shown, "look": words.gettext(look)}


def _moment(moment: datetime, locale: Locale, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    day = format_date(local.date(), "long", locale)
    pattern = "HH:mm（ZZZZ）" if locale.language == "zh" else "HH:mm (ZZZZ)"
    return f"{day} {format_datetime(local, pattern, zone, locale)}"


def _role_names(codes: str, language: str) -> str:
    words = catalogue(language)
    comma = "、" if language == CHINESE else ", "
    return comma.join(words.gettext(ROLE_NAMES[Role(code)]) for code in codes.split(","))


def _subject(kind: MessageKind, language: str, shown: Mapping[str, Any]) -> str:
    template = _environment(language, "txt").get_template(f"mail/{kind.value}.txt")
    context = template.new_context({**shown, "layout": "mail/layout.txt"})
    return one_line("".join(template.blocks["subject"](context)))[:LONGEST_SUBJECT]


@lru_cache
def _environment(language: str, form: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=form == "html",  # noqa: S701 -- plain text has nothing to escape, HTML is escaped
        undefined=StrictUndefined,
        trim_blocks=form == "html",
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    environment.globals["part"] = environment.get_template(f"mail/parts.{form}").module
    return environment
