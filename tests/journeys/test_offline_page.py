"""The saved page checks a certificate in a browser that is cut off from everything, and says no to any byte that differs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from portal.app import create_app
from portal.documents.signing import DocumentSigner
from portal.domain import revocations
from portal.domain.certificates import State
from portal.store import migration
from portal.store.base import Database
from portal.store.keys import KeyFolder
from portal.store.log_files import CA, KEYS, LogFolder
from tests.browsers import Browser as Client
from tests.factories.genuine import MOMENT, keys, sealed_certificate
from tests.journeys.chromium import (
    DESKTOP,
    PHONE,
    Watched,
    axe_violations,
    sideways_overflow,
    watched,
)
from tests.keys import ORIGIN
from tests.threads import apart
from tests.workers import settings_for

NUMBER = "ZCA-2026-00042"
MUTATIONS = 60


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Client:
    """A browser of a portal that has published its keys."""
    folder = tmp_path_factory.mktemp("offline")
    url = f"sqlite:///{folder}/portal.sqlite3"
    migration.upgrade(url)
    settings = settings_for(url, folder)
    published = LogFolder(settings.log)
    published.write(KEYS, keys().published_ring().encode())
    published.write(CA, keys().ca())
    return Client(create_app(settings, Database(url)).test_client())


@pytest.fixture(scope="module")
def saved(visitor: Client, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as a visitor saves it."""
    answer = visitor.client.get(
        "/verify/offline?save=1&lang=en", base_url="https://portal.example.com"
    )
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    place = tmp_path_factory.mktemp("saved") / "verify-offline.html"
    place.write_bytes(answer.data)
    return place


@pytest.fixture
def watch(chromium: Browser, saved: Path) -> Iterator[Watched]:
    """The saved page, open in a browser without network; the day is one on which the certificate stands."""
    with chromium.new_context(viewport=DESKTOP, locale="en-GB", offline=True) as context:
        opened = watched(context)
        opened.page.clock.set_fixed_time(datetime(2026, 6, 1, tzinfo=UTC))
        opened.page.goto(saved.as_uri())
        yield opened


def verdict_of(page: Page, content: bytes) -> str:
    """Choose a file, press the button, wait for the answer."""
    file = {"name": "certificate.pdf", "mimeType": "application/pdf", "buffer": content}
    page.locator("#results").evaluate("(box) => { delete box.dataset.verdict; }")
    page.set_input_files("#file", [file])
    page.click("#check button[type=submit]")
    page.wait_for_selector("#results[data-verdict]")
    return page.get_attribute("#results", "data-verdict") or ""


def give_list(page: Page, written: str) -> None:
    """Choose a list of revocations."""
    file = {"name": "revocations", "mimeType": "text/plain", "buffer": written.encode()}
    page.set_input_files("#revocations", [file])


def test_genuine_certificate_is_valid_in_both_languages(watch: Watched) -> None:
    assert verdict_of(watch.page, sealed_certificate().pdf) == "holds"
    said = watch.page.inner_text("#results")
    for words in (NUMBER, "vouched for by the given CA", "entry 6 of the first 10"):
        assert words in said
    watch.page.click("#language")
    assert verdict_of(watch.page, sealed_certificate().pdf) == "holds"
    assert "有效：这份文件是真实的" in watch.page.inner_text("#results")
    assert watch.complaints == []
    assert watch.refused() == []


