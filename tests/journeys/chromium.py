"""A real browser for the journeys: Debian's chromium, its complaints collected, axe at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

# Debian builds chromium a second time without windows; it opens pages in a third of the time.
_SHELL = "/usr/bin/chromium-headless-shell"
CHROMIUM = _SHELL if Path(_SHELL).exists() else "/usr/bin/chromium"
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE = Path(__file__).parents[1] / "vendor" / "axe-core-4.14.1" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}

# What a page's policy refuses is reported as an event before anything of ours runs.
WATCH_POLICY = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.refused.push(event.violatedDirective + " " + event.blockedURI + " " + event.sourceFile));
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One chromium for the tests of a file.

    While it is driven, its event loop runs in this thread, and nothing that signs could start one of its own; so it
    isn't kept for the files that come after.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page with everything that the browser complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def refused(self) -> list[str]:
        """What the Content-Security-Policy kept from happening."""
        found: list[str] = self.page.evaluate("window.refused")
        return found


def watched(context: BrowserContext, *, for_axe: bool = False) -> Watched:
    """Open a page in the context, and watch it; `for_axe` where axe is going to look at most of what it shows."""
    watch = Watched(context.new_page())
    watch.page.add_init_script(WATCH_POLICY)
    if for_axe:
        watch.page.add_init_script(path=AXE)  # chromium keeps it compiled, unlike what is evaluated

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            watch.complaints.append(message.text)

    watch.page.on("console", note)
    watch.page.on("pageerror", lambda error: watch.complaints.append(str(error)))
    return watch


def axe_violations(page: Page) -> list[str]:
    """What axe finds wrong with the page, one line for each rule with the elements it names."""
    # It was not asked for, or the page's own scripts are switched off.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        # Preloading would let axe read style sheets again as inline styles, which the page's policy refuses.
        f"axe.run({{preload: false, resultTypes: ['violations'], runOnly: {{type: 'tag', values: {json.dumps(TAGS)}}}}})"
        ".then((result) => result.violations)"
    )
    return [
        f"{rule['id']}: "
        + " | ".join(
            node["html"][:160] + " " + node["failureSummary"] for node in rule["nodes"][:3]
        )
        for rule in found
    ]


def sideways_overflow(page: Page) -> int:
    """How many pixels the page is wider than the window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return max(0, width)
