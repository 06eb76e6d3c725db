"""The texts that the page's scripts show, as JSON in the page's language."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from flask_babel import gettext

from portal.web.language import catalogue


def words_for_scripts() -> str:
    """The texts by key, for the one element that holds them; every page has it, so they are written once a language."""
    return _written(catalogue())


@cache
def _written(_words: Any) -> str:
    return json.dumps(
        {
            "saving": gettext("Saving…"),
            "saved": gettext("Saved {time}"),
            "not_saved": gettext("Not saved."),
            "retry": gettext("Try again"),
            "undo": gettext("Undo"),
            "logged_out": gettext(
                "Not saved: you are logged out. Log in in another window, then try again."
            ),
            "changed_elsewhere": gettext(
                "Not saved: this was changed somewhere else. Load the page again to see how it stands now."
            ),
            "lines_full": gettext("A page takes {count} lines. Save, then go on to the next page."),
            "line_added": gettext("Line {number} added."),
            "line_removed": gettext("Line {number} removed."),
            "line_back": gettext("Line {number} is back."),
            "rows_pasted_one": gettext("1 row pasted."),
            "rows_pasted_many": gettext("{count} rows pasted."),
            "cells_attention_one": gettext("1 cell needs attention."),
            "cells_attention_many": gettext("{count} cells need attention."),
            "rows_left_one": gettext("1 row did not fit: a page takes {most} lines."),
            "rows_left_many": gettext("{count} rows did not fit: a page takes {most} lines."),
            "paste_undone": gettext("The paste was undone."),
            "not_in_list": gettext("“{text}” is not in the list. Choose an entry."),
            "uploading": gettext("Uploading: {percent} percent"),
            "checking_file": gettext("Uploaded, being checked…"),
            "upload_failed": gettext("The upload did not arrive. Try again."),
            "request_too_large": gettext("The files are too large together. Send fewer at a time."),
            "file_too_large": gettext("“{name}” is larger than allowed."),
            "passkey_asking": gettext("Your browser asks for the passkey…"),
            "passkey_refused": gettext("That did not work. Try again, or load the page again."),
            "show": gettext("Show"),
            "hide": gettext("Hide"),
        },
        ensure_ascii=False,
    )
