"""From an approved progress report to what its printed report states: targets, years, the change, and each action."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.calculation.pathways import allowed, ambition, is_near_term, is_on_path, share_of_way
from portal.documents.facts import (
    Decision,
    Language,
    Name,
    SubmissionMark,
    TargetPoint,
    TargetTermsFacts,
    YearFigures,
    read_facts,
)
from portal.documents.progress_certificate import ProgressCertificateFacts
from portal.documents.progress_report import (
    ActionFacts,
    AdjustmentFacts,
    ChangeFacts,
    CheckFacts,
    CostStep,
    MilestoneFacts,
    ProgressReportFacts,
    RestatedYear,
    RestatementFacts,
    TargetProgress,
    TaskFacts,
)
from portal.documents.report import EvidenceFile
from portal.domain.actions import Status
from portal.domain.levers import Area, Ledger, Method
from portal.domain.restatements import TRIGGER_NAMES, Trigger
from portal.domain.submissions import Kind, State
from portal.mail.catalogues import CHINESE, catalogue
from portal.services import certificate_facts as shared
from portal.services.places import day_of
from portal.services.progress_facts import covered_years, day, terms_facts
from portal.services.series import MemberSeries, series_of
from portal.services.submissions import content_of
from portal.services.target_views import terms_of, value_in
from portal.services.work import Work
from portal.store.alliance import Alliance
from portal.store.certificates import Certificate
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.targets import Target

TASK_YEARS = 3
FORECAST_RULE = Name(
    "下沿计入全部计划措施，上沿只计入正在实施或已完成的措施；其余按最近获批年份保持不变。",
    "The lower edge counts all planned actions, the upper only those under way or done; everything else is held as in the latest approved year.",
)
_ZERO = Decimal(0)


def assemble(work: Work, certificate: Certificate, language: Language) -> ProgressReportFacts:
    """The facts of the report beside a progress certificate, in the language that comes first in it.

    What the certificate states (level, path, forecast) is taken from its own facts, so that both can't differ.
    """
    session = work.session
    submission = session.get_one(Submission, certificate.submission_id)
    member = session.get_one(Member, certificate.member_id)
    alliance = session.get_one(Alliance, member.alliance_id)
    content = content_of(session, submission)
    stated = read_facts(ProgressCertificateFacts, certificate.facts)
    series = series_of(session, member.id)
    files = {file["sha256"]: place for place, file in enumerate(content["evidence"], start=1)}
    figures = [year for year in series.years if year <= submission.year]
    actions = tuple(_action(each, content, files) for each in content["actions"])
    plan = _plan(session, content)
    return ProgressReportFacts(
        language=language,
        issued_on=day_of(certificate.issued_at),
        certificate_number=certificate.number,
        alliance=Name(alliance.name_zh, alliance.name_en),
        member=stated.member,
        member_code=member.code,
        year=submission.year,
        base_year=stated.base_year,
        level=stated.level,
        levels=stated.levels,
        targets=tuple(_targets(plan, stated, series, submission.year)),
        standing=stated.standing,
        figures=shared.figures_of(submission),
        years=tuple(YearFigures(year, *series.by_scope(year)) for year in figures),
        as_reported=tuple(
            YearFigures(year, *series.by_scope(year, as_reported=True))
            for year in figures
            if year in series.restated
        ),
        covered=tuple(y for y in covered_years(series, stated.target) if y.year <= submission.year),
        covered_as_reported=tuple(_covered_as_reported(series, stated.target, figures)),
        path=stated.path,
        forecast=stated.forecast,
        series=stated.series,
        change=_change(content),
        totals=stated.actions,
        kg_overlap=_overlap(plan),
        actions=actions,
        tasks=tuple(_tasks(content, actions, submission.year)),
        removed=tuple(Name(name) for name in content["since"]["gone"]),
        barriers=content["detail"].get("barriers", ""),
        help_wanted=content["detail"].get("help", ""),
        discount_rate=Decimal(content["programme"]["discount_rate"]),
        restatements=tuple(_restatements(session, submission)),
        evidence=tuple(
            EvidenceFile(place, file["name"], file["media_type"], file["size"], file["sha256"])
            for place, file in enumerate(content["evidence"], start=1)
        ),
        intensities=tuple(
            shared.intensities_of(content["basis"].get("outputs", ()), submission.kg_total)
        ),
        quality=stated.quality,
        method=stated.method,
        boundary=stated.boundary,
        submission=stated.submission,
        decision=Decision(shared.REVIEWER, day_of(certificate.issued_at)),
        note=content["note"],
        inventory=_inventory(session, content),
        curve=tuple(_curve(actions, content)),
        quarter=content["quarter"],
        forecast_rule=FORECAST_RULE,
    )


def _inventory(session: Session, content: Mapping[str, Any]) -> SubmissionMark | None:
    """The approved inventory that the year is stated from."""
    query = select(Submission).where(Submission.digest == content["basis"].get("digest", ""))
    found = session.scalars(query.limit(1)).one_or_none()
    return None if found is None else shared.mark_of(found)


def _curve(
    actions: Iterable[ActionFacts],
    content: Mapping[str, Any],
) -> Iterator[CostStep]:
    """What each action saves in full effect beside the others, and what a tonne of that costs."""
    keyed = {action["position"]: action for action in content["actions"]}
    by_action = content["combined"]
    for action in actions:
        kg = Decimal(by_action.get(keyed[action.position]["key"], 0))
        if kg > 0 and action.cost_per_t is not None and action.status is not Status.STOPPED:
            # The cost of a year is the same; it is spread over what is left beside the others.
            yield CostStep(action.position, kg, action.cost_per_t * action.kg_full_year / kg)


def _plan(session: Session, content: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The frozen plan that the report was held against."""
    mark = content["plan"]
    if mark is None:
        return None
    query = select(Submission).where(Submission.digest == mark["digest"]).limit(1)
    found = session.scalars(query).one_or_none()
    return None if found is None else content_of(session, found)


