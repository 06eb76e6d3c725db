"""A member's approved years line by line under another factor edition and GWP set, from their frozen content."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from portal.calculation.assessment import Assessment
from portal.calculation.lines import AssessmentContext
from portal.calculation.periods import Period
from portal.calculation.quantities import exactly
from portal.calculation.rounding import as_result
from portal.domain.trials import change_percent, proposal
from portal.services import assessments
from portal.services.explanations import Place
from portal.services.series import CategoryKg, series_of
from portal.services.submissions import content_of
from portal.services.work import Work
from portal.store.alliance import ReportingYear
from portal.store.members import Member
from portal.store.restatements import EditionTrial, MemberRestated, TrialDecision, TrialRow
from portal.store.submissions import Submission
from portal.store.summaries import MemberYear


@dataclass(frozen=True, slots=True)
class Method:
    """A factor edition and a GWP set."""

    edition: str
    gwp_set: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What a trial finds of one member: a row for each year and category, and what is proposed."""

    rows: list[dict[str, Any]]
    decision: dict[str, Any]


def waiting_members(session: Session, trial: EditionTrial) -> list[int]:
    """The members with approved years that the trial has not come to yet."""
    done = select(TrialDecision.member_id).where(TrialDecision.trial_id == trial.id)
    query = select(MemberYear.member_id).where(MemberYear.member_id.not_in(done)).distinct()
    return sorted(session.scalars(query))


def figures_of(session: Session, trial: EditionTrial, member_id: int) -> Tried:
    """Work a member's approved years out under the trial's method, against what counts today."""
    member = session.get_one(Member, member_id)
    series = series_of(session, member_id)
    counted = _methods_in_force(session, member_id)
    rows = []
    for year, content in _approved_contents(session, member_id):
        worked_out = _worked_out(content, Method(trial.edition, trial.gwp_set), counted.get(year))
        for category, was, after in _by_category(series.in_force(year), worked_out):
            rows.append(
                {
                    "trial_id": trial.id,
                    "member_id": member_id,
                    "year": year,
                    "category": category,
                    "scope": was.scope,
                    "kg_before": was.kg,
                    "kg_after": after,
                }
            )
    return Tried(rows, _decision(trial, member, series.years, rows))


def keep(work: Work, trial: EditionTrial, found: Collection[Tried]) -> None:
    """Keep what was found; a member that was tried before is written anew, unless that is decided already."""
    for each in found:
        about = {"trial_id": trial.id, "member_id": each.decision["member_id"]}
        if work.session.get(TrialDecision, (about["trial_id"], about["member_id"])) is not None:
            continue
        work.session.execute(delete(TrialRow).filter_by(**about))
        if each.rows:
            work.session.execute(insert(TrialRow), each.rows)
        work.session.execute(insert(TrialDecision), [each.decision])


def _methods_in_force(session: Session, member_id: int) -> dict[int, Method]:
    """Years that an earlier trial has restated, with the method that they have counted in since."""
    query = (
        select(MemberRestated.year, EditionTrial.edition, EditionTrial.gwp_set)
        .join(EditionTrial, EditionTrial.id == MemberRestated.trial_id)
        .where(MemberRestated.member_id == member_id)
        .order_by(MemberRestated.layer)
    )
    return {year: Method(edition, gwp) for year, edition, gwp in session.execute(query)}


def _approved_contents(session: Session, member_id: int) -> Iterator[tuple[int, Mapping[str, Any]]]:
    query = (
        select(MemberYear.year, Submission)
        .join(Submission, Submission.id == MemberYear.submission_id)
        .where(MemberYear.member_id == member_id)
        .order_by(MemberYear.year)
    )
    for year, submission in session.execute(query):
        yield year, content_of(session, submission)


@dataclass(slots=True)
class _Lines:
    """The lines of a category: kg CO2e by the method that counts today, and by the one that is tried."""

    scope: int
    today: Decimal = Decimal(0)
    tried: Decimal = Decimal(0)


def _worked_out(
    content: Mapping[str, Any], tried: Method, counted: Method | None
) -> dict[str, _Lines]:
    """The frozen lines by category; today they count as reported, unless an earlier trial has restated the year."""
    new = _context(content, tried)
    old = None if counted is None else _context(content, counted)
    sites = {site["code"]: Place(site["country"], site["province"]) for site in content["sites"]}
    found: dict[str, _Lines] = {}
    for line in content["lines"]:
        site, reported = sites[line["site"]], Decimal(line["kg_co2e"])
        sums = found.setdefault(line["category"], _Lines(line["scope"]))
        today = reported if old is None else _kg(line, site, old, content["year"], reported)
        sums.today += today
        sums.tried += _kg(line, site, new, content["year"], today)
    return found


def _context(content: Mapping[str, Any], method: Method) -> AssessmentContext:
    reporting = ReportingYear(
        year=content["year"],
        edition=method.edition,
        gwp_set=method.gwp_set,
        options=content["method"]["options"],
    )
    return assessments.context_of(reporting, content["member"]["sector"])


def _kg(
    line: Mapping[str, Any],
    site: Place,
    context: AssessmentContext,
    year: int,
    otherwise: Decimal,
) -> Decimal:
    """What a frozen line comes to; where the edition can't say it stays as it is."""
    found = assessments.assess_frozen(
        context,
        line,
        period=Period(date.fromisoformat(line["start"]), date.fromisoformat(line["end"])),
        year=year,
        site=site,
    )
    return found.kg_co2e if isinstance(found, Assessment) else otherwise


def _by_category(
    in_force: Mapping[str, CategoryKg], worked_out: Mapping[str, _Lines]
) -> Iterator[tuple[str, CategoryKg, Decimal]]:
    """Every category that counts today or has a line, with what it would come to.

    Where a restatement of the structure has added to the lines or taken from them, the rest changes in proportion to them.
    """
    for category in sorted(in_force.keys() | worked_out.keys()):
        lines = worked_out.get(category) or _Lines(in_force[category].scope)
        was = in_force.get(category) or CategoryKg(lines.scope, Decimal(0), Decimal(0))
        if was.kg == lines.today or not lines.today:
            yield category, was, was.kg - lines.today + lines.tried
            continue
        with exactly():
            yield category, was, as_result(was.kg * lines.tried / lines.today)


def _decision(
    trial: EditionTrial, member: Member, years: list[int], rows: list[dict[str, Any]]
) -> dict[str, Any]:
    base_year = member.base_year if member.base_year in years else min(years)
    before, after = (
        sum((row[name] for row in rows if row["year"] == base_year), Decimal(0))
        for name in ("kg_before", "kg_after")
    )
    percent = change_percent(before, after)
    return {
        "trial_id": trial.id,
        "member_id": member.id,
        "base_year": base_year,
        "change_percent": percent,
        "kg_change": after - before,
        "proposal": proposal(percent, trial.threshold_percent).value,
        "reason": "",
    }
