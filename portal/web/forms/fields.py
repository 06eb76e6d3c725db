"""The base of every form: controls that name their hints and errors for assistive technology, and the error summary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FormField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
)
from wtforms import Form as WTForm
from wtforms.validators import InputRequired, Length
from wtforms.widgets import TextInput

CSRF_FIELD = "csrf_token"


@dataclass(frozen=True, slots=True)
class SummaryItem:
    """One line of the error summary: what to do, and the control it links to (None when no control is to blame)."""

    text: str
    href: str | None = None


class PortalForm(FlaskForm):
    """A form with a CSRF token; the answers are checked on the server, with our own words."""


def control(
    field: Field, *, hinted: object = None, described: Iterable[str] = (), **attributes: Any
) -> Markup:
    """Draw the field's control with its hint, its error and other texts named by id for assistive technology.

    `hinted` is true when a text with the id `<field>-hint` stands beside it; `described` are further ids. The browser's
    own “required” bubbles stay away, because their words are neither ours nor in the page's language.
    """
    ids = [f"{field.id}-hint"] if hinted else []
    if field.errors:
        ids.append(f"{field.id}-error")
        attributes["aria-invalid"] = "true"
    ids.extend(described)
    if ids:
        attributes["aria-describedby"] = " ".join(ids)
    given = {name: value for name, value in attributes.items() if value is not None}
    drawn: Markup = field(required=False, **given)
    return drawn


def summary(form: WTForm) -> list[SummaryItem]:
    """Every error of the form as a link to its control, in the order of the page."""
    items = [SummaryItem(str(text)) for text in form.form_errors]
    for field, label in named_fields(form):
        if field.errors:
            items.append(_summary_item(field, label))
    return items


def _summary_item(field: Field, label: str) -> SummaryItem:
    first = str(next(iter(field.errors)))
    if field.name == CSRF_FIELD:
        return SummaryItem(first)
    if isinstance(field, BooleanField):  # its label is a sentence of its own
        return SummaryItem(first, f"#{control_id(field)}")
    text = gettext("%(label)s: %(message)s", label=label, message=first)
    return SummaryItem(text, f"#{control_id(field)}")


def control_id(field: Field) -> str:
    """The id that a link to the field must name: the first choice of a group, otherwise the control itself."""
    return f"{field.id}-0" if isinstance(field, RadioField | SelectMultipleField) else str(field.id)


def named_fields(form: WTForm, prefix: str = "") -> Iterator[tuple[Field, str]]:
    """Every field under `form` with the words that name it: “Line 7, Unit” inside a list."""
    for field in form:
        yield from _with_children(field, prefix)


def _with_children(field: Field, prefix: str) -> Iterator[tuple[Field, str]]:
    label = str(field.label.text)
    if isinstance(field, FieldList):
        for position, entry in enumerate(field, start=1):
            yield from _with_children(entry, gettext("Line %(number)s", number=position))
    elif isinstance(field, FormField):
        yield from named_fields(field.form, prefix)
    else:
        yield field, gettext("%(line)s, %(label)s", line=prefix, label=label) if prefix else label


def attach_messages(form: WTForm, found: Iterable[tuple[str, str]]) -> None:
    """Put each (address, message) beside the field of that name; without such a field it heads the form.

    Addresses are field names as in the form (`name`, `lines-0-quantity`): the same that `intake` puts into a Problem.
    """
    fields = {field.name: field for field, _label in named_fields(form)}
    for address, message in found:
        field = fields.get(address)
        if field is None:
            form.form_errors.append(message)
        else:
            field.errors = [*field.errors, message]


def error_items(
    form: WTForm | None = None, problems: Iterable[SummaryItem] | None = None
) -> list[SummaryItem]:
    """What the error summary of a page lists: the problems the view names, or else the form's own errors."""
    if problems:
        return list(problems)
    return summary(form) if form else []


def required(message: Any = None) -> InputRequired:
    """The answer must be given; say what to do (“Enter the site's name”), not what is wrong."""
    return InputRequired(message or lazy_gettext("Enter an answer"))


def short_text(limit: int = 200) -> Length:
    """The answer fits into the column it is kept in."""
    return Length(max=limit, message=lazy_gettext("Use at most %(max)d characters"))


def choices(
    labels: Iterable[tuple[str, Any]], *, empty: Any = None, are_data: bool = False
) -> list[SelectChoice]:
    """Choices of a select or radio field from (value, label); `empty` is the label of “not chosen yet”.

    `are_data` marks what people named, which no browser should translate.
    """
    marks = {"translate": "no"} if are_data else {}
    listed = [SelectChoice(value, label, {**marks}) for value, label in labels]
    return listed if empty is None else [SelectChoice("", empty), *listed]


class DecimalTextField(StringField):
    """A number as typed: kept as text, shown again as typed, read by `intake` and by nothing else.

    It is a text box with a number keyboard, because `type=number` silently empties what the browser can't read.
    """

    widget = TextInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["render_kw"] = {
            "inputmode": "decimal",
            "autocomplete": "off",
            **kwargs.get("render_kw", {}),
        }
        super().__init__(*args, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the text exactly as it came; a missing box leaves the old value."""
        if valuelist:
            self.data = valuelist[0]


def attach_problems(form: WTForm, problems: Iterable[Any], *, say: Callable[[Any], str]) -> None:
    """Put domain problems beside their fields; `say` turns a problem into the reader's words."""
    attach_messages(form, ((problem.field, say(problem)) for problem in problems))
