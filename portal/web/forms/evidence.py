"""Uploading evidence, and choosing among what is there already."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, SelectField

from portal.services.evidence import FileLink
from portal.web import formats
from portal.web.forms.fields import PortalForm, choices, required


class UploadForm(PortalForm):
    """One file or several for a line."""

    file = MultipleFileField(lazy_gettext("Files"), validators=[required()])
    series = BooleanField(
        lazy_gettext(
            "Attach also to the other lines of this category and site that have no evidence"
        )
    )


class AttachForm(PortalForm):
    """A file that is there already, for one more line."""

    evidence = SelectField(
        lazy_gettext("A file you uploaded before"),
        validators=[required(lazy_gettext("Choose a file"))],
    )
    series = BooleanField(
        lazy_gettext(
            "Attach also to the other lines of this category and site that have no evidence"
        )
    )

    def offer(self, files: list[FileLink]) -> None:
        """Offer the member's files, latest first."""
        labels = [
            (
                str(file.evidence.uid),
                gettext(
                    "%(name)s, %(day)s",
                    name=file.evidence.name,
                    day=formats.day(file.evidence.uploaded_at),
                ),
            )
            for file in files
        ]
        self.evidence.choices = choices(labels, empty=gettext("Choose a file"), are_data=True)
