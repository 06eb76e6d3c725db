"""The options of a select box that stands on every line: written once for the page, then marked per line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup, escape


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: what is sent, what is shown, and what else a paste from a workbook may call it.

    `also` are names in the other language or old codes; `units` are the unit codes that fit a category, the usual first.
    """

    value: str
    label: str
    also: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OptionList:
    """The options as HTML, with the place of each value, so that choosing one per line costs no rendering."""

    html: str
    places: Mapping[str, int] = field(repr=False)

    def selected(self, value: str | None) -> Markup:
        """The options with `value` chosen; a value that is not among them is kept, chosen, at the end."""
        chosen = value or ""
        place = self.places.get(chosen)
        if place is not None:
            return Markup(f"{self.html[:place]} selected{self.html[place:]}")
        return Markup(self.html) + Markup('<option value="{0}" selected>{0}</option>').format(
            chosen
        )


def option_list(options: Iterable[Option], *, empty: str) -> OptionList:
    """Write the options once; `empty` is the label of “not chosen yet”."""
    html = ""
    places: dict[str, int] = {}
    for option in (Option("", empty), *options):
        html += f'<option value="{escape(option.value)}"'
        places[option.value] = len(html)
        html += f"{_extras(option)}>{escape(option.label)}</option>"
    return OptionList(html, places)


def _extras(option: Option) -> str:
    written = ""
    if option.also:
        written += f' data-also="{escape("|".join(option.also))}"'
    if option.units:
        written += f' data-units="{escape(" ".join(option.units))}"'
    return written
