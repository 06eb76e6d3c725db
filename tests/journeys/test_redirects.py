"""What the portal takes for a path on this host, the browser takes for one too."""

from __future__ import annotations

from random import Random

from playwright.sync_api import Browser

from portal.web.redirects import is_local

ORIGIN = "https://portal.example"
PIECES = (
    *"//\\\\..@:?#%;=",
    "%09",
    "%2f",
    "\t",
    "\n",
    " ",
    "\u2028",
    "。",
    "／",
    "a",
    "https:",
    "javascript:",
    "evil.example",
)


def candidates(count: int) -> list[str]:
    """Addresses of pieces that parsers of addresses disagree about; the same ones in each run."""
    chance = Random(20260327)
    return ["/" + "".join(chance.choices(PIECES, k=chance.randint(0, 8))) for _ in range(count)]


def test_every_address_that_is_followed_stays_on_this_host(chromium: Browser) -> None:
    followed = [target for target in candidates(20_000) if is_local(target)]
    assert len(followed) > 500
    with chromium.new_context() as context:
        page = context.new_page()
        astray = page.evaluate(
            "([targets, origin]) => targets.filter((target) => new URL(target, origin).origin !== origin)",
            [followed, ORIGIN],
        )
        known = page.evaluate(f"new URL('/\\\\evil.example', '{ORIGIN}').origin")
    assert astray == []
    assert known == "https://evil.example"
