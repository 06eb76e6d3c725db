"""Forms name their hints and errors, collect them for the summary, and take the problems of the floors below."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from flask import Flask
from flask_babel import Babel
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, Form, FormField, RadioField, StringField

from portal.web.forms.fields import (
    DecimalTextField,
    PortalForm,
    SummaryItem,
    attach_messages,
    attach_problems,
    choices,
    control,
    error_items,
    required,
    short_text,
    summary,
)


class LineForm(Form):
    quantity = DecimalTextField("Quantity", [required("Enter a quantity")])
    unit = StringField("Unit")


class Sample(PortalForm):
    class Meta:
        csrf = False

    name = StringField("Name", [required("Enter a name"), short_text(5)])
    kind = RadioField("Kind", [required("Choose one")], choices=choices([("a", "A")]))
    lines = FieldList(FormField(LineForm))


@pytest.fixture(autouse=True)
def request_context() -> Iterator[None]:
    app = Flask("probe")
    Babel(app, default_locale="en")
    with app.test_request_context():
        yield


def filled(**values: str) -> Sample:
    form = Sample(formdata=MultiDict(values))
    form.validate()
    return form


def test_the_summary_names_every_control_once_in_the_order_of_the_page() -> None:
    form = filled(**{"lines-0-quantity": "1", "lines-1-quantity": ""})
    assert summary(form) == [
        SummaryItem("Name: Enter a name", "#name"),
        SummaryItem("Kind: Choose one", "#kind-0"),
        SummaryItem("Line 2, Quantity: Enter a quantity", "#lines-1-quantity"),
    ]


def test_a_control_names_its_hint_error_and_further_texts() -> None:
    html = control(filled().name, hinted="as on the licence", described=("name-unit",), class_="x")
    assert 'aria-describedby="name-hint name-error name-unit"' in html
    assert 'aria-invalid="true"' in html
    assert "required" not in html


def test_a_control_without_hint_or_error_carries_no_aria() -> None:
    html = control(filled(name="Anna", kind="a").name, placeholder=None)
    assert "aria-" not in html
    assert "placeholder" not in html


def test_a_number_comes_back_exactly_as_it_was_typed() -> None:
    form = filled(**{"name": "A", "kind": "a", "lines-0-quantity": "２ 450 000"})
    field = form.lines[0].form.quantity
    assert field.data == "２ 450 000"
    html = control(field)
    assert 'type="text"' in html
    assert 'inputmode="decimal"' in html
    assert 'value="２ 450 000"' in html


def test_messages_from_below_land_beside_their_field_or_head_the_form() -> None:
    form = filled(**{"name": "A", "kind": "a", "lines-0-quantity": "x"})
    attach_messages(form, [("lines-0-quantity", "Not a number"), ("lines-7-unit", "No such line")])
    assert form.lines[0].form.quantity.errors == ["Not a number"]
    assert summary(form) == [
        SummaryItem("No such line"),
        SummaryItem("Line 1, Quantity: Not a number", "#lines-0-quantity"),
    ]


def test_problems_are_said_in_the_readers_words() -> None:
    form = filled(name="A", kind="a")
    problem = SimpleNamespace(field="name", code="name.taken")
    attach_problems(form, [problem], say=lambda found: f"said {found.code}")
    assert form.name.errors == ["said name.taken"]


def test_a_text_that_is_too_long_is_told_the_limit() -> None:
    assert filled(name="Annabel", kind="a").name.errors == ["Use at most 5 characters"]


def test_the_page_shows_the_problems_of_the_view_before_those_of_the_form() -> None:
    own = [SummaryItem("Two files have the same name")]
    assert error_items(filled(), own) == own
    assert error_items(None, None) == []


def test_choices_are_values_and_the_empty_one_comes_first() -> None:
    made = choices([("a", "A")], empty="Choose")
    assert [(choice.value, choice.label) for choice in made] == [("", "Choose"), ("a", "A")]
