"""Nothing on a page jumps while its run plays: no layout shift, as Chromium itself measures them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from waiting import SLOW, expect_settled

from pages.ui.language import LANGUAGES, labels

# Each shift with what moved: the element, from where to where, and its text. Those after an input count as well.
WATCH = """() => {
    [window.shifts, window.last] = [[], performance.now()];
    const name = (node) => node && node.closest && (node.closest('[class*="st-key-"]') || node).className;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
            const moved = entry.sources.map(({ node, previousRect: a, currentRect: b }) =>
                [name(node && node.nodeType === 1 ? node : node && node.parentElement),
                 ...[a, b].map((box) => [box.x, box.y, box.width, box.height].map(Math.round)),
                 node?.textContent?.slice(0, 60)]);
            window.shifts.push([entry.value, moved]);
            window.last = performance.now();
        }
    }).observe({ type: 'layout-shift' });
}"""
# Code, charts, and the fonts of text and formulas are loaded, and nothing has moved for a while.
RESTS = """() => {
    const charts = [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')];
    const drawn = (chart) => chart.querySelector('canvas, svg')?.getBoundingClientRect().height > 100;
    if (document.querySelector('[data-testid="stSkeleton"]')) return false;
    return charts.every(drawn) && document.fonts.status === 'loaded' && performance.now() - window.last > 3000;
}"""
PAGES = [
    "autograd?ws=0",
    "gradient_descent?p=descent&k=40&r=0.2",
    "gradient_descent?p=descent&k=100&r=0.22",
    "gradient_descent?p=batches&k=40",
    "gradient_descent?p=batches&k=40&r=0.22",  # it diverges
    "linear_regression?m=20",
    "linear_regression?m=20&f=line",
    "optimisers?k=50",
    "optimisers?p=network&nk=250",
    "generalisation?k=200",
    "generalisation?p=decay&e=200",
    "generalisation?p=dropout&g=40",
    "images?k=12",
    "spiral?v=1&k=300&h=16",
    "reproduce",
]
QUICK = ("linear_regression?m=20", "optimisers?k=50", "spiral?v=1&k=300&h=16")
START = {"autograd": "autograd.step.play", "reproduce": "reproduce.run"}  # label of the button, if not the player's


# A language for each, in turn: the words of both are about as long.
CASES = [
    pytest.param(link, list(LANGUAGES)[i % 2], marks=[] if link in QUICK else pytest.mark.long)
    for i, link in enumerate(PAGES)
]


@pytest.mark.parametrize(("link", "language"), CASES)
def test_nothing_moves_while_a_run_plays(
    link: str, language: str, playground: str, open_page: Callable[..., Page]
) -> None:
    page, words = open_page(viewport={"width": 1280, "height": 720}), labels(language)
    id = link.partition("?")[0]
    label = START.get(id, "run.play")
    page.goto(f"{playground}/{link}{'&' if '?' in link else '?'}lang={language}")
    start = page.get_by_role("button", name=words[label], exact=True)
    expect(start).to_be_visible(timeout=SLOW)
    expect_settled(page)
    page.evaluate(WATCH)
    page.wait_for_function(RESTS, timeout=SLOW)
    expect_settled(page)
    page.evaluate("window.shifts = []")
    start.click()
    if id == "reproduce":  # the second experiment: the first row of the table has been drawn anew
        second = words["reproduce.progress"].format(name=words["spiral.preset.lecture_relu"])
        expect(page.get_by_text(second)).to_be_visible(timeout=SLOW)
    else:
        expect(page.get_by_role("button", name=words[label.replace("play", "pause")], exact=True)).to_be_visible()
        expect(start).to_be_visible(timeout=2 * SLOW)
        expect_settled(page)
    page.wait_for_timeout(300)
    assert page.evaluate("window.shifts") == []


def test_controls_picture_and_numbers_fit_a_small_laptop(open_page: Callable[..., Page], playground: str) -> None:
    page = open_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{playground}/spiral?v=1")
    expect(page.locator(".st-key-region img").first).to_be_visible(timeout=SLOW)
    expect_settled(page)
    for part in (".st-key-toolbar", ".st-key-region", ".st-key-numbers", ".st-key-spiral-model-activation"):
        box = page.locator(part).first.bounding_box()
        assert box["y"] + box["height"] <= 720, part
