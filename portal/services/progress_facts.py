"""From an approved progress report to what its certificate and its report state: plain values, and no person among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from portal import data
from portal.calculation.pathways import Kind, Part, Pathway, TargetTerms, covers
from portal.calculation.pathways import path as path_of
from portal.calculation.quantities import exactly
from portal.documents import progress_certificate
from portal.documents.facts import (
    ActionTotals,
    CriterionFacts,
    Decision,
    ForecastPoint,
    LevelFacts,
    Method,
    Name,
    PathStanding,
    Series,
    TargetPoint,
    TargetTermsFacts,
    YearFigures,
)
from portal.documents.progress_certificate import ProgressCertificateFacts
from portal.domain.actions import Status
from portal.domain.levels import MEASURE_NAMES, Measure
from portal.domain.levers import Ledger
from portal.domain.programmes import Programme, read_programme
from portal.mail.catalogues import CHINESE, catalogue
from portal.services import certificate_facts as shared
from portal.services.certificate_facts import Heading
from portal.services.series import MemberSeries
from portal.services.sources import SourceBook
from portal.services.trajectories import forecasts
from portal.store.submissions import Submission

TEMPLATE = progress_certificate.TEMPLATE
_ZERO = Decimal(0)


def assemble(
    heading: Heading,
    submission: Submission,
    content: Mapping[str, Any],
    *,
    level: str,
    method: Method,
    measured: Mapping[Measure, Decimal | None],
    series: MemberSeries,
    book: SourceBook | None,
    inventory_number: str,
) -> ProgressCertificateFacts:
    """The facts of a progress certificate, as they are when the report is approved."""
    programme = read_programme(content["programme"]["content"])
    terms = terms_facts(content["target"])
    years = covered_years(series, terms)
    return ProgressCertificateFacts(
        number=heading.number,
        code=heading.code,
        verify_url=heading.verify_url,
        issued_on=heading.issued_on,
        valid_until=heading.valid_until,
        alliance=heading.alliance,
        member=Name(content["member"]["name_zh"], content["member"]["name_en"]),
        member_code=content["member"]["code"],
        year=submission.year,
        base_year=terms.base_year if terms else content["member"]["base_year"] or submission.year,
        level=level,
        levels=tuple(levels_of(programme, measured)),
        target=terms,
        standing=standing_of(content, series),
        years=tuple(year for year in years if year.year <= submission.year),
        path=tuple(path_points(terms)),
        forecast=tuple(forecast_points(terms, series, book, content["actions"])),
        series=Series(content["basis"]["series"]),
        restatement_count=len(content["basis"].get("restated_years", ())),
        actions=totals_of(content),
        quality=shared.quality_of(submission.quality),
        method=method,
        boundary=shared.BOUNDARIES.get(content["member"]["boundary"], Name("")),
        submission=shared.mark_of(submission),
        decision=Decision(shared.REVIEWER, heading.issued_on),
        inventory_number=inventory_number,
    )


def terms_facts(target: Mapping[str, Any] | None) -> TargetTermsFacts | None:
    """A frozen target as documents state it; None while it has no base."""
    if target is None or target["base"] is None:
        return None
    return TargetTermsFacts(
        kind=Kind(target["kind"]),
        pathway=Pathway(target["pathway"]),
        part=Part(target["part"]),
        scopes=tuple(target["scopes"]),
        base_year=target["base_year"],
        target_year=target["target_year"],
        percent=Decimal(target["percent"]),
        base=Decimal(target["base"]),
        unit=target["unit"],
        net_zero_year=target["net_zero_year"],
        product=Name(target["product"]),
    )


def levels_of(
    programme: Programme, measured: Mapping[Measure, Decimal | None]
) -> Iterable[LevelFacts]:
    """Every level with its published text and the values its conditions were held against."""
    chinese = catalogue(CHINESE)
    for rule in programme.levels:
        criteria = [
            CriterionFacts(
                measure=each.measure,
                label=Name(
                    chinese.gettext(MEASURE_NAMES[each.measure]), MEASURE_NAMES[each.measure]
                ),
                at_least=each.at_least,
                at_most=each.at_most,
                value=measured.get(each.measure),
                is_met=each.is_met(measured.get(each.measure)),
            )
            for each in rule.criteria
        ]
        yield LevelFacts(
            rule.id,
            Name(rule.name_zh, rule.name_en),
            Name(rule.text_zh, rule.text_en),
            tuple(criteria),
        )


def standing_of(content: Mapping[str, Any], series: MemberSeries) -> PathStanding:
    """The year beside its target; of the whole inventory where there is none."""
    standing = content["standing"]
    if standing is not None:
        return PathStanding(
            base=Decimal(standing["base"]),
            actual=Decimal(standing["actual"]),
            cut_percent=Decimal(standing["cut_percent"]),
            allowed=Decimal(standing["allowed"]),
            is_on_path=standing["is_on_path"],
        )
    year = content["year"] if content["year"] in series.reported else max(series.years)
    first, now = series.kg(series.years[0]), series.kg(year)
    with exactly():
        cut = (first - now) * 100 / first if first else _ZERO
    return PathStanding(first, now, cut)


def covered_years(series: MemberSeries, terms: TargetTermsFacts | None) -> list[YearFigures]:
    """The approved years within the target's scopes and part, in its unit; without a target the whole in kg."""
    found = []
    for year in series.years:
        figures = _covered(series, terms, year)
        if figures is not None:
            found.append(figures)
    return found


