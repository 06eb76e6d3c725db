"""`portal assess FILE`: the emissions of a list of activity lines, without any database."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from typing import BinaryIO

import click

from portal import data
from portal.calculation.assessment import Assessment
from portal.calculation.assessment import assess as assess_line
from portal.calculation.factors import Edition
from portal.calculation.gases import GwpSet
from portal.calculation.lines import AssessmentContext, Grid, Options
from portal.calculation.problems import Severity
from portal.calculation.rollup import RollUp
from portal.cli.assess_input import RawEntry, entries_of, read_entry
from portal.cli.assess_list import print_categories
from portal.cli.assess_output import JsonOutput, Output, TableOutput
from portal.cli.terminal import utf8_output

_SECTORS = ("farm", "food", "other")


@click.command()
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--edition", help="The factor edition (default: the newest).")
@click.option(
    "--gwp",
    type=click.Choice([each.value for each in GwpSet]),
    default=GwpSet.GBT.value,
    show_default=True,
    help="The set of global warming potentials.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "table"]),
    help="What to print (default: json, and table for --list).",
)
@click.option(
    "--grid",
    type=click.Choice([each.value for each in Grid]),
    default=Grid.NATIONAL.value,
    show_default=True,
    help="Which grid average electricity takes.",
)
@click.option(
    "--sector",
    type=click.Choice(_SECTORS),
    default="food",
    show_default=True,
    help="Whose fuel standard binds in China.",
)
@click.option("--with-ch4-n2o", is_flag=True, help="Add CH4 and N2O of combustion.")
@click.option(
    "--strict-years",
    is_flag=True,
    help="Use a national standard only for years in which it is in force.",
)
@click.option("--list", "is_list", is_flag=True, help="List the categories, and compute nothing.")
def assess(
    file: BinaryIO | None,
    edition: str | None,
    gwp: str,
    form: str | None,
    grid: str,
    sector: str,
    with_ch4_n2o: bool,
    strict_years: bool,
    is_list: bool,
) -> None:
    """Compute the emissions of the activity lines in FILE (JSON or CSV, - for standard input).

    A line has a `key`, a `category`, a `quantity` with its `unit`, the days `start` and `end` (YYYY-MM-DD;
    the end is the first day after the period: 2024-01-01 to 2025-01-01 is the year 2024), a `country` (CN if
    left out), a `region` (CN-NM), and `parameters`:

    \b
        [{"key": "a", "category": "electricity.grid", "quantity": 1250.5, "unit": "MWh",
          "start": "2023-01-01", "end": "2024-01-01", "country": "CN", "region": "CN-NM",
          "parameters": {"green_certificates": 400}}]

    CSV has the same names in its first row; parameters are columns like parameters.green_certificates, or one
    column `parameters` with a JSON object. Numbers are read as exact decimals. `portal assess --list` says which
    categories there are, with their units and parameters.

    JSON output: {"lines": [{key, category, scope, kg: {gas: kg}, kg_co2e, kg_co2e_market, kg_co2_biogenic,
    kg_co2e_outside, factor, factors, quality, flags, trace}], "totals": {"1", "2", "2_market", "3": kg CO2e},
    "biogenic_kg_co2", "outside_kg_co2e", "quality", "problems": [{key, line, field, code, severity, message}],
    "edition", "gwp"}. All amounts are decimal text. Scope 2 is location-based, 2_market is the other figure.

    Lines with problems are listed and left out; the others are still computed. The exit status is 0 if every
    line was computed, 1 if any was not, and 2 if FILE can't be read.
    """
    if is_list:
        utf8_output()
        print_categories(data.load_categories(), as_json=form == "json")
        return
    if file is None:
        raise click.UsageError("Name a FILE of activity lines, or ask for --list.")
    context = AssessmentContext(
        _edition(edition),
        data.load_categories(),
        data.load_places(),
        GwpSet(gwp),
        Options(Grid(grid), with_ch4_n2o, sector, not strict_years),
    )
    out = utf8_output()
    output: Output = TableOutput(out, context) if form == "table" else JsonOutput(out, context)
    entries = entries_of(file)
    # Nothing below makes rings of references, and looking for them among a long list takes a tenth of the time.
    gc.disable()
    try:
        failed = _run(entries, context, output)
    finally:
        gc.enable()
    sys.exit(1 if failed else 0)


def _edition(code: str | None) -> Edition:
    try:
        return data.load_edition(code)
    except LookupError as error:
        raise click.BadParameter(f"{error}.", param_hint="--edition") from None


def _run(entries: Iterator[RawEntry], context: AssessmentContext, output: Output) -> int:
    sums, failed = RollUp(), 0
    output.begin()
    for entry in entries:
        line, problems = read_entry(entry, context)
        if line is not None:
            found = assess_line(line, context)
            if isinstance(found, Assessment):
                sums.add(found)
                output.line(line, found)
            else:
                problems = (*problems, *found)
        failed += any(each.severity is not Severity.WARNING for each in problems)
        output.problems(entry, problems)
    output.end(sums.totals())
    return failed