def _targets(
    plan: Mapping[str, Any] | None,
    stated: ProgressCertificateFacts,
    series: MemberSeries,
    year: int,
) -> Iterator[TargetProgress]:
    for frozen in (plan or {"targets": ()})["targets"]:
        terms = terms_facts(frozen)
        if terms is not None:
            yield _target(frozen, terms, series, year, plan["year"] if plan else year)


def _target(
    frozen: Mapping[str, Any],
    terms: TargetTermsFacts,
    series: MemberSeries,
    year: int,
    made_in: int,
) -> TargetProgress:
    row = Target(
        kind=frozen["kind"],
        part=frozen["part"],
        scopes=frozen["scopes"],
        product=frozen["product"],
        base_year=frozen["base_year"],
        target_year=frozen["target_year"],
        percent=terms.percent,
        pathway=frozen["pathway"],
        net_zero_year=frozen["net_zero_year"],
        stated_base=_decimal(frozen["stated_base"]),
        stated_now=_decimal(frozen["stated_now"]),
    )
    found = terms_of(row, series)[0] or terms.terms
    actual = value_in(row, series, year)
    is_after = year >= found.base_year
    return TargetProgress(
        terms=terms,
        actual=actual,
        allowed=allowed(found, year) if is_after else None,
        is_on_path=is_on_path(found, year, actual) if actual is not None and is_after else None,
        share_of_way=None
        if actual is None
        else share_of_way(base=found.base, actual=actual, target=allowed(found, found.target_year)),
        checks=tuple(
            CheckFacts(c.name, c.needed_percent, c.given_percent, c.meets, c.formula)
            for c in ambition(found)
        ),
        is_near_term=is_near_term(found.target_year, made_in),
        is_main=frozen["is_main"],
    )


def _covered_as_reported(
    series: MemberSeries, terms: TargetTermsFacts | None, years: Iterable[int]
) -> Iterator[TargetPoint]:
    for year in years:
        if year not in series.restated:
            continue
        if terms is None:
            yield TargetPoint(year, series.kg(year, as_reported=True))
            continue
        kg = series.kg(year, terms.scopes, terms.part, as_reported=True)
        made = series.made(year, terms.product.zh) if terms.kind.is_intensity else None
        if not terms.kind.is_intensity:
            yield TargetPoint(year, kg)
        elif made is not None and made.quantity:
            yield TargetPoint(year, kg / made.quantity)


def _change(content: Mapping[str, Any]) -> ChangeFacts | None:
    change = content["change"]
    if change is None:
        return None
    total = Decimal(content["basis"]["kg_total"])
    return ChangeFacts(
        from_year=change["year_before"],
        to_year=content["year"],
        kg_from=total - Decimal(change["delta"]),
        kg_to=total,
        structure=Decimal(change["structure"]),
        factor=Decimal(change["factor"]),
        activity=_decimal(change["activity"]),
        intensity=_decimal(change["intensity"]),
        undivided=Decimal(change["undivided"]),
        kg_verified=Decimal(change["verified"]),
        product=Name(change["product"]),
        unit=change["unit"],
        output_from=_decimal(change["output_before"]),
        output_to=_decimal(change["output_after"]),
    )


