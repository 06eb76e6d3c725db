"""From frozen content to what certificate and report state: plain values, and no person among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import data
from portal.calculation.factors import Edition
from portal.documents import certificate as certificate_document
from portal.documents.certificate import CertificateFacts
from portal.documents.facts import (
    CategoryFigure,
    Decision,
    Intensity,
    Method,
    Name,
    Quality,
    ScopeFigures,
    SubmissionMark,
    YearFigures,
)
from portal.services.places import day_of
from portal.services.summaries import by_category
from portal.services.work import Work
from portal.store.alliance import Alliance
from portal.store.certificates import Certificate
from portal.store.submissions import Submission
from portal.store.summaries import MemberYear

TEMPLATE = certificate_document.TEMPLATE
YEARS_SHOWN = 6

STANDARD = Name(
    "《温室气体核算体系：企业核算与报告标准》与 ISO 14064-1:2018",
    "GHG Protocol Corporate Standard and ISO 14064-1:2018",
)
REVIEWER = Name("联盟协调员", "Coordinator of the alliance")
BOUNDARIES = {
    "operational_control": Name("运营控制权", "Operational control"),
    "financial_control": Name("财务控制权", "Financial control"),
    "equity_share": Name("股权比例", "Equity share"),
}


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands over a certificate and follows from no number: who gave it out, under which number, until when."""

    number: str
    code: str
    verify_url: str
    issued_on: date
    valid_until: date
    alliance: Name


def heading_of(work: Work, alliance: Alliance, certificate: Certificate) -> Heading:
    """The heading of a certificate that is being issued now."""
    return Heading(
        certificate.number,
        certificate.code,
        verify_url(work.base_url, certificate.number, certificate.code),
        work.today,
        certificate.valid_until,
        Name(alliance.name_zh, alliance.name_en),
    )


def assemble(
    heading: Heading,
    submission: Submission,
    content: Mapping[str, Any],
    years: Iterable[YearFigures],
    method: Method,
) -> CertificateFacts:
    """The facts of a certificate: totals from the frozen content, names as they were when it was submitted."""
    return CertificateFacts(
        number=heading.number,
        code=heading.code,
        verify_url=heading.verify_url,
        issued_on=heading.issued_on,
        valid_until=heading.valid_until,
        alliance=heading.alliance,
        member=Name(content["member"]["name_zh"], content["member"]["name_en"]),
        member_code=content["member"]["code"],
        year=submission.year,
        base_year=content["member"]["base_year"] or submission.year,
        figures=figures_of(submission),
        categories=tuple(categories_of(content["lines"])),
        years=tuple(years),
        target=(),
        intensities=tuple(intensities_of(content["outputs"], submission.kg_total)),
        quality=quality_of(submission.quality),
        method=method,
        boundary=BOUNDARIES.get(content["member"]["boundary"], Name("")),
        submission=mark_of(submission),
        decision=Decision(REVIEWER, heading.issued_on),
    )


def verify_url(base_url: str, number: str, code: str) -> str:
    """The address that the QR code holds."""
    return f"{base_url.rstrip('/')}/verify/{quote(number)}?c={quote(code)}"


def figures_of(submission: Submission) -> ScopeFigures:
    """The totals by scope, kg CO2e."""
    return ScopeFigures(
        submission.kg_scope1,
        submission.kg_scope2_location,
        submission.kg_scope2_market,
        submission.kg_scope3,
        submission.kg_biogenic,
    )


def categories_of(lines: Iterable[Mapping[str, Any]]) -> list[CategoryFigure]:
    """What each category comes to, largest first."""
    rows = sorted(by_category(lines), key=lambda row: (-row["kg_co2e"], row["category"]))
    return [
        CategoryFigure(
            row["category"], category_label(row["category"]), row["scope"], row["kg_co2e"]
        )
        for row in rows
    ]


def category_label(category: str) -> Name:
    """The name of a category in both languages; its id where the category is no longer offered."""
    known = data.load_categories().get(category)
    return Name(category, category) if known is None else Name(known.name_zh, known.name_en)


def years_of(session: Session, submission: Submission) -> list[YearFigures]:
    """The approved years up to the certified one, oldest first."""
    query = (
        select(MemberYear)
        .where(MemberYear.member_id == submission.member_id, MemberYear.year <= submission.year)
        .order_by(MemberYear.year.desc())
        .limit(YEARS_SHOWN)
    )
    rows = sorted(session.scalars(query), key=lambda row: row.year)
    return [
        YearFigures(row.year, row.kg_scope1, row.kg_scope2_location, row.kg_scope3) for row in rows
    ]


def intensities_of(outputs: Iterable[Mapping[str, Any]], kg_total: Decimal) -> list[Intensity]:
    """kg CO2e for one unit of each output; an output of nothing has no intensity."""
    found = []
    for output in outputs:
        quantity = Decimal(output["quantity"])
        if quantity > 0:
            per_unit = (kg_total / quantity).quantize(Decimal("0.000001"))
            found.append(Intensity(Name(output["product"]), quantity, output["unit"], per_unit))
    return found


def quality_of(score: Decimal) -> Quality:
    """The grade letter of an emission-weighted score: A up to 2, B up to 3, C up to 4, D beyond."""
    grade = next((letter for letter, most in (("A", 2), ("B", 3), ("C", 4)) if score <= most), "D")
    return Quality(grade, score)


def method_of(submission: Submission) -> Method:
    """By which rules and numbers the submission was computed."""
    return method_with(data.load_edition(submission.edition), submission.gwp_set)


def method_with(edition: Edition, gwp_set: str) -> Method:
    """The same for an edition that is at hand."""
    return Method(STANDARD, gwp_set, edition.code, edition.digest)


def mark_of(submission: Submission) -> SubmissionMark:
    """Which frozen submission a document speaks of."""
    return SubmissionMark(submission.number, submission.digest, day_of(submission.submitted_at))
