"""Points of one's own in a real browser: drawn with mouse and keys, erased, undone, and learned while one draws."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from waiting import SLOW, expect_settled

Visit = Callable[..., Page]
LINK = "spiral?v=1&d=points&h=8&r=0.03&k=200"


def plane(page: Page) -> Locator:
    return page.locator("#own_points canvas")


def status(page: Page) -> Locator:
    return page.locator("#own_points [role=status]")


def place(page: Page, x1: float, x2: float) -> tuple[float, float]:
    box = plane(page).bounding_box()
    assert box
    return box["x"] + box["width"] * (x1 + 1.1) / 2.2, box["y"] + box["height"] * (1.1 - x2) / 2.2


def drag(page: Page, *places: tuple[float, float]) -> None:
    page.mouse.move(*place(page, *places[0]))
    page.mouse.down()
    for to in places[1:]:
        page.mouse.move(*place(page, *to), steps=15)
    page.mouse.up()


def tool(page: Page, name: str) -> Locator:
    return page.locator("#own_points").get_by_role("button", name=name)


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit(LINK)


def test_the_plane_lies_on_the_region(page: Page) -> None:
    region = page.locator(".st-key-region img").bounding_box()
    over = plane(page).bounding_box()
    assert region
    assert over
    assert all(abs(region[side] - over[side]) < 1.5 for side in ("x", "y", "width", "height"))


def test_the_network_learns_what_the_mouse_draws(page: Page) -> None:
    expect(page.get_by_text("Click or drag on the plane")).to_be_visible()
    page.get_by_role("button", name="Play", exact=True).click()
    drag(page, (-0.8, -0.8), (-0.8, 0.8))
    expect(page.locator(".st-key-epoch")).to_contain_text("200 / 200", timeout=SLOW)
    drawn = int((status(page).text_content() or "").split()[0])
    assert 10 <= drawn <= 20
    tool(page, "Class 1").click()
    page.mouse.click(*place(page, 0.8, 0))
    expect(status(page)).to_have_text(f"{drawn + 1} of 200 points")
    expect_settled(page)
    expect(page.locator(".st-key-numbers")).to_contain_text("accuracy 1.000", timeout=SLOW)
    expect(page).to_have_url(re.compile(rf"\bxy=[\w-]{{{4 * drawn + 4}}}(&|$)"), timeout=SLOW)

    tool(page, "Erase").click()
    drag(page, (-0.8, 0.9), (-0.8, -0.9))
    expect(status(page)).to_have_text("1 of 200 points")
    tool(page, "Undo").click()
    expect(status(page)).to_have_text(f"{drawn + 1} of 200 points")
    tool(page, "Clear").click()
    expect(status(page)).to_have_text("0 of 200 points")
    expect(page.get_by_text("Click or drag on the plane")).to_be_visible(timeout=SLOW)
    tool(page, "Undo").click()
    expect(page.locator(".st-key-numbers")).to_contain_text("accuracy 1.000", timeout=SLOW)
    expect_settled(page)
    url = page.url
    page.reload()  # the drawing is in the address
    expect(status(page)).to_have_text(f"{drawn + 1} of 200 points", timeout=SLOW)
    assert page.url == url


def test_points_are_drawn_with_keys_alone(page: Page) -> None:
    plane(page).focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowLeft", "Enter"):
        page.keyboard.press(key)
    expect(status(page)).to_have_text("x₁ 0.04, x₂ 0.05 · 1 of 200 points")
    for key in ("2", "ArrowDown", "ArrowDown", "Space", "Enter"):  # the same point twice is one
        page.keyboard.press(key)
    expect(status(page)).to_have_text("x₁ 0.04, x₂ −0.05 · 2 of 200 points")
    expect(tool(page, "Class 2")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Backspace")
    expect(status(page)).to_contain_text("1 of 200 points")
    expect_settled(page)
    expect(page).to_have_url(re.compile(r"\bxy=[\w-]{4}(&|$)"), timeout=SLOW)
    page.keyboard.press("Tab")  # out of the plane, to the tools
    expect(tool(page, "Class 0")).to_be_focused()


def test_a_finger_draws_instead_of_scrolling(visit: Visit) -> None:
    page = visit(LINK, viewport={"width": 390, "height": 844}, has_touch=True)
    page.touchscreen.tap(*place(page, 0.5, 0.5))
    expect(status(page)).to_have_text("1 of 200 points")
    assert plane(page).evaluate("canvas => getComputedStyle(canvas).touchAction") == "none"
