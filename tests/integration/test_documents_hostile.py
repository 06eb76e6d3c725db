"""Documents of a hostile supplier: what was typed is printed as text, nothing is loaded, nothing leaves its place."""

from __future__ import annotations

import importlib.util
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from portal.documents.certificate_page import render_certificate
from portal.documents.facts import Name
from portal.documents.failures import Failure, RenderingFailed
from portal.documents.press import Enclosure, Press, the_press
from portal.documents.progress_certificate_page import render_progress_certificate
from portal.documents.report import AcknowledgedWarning, EvidenceFile, NotApplicableCategory
from portal.documents.report_pages import render_report
from portal.documents.texts import clean, set_in_type
from tests.factories.facts import certificate_facts, report_facts
from tests.factories.progress_facts import MILK, progress_certificate_facts
from tests.papers import addresses, enclosed, faults, page_count, text_of

CORPUS = Path(__file__).parents[2] / "../shared/badinputs/load_cases.py"
SECONDS_ALLOWED = 20

TEXTS = {
    "html": '"><img src=x onerror=alert(1)><script>alert(1)</script>',
    "fetching": '<style>@import "http://127.0.0.1:9/x.css";</style><object data="file:///etc/hostname">',
    "attachment": '<link rel=attachment href="file:///etc/passwd">',
    "colspan": "<table><tr><td colspan=100000>",
    "css": "</style><style>body{display:none}</style>",
    "jinja": "{{7*7}} {{config}} {% raw %} {# }",
    "svg": '</text></svg><svg><image href="file:///etc/passwd"/></svg>',
    "entities": "&lt;b&gt; &#0; &amp;nbsp;",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 milk 🥛",
    "arabic": "شركة الألبان",
    "thai": "ภาษาไทย",
    "bidi": "invoice\u202efdp.exe \u2066hidden\u2069",
    "tags": "tag\U000e0041\U000e0042\U000e007f end",
    "controls": "a\x00b\x1b[31mred\x07\x85\u2028",
    "invisible": "a\u200bb\ufeffc\u2060d\u00ade",
    "private": "\ue000\U000f0000 \ufffe \U0010ffff end",
    "combining": "e" + "\u0301" * 300,
    "letters": "A" * 20_000,
    "hanzi": "汉" * 20_000,
    "brackets": "(" * 5000,
    "rare": "𠮷野家 㐂 䶮 龘",
    "compatibility": "ﬁ ① ㈱ ℃ Å",
}


def certificate_of(text: str) -> bytes:
    """Give a certificate with the text wherever a member's or an alliance's words may stand."""
    named = Name(text, text)
    facts = certificate_facts()
    return render_certificate(
        replace(
            facts,
            member=named,
            alliance=named,
            boundary=named,
            member_code=text,
            categories=tuple(replace(c, name=named) for c in facts.categories),
            intensities=tuple(replace(i, product=named, unit=text) for i in facts.intensities),
        )
    )


def progress_certificate_of(text: str) -> bytes:
    """Give a progress certificate with the text wherever a member's, an alliance's or a programme's words may stand."""
    named = Name(text, text)
    facts = progress_certificate_facts()
    return render_progress_certificate(
        replace(
            facts,
            member=named,
            alliance=named,
            boundary=named,
            member_code=text,
            target=replace(MILK, product=named, unit=text),
            levels=tuple(
                replace(
                    level,
                    name=named,
                    text=named,
                    criteria=tuple(replace(each, label=named) for each in level.criteria),
                )
                for level in facts.levels
            ),
        )
    )


def report_of(texts: list[str]) -> bytes:
    """Give a report with each text in every place for free words."""
    facts = report_facts(lines=len(texts))
    return render_report(
        replace(
            facts,
            member=Name(texts[0], texts[-1]),
            lines=tuple(
                replace(line, note=text, unit=text, site=text)
                for line, text in zip(facts.lines, texts, strict=True)
            ),
            evidence=tuple(
                EvidenceFile(position, text, text, 1, "0" * 64)
                for position, text in enumerate(texts, start=1)
            ),
            warnings=tuple(AcknowledgedWarning(0, Name(t, t), t) for t in texts),
            not_applicable=tuple(NotApplicableCategory(Name(t, t), t) for t in texts),
            note=" ".join(texts),
        )
    )


def as_printed(text: str, most: int) -> str:
    """What of a text must be found on paper, without spaces, since lines break anywhere."""
    return re.sub(r"\s", "", set_in_type(text, most)).rstrip("…")


