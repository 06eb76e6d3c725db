"""What somebody chooses who takes an evidence bundle."""

from __future__ import annotations

from wtforms import BooleanField

from portal.web.forms.fields import PortalForm


class BundleForm(PortalForm):
    """Whether the files of the evidence go along; the boxes of several versions stand on one page."""

    with_files = BooleanField()