def _overlap(plan: Mapping[str, Any] | None) -> Decimal:
    return _ZERO if plan is None else Decimal(plan["combined"]["kg_overlap"])


def _action(
    action: Mapping[str, Any], content: Mapping[str, Any], files: Mapping[str, int]
) -> ActionFacts:
    sites = {site["code"]: Name(site["name_zh"], site["name_en"]) for site in content["sites"]}
    status = Status(action["status"])
    before = action["status_before"]
    return ActionFacts(
        position=action["position"],
        name=Name(action["name"]),
        site=sites.get(action["site"], Name("")),
        area=Area(action["area"]),
        source=shared.category_label(action["category"]),
        ledger=Ledger(action["ledger"]),
        estimate=Method(action.get("method", Method.STATED)),
        status=status,
        start_on=day(action["start"]),
        ramp_months=action["ramp_months"],
        lifetime_years=action["lifetime_years"],
        kg_full_year=Decimal(action["kg_saving"]),
        kg_expected=Decimal(action["kg_expected"]),
        kg_measured=_decimal(action["kg_measured"]),
        is_verified=action["is_verified"],
        capex=_number(action, "capex"),
        opex=_number(action, "opex"),
        money_saved=_number(action, "money_saved"),
        cost_per_t=_decimal(action["cost_per_t"]),
        owner_post=action.get("owner_post", ""),
        supervisor_post=action.get("supervisor_post", ""),
        status_before=None if before is None else Status(before),
        stopped_reason=action["progress_note"] if status is Status.STOPPED else "",
        note=action["progress_note"],
        measured_how=action["measured_how"],
        milestones=tuple(
            MilestoneFacts(
                step["name"], day(step["due"]), day(step["done"]) if step["done"] else None
            )
            for step in action["milestones"]
        ),
        evidence=tuple(sorted(files[sha256] for sha256 in action["evidence"])),
        water_m3=_number(action, "water_m3"),
        energy_kwh=_number(action, "energy_kwh"),
        waste_t=_number(action, "waste_t"),
    )


def _tasks(
    content: Mapping[str, Any], actions: Iterable[ActionFacts], year: int
) -> Iterator[TaskFacts]:
    """The open milestones of the three years after the reported one, and what begins to save in them."""
    last = year + TASK_YEARS
    for action in actions:
        if action.status in (Status.STOPPED, Status.IDEA):
            continue
        for step in action.milestones:
            if step.done_on is None and step.due_on.year <= last:
                yield TaskFacts(
                    action.area, step.due_on, action.position, Name(step.name), action.owner_post
                )
        if action.status is Status.PLANNED and year < action.start_on.year <= last:
            yield TaskFacts(
                action.area,
                action.start_on,
                action.position,
                Name("开始产生减排效果", "Begins to save"),
                action.owner_post,
            )


def _restatements(session: Session, submission: Submission) -> Iterator[RestatementFacts]:
    """The restatements that were approved before the report was handed in."""
    query = (
        select(Submission)
        .where(
            Submission.member_id == submission.member_id,
            Submission.kind == Kind.RESTATEMENT.value,
            Submission.state.in_([State.APPROVED.value, State.OUTDATED.value]),
            Submission.decided_at <= submission.submitted_at,
        )
        .order_by(Submission.decided_at)
    )
    for each in session.scalars(query):
        yield _restatement(each, content_of(session, each))


def _restatement(submission: Submission, content: Mapping[str, Any]) -> RestatementFacts:
    cause = TRIGGER_NAMES[Trigger(content["detail"]["trigger"])]
    arithmetic = content["arithmetic"]
    return RestatementFacts(
        decided_on=day_of(submission.decided_at or submission.submitted_at),
        base_year=arithmetic["base_year"],
        cause=Name(catalogue(CHINESE).gettext(cause), cause),
        reason=content["detail"]["reason"],
        threshold_percent=Decimal(arithmetic["threshold_percent"]),
        change_percent=Decimal(arithmetic["size_percent"]),
        years=tuple(
            RestatedYear(year["year"], Decimal(year["before"]), Decimal(year["after"]))
            for year in content["years"]
            if year["before"] != year["after"]
        ),
        adjustments=tuple(
            AdjustmentFacts(
                a["year"],
                shared.category_label(a["category"]),
                Decimal(a["kg_change"]),
                a["reason"],
            )
            for a in content["adjustments"]
        ),
        digest=submission.digest,
    )


def _decimal(given: str | None) -> Decimal | None:
    return None if given is None else Decimal(given)


def _number(action: Mapping[str, Any], name: str) -> Decimal:
    return Decimal(action.get(name) or 0)