def test_any_changed_byte_makes_it_not_valid(watch: Watched) -> None:
    pdf = sealed_certificate().pdf
    assert verdict_of(watch.page, pdf) == "holds"
    chance = random.Random(20260402)
    start = pdf.index(b"/Contents <") + len(b"/Contents <")
    # Half of them in the signature itself, where a checker that is less strict would see nothing.
    places = [chance.randrange(len(pdf)) for _ in range(MUTATIONS // 2)]
    places += [start + chance.randrange(3800) for _ in range(MUTATIONS // 2)]
    for place in places:
        changed = bytearray(pdf)
        changed[place] = ord(chance.choice([c for c in "0123456789ABCDEF" if ord(c) != pdf[place]]))
        assert verdict_of(watch.page, bytes(changed)) == "fails", f"byte {place}"


def test_forged_certificates_are_not_valid(watch: Watched, tmp_path: Path) -> None:
    sealed = sealed_certificate()
    stranger = KeyFolder(tmp_path / "stranger")
    stranger.lay(ORIGIN, MOMENT)
    false_signer = DocumentSigner.of_pkcs12(*stranger.signer())
    from_stranger = apart(false_signer.sign, sealed.unsigned, MOMENT)
    assert verdict_of(watch.page, from_stranger) == "fails"
    assert "doesn't vouch for" in watch.page.inner_text("#results")
    assert verdict_of(watch.page, sealed.unsigned) == "fails"
    assert verdict_of(watch.page, b"no PDF at all") == "fails"
    assert verdict_of(watch.page, sealed.pdf + b"\n") == "fails"
    # A log that is signed by another key of the same name.
    watch.page.click("summary")
    watch.page.fill("#log-key", stranger.ring().keys[0].verifier.text())
    assert verdict_of(watch.page, sealed.pdf) == "fails"


def test_revoked_certificate_is_not_valid_any_more(watch: Watched) -> None:
    def listed(*ended: tuple[str, State, date]) -> str:
        made = revocations.listed(ORIGIN, 12, datetime(2026, 5, 1, tzinfo=UTC), ended)
        return made.signed(keys().log_key()).written()

    give_list(watch.page, listed())
    assert verdict_of(watch.page, sealed_certificate().pdf) == "holds"
    give_list(watch.page, listed((NUMBER, State.REVOKED, date(2026, 4, 30))))
    assert verdict_of(watch.page, sealed_certificate().pdf) == "fails"
    assert "was revoked on 2026-04-30" in watch.page.inner_text("#results")
    give_list(watch.page, listed().replace("12", "13", 1))
    assert verdict_of(watch.page, sealed_certificate().pdf) == "fails"


def test_certificate_that_ran_out_is_not_valid_any_more(watch: Watched) -> None:
    watch.page.clock.set_fixed_time(datetime(2040, 1, 1, tzinfo=UTC))
    assert verdict_of(watch.page, sealed_certificate().pdf) == "fails"
    assert "ran out on" in watch.page.inner_text("#results")


def test_nobody_is_told_that_it_holds_without_keys(watch: Watched) -> None:
    watch.page.click("summary")
    watch.page.fill("#log-key", "")
    watch.page.fill("#ca", "")
    assert verdict_of(watch.page, sealed_certificate().pdf) == "open"


def test_scanned_code_is_checked_without_a_file(watch: Watched) -> None:
    sealed = sealed_certificate()
    scanned = f"{sealed.facts.verify_url}#{sealed.seal.statement}"
    for text, verdict in ((scanned, "holds"), (scanned[:-1] + str(9 - int(scanned[-1])), "fails")):
        watch.page.locator("#results").evaluate("(box) => { delete box.dataset.verdict; }")
        watch.page.fill("#qr", text)
        watch.page.click("#check button[type=submit]")
        watch.page.wait_for_selector(f"#results[data-verdict={verdict}]")
    watch.page.fill("#qr", scanned)
    watch.page.click("#check button[type=submit]")
    watch.page.wait_for_selector("#results[data-verdict=holds]")
    assert sealed.facts.member.zh in watch.page.inner_text("#results")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_page_is_accessible_and_fits(chromium: Browser, saved: Path, size: dict[str, int]) -> None:
    with chromium.new_context(viewport=size, offline=True) as context:
        opened = watched(context)
        opened.page.goto(saved.as_uri())
        for _ in range(2):
            verdict_of(opened.page, sealed_certificate().pdf)
            assert axe_violations(opened.page) == []
            assert sideways_overflow(opened.page) == 0
            opened.page.click("#language")


def test_page_loads_nothing_and_runs_nothing_but_itself(visitor: Client) -> None:
    answer = visitor.client.get("/verify/offline", base_url="https://portal.example.com")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert "'self'" not in policy
    for mark in ("src=", "href=", "@import", "url(", "fetch(", "XMLHttpRequest"):
        assert mark not in answer.text
    assert "Set-Cookie" not in answer.headers
