"""The options of a select box that stands on every line: written once for the page, then marked per line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: what is sent, what is shown, and what else a paste from a workbook may call it.

    `also` are names in the other language or old codes; `units` are the unit codes that fit a category, the usual first;
    `is_data` marks what people named, which no browser should translate.
    """

    value: str
    label: str
    also: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    is_data: bool = False


@dataclass(frozen=True, slots=True)
class OptionList:
    """The options as HTML, with the place of each value, so that choosing one per line costs no rendering.

    `known` are the same options with their other names and units; it stands once on the page, for its script.
    """

    html: Markup
    places: Mapping[str, int] = field(repr=False)
    known: Markup = field(repr=False)
    # What was chosen once is drawn: at most one text for each option.
    _drawn: dict[str, Markup] = field(default_factory=dict, repr=False, compare=False)

    def selected(self, value: str | None) -> Markup:
        """The options with `value` chosen; a value that is not among them is kept, chosen, at the end."""
        chosen = value or ""
        drawn = self._drawn.get(chosen)
        if drawn is not None:
            return drawn
        place = self.places.get(chosen)
        if place is None:
            return self.html + Markup(
                '<option translate="no" value="{0}" selected>{0}</option>'
            ).format(chosen)
        drawn = self._drawn[chosen] = self.html[:place] + Markup(" selected") + self.html[place:]
        return drawn


def option_list(options: Iterable[Option], *, empty: str) -> OptionList:
    """Write the options once; `empty` is the label of “not chosen yet”."""
    return grouped_options([("", options)], empty=empty)


def grouped_options(groups: Iterable[tuple[str, Iterable[Option]]], *, empty: str) -> OptionList:
    """Write the options once, under the titles of their groups; a group without title stands open."""
    written = _Writing()
    written.add(Option("", empty))
    for title, options in groups:
        if title:
            written.html += Markup('<optgroup label="{}">').format(title)
        for option in options:
            written.add(option)
        if title:
            written.html += Markup("</optgroup>")
    return OptionList(written.html, written.places, written.known)


@dataclass(slots=True)
class _Writing:
    html: Markup = field(default_factory=Markup)
    known: Markup = field(default_factory=Markup)
    places: dict[str, int] = field(default_factory=dict)

    def add(self, option: Option) -> None:
        marks = Markup(' translate="no"') if option.is_data else Markup()
        opening = Markup('<option{} value="{}"').format(marks, option.value)
        closing = Markup(">{}</option>").format(option.label)
        self.places[option.value] = len(self.html) + len(opening)
        self.html += opening + closing
        self.known += opening + _extras(option) + closing


def _extras(option: Option) -> Markup:
    written = Markup()
    if option.also:
        written += Markup(' data-also="{}"').format("|".join(option.also))
    if option.units:
        written += Markup(' data-units="{}"').format(" ".join(option.units))
    return written