@pytest.mark.parametrize("name", TEXTS)
def test_certificate_prints_a_hostile_text_as_text(name):
    started = time.monotonic()
    content = certificate_of(TEXTS[name])
    assert time.monotonic() - started < SECONDS_ALLOWED
    assert faults(content) == []
    assert page_count(content) == 1
    assert as_printed(TEXTS[name], 200) in re.sub(r"\s", "", text_of(content, "-raw"))
    assert addresses(content) == {certificate_facts().verify_url}
    assert set(enclosed(content)) == {"facts.json"}


@pytest.mark.parametrize("name", ["fetching", "css", "svg", "emoji", "bidi", "letters", "hanzi"])
def test_progress_certificate_prints_a_hostile_text_as_text(name):
    content = progress_certificate_of(TEXTS[name])
    assert faults(content) == []
    assert page_count(content) == 1
    assert as_printed(TEXTS[name], 200) in re.sub(r"\s", "", text_of(content, "-raw"))
    assert addresses(content) == {progress_certificate_facts().verify_url}
    assert set(enclosed(content)) == {"facts.json"}


def test_report_prints_all_hostile_texts_as_text():
    started = time.monotonic()
    content = report_of(list(TEXTS.values()))
    assert time.monotonic() - started < 3 * SECONDS_ALLOWED
    assert faults(content) == []
    assert set(enclosed(content)) == {"facts.json"}
    assert addresses(content) == set()
    printed = re.sub(r"\s", "", text_of(content, "-raw"))
    for text in TEXTS.values():
        assert as_printed(text, 80)[:60] in printed


def test_report_prints_every_text_of_the_corpus_as_text():
    """Where the measured corpus lies beside the checkout, all its accepted texts go through one report."""
    texts = ["no corpus here, so this line stands for it", *_corpus()]
    content = report_of([text for text in texts if clean(text)])
    assert faults(content) == []
    assert set(enclosed(content)) == {"facts.json"}


def _corpus() -> list[str]:
    if not CORPUS.is_file():
        return []
    spec = importlib.util.spec_from_file_location("corpus", CORPUS)
    corpus = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(corpus)
    cases = [case for case in corpus.load() if case.get("field") in ("text_short", "text_long")]
    values = (corpus.value(case) for case in cases if case["expect"].startswith("accept"))
    return [value for value in values if isinstance(value, str)]


PROBES = {
    "image": '<img src="file:///etc/hostname" alt="x">',
    "image_http": '<img src="http://127.0.0.1:9/x.png" alt="x">',
    "style": '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
    "import": '<style>@import "file:///etc/hostname";</style>',
    "background": '<p style="background: url(file:///etc/hostname)">x',
    "font": "<style>@font-face{font-family:x;src:url(file:///etc/hostname)}</style>",
    "object": '<object data="file:///etc/hostname"></object>',
    "embed": '<embed src="file:///etc/hostname">',
    "content": "<style>p::before{content:url(file:///etc/hostname)}</style><p>x",
    "list": '<ul style="list-style-image: url(file:///etc/hostname)"><li>x</ul>',
    "data": '<img src="data:image/svg+xml;base64,PHN2Zy8+" alt="x">',
    "unknown_asset": '<img src="asset:../../print.css" alt="x">',
    "attachment": '<link rel="attachment" href="file:///etc/passwd">',
    "attached_link": '<a rel="attachment" href="file:///etc/passwd">x</a>',
}


@pytest.mark.parametrize("name", PROBES)
def test_page_that_asks_for_anything_from_outside_is_refused(name):
    """Even if a text broke out of its place, the press would load nothing."""
    press = Press()  # of its own, since a font that was asked for leaves a folder with it
    page = f'<html lang="en"><title>t</title><body>{PROBES[name]}'
    with pytest.raises(RenderingFailed) as refused:
        press.write(
            press.lay_out(page, press.style("", {})),
            Enclosure(b"{}", "0" * 64, certificate_facts().issued_on),
        )
    assert refused.value.failure is Failure.FORBIDDEN_FETCH


def test_picture_inside_a_picture_is_left_out():
    """WeasyPrint swallows what goes wrong inside an SVG, so here nothing is refused, and nothing is loaded either."""
    press = the_press()
    picture = '<svg><title>t</title><image href="file:///etc/hostname" width="9" height="9"/></svg>'
    page = press.lay_out(f'<html lang="en"><title>t</title>{picture}', press.style("", {}))
    content = press.write(page, Enclosure(b"{}", "0" * 64, certificate_facts().issued_on))
    assert enclosed(content) == {"facts.json": b"{}"}
    assert Path("/etc/hostname").read_bytes().strip() not in content


def test_lone_surrogate_never_reaches_a_document():
    with pytest.raises(ValueError, match="surrogates"):
        certificate_of("\ud800")
