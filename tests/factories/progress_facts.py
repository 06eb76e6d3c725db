"""Facts of progress for documents in tests and benchmarks: the dairy farm of `facts`, four years after its baseline."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from portal.calculation.decomposition import YearParts, explain
from portal.calculation.pathways import (
    Kind,
    Part,
    Pathway,
    allowed,
    ambition,
    cut_percent,
    is_near_term,
    is_on_path,
    path,
    share_of_way,
    target_value,
)
from portal.data import load_programme
from portal.documents.facts import (
    CriterionFacts,
    Decision,
    ForecastPoint,
    Intensity,
    Language,
    LevelFacts,
    Name,
    PathStanding,
    Quality,
    ScopeFigures,
    Series,
    TargetPoint,
    TargetTermsFacts,
    YearFigures,
    recomputed_level,
)
from portal.documents.progress_certificate import ProgressCertificateFacts
from portal.documents.progress_report import (
    AdjustmentFacts,
    ChangeFacts,
    CheckFacts,
    ProgressReportFacts,
    RestatedYear,
    RestatementFacts,
    TargetProgress,
)
from portal.documents.progress_words import MEASURES
from portal.documents.report import EvidenceFile
from portal.domain.levels import Measure
from portal.domain.programmes import read_programme
from tests.factories.facts import ALLIANCE, MEMBER, METHOD, SUBMISSION, kg
from tests.factories.progress_actions import (
    NO_ACTIONS,
    RATE,
    actions,
    curve_of,
    tasks_of,
    totals_of,
)

YEAR = 2025

YEARS = tuple(
    YearFigures(year, kg(one), kg(two), kg(three))
    for year, one, two, three in (
        (2020, "9240", "2815.5", "4398"),
        (2021, "9120", "2702", "4310"),
        (2022, "8850.5", "2480.25", "4255.2"),
        (2023, "8420.75", "2190.5", "4102"),
        (2024, "7980", "1760.7", "4011.9"),
        (2025, "7610.4321", "1402.806", "3920.55"),
    )
)
AS_REPORTED = tuple(
    YearFigures(each.year, each.scope_1 - kg("412.5"), each.scope_2 - kg("96"), each.scope_3)
    for each in YEARS
    if each.year in (2021, 2022, 2023)
)
FIGURES = ScopeFigures(
    scope_1=kg("7610.4321"),
    scope_2_location=kg("1402.806"),
    scope_2_market=kg("990.112"),
    scope_3=kg("3920.55"),
    biogenic=kg("611.9"),
)
OUTPUT = Name("生鲜乳（FPCM）", "Raw milk (FPCM)")

MEASURED: dict[Measure, Decimal | None] = {
    Measure.BASELINE_APPROVED: Decimal(1),
    Measure.TARGET_APPROVED: Decimal(1),
    Measure.PLAN_APPROVED: Decimal(1),
    Measure.ON_PATH: Decimal(1),
    Measure.CUT_PERCENT: Decimal("23.76"),
    Measure.QUALITY: Decimal("2.37"),
    Measure.TOP_SHARE: Decimal("11.69"),
    Measure.VERIFIED_SHARE: Decimal("87.4"),
    Measure.UNDERWAY_COUNT: Decimal(7),
}

TARGET = TargetTermsFacts(
    kind=Kind.ABSOLUTE,
    pathway=Pathway.SBTI_15,
    part=Part.ALL,
    scopes=(1, 2),
    base_year=2021,
    target_year=2030,
    percent=Decimal(42),
    base=kg("11822"),
    unit="kg CO₂e",
    net_zero_year=2050,
)
MILK = TargetTermsFacts(
    kind=Kind.PHYSICAL_INTENSITY,
    pathway=Pathway.COMPOUND,
    part=Part.FLAG,
    scopes=(1,),
    base_year=2021,
    target_year=2030,
    percent=Decimal(35),
    base=Decimal("742.5"),
    unit="kg CO₂e/t",
    product=OUTPUT,
)
POWER = TargetTermsFacts(
    kind=Kind.RENEWABLE_SHARE,
    pathway=Pathway.LINEAR,
    part=Part.ALL,
    scopes=(2,),
    base_year=2021,
    target_year=2030,
    percent=Decimal(100),
    base=Decimal(8),
    unit="%",
)


def level_facts(measured: dict[Measure, Decimal | None] | None = None) -> tuple[LevelFacts, ...]:
    """The levels of the shipped programme with the values that were measured."""
    values = MEASURED if measured is None else measured
    return tuple(
        LevelFacts(
            rule.id,
            Name(rule.name_zh, rule.name_en),
            Name(rule.text_zh, rule.text_en),
            tuple(
                CriterionFacts(
                    each.measure,
                    MEASURES[each.measure],
                    each.at_least,
                    each.at_most,
                    values.get(each.measure),
                    each.is_met(values.get(each.measure)),
                )
                for each in rule.criteria
            ),
        )
        for rule in read_programme(load_programme()).levels
    )


def covered_of(years: tuple[YearFigures, ...]) -> tuple[YearFigures, ...]:
    """The years within scopes 1 and 2."""
    return tuple(replace(each, scope_3=Decimal(0)) for each in years)


def standing_of(terms: TargetTermsFacts, year: int, actual: Decimal) -> PathStanding:
    """A year beside the path of a target."""
    return PathStanding(
        terms.base,
        actual,
        cut_percent(terms.base, actual),
        allowed(terms.terms, year),
        is_on_path(terms.terms, year, actual),
    )


def path_of(terms: TargetTermsFacts, last: int) -> tuple[TargetPoint, ...]:
    """The path of a target up to a year."""
    return tuple(
        TargetPoint(year, amount) for year, amount in path(terms.terms, terms.base_year, last)
    )


ACTUAL = kg("9013.2381")
STANDING = standing_of(TARGET, YEAR, ACTUAL)
FORECAST = tuple(
    ForecastPoint(year, kg(low), kg(high))
    for year, low, high in (
        (2026, "8310", "8780"),
        (2027, "7720", "8455"),
        (2028, "7350", "8240"),
        (2029, "7105", "8120"),
        (2030, "6940", "8040"),
    )
)


def progress_certificate_facts(**changes: Any) -> ProgressCertificateFacts:
    """Facts of a good ordinary progress certificate, with what the test changes about them."""
    facts = ProgressCertificateFacts(
        number="ZCA-2026-000317",
        code="K7QF29XM4D7A",
        verify_url="https://alliance.example/verify/ZCA-2026-000317?c=K7QF29XM4D7A",
        issued_on=date(2026, 4, 2),
        valid_until=date(2027, 4, 1),
        alliance=ALLIANCE,
        member=MEMBER,
        member_code="M-0142",
        year=YEAR,
        base_year=2021,
        level=recomputed_level(level_facts()),
        levels=level_facts(),
        target=TARGET,
        standing=STANDING,
        years=covered_of(YEARS[1:]),
        path=path_of(TARGET, 2030),
        forecast=FORECAST,
        series=Series.RESTATED,
        restatement_count=1,
        actions=totals_of(actions()),
        quality=Quality(grade="B", score=Decimal("2.37")),
        method=METHOD,
        boundary=Name("运营控制，6 个场所", "Operational control, 6 sites"),
        submission=SUBMISSION,
        decision=Decision(Name("联盟协调员", "Alliance coordinator"), date(2026, 3, 28)),
        inventory_number="ZCA-2026-000142",
    )
    return replace(facts, **_with_level(changes))


def _with_level(changes: dict[str, Any]) -> dict[str, Any]:
    """The level goes with the levels' values, so that a test need not work it out."""
    if "levels" in changes:
        return {"level": recomputed_level(changes["levels"])} | changes
    return changes


