"""The certificate as people receive it: one page, valid as PDF/A-3u and PDF/UA-1, the same bytes everywhere."""

from __future__ import annotations

import io
import os
import runpy
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from weasyprint import HTML

from portal.documents.certificate_page import certificate_html, render_certificate
from portal.documents.facts import Intensity, Name, ScopeFigures
from portal.documents.failures import Failure, RenderingFailed
from portal.documents.press import Enclosure, the_press
from portal.domain.canonical import canonical_json, digest, digest_of_bytes
from tests.factories.facts import ALLIANCE, CATEGORIES, YEARS, certificate_facts
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
OTHER_CHECK = ROOT / "../shared/pdf/pdfcheck.py"

IN_ANOTHER_PROCESS = """
import hashlib
from portal.documents.certificate_page import render_certificate
from tests.factories.facts import certificate_facts
print(hashlib.sha256(render_certificate(certificate_facts())).hexdigest())
"""

ENORMOUS = ScopeFigures(
    *(Decimal(n) for n in ("123456789012345.678", "98765432109876", "0", "5", "1"))
)
TINY = ScopeFigures(*(Decimal(n) for n in ("0.0004", "0.00000012", "0", "0.03", "0")))

EXTREMES: dict[str, dict[str, Any]] = {
    "longest_names": {
        "member": Name(
            "内蒙古自治区呼和浩特市和林格尔县" * 20, "A Very Long Company Name Limited " * 20
        ),
        "alliance": Name("绿源乳业零碳联盟" * 20, "Lvyuan Dairy Zero-Carbon Alliance " * 20),
        "boundary": Name("运营控制" * 50, "Operational control " * 50),
        "intensities": (
            Intensity(Name("产品" * 100, "Product " * 50), Decimal(1), "t" * 50, Decimal("1E+15")),
        )
        * 3,
    },
    "no_english_name": {"member": Name("青禾牧业"), "alliance": Name("绿源零碳联盟")},
    "no_chinese_name": {"member": Name("", "Hohhot Qinghe Dairy Farming Co., Ltd.")},
    "no_space": {"member": Name("A" * 20_000, "B" * 20_000)},
    "enormous": {"figures": ENORMOUS, "target": ()},
    "tiny": {"figures": TINY, "categories": CATEGORIES[:1], "years": (), "target": ()},
    "base_year": {"base_year": 2025, "years": YEARS[-1:], "target": (), "intensities": ()},
    "nothing": {
        "figures": ScopeFigures(*(Decimal(0),) * 5),
        "categories": (),
        "years": (),
        "target": (),
    },
    "unprintable_name": {"member": Name("牛奶🥛有限公司", "شركة Milk")},
}


@pytest.fixture(scope="module")
def content() -> bytes:
    """Give an ordinary certificate."""
    return render_certificate(certificate_facts())


def test_certificate_is_archivable_and_accessible(content):
    assert faults(content) == []
    assert languages(content) == {"zh-CN", "en"}
    assert fonts(content) == {"Portal-Sans-All", "Portal-Sans-All-Bold"}


def test_certificate_says_what_it_should_in_both_languages(content):
    assert page_count(content) == 1
    assert_snapshot("documents/certificate.txt", text_of(content, "-raw"))


def test_certificate_carries_its_facts_as_canonical_json(content):
    assert enclosed(content) == {"facts.json": canonical_json(certificate_facts())}


def test_certificate_has_title_language_and_an_identifier_made_of_its_facts(content):
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert "ZCA-2026-000142" in str(pdf.docinfo.Title)
        assert str(pdf.Root.Lang) == "zh-CN"
        assert bytes(pdf.trailer.ID[0]).decode() == digest(certificate_facts())[:32]
        assert str(pdf.docinfo.CreationDate).startswith("D:20260402")


def test_qr_code_read_from_paper_opens_the_page_that_verifies(content, tmp_path):
    assert qr_codes(drawn(content, tmp_path, dpi=100)) == [certificate_facts().verify_url]
    assert addresses(content) == {certificate_facts().verify_url}


