"""Text boxes whose meaning `intake` decides: what it reads is what is kept, and what it refuses stays in the box."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wtforms import StringField, TextAreaField
from wtforms.validators import StopValidation, ValidationError

from portal.intake.reading import Read
from portal.intake.texts import read_long_text, read_short_text
from portal.web.words import say

Reader = Callable[..., Read[Any]]


class TypedField(StringField):
    """One line that a reader of `intake` understands; `value` is what was read, `data` what was typed."""

    reader: Reader = staticmethod(read_short_text)

    def __init__(self, *args: Any, reader: Reader | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if reader is not None:
            self.reader = reader
        self.value: Any = None

    def pre_validate(self, form: object) -> None:
        """Read what was typed; the first problem is shown beside the box."""
        if self.flags.required and not (self.data or "").strip():
            # The field's own words for an empty box say more than the reader's; one with spaces is as empty.
            self.raw_data = [""]
            return
        read = self.reader(self.data or "", field=self.name, is_required=False)
        if read.problems:
            raise StopValidation(say(read.problems[0]))
        self.value = read.value


class WrittenField(TextAreaField):
    """A longer text; what `intake` reads is what is kept."""

    def post_validate(self, form: object, validation_stopped: bool) -> None:
        """Read what was typed with the one parser; a refused text stays in the box."""
        if validation_stopped or not self.data:
            return
        read = read_long_text(self.data, field=self.name)
        if read.problems:
            raise ValidationError(say(read.problems[0]))
        self.data = read.value