def newcomer_levels() -> tuple[LevelFacts, ...]:
    """The levels of a member that has a baseline and nothing else."""
    return level_facts({Measure.BASELINE_APPROVED: Decimal(1)})


def minimal_progress_certificate_facts(**changes: Any) -> ProgressCertificateFacts:
    """Facts of a certificate of a member without target, path or actions."""
    base, actual = kg("16132"), kg("12933.7881")
    bare = progress_certificate_facts(
        levels=newcomer_levels(),
        target=None,
        standing=PathStanding(base, actual, cut_percent(base, actual)),
        years=(YEARS[1], YEARS[5]),
        path=(),
        forecast=(),
        series=Series.REPORTED,
        restatement_count=0,
        actions=NO_ACTIONS,
        inventory_number="",
    )
    return replace(bare, **_with_level(changes))


def target_progress(
    terms: TargetTermsFacts, actual: Decimal, *, is_main: bool = False
) -> TargetProgress:
    """A target with its checks, held against the reported year."""
    way = share_of_way(base=terms.base, actual=actual, target=target_value(terms.terms))
    return TargetProgress(
        terms=terms,
        actual=actual,
        allowed=allowed(terms.terms, YEAR),
        is_on_path=is_on_path(terms.terms, YEAR, actual),
        share_of_way=way,
        checks=tuple(
            CheckFacts(c.name, c.needed_percent, c.given_percent, c.meets, c.formula)
            for c in ambition(terms.terms)
        ),
        is_near_term=is_near_term(terms.target_year, 2024),
        is_main=is_main,
    )


def change_facts(*, with_output: bool = True, **changes: Any) -> ChangeFacts:
    """Why the reported year differs from the one before."""
    before = YearParts(
        kg("13632.6"), kg("13632.6"), kg("120"), Decimal("12110.2") if with_output else None
    )
    after = YearParts(
        kg("12623.7881"), kg("12798.45"), kg("310"), Decimal("12480.5") if with_output else None
    )
    parts = explain(before, after)
    facts = ChangeFacts(
        from_year=2024,
        to_year=YEAR,
        kg_from=before.total,
        kg_to=after.total,
        structure=parts.structure,
        factor=parts.factor,
        activity=parts.activity,
        intensity=parts.intensity,
        undivided=parts.undivided,
        kg_verified=kg("812.4"),
        product=OUTPUT if with_output else Name(""),
        unit="t" if with_output else "",
        output_from=before.output,
        output_to=after.output,
    )
    return replace(facts, **changes)