def _covered(series: MemberSeries, terms: TargetTermsFacts | None, year: int) -> YearFigures | None:
    if terms is None:
        return YearFigures(year, *series.by_scope(year))
    parts = [
        series.kg(year, (scope,), terms.part) if scope in terms.scopes else _ZERO
        for scope in (1, 2, 3)
    ]
    if terms.kind is Kind.ABSOLUTE:
        return YearFigures(year, *parts)
    made = series.made(year, terms.product.zh)
    if made is None or not made.quantity:
        return None
    with exactly():
        return YearFigures(year, *(part / made.quantity for part in parts))


def path_points(terms: TargetTermsFacts | None) -> list[TargetPoint]:
    """What the path allows from the base year to the target year."""
    if terms is None:
        return []
    return [
        TargetPoint(year, value)
        for year, value in path_of(terms.terms, terms.base_year, terms.target_year)
    ]


def forecast_points(
    terms: TargetTermsFacts | None,
    series: MemberSeries,
    book: SourceBook | None,
    actions: Iterable[Mapping[str, Any]],
) -> list[ForecastPoint]:
    """What the plan lets expect of what the target covers, in its unit, up to the target year."""
    if book is None or not series.years:
        return []
    latest = book.year
    last = latest + 5 if terms is None else terms.target_year
    within = book if terms is None else covered_book(book, terms.terms)
    low, high = forecasts(list(actions), within, range(latest + 1, last + 1), latest)
    divisor = Decimal(1)
    if terms is not None and terms.kind.is_intensity:
        made = series.made(latest, terms.product.zh)
        if made is None or not made.quantity:
            return []
        divisor = made.quantity
    with exactly():
        return [ForecastPoint(y, low[y] / divisor, high[y] / divisor) for y in sorted(low)]


def covered_book(book: SourceBook, terms: TargetTerms) -> SourceBook:
    """The sources that a target counts."""
    known = data.load_categories()
    kept = {
        source: kg
        for source, kg in book.kg.items()
        if source.category in known
        and covers(terms.part, terms.scopes, source.category, known[source.category].scope)
    }
    return replace(book, kg=kept)


def totals_of(content: Mapping[str, Any]) -> ActionTotals:
    """How many actions stand where and what they come to."""
    states = [Status(action["status"]) for action in content["actions"]]
    totals = content["totals"]
    avoided = [a for a in content["actions"] if a["ledger"] == Ledger.AVOIDED]
    return ActionTotals(
        **{status.value: states.count(status) for status in Status},
        kg_expected=Decimal(totals["expected"]),
        kg_measured=Decimal(totals["measured"]),
        kg_verified=Decimal(totals["verified"]),
        kg_avoided_expected=sum((Decimal(a["kg_expected"]) for a in avoided), _ZERO),
        kg_avoided_measured=Decimal(totals["avoided"]),
    )


def day(given: str) -> date:
    """A frozen day."""
    return date.fromisoformat(given)
