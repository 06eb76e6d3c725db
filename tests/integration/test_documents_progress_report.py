"""The progress report as member and alliance read it: whole and valid in either language, for few actions and for many."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal.documents.facts import Language, Name
from portal.documents.progress_report import ProgressReportFacts
from portal.documents.progress_report_pages import render_progress_report
from portal.domain.actions import Status
from portal.domain.canonical import canonical_json
from portal.domain.levers import Area
from tests.factories.progress_actions import actions, curve_of, tasks_of, totals_of
from tests.factories.progress_facts import (
    change_facts,
    minimal_progress_report_facts,
    progress_report_facts,
)
from tests.papers import addresses, bookmarks, enclosed, faults, languages, page_count, text_of

SECONDS_ALLOWED = 60

CHAPTERS = {
    Language.ZH: [
        "减排进展报告",
        "目标与路径",
        "等级及其依据",
        "各范围排放",
        "变化原因",
        "减排措施",
        "减排成本",
        "边界外避免的排放",
        "三年任务清单",
        "与上一年相比",
        "重算",
        "方法与计算",
        "凭证清单",
    ],
    Language.EN: [
        "Reduction Progress Report",
        "Target and path",
        "Level and its grounds",
        "Emissions by scope",
        "Change explained",
        "Actions",
        "Costs of abatement",
        "Emissions avoided elsewhere",
        "Tasks of three years",
        "Since last year",
        "Restatements",
        "Methods and arithmetic",
        "List of evidence",
    ],
}


@pytest.fixture(scope="module", params=list(Language))
def language(request) -> Language:
    """Give each language in turn."""
    return request.param


@pytest.fixture(scope="module")
def content(language) -> bytes:
    """Give an ordinary report in the language."""
    return render_progress_report(progress_report_facts(language=language))


def printed(content: bytes) -> str:
    """The words of a report in one line, so that breaks of lines don't matter."""
    return re.sub(r"\s+", " ", text_of(content, "-layout"))


def unbroken(content: bytes) -> str:
    """The words of a report without any space, for texts that break inside a cell."""
    return re.sub(r"\s", "", text_of(content, "-raw"))


def test_progress_report_is_archivable_and_accessible(content):
    assert faults(content) == []
    assert languages(content) == {"zh-CN", "en"}
    assert addresses(content) == set()


def test_ordinary_progress_report_has_six_to_twelve_pages(content):
    assert 6 <= page_count(content) <= 12


def test_progress_report_carries_its_facts_as_canonical_json(content, language):
    facts = progress_report_facts(language=language)
    assert enclosed(content) == {"facts.json": canonical_json(facts)}


def test_progress_report_has_a_bookmark_for_each_chapter_in_order(content, language):
    found = [title.strip() for title in bookmarks(content)]
    places = [
        next(i for i, title in enumerate(found) if title.startswith(chapter))
        for chapter in CHAPTERS[language]
    ]
    assert places == sorted(places)


def test_progress_report_counts_its_pages_and_repeats_its_running_heads(content, language):
    pages = text_of(content, "-layout").split("\f")[:-1]
    for number, page in enumerate(pages, start=1):
        assert re.search(rf"\b{number}\s?/\s?{len(pages)}\s*$", page)
    assert all(CHAPTERS[language][0] in page for page in pages[1:])


def test_first_page_sums_the_year_up_for_whoever_reads_no_further(content, language):
    first = re.sub(r"\s+", " ", text_of(content, "-f", "1", "-l", "1", "-raw"))
    wanted = {
        Language.ZH: ("领跑者", "✓ 达标", "9,013.2 tCO₂e", "减少 23.8%", "计划尚不足以达到"),
        Language.EN: ("Pioneer", "✓ On track", "9,013.2 tCO₂e", "23.8% less", "not enough yet"),
    }
    for words in wanted[language]:
        assert words in first, words


