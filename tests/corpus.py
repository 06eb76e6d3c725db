"""The corpus of bad inputs that may lie beside this checkout: files, and what is to become of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parents[1] / "../shared/badinputs"


def _cases() -> list[dict[str, Any]]:
    path = CORPUS / "files.jsonl"
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


CASES = _cases()
