"""LibreOffice, as the people who fill in a workbook have it."""

from __future__ import annotations

import subprocess
from pathlib import Path

MOST_SECONDS = 400


def saved_elsewhere(path: Path) -> Path:
    """The workbook after LibreOffice opened it and saved it anew, under the same name in another folder."""
    out = path.parent / "elsewhere"
    profile = path.parent / "profile"
    command = ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to"]
    subprocess.run(
        [*command, "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out), str(path)],
        check=True,
        capture_output=True,
        timeout=MOST_SECONDS,
    )
    return out / path.name
