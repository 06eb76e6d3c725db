"""`portal cases FILE`: run worked examples through the portal's own methods and compare."""

from __future__ import annotations

import sys
from typing import BinaryIO

import click

from portal.calculation.cases import Verdict, check
from portal.calculation.problems import message
from portal.cli.exact_json import read_exact_json
from portal.cli.terminal import utf8_output


@click.command()
@click.argument("file", type=click.File("rb"))
def cases(file: BinaryIO) -> None:
    """Run the worked examples in FILE (JSON, - for standard input) and compare them with what they expect.

    FILE holds {"vectors": [...]} or a plain list. An example has an `id`, a `method`, its `inputs`, the
    `expected` outputs and a `tolerance`, either {"abs": x} or {"rel": x}:

    \b
        {"id": "TV-101", "method": "uncertainty_product", "inputs": {"u": [5, 15]},
         "expected": {"u_pct": 15.8113883}, "tolerance": {"rel": 1e-6}}

    One line is printed for each, then how many passed and failed. Inputs are read as exact decimals; an
    unknown, missing or impossible input fails its example with what is allowed, and the others still run.

    The exit status is 0 if all passed, 1 if any failed, and 2 if FILE can't be read.
    """
    document = read_exact_json(file)
    vectors = document.get("vectors") if isinstance(document, dict) else document
    if not isinstance(vectors, list):
        raise click.UsageError(
            'The file must hold a list of examples, or an object with "vectors".'
        )
    utf8_output()
    failed = 0
    for position, vector in enumerate(vectors, 1):
        verdict = check(vector, position)
        failed += not verdict.has_passed
        click.echo(_line(verdict))
    click.echo(f"{len(vectors) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def _line(verdict: Verdict) -> str:
    if verdict.has_passed:
        return f"{verdict.case} ok"
    reasons = [str(difference) for difference in verdict.differences]
    reasons += [message(found) for found in verdict.problems]
    return f"{verdict.case} FAIL {'; '.join(reasons)}"
