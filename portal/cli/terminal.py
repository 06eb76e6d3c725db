"""What the terminal is spoken to in: UTF-8, whatever the machine's locale says, because units and names need it."""

from __future__ import annotations

import io
import sys
from typing import TextIO


def utf8_output() -> TextIO:
    """Standard output, switched to UTF-8 where it can be."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    return sys.stdout
