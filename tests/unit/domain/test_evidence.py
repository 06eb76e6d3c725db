"""Evidence rules: which kinds, how many, how large, and what a verdict says."""

from __future__ import annotations

import pytest

from portal.domain.evidence import (
    LARGEST_FILE,
    LARGEST_TOTAL_A_MEMBER,
    MEDIA_TYPES,
    MESSAGES,
    MIB,
    NOTE_TEXTS,
    REASONS,
    EvidenceKind,
    Note,
    Outcome,
    accept,
    kind_of_name,
    kind_of_start,
    quota_problems,
    reject,
)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.PDF", EvidenceKind.PDF),
        ("a.jpg", EvidenceKind.JPEG),
        ("a.jpeg", EvidenceKind.JPEG),
        ("报告.xlsx", EvidenceKind.XLSX),
        ("a.b.csv", EvidenceKind.CSV),
    ],
)
def test_extension_claims_a_kind(name, kind):
    assert kind_of_name(name) is kind


@pytest.mark.parametrize("name", ["a.svg", "a.xlsm", "a.pdf.exe", "pdf", "", "a.", "a.html"])
def test_other_extensions_claim_nothing(name):
    assert kind_of_name(name) is None


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"%PDF-1.7\n", EvidenceKind.PDF),
        (b"\n" * 1000 + b"%PDF-1.7\n", EvidenceKind.PDF),
        (b"PK\x03\x04rest", EvidenceKind.XLSX),
        (b"\x89PNG\r\n\x1a\n", EvidenceKind.PNG),
        (b"\xff\xd8\xff\xe0", EvidenceKind.JPEG),
        (b"site,period\n", EvidenceKind.CSV),
        (b"GIF89a", None),
        (b"%!PS-Adobe-3.0", None),
        (b"8BPS", None),
        (b"MZ\x90", None),
    ],
)
def test_first_bytes_show_a_kind(start, kind):
    assert kind_of_start(start) is kind


def test_header_past_the_first_kilobyte_is_no_pdf():
    assert kind_of_start(b"\n" * 2000 + b"%PDF-1.7\n") is not EvidenceKind.PDF


def test_active_content_flags_and_quiet_notes_do_not():
    assert accept(EvidenceKind.PDF, [Note.SCRIPT, Note.SCRIPT]).outcome is Outcome.FLAGGED
    quiet = accept(EvidenceKind.PDF, [Note.SEVERAL_REVISIONS])
    assert quiet.outcome is Outcome.ACCEPTED
    assert quiet.notes == (Note.SEVERAL_REVISIONS,)


def test_refusal_becomes_a_problem_that_names_the_file():
    (problem,) = reject("evidence.encrypted").problems("file", "账单.pdf")
    assert problem.field == "file"
    assert "账单.pdf" in MESSAGES[problem.code] % problem.named_values
    assert accept(EvidenceKind.PNG).problems("file", "a.png") == ()


def test_quota_names_every_limit_that_is_passed():
    assert quota_problems("file", new_sizes=[1] * 20, kept_files=1980, kept_bytes=0) == ()
    full = quota_problems(
        "file",
        new_sizes=[LARGEST_FILE + 1] * 21,
        kept_files=1990,
        kept_bytes=LARGEST_TOTAL_A_MEMBER,
    )
    assert [each.code for each in full] == [
        "evidence.too_many_at_once",
        "evidence.too_large",
        "evidence.too_many",
        "evidence.store_full",
    ]
    for problem in full:
        assert MESSAGES[problem.code] % problem.named_values


def test_largest_total_may_be_reached_but_not_passed():
    room = LARGEST_TOTAL_A_MEMBER - 5 * MIB
    assert quota_problems("file", new_sizes=[5 * MIB], kept_files=0, kept_bytes=room) == ()
    assert quota_problems("file", new_sizes=[5 * MIB + 1], kept_files=0, kept_bytes=room)


def test_every_kind_note_and_reason_has_its_words():
    assert set(MEDIA_TYPES) == set(EvidenceKind)
    assert set(NOTE_TEXTS) == set(Note)
    assert all("%(name)s" in text for text in REASONS.values())
