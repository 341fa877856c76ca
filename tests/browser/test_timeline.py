"""The scrubber in a real browser: by mouse and by keyboard, played, and training on from a moment."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from waiting import SLOW, eventually, expect_settled

RUN = "spiral?v=1&n=50&k=400&h=8&play=1"


@pytest.fixture
def trained(visit: Callable[..., Page]) -> Callable[..., Page]:
    """`trained()`: the spiral page after a short run."""

    def go(**options: object) -> Page:
        page = visit(RUN, **options)
        expect_epoch(page, 400)
        expect_settled(page)
        expect(slider(page)).to_have_attribute("aria-valuetext", "epoch 400, the present")
        return page

    return go


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Time: the epoch that is shown")


def epoch(page: Page) -> int:
    found = re.search(r"(\d+)\s*/", page.locator(".st-key-epoch").inner_text())
    assert found
    return int(found[1])


def expect_epoch(page: Page, number: int) -> None:
    """Both the toolbar and the scrubber show this epoch."""
    expect(page.locator(".st-key-epoch strong")).to_have_text(re.compile(rf"(^|\D){number}$"), timeout=SLOW)
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile(rf"epoch {number}\b"), timeout=SLOW)


def region(page: Page) -> str:
    source = page.locator(".st-key-region img").first.get_attribute("src")
    assert source
    return source


def moved(page: Page, before: str) -> None:
    """The region is another picture."""
    page.wait_for_function(
        "before => document.querySelector('.st-key-region img').src !== before", arg=before, timeout=SLOW
    )


def test_by_keyboard(trained: Callable[..., Page]) -> None:
    page = trained()
    before = region(page)
    slider(page).focus()
    for key, shown in [("ArrowLeft", 399), ("ArrowLeft", 398), ("ArrowRight", 399), ("Home", 0), ("ArrowUp", 2)]:
        slider(page).press(key)
        expect_epoch(page, shown)
    moved(page, before)
    expect(page.locator(".st-key-numbers")).to_contain_text("[EPOCH]: 1,", timeout=SLOW)
    slider(page).press("End")
    expect_epoch(page, 400)
    expect_settled(page)
    expect(page.get_by_role("button", name="To the present")).to_be_disabled()


def test_by_mouse_the_region_follows_before_the_thumb_is_let_go(trained: Callable[..., Page]) -> None:
    page = trained()
    before = region(page)
    box = slider(page).bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 6, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], y, steps=5)
    page.mouse.move(box["x"] + 0.4 * box["width"], y, steps=5)
    moved(page, before)

    def both_agree() -> None:
        assert epoch(page) == round(float(slider(page).input_value())) < 200

    eventually(page, both_agree)
    held = epoch(page)
    assert held > 120
    page.mouse.up()
    expect_settled(page)
    expect_epoch(page, held)
    after = slider(page).bounding_box()
    assert after
    assert (after["x"], after["width"]) == (box["x"], box["width"])


def test_it_plays_both_ways(trained: Callable[..., Page]) -> None:
    page = trained()
    speed = page.get_by_role("button", name="Speed")
    for times in ("2×", "4×"):
        speed.click()
        expect(speed).to_have_text(times)
    slider(page).press("Home")
    expect_epoch(page, 0)
    page.get_by_role("button", name="Play forwards").click()
    page.wait_for_function(
        "() => Number(document.querySelector('.st-key-epoch strong').textContent.match(/\\d+/)) > 20"
    )
    expect_epoch(page, 400)
    page.get_by_role("button", name="Play backwards").click()
    page.wait_for_function(
        "() => Number(document.querySelector('.st-key-epoch strong').textContent.match(/\\d+/)) < 380"
    )
    page.get_by_role("button", name="Pause", exact=True).click()
    expect_settled(page)
    expect_epoch(page, epoch(page))
    assert 0 < epoch(page) < 400


def test_training_on_from_a_moment_gives_the_same_picture(trained: Callable[..., Page]) -> None:
    page = trained()
    numbers, end = page.locator(".st-key-numbers").inner_text(), region(page)
    slider(page).press("Home")
    for _ in range(3):
        slider(page).press("PageUp")
    page.wait_for_function(
        "() => Number(document.querySelector('.st-key-epoch strong').textContent.replace(/\\D/g, '')) % 400",
        timeout=SLOW,
    )
    expect_settled(page)
    assert 0 < epoch(page) < 400
    page.get_by_role("button", name="Train on from here").click()
    expect_epoch(page, 400)
    expect_settled(page)
    expect(page.locator(".st-key-numbers")).to_have_text(numbers, use_inner_text=True)
    page.wait_for_function("end => document.querySelector('.st-key-region img').src === end", arg=end, timeout=SLOW)


def test_scrubbing_while_it_trains_pauses(visit: Callable[..., Page]) -> None:
    page = visit("spiral?v=1&k=10000")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(
        "() => Number(document.querySelector('.st-key-epoch strong').textContent.match(/\\d+/)) > 50"
    )
    slider(page).press("ArrowLeft")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=SLOW)
    expect_settled(page)
    expect(page.get_by_role("button", name="To the present")).to_be_enabled()
    assert epoch(page) == int(re.sub(r"\D", "", slider(page).get_attribute("aria-valuetext") or ""))


def test_the_frame_is_as_high_before_the_first_epoch(visit: Callable[..., Page]) -> None:
    page = visit("spiral?v=1&n=50&k=100&h=8")
    expect(slider(page)).to_be_disabled()
    before = place(page)
    page.get_by_role("button", name="To the end").click()
    expect_epoch(page, 100)
    expect_settled(page)
    expect(slider(page)).to_be_enabled()
    assert place(page) == before


def place(page: Page) -> tuple[float, float]:
    """Return the distance of the scrubber from the top of the region, and its height."""
    picture, scrubber = (page.locator(part).bounding_box() for part in (".st-key-region", ".st-key-time"))
    assert picture
    assert scrubber
    return scrubber["y"] - picture["y"], scrubber["height"]
