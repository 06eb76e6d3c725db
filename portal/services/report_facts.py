"""From frozen content to what the inventory report states: every line with its steps, its evidence, its warnings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from portal import data
from portal.documents.facts import Decision, Language, Name
from portal.documents.report import (
    AcknowledgedWarning,
    EvidenceFile,
    FactorSource,
    GasFigure,
    NotApplicableCategory,
    ReportFacts,
    ReportLine,
    SiteFigure,
    TraceStep,
)
from portal.domain import warnings as rules
from portal.mail.catalogues import CHINESE, catalogue
from portal.services import assessments
from portal.services import certificate_facts as shared
from portal.services.places import day_of
from portal.services.submissions import content_of
from portal.services.work import Work
from portal.store.alliance import Alliance
from portal.store.certificates import Certificate
from portal.store.members import Member
from portal.store.submissions import Submission


def assemble(work: Work, certificate: Certificate, language: Language) -> ReportFacts:
    """The facts of the report beside a certificate, in the language that comes first in it."""
    session = work.session
    submission = session.get_one(Submission, certificate.submission_id)
    member = session.get_one(Member, certificate.member_id)
    alliance = session.get_one(Alliance, member.alliance_id)
    content = content_of(session, submission)
    issued_on = day_of(certificate.issued_at)
    files = {file["sha256"]: place for place, file in enumerate(content["evidence"], start=1)}
    return ReportFacts(
        language=language,
        issued_on=issued_on,
        certificate_number=certificate.number,
        alliance=Name(alliance.name_zh, alliance.name_en),
        member=Name(content["member"]["name_zh"], content["member"]["name_en"]),
        member_code=member.code,
        year=submission.year,
        base_year=content["member"]["base_year"] or submission.year,
        figures=shared.figures_of(submission),
        gases=tuple(_gases(content["lines"], content["method"])),
        categories=tuple(shared.categories_of(content["lines"])),
        sites=tuple(_sites(content)),
        lines=tuple(_line(line, files) for line in content["lines"]),
        evidence=tuple(_files(content["evidence"])),
        intensities=tuple(shared.intensities_of(content["outputs"], submission.kg_total)),
        warnings=tuple(_warnings(content)),
        not_applicable=tuple(_not_applicable(content["not_applicable"])),
        years=tuple(shared.years_of(session, submission)),
        target=(),
        quality=shared.quality_of(submission.quality),
        method=shared.method_of(submission),
        boundary=shared.BOUNDARIES.get(content["member"]["boundary"], Name("")),
        submission=shared.mark_of(submission),
        decision=Decision(shared.REVIEWER, issued_on),
        note=content["note"],
    )


def _gases(lines: Iterable[Mapping[str, Any]], method: Mapping[str, str]) -> list[GasFigure]:
    masses: dict[str, Decimal] = {}
    for line in lines:
        for gas, kg in line["assessment"]["kg"].items():
            masses[gas] = masses.get(gas, Decimal(0)) + Decimal(kg)
    return [
        GasFigure(gas, kg, assessments.co2e_of(gas, kg, method["edition"], method["gwp_set"]))
        for gas, kg in sorted(masses.items())
    ]


def _sites(content: Mapping[str, Any]) -> list[SiteFigure]:
    sums: dict[str, Decimal] = {}
    for line in content["lines"]:
        sums[line["site"]] = sums.get(line["site"], Decimal(0)) + Decimal(line["kg_co2e"])
    provinces = data.load_places().provinces
    rows = []
    for site in content["sites"]:
        if site["code"] in sums:
            province = provinces.get(site["province"] or "")
            place = Name(province.name_zh, province.name_en) if province else Name(site["country"])
            named = Name(site["name_zh"], site["name_en"])
            rows.append(SiteFigure(site["code"], named, place, sums[site["code"]]))
    return sorted(rows, key=lambda row: (-row.kg_co2e, row.code))


def _line(line: Mapping[str, Any], files: Mapping[str, int]) -> ReportLine:
    return ReportLine(
        position=line["position"],
        category=shared.category_label(line["category"]),
        scope=line["scope"],
        site=line["site"],
        start=date.fromisoformat(line["start"]),
        end=date.fromisoformat(line["end"]),
        quantity=Decimal(line["quantity"]),
        unit=line["unit"],
        kg_co2e=Decimal(line["kg_co2e"]),
        kg_co2e_market=Decimal(line["kg_co2e_market"]),
        kg_co2_biogenic=Decimal(line["kg_co2_biogenic"]),
        quality=line["quality"],
        steps=tuple(_step(step) for step in line["assessment"]["trace"]),
        evidence=tuple(sorted(files[sha256] for sha256 in line["evidence"])),
        note=line["note"],
    )


def _step(step: Mapping[str, Any]) -> TraceStep:
    factor, note = step.get("factor"), step.get("note")
    return TraceStep(
        _name(step["label"]),
        step["formula"],
        _factor(factor) if factor else None,
        _name(note) if note else Name(""),
    )


def _factor(factor: Mapping[str, Any]) -> FactorSource:
    return FactorSource(
        id=factor["id"],
        value=factor["value"],
        unit=factor["unit"],
        source=factor["source"],
        table=factor["table"],
        year=factor["year"],
        region=factor["region"],
        why=_name(factor["why"]),
    )


def _name(label: Mapping[str, str]) -> Name:
    return Name(label["zh"], label["en"])


def _files(evidence: Iterable[Mapping[str, Any]]) -> list[EvidenceFile]:
    return [
        EvidenceFile(place, file["name"], file["media_type"], file["size"], file["sha256"])
        for place, file in enumerate(evidence, start=1)
    ]


def _warnings(content: Mapping[str, Any]) -> list[AcknowledgedWarning]:
    places = {line["key"]: line["position"] for line in content["lines"]}
    return [
        AcknowledgedWarning(_place(warning, places), _words(warning), warning["reason"])
        for warning in content["warnings"]
        if warning["reason"]
    ]


def _place(warning: Mapping[str, Any], places: Mapping[str, int]) -> int:
    kind, _, key = warning["subject"].partition("/")
    return places.get(key, 0) if kind == "line" else 0


def _words(warning: Mapping[str, Any]) -> Name:
    words = rules.MESSAGES.get(warning["code"], warning["code"])
    return Name(catalogue(CHINESE).gettext(words) % warning["values"], words % warning["values"])


def _not_applicable(rows: Iterable[Mapping[str, Any]]) -> list[NotApplicableCategory]:
    return [
        NotApplicableCategory(shared.category_label(row["category"]), row["reason"]) for row in rows
    ]