def test_level_can_be_worked_out_again_from_the_printed_table(content, language):
    words = printed(content)
    for level in progress_report_facts().levels:
        assert level.name.first(language) in words
        assert level.text.first(language)[:12] in words
        for criterion in level.criteria:
            assert criterion.label.first(language) in words
    for bound in ("≤ 20", "≥ 80", "≤ 3.5", "11.69", "87.4", "2.37"):
        assert bound in words.replace("⩽", "≤").replace("⩾", "≥"), bound


def test_every_year_stands_with_its_path_and_forecast_and_what_was_first_reported(content):
    words = printed(content)
    for number in ("11,822.0", "11,313.5", "9,339.4", "6,940.0", "8,040.0", "6,856.8"):
        assert number in words, number


def test_change_is_divided_and_held_against_verified_savings(content):
    facts = change_facts()
    words = printed(content)
    assert facts.activity is not None
    assert facts.remainder is not None
    for kg in (facts.activity, facts.factor, facts.structure, facts.kg_verified, facts.remainder):
        assert f"{abs(kg) / 1000:,.1f}" in words


def test_every_action_stands_with_its_post_and_no_person(content, language):
    words = unbroken(content)
    for action in actions():
        assert re.sub(r"\s", "", action.name.first(language)) in words
        assert re.sub(r"\s", "", action.owner_post) in words
    assert "当地生物质供应不足，价格高于预算40%。" in words


def test_milestones_that_were_due_before_the_report_are_overdue(content):
    overdue = [each for action in actions() for each in action.overdue(date(2026, 3, 12))]
    assert len(overdue) == 3
    assert printed(content).count("2025-11-30") == 3


def test_restatement_is_told_with_its_reason_and_its_arithmetic(content):
    words = printed(content)
    assert "2024 年 7 月收购青禾第六牧场" in words
    for number in ("15,623.5", "+508.5", "16,132.0", "3.25%"):
        assert number in words, number


def test_methods_show_their_arithmetic_with_its_numbers(content):
    words = printed(content)
    for formula in (
        "11,822.0 × (1 − 4.2% × (2025 − 2020))",
        "4.2 % × (2030 − 2020) = 42 %",
        "1 − (1 − r₁)(1 − r₂)",
        "r × (1 + r)^n ÷ ((1 + r)^n − 1)",
        "r = 8.0%",
    ):
        assert formula in words, formula


def test_evidence_is_listed_with_its_whole_digest_and_its_actions(content):
    words = unbroken(content)
    for file in progress_report_facts().evidence:
        assert file.sha256 in words


def test_same_facts_give_the_same_progress_report_bytes():
    assert render_progress_report(progress_report_facts()) == render_progress_report(
        progress_report_facts()
    )


def test_progress_report_before_the_approval_says_that_nothing_is_decided():
    facts = progress_report_facts(decision=None, certificate_number="")
    assert "尚未审核" in text_of(render_progress_report(facts))


def test_progress_report_of_nothing_at_all_is_valid(language):
    content = render_progress_report(minimal_progress_report_facts(language=language))
    assert faults(content) == []
    nothing = {Language.ZH: "减排计划中还没有措施。", Language.EN: "The plan has no actions yet."}
    assert nothing[language] in printed(content)


def test_progress_report_of_forty_actions_shows_each_of_them(language):
    content = render_progress_report(progress_report_facts(count=40, language=language))
    assert faults(content) == []
    words = unbroken(content)
    for action in actions(40):
        assert re.sub(r"\s", "", action.name.first(language)) in words


def test_year_off_track_says_so_in_words_and_not_only_in_colour(language):
    facts = progress_report_facts(language=language)
    standing = replace(
        facts.standing, actual=Decimal(12_400_000), cut_percent=Decimal("-4.9"), is_on_path=False
    )
    words = printed(render_progress_report(replace(facts, standing=standing)))
    wanted = {
        Language.ZH: ("× 偏离", "增加 4.9%", "高 3,060.6 tCO₂e"),
        Language.EN: ("× Off track", "4.9% more", "3,060.6 tCO₂e above"),
    }
    for phrase in wanted[language]:
        assert phrase in words, phrase


