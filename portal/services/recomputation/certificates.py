"""A certificate's facts again, from what the submission and those before it came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from portal.documents.certificate import CertificateFacts
from portal.documents.facts import Name, YearFigures, read_facts
from portal.documents.progress_certificate import ProgressCertificateFacts
from portal.domain.differences import Comparison, plain
from portal.domain.levels import Measure, level_of
from portal.domain.programmes import read_programme
from portal.domain.submissions import Kind
from portal.services import certificate_facts, progress_facts
from portal.services.bundles.about import FACTS
from portal.services.bundles.chain import Chain, Handed
from portal.services.certificate_facts import YEARS_SHOWN, Heading
from portal.services.places import day_of
from portal.services.progress_outcome import measured_in
from portal.services.recomputation.editions import Editions
from portal.store.submissions import Submission

# Names of categories, rules and standards may be put better one day; they are not what was computed.
_WORDS = frozenset({"label", "text", "standard", "boundary", "role", "does_not_claim", "name"})


def check_certificate(
    comparison: Comparison,
    editions: Editions,
    chain: Chain,
    own: Handed,
    facts: bytes,
    alliance: Mapping[str, str],
) -> None:
    """Hold what the certificate states against what it comes to; number, code and days of its heading are its own."""
    if own.kind is Kind.BASELINE:
        stated: CertificateFacts | ProgressCertificateFacts = read_facts(CertificateFacts, facts)
        again: object = certificate_facts.assemble(
            _heading(stated, own, alliance),
            _submission(own, own.content["totals"]),
            own.content,
            _years(chain, own.year),
            certificate_facts.method_with(*_method(editions, own.content["method"])),
        )
    else:
        stated_progress = read_facts(ProgressCertificateFacts, facts)
        stated, again = (
            stated_progress,
            _progress(comparison, editions, chain, own, stated_progress, alliance),
        )
    comparison.compare(FACTS, "", plain(stated), again, words=_WORDS)


def _heading(
    stated: CertificateFacts | ProgressCertificateFacts, own: Handed, alliance: Mapping[str, str]
) -> Heading:
    return Heading(
        stated.number,
        stated.code,
        stated.verify_url,
        day_of(own.decided_at),
        stated.valid_until,
        Name(alliance["name_zh"], alliance["name_en"]),
    )


def _method(editions: Editions, method: Mapping[str, str]) -> tuple[Any, str]:
    return editions.of(method["edition"]), method["gwp_set"]


def _submission(own: Handed, totals: Mapping[str, Any]) -> Submission:
    """The columns that facts are made from, as a value that is never added to a session."""
    scopes = ("scope1", "scope2_location", "scope2_market", "scope3", "biogenic")
    return Submission(
        year=own.year,
        number=own.number,
        digest=own.digest,
        submitted_at=own.submitted_at,
        quality=Decimal(totals["quality"]),
        **{f"kg_{name}": Decimal(totals.get(name, 0)) for name in scopes},
    )


def _years(chain: Chain, last: int) -> Sequence[YearFigures]:
    """The approved years up to the certified one, oldest first."""
    years = chain.inventories(len(chain.decisions))
    shown = sorted(year for year in years if year <= last)[-YEARS_SHOWN:]
    return [_figures(year, years[year].content["totals"]) for year in shown]


def _figures(year: int, totals: Mapping[str, Any]) -> YearFigures:
    amounts = (Decimal(totals[name]) for name in ("scope1", "scope2_location", "scope3"))
    return YearFigures(year, *amounts)


def _progress(
    comparison: Comparison,
    editions: Editions,
    chain: Chain,
    own: Handed,
    stated: ProgressCertificateFacts,
    alliance: Mapping[str, str],
) -> ProgressCertificateFacts:
    content, count = own.content, len(chain.decisions)
    series, book = chain.series(count), chain.book(count)
    quality = chain.series(own.before).quality.get(own.year, Decimal(0))
    share = _share(stated)
    if share is not None:
        comparison.note(
            "The place among the members rests on others' figures: taken as the certificate states it."
        )
    measured = measured_in(
        content,
        has_base=content["member"]["base_year"] in series.reported,
        has_plan=chain.plan(count) is not None,
        quality=quality,
        share=share,
    )
    return progress_facts.assemble(
        _heading(stated, own, alliance),
        _submission(own, {"quality": quality}),
        content,
        level=level_of(read_programme(content["programme"]["content"]).levels, measured),
        method=certificate_facts.method_with(*_method(editions, content["basis"])),
        measured=measured,
        series=series,
        book=book,
        inventory_number=stated.inventory_number,
    )


def _share(stated: ProgressCertificateFacts) -> Decimal | None:
    values = (
        each.value
        for level in stated.levels
        for each in level.criteria
        if each.measure is Measure.TOP_SHARE
    )
    return next(values, None)
