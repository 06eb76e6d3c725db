"""What the early warnings are worth: mistakes planted into clean years, counted as found or missed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from portal.cli.scenery.proving import BenchResult

TEST_SEED, SUPPLIERS = 202, 3000


@click.group()
def warnings() -> None:
    """Early warnings: what they find, and what they say needlessly."""


@warnings.command()
@click.option("--seed", default=TEST_SEED, show_default=True, help="Another seed, other suppliers.")
@click.option(
    "--suppliers",
    default=SUPPLIERS,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many suppliers; each has four years, and two of three a mistake in the last.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def bench(seed: int, suppliers: int, as_json: bool) -> None:
    """Plant mistakes of every kind into made-up years, and count what the rules find.

    Thresholds were chosen on the suppliers of seed 101; the default, 202, are others. The same seed gives the same
    figures everywhere. No database is needed.
    """
    from portal.cli.scenery.proving import run

    result = run(seed, suppliers)
    click.echo(_as_json(result) if as_json else _as_table(result))


def _as_json(result: BenchResult) -> str:
    return json.dumps(
        {
            "seed": result.seed,
            "suppliers": result.suppliers,
            "planted": result.planted,
            "detection": round(result.detection, 4),
            "clean_lines": result.clean_lines,
            "clean_lines_flagged": round(result.false_alarms, 5),
            "needless_warnings_about_years": result.stray,
            "needless_by_code": dict(result.by_code.most_common()),
            "kinds": [
                {
                    "kind": each.mistake.name,
                    "size": each.mistake.size,
                    "planted": each.planted,
                    "found": each.found,
                    "cause_named": each.named,
                }
                for each in result.kinds
            ],
        },
        ensure_ascii=False,
        indent=2,
    )


def _as_table(result: BenchResult) -> str:
    lines = [f"{'mistake':<24}{'planted':>8}{'found':>9}{'named':>9}  how large"]
    for each in result.kinds:
        share = each.found / each.planted if each.planted else 0
        named = each.named / each.planted if each.planted else 0
        lines.append(
            f"{each.mistake.name:<24}{each.planted:>8}{share:>9.1%}{named:>9.1%}  {each.mistake.size}"
        )
    lines += [
        "",
        f"seed {result.seed}, {result.suppliers} suppliers: {result.planted} mistakes, {result.detection:.2%} found",
        f"{result.clean_lines} clean lines, {result.false_alarms:.3%} of them named by a warning that asks for a reason",
        f"{result.stray} needless warnings about {result.clean_years} years as a whole",
    ]
    needless = ", ".join(f"{code} {count}" for code, count in result.by_code.most_common())
    return "\n".join([*lines, f"needless, by code: {needless or 'none'}"])