def test_same_facts_give_the_same_bytes_in_the_same_process(content):
    assert render_certificate(certificate_facts()) == content


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LANG": "C.UTF-8"},
        {"PYTHONHASHSEED": "2", "TZ": "America/New_York", "LANG": "C", "SOURCE_DATE_EPOCH": "1"},
    ],
)
def test_same_facts_give_the_same_bytes_in_any_other_process(content, surroundings, tmp_path):
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **surroundings}
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS]
    other = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, check=True)
    assert other.stdout.decode().strip() == digest_of_bytes(content)


def test_other_facts_give_other_bytes(content):
    assert render_certificate(certificate_facts(code="OTHER")) != content


@pytest.mark.parametrize("case", EXTREMES)
def test_extreme_facts_stay_on_one_valid_page(case):
    content = render_certificate(certificate_facts(**EXTREMES[case]))
    assert page_count(content) == 1
    assert faults(content) == []


def test_enormous_figures_are_printed_whole():
    printed = text_of(render_certificate(certificate_facts(figures=ENORMOUS)), "-layout")
    for figure in ("222,222,221,122", "123,456,789,012", "98,765,432,110"):
        assert figure in printed


def test_character_without_glyph_is_stood_in_for_and_explained(content):
    printed = text_of(render_certificate(certificate_facts(**EXTREMES["unprintable_name"])))
    assert "牛奶〓有限公司" in printed
    assert "〓 stands for a character that the font lacks" in printed
    assert "〓" not in text_of(content)


def test_facts_that_can_never_fit_on_one_page_are_refused():
    claims = (Name("本证书不作此声明。" * 20, "It does not say this at all. " * 20),) * 20
    with pytest.raises(RenderingFailed) as refused:
        render_certificate(certificate_facts(does_not_claim=claims))
    assert refused.value.failure is Failure.TOO_LONG


def test_unknown_template_is_refused():
    with pytest.raises(RenderingFailed) as refused:
        render_certificate(certificate_facts(template="../../parts"))
    assert refused.value.failure is Failure.BAD_FACTS


def test_press_refuses_a_page_with_a_glyph_missing():
    """The templates never get so far; this is the net below them."""
    press = the_press()
    page = press.lay_out("<html lang=ar><title>t</title><p>العربية", press.style("", {}))
    with pytest.raises(RenderingFailed) as refused:
        press.write(page, Enclosure(b"{}", "0" * 64, certificate_facts().issued_on))
    assert refused.value.failure is Failure.MISSING_GLYPHS
    assert "ع" in refused.value.detail


def test_checks_see_what_a_plain_pdf_lacks():
    """A plain PDF of the same page fails in every respect, so the checks are not asleep."""
    page = certificate_html(certificate_facts()).replace('lang="zh-CN"', "", 1)
    plain = HTML(string=page).write_pdf()
    found = " ".join(faults(plain))
    for fault in ("pdfaid", "pdfuaid", "output intent", "tags", "language", "associated", "link"):
        assert fault in found


def _figure_without_words(pdf: pikepdf.Pdf) -> None:
    figures = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/Alt" in o]
    del figures[0]["/Alt"]


def _file_named_twice(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AF.append(pdf.Root.AF[0])


def _link_that_is_hidden(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Annots[0].F = 2


def _script_on_opening(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


@pytest.mark.parametrize(
    "spoil", [_figure_without_words, _file_named_twice, _link_that_is_hidden, _script_on_opening]
)
def test_checks_see_each_fault_that_is_put_in(content, spoil):
    spoiled = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        spoil(pdf)
        pdf.save(spoiled)
    assert len(faults(spoiled.getvalue())) == 1


def test_another_checker_agrees(content, tmp_path):
    """Where the measured gate lies beside the checkout, it passes too; ours stands on its own."""
    path = tmp_path / "certificate.pdf"
    path.write_bytes(content)
    checks = [runpy.run_path(str(OTHER_CHECK))["check"]] if OTHER_CHECK.is_file() else []
    assert [check(path) for check in checks] == [[]] * len(checks)
    assert faults(content) == []


def test_later_template_versions_leave_issued_certificates_alone():
    """The template's name is one of the facts, so a new version renders old facts as they were."""
    facts = certificate_facts()
    assert facts.template == "certificate/v1"
    assert replace(facts, alliance=ALLIANCE) == facts
