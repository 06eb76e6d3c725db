"""What people read: each kind of letter in each language, as kept in tests/snapshots/mail."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from portal.mail.catalogues import CHINESE, ENGLISH, catalogue
from portal.mail.kinds import KINDS, MessageKind
from portal.mail.messages import LONGEST_SUBJECT, one_line
from portal.resources import TEMPLATES
from tests.factories.letters import BASE_URL, words_of
from tests.snapshots import assert_snapshot

LANGUAGES = (ENGLISH, CHINESE)
CJK = "[\u3400-\u9fff]"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MessageKind)
def test_letter_reads_as_kept(kind: MessageKind, language: str) -> None:
    words = words_of(kind, language)
    assert_snapshot(f"mail/{kind}.{language}.txt", f"{words.subject}\n\n{words.text}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_reads_as_kept(language: str) -> None:
    words = words_of(MessageKind.RETURNED, language)
    assert_snapshot(f"mail/returned.{language}.html", words.html)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (MessageKind.REMINDER, {"days_left": 1}),
        (MessageKind.REMINDER, {"days_left": 0}),
        (MessageKind.REMINDER, {"days_left": -3, "note": ""}),
        (MessageKind.RETURNED, {"findings": 0}),
        (MessageKind.RETURNED, {"findings": 1}),
        (MessageKind.RETURNED, {"about": "plan"}),
        (MessageKind.RETURNED, {"about": "restatement", "findings": 0}),
        (MessageKind.SUBMISSION_RECEIVED, {"about": "plan"}),
        (MessageKind.APPROVED, {"about": "plan"}),
        (MessageKind.APPROVED, {"about": "progress"}),
        (MessageKind.APPROVED, {"about": "progress", "quarter": 2}),
        (MessageKind.APPROVED, {"about": "restatement"}),
        (MessageKind.CERTIFICATE_ISSUED, {"about": "progress", "level": "Pioneer"}),
        (MessageKind.TWO_FACTOR_CHANGED, {"change": "off"}),
        (MessageKind.TWO_FACTOR_CHANGED, {"change": "replaced"}),
        (MessageKind.TWO_FACTOR_CHANGED, {"change": "codes", "device": ""}),
        (MessageKind.INVITATION, {"member": ""}),
        (MessageKind.RECOVERY_CODE_USED, {"left": 7}),
        (MessageKind.IMPORT_ENDED, {"outcome": "problems"}),
        (MessageKind.IMPORT_ENDED, {"outcome": "ready"}),
        (MessageKind.IMPORT_ENDED, {"outcome": "refused"}),
    ],
)
def test_variants_read_as_kept(kind: MessageKind, changes: dict[str, object]) -> None:
    name = "-".join(f"{key}={value}" for key, value in changes.items())
    both = (words_of(kind, language, **changes) for language in LANGUAGES)
    text = "\n=====\n\n".join(f"{words.subject}\n\n{words.text}" for words in both)
    assert_snapshot(f"mail/variants/{kind}.{name}.txt", text)


def test_letter_without_a_kind_of_paper_is_about_the_report_of_a_year() -> None:
    assert words_of(MessageKind.APPROVED, about="") == words_of(MessageKind.APPROVED)


@pytest.mark.parametrize("kind", MessageKind)
def test_html_says_the_same_as_the_text(kind: MessageKind) -> None:
    words = words_of(kind, CHINESE)
    assert _squeezed(_shown_in(words.html)) == _squeezed(words.text.replace("\n-- \n", "\n"))


@pytest.mark.parametrize("kind", MessageKind)
def test_chinese_letter_has_no_english_left_and_no_halfwidth_punctuation(kind: MessageKind) -> None:
    words = words_of(kind, CHINESE)
    own = words.subject + words.text.replace(BASE_URL, "")
    catalogued = catalogue(CHINESE)
    assert not re.search(r"\b(the|your|you|was|is)\b", own, re.IGNORECASE)
    assert not re.search(rf"{CJK}[,.:;?!()]|[,.:;?!()]{CJK}", own)
    assert catalogued.gettext("Look at the report") == "查看报告"


@pytest.mark.parametrize("kind", MessageKind)
def test_links_lead_to_the_portal_only(kind: MessageKind) -> None:
    words = words_of(kind)
    links = re.findall(r"https?://[^\s<\"]+", words.text + words.html)
    assert links
    assert all(link.startswith(BASE_URL) for link in links)


@pytest.mark.parametrize(
    ("wanted", "tag"),
    [
        ("zh", "zh-Hans"),
        ("zh_Hans_CN", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("en", "en"),
        ("fr", "en"),
    ],
)
def test_language_of_a_person(wanted: str, tag: str) -> None:
    assert words_of(MessageKind.APPROVED, wanted).language_tag == tag


def test_html_escapes_what_people_typed() -> None:
    evil = "<img src=x onerror=alert(1)>&\"'"
    words = words_of(MessageKind.RETURNED, member=evil, reason=evil, to_name=evil)
    assert "<img" not in words.html
    assert words.html.count("&lt;img") == 4
    assert evil in words.text


def test_typed_template_code_is_only_text() -> None:
    words = words_of(MessageKind.RETURNED, reason="{{ 7 * 7 }} {% include 'x' %} %(year)s %s")
    assert "{{ 7 * 7 }} {% include 'x' %} %(year)s %s" in words.text


def test_line_breaks_and_turning_marks_stay_out_of_subject_and_names() -> None:
    evil = "A\r\nBcc: x@example.com\u2028\u202egnp\x00\x1b[2J"
    words = words_of(MessageKind.RETURNED, member=evil, to_name=evil)
    assert words.subject == ("Questions about the 2025 report of A Bcc: x@example.com gnp [2J")
    assert not re.search("[\u202e\x00\x1b\r]", words.text + words.html)
    assert words.text.startswith("Hello A Bcc: x@example.com gnp [2J,\n")


def test_reason_of_several_lines_stays_a_quotation() -> None:
    words = words_of(MessageKind.RETURNED, reason="First.\r\n\r\n-- \r\nhttps://evil.example")
    assert "\n> First.\n> \n> --\n> https://evil.example\n" in words.text
    assert 'href="https://evil.example' not in words.html


def test_subject_has_an_end() -> None:
    words = words_of(MessageKind.RETURNED, member="名" * 1000)
    assert len(words.subject) == LONGEST_SUBJECT


def test_letter_without_a_name_greets_all_the_same() -> None:
    assert words_of(MessageKind.APPROVED, to_name="").text.startswith("Hello,\n")


def test_every_kind_has_its_template_and_every_template_its_kind() -> None:
    names = {path.stem for path in (TEMPLATES / "mail").glob("*.txt")} - {"layout", "parts"}
    assert names == {kind.value for kind in MessageKind} == {kind.value for kind in KINDS}


def test_one_line_keeps_what_can_be_seen() -> None:
    assert one_line("  青山\t乳业\u00a0 (集团)\u200b\n") == "青山 乳业 (集团)"


class _Shown(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in ("style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)


def _shown_in(html: str) -> str:
    parser = _Shown()
    parser.feed(html)
    return "".join(parser.pieces)


def _squeezed(text: str) -> str:
    """Text without the marks that only one of the two forms has: spaces, quotation marks, colons after labels."""
    return re.sub(r"[\s>：]", "", text)
