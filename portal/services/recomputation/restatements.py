"""A recalculation again: the change against the threshold, and the years that hold once it is approved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.domain.differences import Comparison
from portal.domain.programmes import read_programme
from portal.services.bundles.chain import Chain, Handed
from portal.services.restatements import still_waiting, worked_out


def check_restatement(
    comparison: Comparison,
    chain: Chain,
    handed: Handed,
    programmes: Mapping[str, Mapping[str, Any]],
) -> None:
    """Work the arithmetic and the restated years out again."""
    content = handed.content
    series = chain.series(handed.before, without=handed.dossier)
    others = chain.recalculations(handed.before, without=handed.dossier)
    earlier = still_waiting(each.content for each in others)
    again = worked_out(
        content["member"]["base_year"] or min(series.years, default=handed.year),
        content["adjustments"],
        earlier,
        series,
        read_programme(programmes[str(handed.programme)]).restatement_percent,
    )
    again |= {"earlier": earlier, "basis": {"year": max(series.years, default=None)}}
    for name, value in again.items():
        comparison.compare(handed.file, name, content[name], value)
