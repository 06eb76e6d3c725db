"""`portal recompute BUNDLE`: every number of an evidence bundle worked out again, without database or network."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from portal.cli.log_keys import read_ring
from portal.cli.terminal import utf8_output

AGREES, DIFFERS, UNREADABLE = 0, 1, 2


@click.command()
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.option(
    "--log-key",
    metavar="VKEY",
    help="The log's key, or a file with it or with the published list of keys: checks the proofs' signatures.",
)
def recompute(bundle: Path, as_json: bool, log_key: str | None) -> None:
    """Work every number in BUNDLE out again and list what differs.

    BUNDLE is the ZIP file that the portal hands out for an approved submission. Nothing but that file is needed:
    no database, no network, no settings.

    Checked are the digest of every file and of the frozen content; each line's conversion, factor, gases, CO2e and
    grade; totals; of plans the targets, paths, savings and forecast; of progress reports the parts of the change,
    proven savings and the level; of recalculations the arithmetic; the certificate's facts; and the ledger's
    entries. What the submission stands on is worked out again too. Factors are those of the edition that is
    shipped with the portal; where that is another one, those in the bundle are used, and it is said.

    Each difference is a line: the file, the place in it, what is stated, and what comes out.

    JSON output: {"bundle": name, "submission": {kind, year, number, digest}, "numbers": how many were worked out
    again, "differences": [{file, place, stated, recomputed}], "notes": [text]}.

    The exit status is 0 if all agree, 1 if anything differs, and 2 if BUNDLE can't be read.
    """
    # Here, because the start of every other command would pay for them.
    from portal.cli.bundle_file import NotABundle, open_bundle
    from portal.services.bundles.about import ABOUT
    from portal.services.recomputation.whole import recompute as recompute_whole

    utf8_output()
    try:
        opened = open_bundle(bundle)
    except NotABundle as trouble:
        click.echo(f"Error: {bundle.name} can't be read as an evidence bundle. {trouble}", err=True)
        sys.exit(UNREADABLE)
    found = recompute_whole(opened, None if log_key is None else read_ring(log_key))
    about = _about(opened.documents[ABOUT])
    differences = [
        {
            "file": each.file,
            "place": each.place,
            "stated": each.stated,
            "recomputed": each.recomputed,
        }
        for each in found.differences
    ]
    if as_json:
        document = {
            "bundle": bundle.name,
            "submission": about,
            "numbers": found.numbers,
            "differences": differences,
            "notes": found.notes,
        }
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print(about, found.numbers, differences, found.notes)
    sys.exit(DIFFERS if differences else AGREES)


def _about(document: Mapping[str, Any]) -> dict[str, Any]:
    raw = document.get("submission")
    told = raw if isinstance(raw, Mapping) else {}
    return {name: told.get(name) for name in ("kind", "year", "number", "digest")}


def _print(
    about: Mapping[str, Any], numbers: int, differences: list[dict[str, str]], notes: list[str]
) -> None:
    click.echo(f"{about['kind']} {about['year']}, version {about['number']}")
    click.echo(f"digest {about['digest']}")
    for note in notes:
        click.echo(f"note: {note}")
    for each in differences:
        place = f"{each['file']}: {each['place']}" if each["place"] else each["file"]
        click.echo(f"{place}\n  stated:     {each['stated']}\n  recomputed: {each['recomputed']}")
    click.echo(f"{numbers} numbers recomputed, {len(differences)} differences")
