"""What the early warnings are worth: mistakes planted into clean years, counted as found or missed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from portal.cli.scenery.proving import BenchResult, KindResult, Part

TEST_SEED, SUPPLIERS = 202, 3000
# As many of the warnings that found a kind as a line of the table has room for.
CODES_SHOWN = 3


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
    help="How many suppliers and as many meters; two of three have a mistake.",
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
            "detection": round(result.detection, 4),
            "parts": [_part(each) for each in result.parts],
        },
        ensure_ascii=False,
        indent=2,
    )


def _part(part: Part) -> dict[str, Any]:
    return {
        "part": part.name,
        "planted": part.planted,
        "detection": round(part.detection, 4),
        "clean": part.clean,
        "clean_flagged": round(part.false_alarms, 5),
        "clean_noted": part.noted,
        "needless_warnings_about_years": part.stray,
        "needless_by_code": dict(part.by_code.most_common()),
        "kinds": [
            {
                "kind": each.name,
                "size": each.size,
                "planted": each.planted,
                "found": each.found,
                "cause_named": each.named,
                "found_by": dict(each.by.most_common()),
                "needless": part.needless(each),
            }
            for each in part.kinds
        ],
    }


def _as_table(result: BenchResult) -> str:
    return "\n".join(
        [
            *(line for part in result.parts for line in _table(part)),
            f"seed {result.seed}, {result.suppliers} suppliers: {result.detection:.2%} of the mistakes in figures were found",
        ]
    )


def _table(part: Part) -> list[str]:
    """The kinds of a part, how large each is, and which warnings found it; then what was said needlessly."""
    head = f"{part.name:<24}{'planted':>8}{'found':>9}{'named':>9}{'needless':>9}  how large"
    lines = [head, *(line for each in part.kinds for line in _rows(part, each))]
    needless = ", ".join(f"{code} {count}" for code, count in part.by_code.most_common())
    lines.append(
        f"{part.planted} mistakes, {part.detection:.2%} found; {part.clean} clean {part.things}, {part.false_alarms:.3%} "
        f"named by a warning that asks for a reason, {part.noted} by a note"
    )
    if part.stray:
        lines.append(f"{part.stray} needless warnings about {part.cases} years as a whole")
    return [*lines, f"needless, by code: {needless or 'none'}", ""]


def _rows(part: Part, kind: KindResult) -> list[str]:
    share = kind.found / kind.planted if kind.planted else 0
    named = kind.named / kind.planted if kind.planted else 0
    by = ", ".join(f"{code} {count}" for code, count in kind.by.most_common(CODES_SHOWN))
    return [
        f"{kind.name:<24}{kind.planted:>8}{share:>9.1%}{named:>9.1%}{part.needless(kind):>9}  {kind.size}",
        f"{'':<24}by {by or 'nothing'}",
    ]
