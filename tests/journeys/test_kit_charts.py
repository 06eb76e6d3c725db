"""Charts as a browser draws them: its letters are wider or narrower than our measure, and have room all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests.journeys.chromium import DESKTOP, PHONE
from tests.journeys.kit_app import create_kit, serving

# Letters hang a little below their line and stand a little out of their box: what counts is ink.
OUTSIDE = """() => [...document.querySelectorAll("svg.chart")].flatMap((chart) => {
  const room = chart.viewBox.baseVal;
  return [...chart.querySelectorAll("text")].filter((text) => {
    const box = text.getBBox();
    return box.width && (box.x < -1 || box.x + box.width > room.width + 1);
  }).map((text) => chart.querySelector("title").textContent + ": " + text.textContent);
})"""
OVERLAPS = """() => [...document.querySelectorAll("svg.chart")].flatMap((chart) => {
  const boxes = [...chart.querySelectorAll("text")].map((text) => {
    const box = text.getBBox(), size = Number(text.getAttribute("font-size"));
    const bottom = Number(text.getAttribute("y"));
    return {words: text.textContent, left: box.x, right: box.x + box.width, top: bottom - size * 0.75, bottom};
  });
  return boxes.flatMap((a, at) => boxes.slice(at + 1).filter((b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.5
  ).map((b) => a.words + " / " + b.words));
})"""


@pytest.fixture(scope="module")
def kit() -> Iterator[str]:
    with serving(create_kit()) as address:
        yield address


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_words_of_charts_stay_inside_and_apart(
    chromium: Browser, kit: str, language: str, size: ViewportSize
) -> None:
    with chromium.new_context(viewport=size) as context:
        page = context.new_page()
        page.goto(f"{kit}/kit/charts?lang={language}")
        assert page.locator("svg.chart:visible").count() == 4
        assert page.evaluate(OUTSIDE) == []
        assert page.evaluate(OVERLAPS) == []
