"""The base of forms whose fields `intake` reads: what was typed goes down as text, problems come back beside their fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import request

from portal.calculation.problems import Problem, Severity
from portal.intake.typed import Typed
from portal.web.forms.fields import PortalForm, attach_messages
from portal.web.forms.line_table import Asked
from portal.web.forms.lines import number_locale
from portal.web.words import say


class TypedForm(PortalForm):
    """A form that judges nothing itself."""

    def typed(self, names: Iterable[str]) -> Typed:
        """What was typed in these fields, several choices joined by commas, with the answers to questions."""
        values = {name: _text(self[name].data) for name in names if name in self}
        confirmed = {name: request.form.get(f"confirm-{name}", "") for name in values}
        return Typed(
            values, number_locale(), {name: given for name, given in confirmed.items() if given}
        )

    def attach(self, problems: Iterable[Problem]) -> None:
        """Put what is wrong beside its field."""
        grave = [each for each in problems if each.severity is not Severity.WARNING]
        attach_messages(self, ((each.field, say(each)) for each in grave))


def questions_of(problems: Iterable[Problem]) -> list[Asked]:
    """The questions about what was typed, each with its readings."""
    return [
        Asked(f"confirm-{each.field}", say(each), each.readings)
        for each in problems
        if each.severity is Severity.QUESTION
    ]


def _text(data: str | bool | Sequence[str] | None) -> str:
    if data is None or data is False:
        return ""
    if data is True:
        return "y"
    return data if isinstance(data, str) else ",".join(data)
