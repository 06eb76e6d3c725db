"""The inventory report: every line and its steps, in either language, valid, and findable by bookmark and page."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from portal.documents import report_pages
from portal.documents.facts import Language, Name
from portal.documents.report_pages import render_report
from portal.domain.canonical import canonical_json
from tests.factories.facts import report_facts
from tests.papers import bookmarks, enclosed, faults, languages, page_count, text_of

LINES = 60


@pytest.fixture(scope="module", params=list(Language))
def language(request) -> Language:
    """Give each language in turn."""
    return request.param


@pytest.fixture(scope="module")
def content(language) -> bytes:
    """Give an ordinary report in the language."""
    return render_report(report_facts(lines=LINES, language=language))


def test_report_is_archivable_and_accessible(content):
    assert faults(content) == []
    assert languages(content) == {"zh-CN", "en"}


def test_report_carries_its_facts_as_canonical_json(content, language):
    facts = report_facts(lines=LINES, language=language)
    assert enclosed(content) == {"facts.json": canonical_json(facts)}


def test_report_has_a_bookmark_for_each_chapter(content, language):
    found = [title.strip() for title in bookmarks(content)]
    chapters = {
        Language.ZH: ["温室气体清单报告", "排放总量", "活动数据", "凭证清单", "附录：计算过程"],
        Language.EN: ["Greenhouse Gas", "Totals", "Activity lines", "List of evidence", "Annex"],
    }
    for chapter in chapters[language]:
        assert any(title.startswith(chapter) for title in found), chapter


def test_report_counts_its_pages_and_repeats_its_running_heads(content, language):
    pages = text_of(content, "-layout").split("\f")[:-1]
    assert len(pages) == page_count(content) > 5
    for number, page in enumerate(pages, start=1):
        assert re.search(rf"\b{number} / {len(pages)}\s*$", page)
    running = {Language.ZH: "温室气体清单报告", Language.EN: "Greenhouse Gas Inventory Report"}
    assert all(running[language] in page for page in pages[1:])


def test_report_repeats_the_head_of_a_table_on_each_of_its_pages(content, language):
    heads = {Language.ZH: r"类别\s+场所\s+期间", Language.EN: r"Category\s+Site\s+Period"}
    pages = text_of(content, "-layout").split("\f")
    first_on = [number for number, page in enumerate(pages) if re.search(heads[language], page)]
    assert len(first_on) >= 2


def test_report_shows_every_line_with_its_factor_its_steps_and_its_reason(content, language):
    printed = re.sub(r"\s+", " ", text_of(content, "-layout"))
    for line in report_facts(lines=LINES).lines:
        assert f"{line.quantity:,}".rstrip("0").rstrip(".") in printed
        assert f"{line.quantity} kWh" in printed
    assert "cn.grid.national.2021.average" in printed
    assert "0.5568 kgCO₂/kWh" in printed
    assert "去年按万千瓦时填报，今年改为千瓦时。" in printed
    assert "14,483.7 tCO₂e" in printed
    gas = {Language.ZH: "CH₄（生物源）", Language.EN: "CH₄, biogenic"}
    assert gas[language] in printed


def test_report_before_the_approval_says_that_nothing_is_decided():
    facts = report_facts(lines=1, decision=None, certificate_number="")
    assert "尚未审核" in text_of(render_report(facts))


def test_report_of_nothing_at_all_is_valid():
    nothing = report_facts(
        lines=0,
        gases=(),
        categories=(),
        sites=(),
        evidence=(),
        intensities=(),
        warnings=(),
        not_applicable=(),
        years=(),
        target=(),
        note="",
    )
    assert faults(render_report(nothing)) == []


def test_very_long_list_prints_the_largest_lines_and_says_what_it_leaves_out(monkeypatch):
    monkeypatch.setattr(report_pages, "LINES_PRINTED", 10)
    facts = report_facts(lines=25)
    content = render_report(facts)
    printed = text_of(content, "-layout")
    left_out = sum((line.kg_co2e for line in facts.lines[:15]), Decimal(0))
    assert "其余 15 行合计" in printed
    assert f"{left_out:,.1f}" in printed
    assert f"{facts.lines[24].quantity:,}".rstrip("0").rstrip(".") in printed
    assert f"{facts.lines[0].quantity:,}".rstrip("0").rstrip(".") not in printed
    assert enclosed(content)["facts.json"] == canonical_json(facts)


def test_same_facts_give_the_same_report_bytes():
    facts = report_facts(lines=5)
    assert render_report(facts) == render_report(report_facts(lines=5))


def test_missing_glyphs_are_stood_in_for_and_explained():
    facts = report_facts(lines=1, note="☕️ ok", boundary=Name("边界🌍", "Boundary"))
    printed = text_of(render_report(facts))
    assert "边界〓" in printed
    assert "为字体所缺之字" in printed
