"""The published log by HTTP: static files under the names of C2SP, for anybody, and nothing else of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.config.settings import Settings
from portal.domain.actors import SYSTEM
from portal.domain.ledger.tiles import tiles_of
from portal.services import publishing
from portal.services.checkpoints import Notary
from portal.services.work import Work
from portal.store.base import Database
from portal.web.headers import FOR_GOOD
from tests.browsers import Browser
from tests.factories.long_logs import grow
from tests.factories.sealed import a_notary
from tests.factories.suppliers import MOMENT

TEXT = "text/plain; charset=utf-8"


@pytest.fixture
def notary(database: Database, settings: Settings, tmp_path: Path) -> Notary:
    """A log of 300 entries, published where the application looks for it."""
    made = a_notary(tmp_path)
    assert made.published.path == settings.log
    (made.keys.path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    with database.writing() as session:
        grow(session, 300)
        signed = publishing.sign(Work(session, SYSTEM, MOMENT), made)
        session.commit()
    publishing.publish(database.reading, signed, made)
    return made


def test_page_of_the_log_shows_its_checkpoint_and_its_key(browser: Browser, notary: Notary) -> None:
    answer = browser.get("/log/?lang=en")
    assert answer.status_code == 200
    assert notary.keys.log_key().verifier.text() in answer.text
    assert "300" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_page_of_a_log_that_was_never_published_has_no_files(
    browser: Browser, database: Database
) -> None:
    assert browser.get("/log/?lang=en").status_code == 200
    for name in ("checkpoint", "keys", "revocations", "ca.pem", "tile/0/000", "tile/0/000.p/1"):
        assert browser.get(f"/log/{name}").status_code == 404


@pytest.mark.parametrize("name", ["checkpoint", "keys", "revocations", "ca.pem"])
def test_file_with_a_name_is_given_fresh_as_text(
    browser: Browser, notary: Notary, name: str
) -> None:
    answer = browser.get(f"/log/{name}")
    assert answer.status_code == 200
    assert answer.data == (notary.published.path / name).read_bytes()
    assert answer.headers["Content-Type"] == TEXT
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    head = browser.client.head(f"/log/{name}", base_url="https://portal.example")
    assert (head.status_code, head.data) == (200, b"")


def test_every_tile_is_given_as_bytes_that_may_be_kept_for_good(
    browser: Browser, notary: Notary
) -> None:
    narrower = [tile for tile in tiles_of(200) if not tile.is_full]
    for tile in (*tiles_of(300), *narrower):
        answer = browser.get(f"/log/{tile.path()}")
        assert answer.status_code == 200, tile
        assert answer.data == notary.published.read(tile.path())
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Cache-Control"] == FOR_GOOD
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "name",
    [
        "log.key",
        ".lock",
        "unknown",
        "checkpoint/",
        "Checkpoint",
        "checkpoint%00",
        "tile",
        "tile/0",
        "tile/0/0",
        "tile/0/002",
        "tile/0/000/",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/001.p/45",
        "tile/0/x000/000",
        "tile/0/x001",
        "tile/64/000",
        "tile/-1/000",
        "tile/entries/002",
        "tile/٠/000",
        "../keys/log.key",
        "..%2fkeys%2flog.key",
        "%2e%2e/keys/log.key",
        "%2e%2e%2fkeys%2flog.key",
        "..%5ckeys%5clog.key",
        "tile/0/../../../keys/log.key",
        "tile/0/%2e%2e/%2e%2e/%2e%2e/keys/log.key",
        "%2fetc%2fpasswd",
        "/etc/passwd",
        # Names that are longer than any file may have, or numbers that are longer than Python reads.
        "tile/0/" + "x001/" * 900 + "001",
        "tile/0/" + "x001/" * 2000 + "001",
        "tile/0/000.p/" + "1" * 5000,
    ],
)
def test_other_names_lead_nowhere(browser: Browser, notary: Notary, name: str) -> None:
    answer = browser.get(f"/log/{name}", follow_redirects=True)
    assert answer.status_code == 404
    assert "PRIVATE" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_log_takes_no_writing(browser: Browser, notary: Notary) -> None:
    for method in ("post", "put", "delete", "patch"):
        send = getattr(browser.client, method)
        answer = send("/log/checkpoint", base_url="https://portal.example")
        assert answer.status_code in (403, 405)
