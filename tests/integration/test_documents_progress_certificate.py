"""The progress certificate as people receive it: one page whose level anyone can work out again from what is printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from portal.calculation.pathways import Kind, Part, Pathway
from portal.documents.facts import ActionTotals, LevelFacts, Name, PathStanding, YearFigures
from portal.documents.failures import Failure, RenderingFailed
from portal.documents.making import make
from portal.documents.orders import Kind as DocumentKind
from portal.documents.orders import Order
from portal.documents.progress_certificate import ProgressCertificateFacts, level_from_facts
from portal.documents.progress_certificate_page import render_progress_certificate
from portal.domain.canonical import canonical_json, digest_of_bytes
from portal.domain.levels import Measure
from tests.factories.progress_facts import (
    MEASURED,
    MILK,
    STANDING,
    TARGET,
    level_facts,
    minimal_progress_certificate_facts,
    newcomer_levels,
    path_of,
    progress_certificate_facts,
    standing_of,
)
from tests.papers import (
    addresses,
    drawn,
    enclosed,
    faults,
    fonts,
    languages,
    page_count,
    qr_codes,
    text_of,
)
from tests.snapshots import assert_snapshot

ROOT = Path(__file__).parents[2]

IN_ANOTHER_PROCESS = """
import hashlib
from portal.documents.progress_certificate_page import render_progress_certificate
from tests.factories.progress_facts import progress_certificate_facts
print(hashlib.sha256(render_progress_certificate(progress_certificate_facts())).hexdigest())
"""

HUGE = Decimal("123456789012345.678")
LONG_LEVELS = tuple(
    LevelFacts(
        f"{level.id}_{again}",
        Name(level.name.zh * 6, f"{level.name.en} " * 6),
        Name(level.text.zh * 12, f"{level.text.en} " * 12),
        tuple(
            replace(each, label=Name(each.label.zh * 9, f"{each.label.en} " * 9))
            for each in level.criteria
        ),
    )
    for again in range(3)
    for level in level_facts()
)
NET_ZERO_LATER = replace(TARGET, net_zero_year=2060)

EXTREMES: dict[str, dict[str, Any]] = {
    "longest_names": {
        "member": Name(
            "内蒙古自治区呼和浩特市和林格尔县" * 20, "A Very Long Company Name Limited " * 20
        ),
        "alliance": Name("绿源乳业零碳联盟" * 20, "Lvyuan Dairy Zero-Carbon Alliance " * 20),
        "boundary": Name("运营控制" * 50, "Operational control " * 50),
        "target": replace(TARGET, product=Name("产品" * 100, "Product " * 50)),
    },
    "long_and_many_levels": {"levels": LONG_LEVELS},
    "everything_long": {
        "levels": LONG_LEVELS,
        "member": Name("呼和浩特市青禾牧业" * 20, "A Very Long Company Name Limited " * 20),
        "target": replace(MILK, product=Name("产品" * 100, "Product " * 50), unit="kg" * 50),
    },
    "no_english_name": {"member": Name("青禾牧业"), "alliance": Name("绿源零碳联盟")},
    "no_chinese_name": {"member": Name("", "Hohhot Qinghe Dairy Farming Co., Ltd.")},
    "no_space": {"member": Name("A" * 20_000, "B" * 20_000)},
    "enormous": {
        "standing": PathStanding(HUGE, HUGE * 3, Decimal(-200), HUGE / 2, False),
        "actions": ActionTotals(*(123_456,) * 5, *(HUGE,) * 5),
        "years": (YearFigures(2021, HUGE, HUGE, HUGE),),
    },
    "tiny": {
        "standing": PathStanding(Decimal("0.0004"), Decimal("0.0000012"), Decimal("99.7")),
        "years": (YearFigures(2021, Decimal("0.0004"), Decimal(0), Decimal(0)),),
        "path": (),
        "forecast": (),
    },
    "path_to_net_zero": {"target": NET_ZERO_LATER, "path": path_of(NET_ZERO_LATER, 2060)},
    "intensity": {
        "target": MILK,
        "standing": standing_of(MILK, 2025, Decimal("603.2")),
        "years": (
            YearFigures(2021, Decimal("742.5"), Decimal(0), Decimal(0)),
            YearFigures(2025, Decimal("603.2"), Decimal(0), Decimal(0)),
        ),
        "path": path_of(MILK, 2030),
        "forecast": (),
    },
    "no_level": {"levels": level_facts({})},
    "no_levels_at_all": {"levels": ()},
    "nothing": {"target": None, "years": (), "path": (), "forecast": ()},
    "unprintable_name": {"member": Name("牛奶🥛有限公司", "شركة Milk")},
}


@pytest.fixture(scope="module")
def content() -> bytes:
    """Give an ordinary progress certificate."""
    return render_progress_certificate(progress_certificate_facts())


def printed(facts: ProgressCertificateFacts) -> str:
    """The words of a certificate, each space once."""
    return re.sub(r"\s+", " ", text_of(render_progress_certificate(facts), "-raw"))


def test_progress_certificate_is_archivable_and_accessible(content):
    assert faults(content) == []
    assert languages(content) == {"zh-CN", "en"}
    assert fonts(content) == {"Portal-Sans-All", "Portal-Sans-All-Bold"}


def test_progress_certificate_says_what_it_should_in_both_languages(content):
    assert page_count(content) == 1
    assert_snapshot("documents/progress_certificate.txt", text_of(content, "-raw"))


def test_progress_certificate_carries_its_facts_as_canonical_json(content):
    assert enclosed(content) == {"facts.json": canonical_json(progress_certificate_facts())}


def test_qr_code_read_from_paper_opens_the_page_that_verifies(content, tmp_path):
    assert qr_codes(drawn(content, tmp_path, dpi=100)) == [progress_certificate_facts().verify_url]
    assert addresses(content) == {progress_certificate_facts().verify_url}


def test_same_facts_give_the_same_bytes_in_this_and_in_any_other_process(content, tmp_path):
    assert render_progress_certificate(progress_certificate_facts()) == content
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS]
    other = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, check=True)
    assert other.stdout.decode().strip() == digest_of_bytes(content)


def test_order_for_a_progress_certificate_is_answered_with_the_same_bytes(content):
    order = Order(DocumentKind.PROGRESS_CERTIFICATE, canonical_json(progress_certificate_facts()))
    assert make(Order.read(order.as_bytes())) == content


def test_order_with_other_facts_is_refused():
    with pytest.raises(RenderingFailed) as refused:
        make(Order(DocumentKind.PROGRESS_CERTIFICATE, b'{"level":"pioneer"}'))
    assert refused.value.failure is Failure.BAD_FACTS


@pytest.mark.parametrize("case", EXTREMES)
def test_extreme_facts_stay_on_one_valid_page(case):
    content = render_progress_certificate(progress_certificate_facts(**EXTREMES[case]))
    assert page_count(content) == 1
    assert faults(content) == []


def test_certificate_of_a_newcomer_says_that_there_is_no_target_and_no_action():
    content = render_progress_certificate(minimal_progress_certificate_facts())
    words = text_of(content, "-raw")
    assert faults(content) == []
    assert page_count(content) == 1
    assert "参与者 Participant" in words
    assert "尚无经批准的目标" in words
    assert "There is no approved target yet" in words
    assert "原报数据 as reported" in words
    assert "减排措施 Actions 0" in words


def test_every_condition_is_printed_with_what_is_asked_and_what_was_measured():
    words = printed(progress_certificate_facts())
    for row in (
        "承诺者 Committed 减排计划已批准 Plan approved 是 yes 是 yes 是 yes",
        "达标者 On track 数据质量评分，1 最好 Data quality, 1 best ≤ 4 2.37 是 yes",
        "领跑者 Pioneer 减排幅度位次，前 % Place by cut, top % ≤ 20 11.69 是 yes",
        "领跑者 Pioneer 有证据的减排量，% Savings proven, % ≥ 80 87.4 是 yes",
    ):
        assert row in words


def test_level_falls_with_the_value_that_it_rests_on():
    measured = MEASURED | {Measure.VERIFIED_SHARE: Decimal(79)}
    facts = progress_certificate_facts(levels=level_facts(measured))
    assert level_from_facts(facts) == facts.level == "on_track"
    words = printed(facts)
    assert "等级为 has reported its progress for 2025" in words
    assert "达标者 On track 本年度排放不高于目标路径允许的水平" in words
    assert "≥ 80 79 否 no" in words


def test_conditions_beyond_the_room_are_left_to_the_enclosed_data():
    words = printed(progress_certificate_facts(levels=LONG_LEVELS))
    assert "较低等级的条件见所附数据" in words
    assert "较低等级" not in printed(progress_certificate_facts())


def test_year_above_its_base_and_off_its_path_is_called_so():
    standing = replace(
        STANDING, actual=STANDING.base * 2, cut_percent=Decimal(-100), is_on_path=False
    )
    words = printed(progress_certificate_facts(standing=standing))
    assert "+100.0% 较 2021 年 since 2021" in words
    assert "在路径之内 On or below the path 否 no" in words


def test_avoided_emissions_stand_apart_from_savings():
    totals = ActionTotals(
        0, 0, 1, 0, 0, *(Decimal(kg) for kg in ("1000", "2000", "3000", "4000", "5000"))
    )
    words = printed(progress_certificate_facts(actions=totals))
    assert "本年预期减排 Saving expected this year 1.0" in words
    assert "实测减排 Saving measured 2.0" in words
    assert "其中有证据证明 of it proven by evidence 3.0" in words
    assert "边界外避免排放 Avoided outside 5.0" in words
    assert "avoided emissions are never netted" in words


def test_target_is_said_in_words_with_its_part_path_and_product():
    target = replace(MILK, part=Part.NON_FLAG, pathway=Pathway.LINEAR, kind=Kind.PHYSICAL_INTENSITY)
    words = printed(progress_certificate_facts(target=target)).replace(" ", "")
    assert "每单位生鲜乳（FPCM）的排放量（不含土地与畜牧）" in words
    assert "35%lessin2030thanin2021,onastraightline" in words


def test_facts_that_can_never_fit_on_one_page_are_refused():
    claims = (Name("本证书不作此声明。" * 20, "It does not say this at all. " * 20),) * 20
    with pytest.raises(RenderingFailed) as refused:
        render_progress_certificate(progress_certificate_facts(does_not_claim=claims))
    assert refused.value.failure is Failure.TOO_LONG


def test_later_template_versions_leave_issued_certificates_alone():
    assert progress_certificate_facts().template == "progress_certificate/v1"
    assert minimal_progress_certificate_facts(levels=newcomer_levels()).level == "participant"
