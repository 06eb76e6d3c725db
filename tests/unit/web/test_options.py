"""The options of a select box are written once and marked per line."""

from __future__ import annotations

from lxml.html import HtmlElement, fragment_fromstring

from portal.web.forms.options import Option, option_list

UNITS = option_list(
    [
        Option("kWh", "kWh"),
        Option("m³", "m³", also=("立方米", 'cubic "m"')),
        Option("a", "A <b>", units=("kg", "t")),
    ],
    empty="–",
)


def drawn(value: str | None) -> list[HtmlElement]:
    return list(fragment_fromstring(f"<select>{UNITS.selected(value)}</select>").iter("option"))


def chosen(value: str | None) -> list[str]:
    return [option.get("value") for option in drawn(value) if option.get("selected") is not None]


def test_exactly_the_given_value_is_chosen() -> None:
    assert chosen("m³") == ["m³"]
    assert chosen("kWh") == ["kWh"]
    assert chosen("a") == ["a"]


def test_no_value_chooses_the_empty_option() -> None:
    assert chosen(None) == [""] == chosen("")


def test_a_value_that_is_not_offered_is_kept_and_escaped() -> None:
    assert chosen('"><script>') == ['"><script>']
    assert "<script>" not in UNITS.selected('"><script>')


def test_labels_other_names_and_units_are_escaped_and_complete() -> None:
    assert [option.text for option in drawn("")] == ["–", "kWh", "m³", "A <b>"]
    options = list(fragment_fromstring(f"<select>{UNITS.known}</select>").iter("option"))
    assert [option.text for option in options] == ["–", "kWh", "m³", "A <b>"]
    assert options[2].get("data-also") == '立方米|cubic "m"'
    assert options[3].get("data-units") == "kg t"