def test_change_without_output_stays_undivided():
    facts = progress_report_facts(change=change_facts(with_output=False))
    words = printed(render_progress_report(facts))
    assert "活动量与强度（未区分）" in words
    assert "无法得出强度，未作对照" in words


def test_actions_that_claim_more_than_fell_are_called_to_account():
    facts = progress_report_facts(change=change_facts(kg_verified=Decimal(2_000_000)))
    assert "措施所称减排大于实际下降，须核对" in printed(render_progress_report(facts))


def test_report_of_a_quarter_says_which():
    assert "2025 第 2 季度" in printed(render_progress_report(progress_report_facts(quarter=2)))


def test_curve_of_an_action_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no action at"):
        progress_report_facts(actions=(), curve=curve_of(actions(3)), tasks=())


def filled_with(text: str, facts: ProgressReportFacts) -> ProgressReportFacts:
    """The facts with the text wherever a member's words may stand."""
    named = Name(text, text)
    listed = tuple(
        replace(
            action,
            name=named,
            site=named,
            source=named,
            owner_post=text,
            supervisor_post=text,
            note=text,
            measured_how=text,
            stopped_reason=text,
            milestones=tuple(replace(step, name=text) for step in action.milestones),
        )
        for action in facts.actions
    )
    return replace(
        facts,
        member=named,
        alliance=named,
        boundary=named,
        member_code=text,
        actions=listed,
        tasks=tuple(replace(task, words=named, post=text) for task in facts.tasks),
        removed=(named,),
        barriers=text,
        help_wanted=text,
        note=text,
        evidence=tuple(replace(file, name=text) for file in facts.evidence),
        restatements=tuple(
            replace(
                each,
                reason=text,
                cause=named,
                adjustments=tuple(
                    replace(item, category=named, reason=text) for item in each.adjustments
                ),
            )
            for each in facts.restatements
        ),
    )


HOSTILE = {
    "html": '"><img src=x onerror=alert(1)><script>alert(1)</script>',
    "fetching": '<style>@import "http://127.0.0.1:9/x.css";</style>',
    "jinja": "{{7*7}} {% raw %} {# }",
    "svg": '</text></svg><svg><image href="file:///etc/passwd"/></svg>',
    "emoji": "👩‍👩‍👧‍👦 milk 🥛",
    "bidi": "invoice\u202efdp.exe \u2066hidden\u2069",
    "letters": "A" * 2000,
    "hanzi": "汉" * 2000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_and_endless_texts_are_printed_as_text(name):
    started = time.monotonic()
    content = render_progress_report(filled_with(HOSTILE[name], progress_report_facts(count=6)))
    assert time.monotonic() - started < SECONDS_ALLOWED
    assert faults(content) == []
    assert addresses(content) == set()
    assert set(enclosed(content)) == {"facts.json"}


def test_enormous_and_tiny_amounts_are_printed_whole():
    listed = tuple(
        replace(action, kg_full_year=action.kg_full_year * 10**9, capex=Decimal(10) ** 13)
        for action in actions(3)
    )
    facts = progress_report_facts(
        actions=listed, curve=curve_of(listed), tasks=tasks_of(listed), totals=totals_of(listed)
    )
    content = render_progress_report(facts)
    assert faults(content) == []
    assert "412,000,000,000" in unbroken(content)


def test_tasks_are_sorted_into_areas_and_by_day():
    listed = tuple(replace(action, status=Status.PLANNED) for action in actions())
    facts = progress_report_facts(actions=listed, tasks=tasks_of(listed))
    words = printed(render_progress_report(facts))
    tasks = words[words.index("期限") :]
    places = [tasks.index(f" {name} ") for name in ("生产", "采购", "仓储", "物流", "牧场")]
    assert places == sorted(places)
    assert {task.area for task in facts.tasks} == set(Area)


def test_actions_cost_as_if_alone_where_no_overlap_was_taken_out():
    words = printed(render_progress_report(progress_report_facts(curve=())))
    assert "各措施单独实施时的全年值" in words
    assert "各措施单独实施时的全年值" not in printed(
        render_progress_report(progress_report_facts())
    )
