"""What everybody does in a browser on the main path: opening, reading, filling in, pressing."""

from __future__ import annotations

import email
import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from email import policy
from pathlib import Path
from types import TracebackType
from typing import Self

from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from tests.browsers import PASSWORD
from tests.journeys.chromium import Watched, sideways_overflow, watched
from tests.journeys.words import Words
from tests.journeys.world import World
from tests.workers import wait_until

LOCALES = {"zh": "zh-CN", "en": "en-GB"}
# Two cores may be busy with other tests; what takes this long is broken.
PATIENCE_MS = 90_000


@dataclass(frozen=True)
class Way:
    """How the path is walked."""

    language: str
    size: ViewportSize
    has_scripts: bool
    dialect: str


@dataclass(frozen=True)
class Portal:
    """The portal that is served, and the folder in which it leaves its letters."""

    way: Way
    world: World
    folder: Path

    @property
    def port(self) -> int:
        return int(self.world.address.rsplit(":", 1)[1])

    def link_in_the_letter_to(self, address: str) -> str:
        """Wait until the worker has sent a letter, and take the link out of it."""
        wait_until(lambda: bool(self._letters_to(address)))
        text = self._letters_to(address)[-1]
        found = re.search(rf"{re.escape(self.world.address)}/\S+", text)
        assert found is not None, text
        return found[0]

    def _letters_to(self, address: str) -> list[str]:
        found = []
        for path in sorted((self.folder / "mail").glob("**/*.eml")):
            letter = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            body = letter.get_body(("plain",))
            if address in str(letter["To"]) and body is not None:
                found.append(body.get_content())
        return found


@dataclass
class Person:
    """Somebody with a browser of their own."""

    portal: Portal
    chromium: Browser
    context: BrowserContext = field(init=False)
    watch: Watched = field(init=False)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        way = self.portal.way
        self.context = self._stack.enter_context(
            self.chromium.new_context(
                viewport=way.size,
                java_script_enabled=way.has_scripts,
                locale=LOCALES[way.language],
                base_url=self.portal.world.address,
                accept_downloads=True,
            )
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.watch = watched(self.context)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def page(self) -> Page:
        return self.watch.page

    @property
    def w(self) -> Words:
        """The words of the person's language."""
        return Words(self.portal.way.language)

    def complaints(self) -> list[str]:
        """What the browser complained about; a page that says 422 is meant here."""
        return [line for line in self.watch.complaints if "422" not in line]

    def logs_in(self, address: str) -> None:
        """With the password that everybody has here."""
        self.goes_to("/login")
        self.writes("email", address)
        self.writes("password", PASSWORD)
        self.presses(self.w("Log in"))

    def goes_to(self, path: str) -> None:
        self.page.goto(path)
        self._fits()

    def reads(self, *texts: str) -> None:
        """The page says each of these."""
        for text in texts:
            expect(self.page.locator("main")).to_contain_text(text)

    def reads_heading(self, text: str) -> None:
        expect(self.page.locator("h1")).to_contain_text(text)

    def fills(self, label: str, value: str) -> None:
        self.page.get_by_label(label, exact=False).first.fill(value)

    def writes(self, name: str, value: str) -> None:
        """Fill in or choose by the name of a control."""
        control = self.page.locator(f'[name="{name}"]').first
        if "form-select" in (control.get_attribute("class") or ""):
            control.select_option(value)
        else:
            control.fill(value)

    def ticks(self, label: str) -> None:
        self.page.get_by_label(label, exact=True).check()

    def presses(self, label: str, within: Locator | None = None) -> None:
        """Press a button, and wait for the page that it leads to."""
        place = within or self.page
        place.get_by_role("button", name=label, exact=True).first.click()
        self.page.wait_for_load_state()
        self._fits()

    def follows(self, label: str, within: Locator | None = None) -> None:
        """Follow a link, and wait for its page."""
        place = within or self.page.locator("main")
        place.get_by_role("link", name=label).first.click()
        self.page.wait_for_load_state()
        self._fits()

    def signs_here(self, version: int) -> None:
        """On the page that shows everything once more; only with the declaration."""
        w = self.w
        self.presses(w("Submit"))
        self.reads(w("Tick the declaration before you submit"))
        self.page.locator("[name=declared]").check()
        self.presses(w("Submit"))
        self.reads(
            w("Submitted. The alliance reviews it; you will get a mail."),
            w("Version %(number)s", number=version),
        )

    def downloads_the_certificate(self, kind: str = "") -> bytes:
        """The supplier's newest of a kind, as soon as the worker has made it."""
        rows = self.page.get_by_role("row").filter(has_text=kind)
        link = rows.get_by_role("link", name=self.w("Certificate (PDF)"))
        for _ in range(60):
            self.goes_to("/supplier/certificates/")
            if link.count():
                break
            self.page.wait_for_timeout(1000)
        with self.page.expect_download() as downloaded:
            link.first.click()
        name = downloaded.value.suggested_filename
        assert name.startswith("ZCA-")
        assert name.endswith(".pdf")
        content = downloaded.value.path().read_bytes()
        assert content.startswith(b"%PDF-")
        return content

    def _fits(self) -> None:
        if self.portal.way.has_scripts:
            assert sideways_overflow(self.page) == 0, f"{self.page.url} is wider than the window"
