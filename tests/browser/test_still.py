"""Nothing on a page jumps while its run plays: no layout shift, as Chromium itself measures them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from waiting import SLOW, expect_settled

from pages.ui.language import LANGUAGES, labels

# Each shift with what moved: the element, and how far in pixels. Those after an input count as well.
WATCH = """() => {
    window.shifts = [];
    const name = (node) => node && node.closest && (node.closest('[class*="st-key-"]') || node).className;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
            const moved = entry.sources.map(({ node, previousRect: a, currentRect: b }) =>
                [name(node && node.nodeType === 1 ? node : node && node.parentElement),
                 Math.round(b.x - a.x), Math.round(b.y - a.y)]);
            window.shifts.push([entry.value, moved]);
        }
    }).observe({ type: 'layout-shift' });
}"""
# As many charts as the page has are drawn, and the fonts of text and formulas are there.
READY = """async (count) => {
    const charts = [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')];
    const drawn = (chart) => chart.querySelector('canvas, svg')?.getBoundingClientRect().height > 100;
    await document.fonts.ready;
    return charts.length === count && charts.every(drawn) && document.fonts.status === 'loaded';
}"""
PAGES = {  # the button's label and the number of charts
    "autograd?ws=0": ("autograd.step.play", 0),
    "gradient_descent?p=descent&k=40&r=0.2": ("run.play", 2),
    "gradient_descent?p=descent&k=100&r=0.22": ("run.play", 2),
    "gradient_descent?p=batches&k=40": ("run.play", 2),
    "gradient_descent?p=batches&k=40&r=0.22": ("run.play", 2),  # it diverges
    "linear_regression?m=20": ("run.play", 3),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("link", PAGES)
def test_nothing_moves_while_a_run_plays(
    link: str, language: str, playground: str, open_page: Callable[..., Page]
) -> None:
    page, words = open_page(viewport={"width": 1280, "height": 720}), labels(language)
    id, charts = PAGES[link]
    page.goto(f"{playground}/{link}&lang={language}")
    play = page.get_by_role("button", name=words[id], exact=True)
    expect(play).to_be_visible(timeout=SLOW)
    expect_settled(page)
    page.wait_for_function(READY, arg=charts, timeout=SLOW)
    page.wait_for_timeout(1000)
    page.evaluate(WATCH)
    play.click()
    expect(page.get_by_role("button", name=words[id.replace("play", "pause")], exact=True)).to_be_visible()
    expect(play).to_be_visible(timeout=SLOW)
    expect_settled(page)
    page.wait_for_timeout(300)
    assert page.evaluate("window.shifts") == []
