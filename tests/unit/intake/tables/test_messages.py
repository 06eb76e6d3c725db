"""Every problem of a table has words, and no words are left over."""

from __future__ import annotations

import re
from pathlib import Path

import portal
from portal.intake.tables.messages import MESSAGES
from portal.web.words import REFUSALS

CODE = re.compile(r'"(table\.[a-z_.]+)"')
PLACES = (
    "intake/tables/*.py",
    "store/text_tables.py",
    "services/tables/*.py",
    "jobs/import_tables.py",
    "web/supplier/tables.py",
)


def test_every_code_in_use_has_words_and_no_words_are_left_over():
    root = Path(portal.__file__).parent
    sources = [path for place in PLACES for path in root.glob(place) if path.name != "messages.py"]
    used = {code for path in sources for code in CODE.findall(path.read_text(encoding="utf-8"))}
    assert used - set(REFUSALS) == set(MESSAGES)
    assert {code for code in REFUSALS if code.startswith("table.")} <= used
