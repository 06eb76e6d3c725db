"""The public page of a certificate: for anybody, without cookies, and as silent about a wrong code as about no number."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest

from portal.services import certificates, review, submissions
from portal.store.certificates import Certificate
from portal.store.inventories import Inventory
from portal.store.submissions import Submission
from tests.browsers import ORIGIN, Browser
from tests.factories.scenes import SIGNED, Scene
from tests.factories.suppliers import unknown_uid

PDF = b"%PDF-1.7 the certificate as it was issued"
LogIn = Callable[..., Browser]


@pytest.fixture
def issued(scene: Scene) -> Certificate:
    """A valid certificate with its document."""
    certificate = scene.certificate(scene.approved(scene.member("M-0001"), 2025))
    work = scene.as_coordinator(5)
    certificates.keep_document(work, certificate, "certificate", PDF)
    work.commit()
    return certificate


def page_of(certificate: Certificate, *, code: str | None = None) -> str:
    return f"/verify/{certificate.number}?c={code or certificate.code}&lang=en"


def test_right_code_shows_the_public_facts_and_sets_no_cookie(
    browser: Browser, issued: Certificate
) -> None:
    answer = browser.get(page_of(issued))
    assert answer.status_code == 200
    for fact in (issued.number, "M-0001 Co., Ltd", "2025", "Valid", issued.facts_digest):
        assert fact in answer.text
    assert "Set-Cookie" not in answer.headers
    assert "<script" not in answer.text
    for private in ("李雷", "总经理", "@example.com"):
        assert private not in answer.text


def test_wrong_code_and_unknown_number_are_answered_with_the_same_words(
    browser: Browser, issued: Certificate
) -> None:
    unknown = f"{issued.number[:-5]}99999"
    bodies = set()
    for number, code in (
        (issued.number, "aaaaaaaaaaaaaaaa"),
        (issued.number, ""),
        (unknown, issued.code),
    ):
        answer = browser.get(f"/verify/{number}?c={code}&lang=en")
        assert answer.status_code == 404
        bodies.add(answer.text.replace(number, "N").replace(f"c={code}", "c="))
    assert len(bodies) == 1


def test_certificate_that_is_not_made_yet_is_not_known(browser: Browser, scene: Scene) -> None:
    waiting = scene.certificate(scene.approved(scene.member("M-0001"), 2025))
    assert browser.get(page_of(waiting)).status_code == 404


def test_revoked_certificate_says_so_with_its_reason_at_once(
    browser: Browser, scene: Scene, issued: Certificate
) -> None:
    work = scene.as_coordinator(9)
    certificates.revoke(work, issued.uid, "A meter was read wrongly <twice>.")
    work.commit()
    answer = browser.get(page_of(issued))
    assert answer.status_code == 200
    assert "A meter was read wrongly &lt;twice&gt;." in answer.text
    assert "notice-good" not in answer.text


def test_replaced_certificate_leads_to_the_newer_one(
    browser: Browser, scene: Scene, issued: Certificate
) -> None:
    approved = scene.session.get_one(Submission, issued.submission_id)
    inventory = scene.session.get_one(Inventory, approved.inventory_id)
    review.reopen(scene.as_coordinator(9), approved.uid, "A meter was read wrongly.")
    again = submissions.submit(scene.as_supplier("M-0001", 10), inventory, SIGNED)
    work = scene.as_coordinator(11)
    review.approve_submission(work, again.uid)
    newer = scene.certificate(again)
    certificates.keep_document(work, newer, "certificate", PDF + b"2")
    work.commit()
    page = browser.get(page_of(issued)).text
    assert f'href="/verify/{newer.number}?c={newer.code}"' in page
    assert "notice-good" not in page
    assert "This is the issued file" in uploaded(browser, newer, PDF + b"2")


def uploaded(browser: Browser, certificate: Certificate, content: bytes | None) -> str:
    data: dict[str, object] = {"c": certificate.code}
    if content is not None:
        data["file"] = (io.BytesIO(content), "certificate.pdf", "application/pdf")
    answer = browser.post(f"/verify/{certificate.number}?lang=en", data)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    return answer.text


def test_upload_tells_the_issued_file_from_any_other(browser: Browser, issued: Certificate) -> None:
    assert "This is the issued file" in uploaded(browser, issued, PDF)
    for place in (0, len(PDF) // 2, len(PDF) - 1):
        changed = bytearray(PDF)
        changed[place] ^= 1
        assert "This is not the issued file" in uploaded(browser, issued, bytes(changed))
    assert "This is not the issued file" in uploaded(browser, issued, PDF + b"\n")
    assert "Choose the PDF file first" in uploaded(browser, issued, None)


def test_form_takes_number_and_code_as_people_type_them(
    browser: Browser, issued: Certificate
) -> None:
    typed = f"/verify?number=%20{issued.number.lower()}%20&c=%20{issued.code}%20"
    answer = browser.get(typed)
    assert answer.status_code == 303
    assert browser.get(answer.location).status_code == 200


def test_form_forgives_wide_letters_and_a_code_in_groups(
    browser: Browser, issued: Certificate
) -> None:
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in issued.number)
    grouped = " ".join(issued.code[place : place + 4] for place in range(0, 16, 4))
    sent = browser.get("/verify", query_string={"number": wide, "c": grouped})
    assert sent.status_code == 303
    assert browser.get(sent.location).status_code == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"number": "", "c": "po2v4kmdgxvgt34x"}, "Enter the number"),
        ({"number": "DAIRY-2026-00001", "c": " "}, "Enter the check code"),
    ],
)
def test_form_says_what_is_missing_and_keeps_the_rest(
    browser: Browser, typed: dict[str, str], said: str
) -> None:
    answer = browser.get("/verify", query_string=typed | {"lang": "en"})
    assert answer.status_code == 422
    assert said in answer.text
    assert (typed["number"] or typed["c"]) in answer.text


def test_document_is_handed_out_as_a_file_to_those_who_may_read_it(
    scene: Scene, issued: Certificate, log_in: LogIn, browser: Browser
) -> None:
    path = f"/certificates/{issued.uid}/document"
    own = log_in(scene.people["M-0001"]).get(f"/supplier{path}")
    assert own.data == PDF
    assert own.headers["Content-Type"] == "application/pdf"
    assert own.headers["Content-Disposition"] == f"attachment; filename={issued.number}.pdf"
    assert own.headers["X-Content-Type-Options"] == "nosniff"
    assert own.headers["Cache-Control"] == "no-store"
    assert "sandbox" in own.headers["Content-Security-Policy"]
    assert log_in(scene.coordinator).get(f"/coordinator{path}").data == PDF

    scene.member("M-0002")
    scene.session.commit()
    foreign = log_in(scene.people["M-0002"])
    answers = [
        foreign.get(f"/supplier/certificates/{uid}/document") for uid in (issued.uid, unknown_uid())
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert len({re.sub(r"[0-9a-f-]{36}", "", answer.text) for answer in answers}) == 1
    assert browser.get(f"/supplier{path}").status_code == 303


def test_report_that_is_not_made_yet_is_asked_for_and_not_there(
    scene: Scene, issued: Certificate, log_in: LogIn
) -> None:
    supplier = log_in(scene.people["M-0001"])
    report = f"/supplier/certificates/{issued.uid}/report"
    assert supplier.get(report).status_code == 404
    page = supplier.get("/supplier/certificates/")
    assert f'action="{report}"' in page.text
    assert supplier.submit(report, {}, page="/supplier/certificates/").status_code == 303


def test_head_and_options_of_the_public_page(browser: Browser, issued: Certificate) -> None:
    head = browser.client.head(page_of(issued), base_url=ORIGIN)
    assert (head.status_code, head.data) == (200, b"")
    options = browser.client.options(page_of(issued), base_url=ORIGIN)
    assert set(options.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    assert browser.client.put(page_of(issued), base_url=ORIGIN).status_code in (403, 405)