def restatement() -> RestatementFacts:
    """A farm that was taken over makes the earlier years larger."""
    return RestatementFacts(
        decided_on=date(2026, 2, 10),
        base_year=2021,
        cause=Name("收购一处牧场（结构变化）", "A farm was taken over (structural change)"),
        reason="2024 年 7 月收购青禾第六牧场，按温室气体核算体系重算基准年及其后各年。",
        threshold_percent=Decimal(5),
        change_percent=Decimal("3.2531"),
        years=tuple(
            RestatedYear(
                old.year,
                old.scope_1 + old.scope_2 + old.scope_3,
                new.scope_1 + new.scope_2 + new.scope_3,
            )
            for old, new in zip(AS_REPORTED, YEARS[1:4], strict=True)
        ),
        adjustments=tuple(
            AdjustmentFacts(year, Name(zh, en), kg(tonnes), "按收购前三年台账")
            for year in (2021, 2022, 2023)
            for zh, en, tonnes in (
                ("奶牛肠道发酵", "Enteric fermentation", "412.5"),
                ("外购电力", "Purchased electricity", "96"),
            )
        ),
    )


def progress_report_facts(*, count: int = 12, **changes: Any) -> ProgressReportFacts:
    """Facts of a good ordinary progress report with so many actions, and what the test changes about them."""
    listed = changes.get("actions", actions(count))
    facts = ProgressReportFacts(
        language=Language.ZH,
        issued_on=date(2026, 4, 2),
        certificate_number="ZCA-2026-000317",
        alliance=ALLIANCE,
        member=MEMBER,
        member_code="M-0142",
        year=YEAR,
        base_year=2021,
        level=recomputed_level(level_facts()),
        levels=level_facts(),
        targets=(
            target_progress(TARGET, ACTUAL, is_main=True),
            target_progress(MILK, Decimal("603.2")),
            target_progress(POWER, Decimal("34.5")),
        ),
        standing=STANDING,
        figures=FIGURES,
        years=YEARS[1:],
        as_reported=AS_REPORTED,
        covered=covered_of(YEARS[1:]),
        covered_as_reported=tuple(
            TargetPoint(each.year, each.scope_1 + each.scope_2) for each in AS_REPORTED
        ),
        path=path_of(TARGET, 2030),
        forecast=FORECAST,
        series=Series.RESTATED,
        change=change_facts(),
        totals=totals_of(listed),
        kg_overlap=kg("41.3"),
        actions=listed,
        curve=curve_of(listed),
        tasks=tasks_of(listed),
        removed=(Name("污水站曝气变频", "Variable speed of aeration blowers"),),
        barriers="热泵所需电力增容审批时间长；3-NOP 供应商产能有限。",
        help_wanted="希望联盟组织 3-NOP 集中采购，并分享粪污沼气项目的运行经验。",
        discount_rate=RATE,
        restatements=(restatement(),),
        evidence=tuple(
            EvidenceFile(
                n, f"分项电表读数-{n:02}.xlsx", "application/xlsx", 41_234 * n, f"{n:064x}"
            )
            for n in range(1, 9)
        ),
        intensities=(Intensity(OUTPUT, Decimal("12480.5"), "t", Decimal("1036.32")),),
        quality=Quality(grade="B", score=Decimal("2.37")),
        method=METHOD,
        boundary=Name("运营控制，6 个场所", "Operational control, 6 sites"),
        submission=SUBMISSION,
        decision=Decision(Name("联盟协调员", "Alliance coordinator"), date(2026, 3, 28)),
        inventory=replace(SUBMISSION, version=3, digest="7d" * 32, submitted_on=date(2026, 2, 20)),
        forecast_rule=Name(
            "下限：计划中的措施全部按期见效，产量不变；上限：仅计实施中和已完成的措施。",
            "Low: all planned actions take effect in time, output stays as it is; high: only running and finished actions.",
        ),
        note="本年度数据经财务部与牧场生产部共同核对。",
    )
    return replace(facts, **_with_level(changes))


def minimal_progress_report_facts(**changes: Any) -> ProgressReportFacts:
    """Facts of a report of a member that has one approved year, and nothing planned or measured."""
    base, actual = kg("16132"), kg("16132")
    bare = progress_report_facts(
        certificate_number="",
        levels=newcomer_levels(),
        targets=(),
        standing=PathStanding(base, actual, Decimal(0)),
        years=(YEARS[1],),
        as_reported=(),
        covered=(YEARS[1],),
        covered_as_reported=(),
        path=(),
        forecast=(),
        series=Series.REPORTED,
        change=None,
        actions=(),
        totals=NO_ACTIONS,
        kg_overlap=Decimal(0),
        curve=(),
        tasks=(),
        removed=(),
        barriers="",
        help_wanted="",
        restatements=(),
        evidence=(),
        intensities=(),
        inventory=None,
        decision=None,
        forecast_rule=Name(""),
        note="",
    )
    return replace(bare, **_with_level(changes))
