"""How long `portal assess` takes for 100,000 lines, how much memory, and whether a line costs the same in long lists.

Run it alone on a quiet machine: python tests/benchmarks/bench_assess.py. It prints the ratio of a line's cost in a
list of 100,000 to that in a list of 1,000, and the ratio of the whole to a floor measured in the same run: a loop
that reads the same file, multiplies once per line and writes the same results.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_SECONDS = 10
MOST_MEGABYTES = 400
MOST_GROWTH = 1.25
LONG, SHORT = 100_000, 1_000

KINDS = (
    ("electricity.grid", "kWh", {}),
    ("electricity.grid", "MWh", {"green_certificates": "2"}),
    ("stationary.natural_gas", "m³", {}),
    ("stationary.bituminous", "t", {}),
    ("mobile.diesel", "L", {}),
    ("livestock.enteric", "head", {"animal": "dairy_breeding_lactating"}),
    ("livestock.manure", "head", {"animal": "dairy_cattle"}),
    ("refrigerants.top_up", "kg", {"gas": "r-404a"}),
    ("purchased.materials", "t", {"material": "ldpe"}),
    ("freight.road", "t·km", {}),
    ("waste.treatment", "t", {"material": "board", "treatment": "recycling"}),
    ("water.supply", "m³", {}),
    ("heat.steam", "GJ", {}),
    ("upstream.electricity", "kWh", {}),
    ("travel.air", "p·km", {"haul": "domestic"}),
    ("soils.fertiliser", "t", {"nitrogen_percent": "46"}),
)
PROVINCES = ("CN-NM", "CN-HE", "CN-HL", "CN-SD", "CN-NX", "CN-SH", "CN-GD")


def lines(count: int) -> list[dict[str, object]]:
    """Monthly lines of many kinds, places and years, always the same."""
    chance = random.Random(20260115)
    made = []
    for number in range(count):
        category, unit, parameters = chance.choice(KINDS)
        year, month = chance.randint(2020, 2025), chance.randint(1, 12)
        end = f"{year + 1}-01-01" if month == 12 else f"{year}-{month + 1:02d}-01"
        made.append(
            {
                "key": f"line-{number}",
                "category": category,
                "quantity": chance.randint(3_000, 1_000_000) / 100,
                "unit": unit,
                "start": f"{year}-{month:02d}-01",
                "end": end,
                "country": "CN",
                "region": chance.choice(PROVINCES),
                "parameters": parameters,
            }
        )
    return made


def run(source: Path, target: Path) -> tuple[float, float, int]:
    """CPU seconds, wall seconds and peak megabytes of one run of the command."""
    started = time.monotonic()
    with target.open("wb") as out:
        child = subprocess.Popen(
            [sys.executable, "-m", "portal", "assess", str(source)], cwd=ROOT, stdout=out
        )
        _, status, used = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"portal assess ended with status {status}")
    return used.ru_utime + used.ru_stime, time.monotonic() - started, used.ru_maxrss // 1024


def floor(source: Path, results: list[dict[str, object]], target: Path) -> float:
    """CPU seconds of the least that any program must do: read, multiply once, write the results out."""
    started = time.process_time()
    entries = json.loads(source.read_text(encoding="utf-8"), parse_float=Decimal)
    factor = Decimal("0.5306")
    with target.open("w", encoding="utf-8") as out:
        for entry, result in zip(entries, results, strict=True):
            amount = entry["quantity"] * factor
            out.write(json.dumps(result, ensure_ascii=False, separators=(",", ":")))
            out.write(str(amount))
    return time.process_time() - started


def main() -> int:
    """Measure, print, and answer 1 if a limit is missed."""
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for count in (0, SHORT, LONG):
            files[count] = Path(folder, f"{count}.json")
            files[count].write_text(json.dumps(lines(count), ensure_ascii=False), encoding="utf-8")
        target = Path(folder, "out.json")
        start_up = min(run(files[0], target)[0] for _ in range(5))
        short = min(run(files[SHORT], target)[0] for _ in range(5)) - start_up
        long, wall, megabytes = min(run(files[LONG], target) for _ in range(2))
        results = json.loads(target.read_text(encoding="utf-8"))["lines"]
        least = min(floor(files[LONG], results, target) for _ in range(2))
    growth = ((long - start_up) / LONG) / (short / SHORT)
    report = (
        f"start-up alone            {start_up:8.2f} s CPU",
        f"{SHORT:>7,} lines             {short / SHORT * 1e6:8.1f} µs CPU a line",
        f"{LONG:>7,} lines             {(long - start_up) / LONG * 1e6:8.1f} µs CPU a line",
        f"ratio {LONG:,} to {SHORT:,}    {growth:8.2f}   (at most {MOST_GROWTH})",
        f"the whole                 {long:8.2f} s CPU",
        f"on the clock              {wall:8.2f} s    (at most {MOST_SECONDS} s)",
        f"peak memory               {megabytes:8d} MB   (at most {MOST_MEGABYTES} MB)",
        f"floor                     {least:8.2f} s CPU",
        f"ratio to the floor        {long / least:8.2f}",
    )
    sys.stdout.write("\n".join(report) + "\n")
    is_within = growth <= MOST_GROWTH and wall <= MOST_SECONDS and megabytes <= MOST_MEGABYTES
    return 0 if is_within else 1


if __name__ == "__main__":
    raise SystemExit(main())
