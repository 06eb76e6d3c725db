"""The certificate's one A4 page, Chinese and English beside each other, from its facts to PDF bytes."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from portal.documents.certificate import CertificateFacts
from portal.documents.charts.bars import Bar, level_bars, share_bar
from portal.documents.charts.columns import Column, stacked_columns
from portal.documents.charts.drawing import Chart, Size
from portal.documents.charts.scales import emission_unit
from portal.documents.facts import Name, YearFigures
from portal.documents.figures import TonneColumn, share
from portal.documents.printing import FITS, print_one_page
from portal.documents.qr import qr_svg
from portal.documents.seals import UNSEALED, Seal, offline_address
from portal.documents.templates import page_html
from portal.documents.texts import unprintable, width_in_ems
from portal.domain.canonical import canonical_json

# The page has room for so many; the report has them all.
CATEGORIES_SHOWN = 5
# Digits, separators and all, beyond which the table of figures takes smaller letters.
LONG_NUMBER = 9

_SCOPE_NAMES = (
    Name("范围一", "Scope 1"),
    Name("范围二", "Scope 2"),
    Name("范围三", "Scope 3"),
)


def render_certificate(facts: CertificateFacts, seal: Seal = UNSEALED) -> bytes:
    """Render the certificate as PDF bytes: the same facts and seal give the same bytes.

    Raises RenderingFailed, with TOO_LONG when the texts don't fit on the one page even in small letters.
    """
    return print_one_page(facts, partial(certificate_html, facts, statement=seal.statement), seal)


def certificate_html(facts: CertificateFacts, fit: str = FITS[0], *, statement: str = "") -> str:
    """The certificate's page as HTML, for the press and for benchmarks."""
    tonnes = TonneColumn.for_amounts(*_amounts_shown(facts))
    return page_html(
        facts.template,
        "certificate.html",
        facts=facts,
        fit=fit,
        tonnes=tonnes.text,
        name_size=_name_size(facts.member),
        is_long=max(len(tonnes.text(amount)) for amount in _amounts_shown(facts)) > LONG_NUMBER,
        has_years=_has_years(facts),
        chart=_chart(facts, tonnes),
        categories=_categories_chart(facts, tonnes),
        offline=offline_address(facts.verify_url) if statement else "",
        qr=qr_svg(facts.verify_url, statement, title=f"二维码：{facts.verify_url}"),
        has_stand_ins=bool(unprintable(canonical_json(facts).decode())),
    )


def _amounts_shown(facts: CertificateFacts) -> tuple[Decimal, ...]:
    return (facts.figures.total_location, facts.figures.total_market)


def _has_years(facts: CertificateFacts) -> bool:
    """Whether there is more than one year to draw, be it reported or promised."""
    return len({year.year for year in facts.years} | {point.year for point in facts.target}) > 1


def _name_size(member: Name) -> str:
    """How large the member's name is set, by its width: a short name fills the line, a long one breaks."""
    width = width_in_ems(member.zh or member.en)
    steps = (("xl", 14), ("l", 20), ("m", 34), ("s", 72))
    return next((size for size, widest in steps if width <= widest), "xs")


def _chart(facts: CertificateFacts, tonnes: TonneColumn) -> Chart:
    """The years beside each other, or where there is only one, its scopes as one bar."""
    if _has_years(facts):
        return _years_chart(facts)
    values = facts.figures
    parts = [
        Bar(
            f"{name.zh} {name.en}",
            amount,
            f"{tonnes.text(amount)} ({share(amount, values.total_location)})",
        )
        for name, amount in zip(
            _SCOPE_NAMES,
            (values.scope_1, values.scope_2_location, values.scope_3),
            strict=True,
        )
    ]
    title = f"{facts.year} 年各范围占比 Shares of the scopes in {facts.year}"
    return share_bar(title, parts, size=Size(330, 150, 13))


def _years_chart(facts: CertificateFacts) -> Chart:
    targets = {point.year: point.kg_co2e for point in facts.target}
    years = {year.year: year for year in facts.years}
    columns = [
        Column(str(year), _amounts(years.get(year)), targets.get(year))
        for year in sorted(years.keys() | targets.keys())
    ]
    return stacked_columns(
        "历年排放量 Emissions by year",
        columns,
        tuple(f"{name.zh} {name.en}" for name in _SCOPE_NAMES),
        unit=emission_unit(column.total for column in columns),
        target="目标路径 Target path" if targets else "",
        size=Size(330, 178, 10),
    )


def _amounts(year: YearFigures | None) -> tuple[Decimal, ...]:
    return (year.scope_1, year.scope_2, year.scope_3) if year else ()


def _categories_chart(facts: CertificateFacts, tonnes: TonneColumn) -> Chart:
    whole = facts.figures.total_location
    bars = [
        Bar(
            f"{category.name.zh} {category.name.en}".strip(),
            category.kg_co2e,
            f"{tonnes.text(category.kg_co2e)} ({share(category.kg_co2e, whole)})",
        )
        for category in facts.categories[:CATEGORIES_SHOWN]
    ]
    return level_bars("最大排放类别 Largest categories", bars, size=Size(330, 100, 10))
