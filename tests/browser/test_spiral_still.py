"""The layout of the spiral's pages in a real browser: it holds still while a run plays, and fits a small laptop."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from waiting import SLOW, expect_settled

# Notes what the browser counts as a layout shift, those after a click included, outside of the row of buttons.
WATCH = """() => {
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
            const moved = entry.sources.map((source) => source.node).filter(
                (node) => node && !(node.closest ? node : node.parentElement)?.closest('.st-key-toolbar')
            );
            if (moved.length) window.shifts.push([entry.value, moved.map((node) => node.className ?? node.nodeName)]);
        }
    }).observe({ type: 'layout-shift' });
}"""


def test_nothing_moves_while_the_spiral_trains(page: Page, playground: str) -> None:
    page.goto(f"{playground}/spiral?v=1&k=200&h=16")
    expect(page.locator(".st-key-region img").first).to_be_visible(timeout=SLOW)
    expect_settled(page)
    page.evaluate(WATCH)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".st-key-epoch")).to_contain_text("200 / 200", timeout=SLOW)
    expect_settled(page)
    assert page.evaluate("shifts") == []


def test_nothing_moves_while_the_lecture_is_reproduced(page: Page, playground: str) -> None:
    page.goto(f"{playground}/reproduce")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=SLOW)
    expect_settled(page)
    page.evaluate(WATCH)
    page.get_by_role("button", name="Train all nine now").click()
    # the second experiment: the first row of the table has been drawn anew
    expect(page.get_by_text("Training: Lecture: ReLU network, Adam")).to_be_visible(timeout=SLOW)
    assert page.evaluate("shifts") == []


def test_controls_picture_and_numbers_fit_a_small_laptop(open_page: Callable[..., Page], playground: str) -> None:
    page = open_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{playground}/spiral?v=1")
    expect(page.locator(".st-key-region img").first).to_be_visible(timeout=SLOW)
    expect_settled(page)
    for part in (".st-key-toolbar", ".st-key-region", ".st-key-numbers", ".st-key-spiral-model-activation"):
        box = page.locator(part).first.bounding_box()
        assert box["y"] + box["height"] <= 720, part
