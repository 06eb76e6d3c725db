"""Judges what `pip-audit` found: every pin must have been looked at, and every advisory mended or decided on for a time.

`make audit` runs it. The tool ends well when it could look at nothing, so its own verdict is not asked.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from supply.bill import ROOT, SHIPPED, pins

DECISIONS = ROOT / "supply/advisories.toml"
LONGEST = timedelta(days=90)


def faults(
    found: Mapping[str, Any],
    pins: Mapping[str, str],
    decisions: Mapping[str, Mapping[str, Any]],
    today: date,
) -> Iterator[str]:
    """What keeps this list of pins from being released."""
    looked_at = {each["name"].lower(): each for each in found["dependencies"]}
    for name, version in pins.items():
        each = looked_at.get(name)
        if each is None or "skip_reason" in each or each["version"] != version:
            yield f"{name} {version} was not looked at"
    known = set()
    for name, each in looked_at.items():
        for advisory in each.get("vulns", ()):
            known.add(advisory["id"])
            if not _is_decided(decisions.get(advisory["id"]), today):
                fixed = ", ".join(advisory["fix_versions"]) or "no version yet"
                yield f"{name} {each['version']}: {advisory['id']}, fixed in {fixed}"
    for advisory_id in decisions.keys() - known:
        yield f"the decision about {advisory_id} is not needed any more"


def _is_decided(decision: Mapping[str, Any] | None, today: date) -> bool:
    """A decision has a reason, and a last day that is not too far away."""
    return (
        decision is not None
        and bool(str(decision.get("why", "")).strip())
        and today <= decision["until"] <= today + LONGEST
    )


def main(report: str) -> int:
    """Print what is wrong, or how many pins were looked at."""
    pinned = {pin.name: pin.version for pin in pins(SHIPPED).values()}
    decisions = tomllib.loads(DECISIONS.read_text(encoding="utf-8"))
    content = json.loads(Path(report).read_text(encoding="utf-8"))
    wrong = list(faults(content, pinned, decisions, datetime.now(UTC).date()))
    sys.stdout.write("\n".join(wrong or [f"{len(pinned)} pins looked at, nothing open"]) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
