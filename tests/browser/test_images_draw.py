"""Drawing on the page on images in a real browser: strokes become probabilities, and the app keeps the drawing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from waiting import SLOW, eventually, expect_settled

SEVEN = [(0.3, 0.15), (0.7, 0.15), (0.45, 0.88)]
BAR = [(0.38, 0.5), (0.7, 0.5)]

# The share of cells with ink, and the bars' labels as a screen reader hears them.
INK = """canvas => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, i) => i % 4 === 3 && value > 127).length / (canvas.width * canvas.height);
}"""


def walk(page: Page) -> None:
    """To the page by the menu, and there to the drawing panel."""
    page.get_by_text("Learning", exact=True).first.click()
    page.get_by_role("link", name="Images").first.click()
    expect(page.get_by_role("heading", name="Images")).to_be_visible(timeout=SLOW)
    choose(page, "Draw")
    expect(square(page)).to_be_visible(timeout=SLOW)


def choose(page: Page, name: str) -> None:
    """An option of the controls whose options lie side by side."""
    page.get_by_role("radio", name=name, exact=True).click()


def square(page: Page) -> Locator:
    return page.locator("canvas[role=img]")


def bars(page: Page) -> Locator:
    return page.locator(".role-mark.mark-rect path")


def lengths(page: Page) -> list[float]:
    """The lengths of the bars, class by class."""
    found: list[float] = bars(page).evaluate_all("nodes => nodes.map(node => node.getBBox().width)")
    return found


def draw(page: Page, *strokes: list[tuple[float, float]]) -> None:
    box = square(page).bounding_box()
    assert box
    for stroke in strokes:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=8)
        page.mouse.up()


@pytest.fixture
def app(page: Page, serve: Callable[[str], str]) -> Page:
    page.goto(serve("streamlit_app.py"))
    expect(page.get_by_role("heading", name="Deep Learning Playground")).to_be_visible(timeout=SLOW)
    walk(page)
    return page


def test_a_drawing_is_classified_kept_and_cleared(app: Page) -> None:
    app.get_by_role("button", name="To the end").click()
    expect(app.locator(".st-key-epoch")).to_contain_text("30 / 30", timeout=SLOW)
    nothing = app.get_by_text("Draw a large digit")
    expect(nothing).to_be_visible()
    draw(app, SEVEN, BAR)
    expect(nothing).to_have_count(0, timeout=SLOW)
    expect(app.get_by_role("img", name="The picture as the model sees it")).to_be_visible()

    def seven() -> None:  # the bar may still be on its way
        seen = lengths(app)
        assert len(seen) == 10
        assert seen.index(max(seen)) == 7, seen

    eventually(app, seven)
    expect_settled(app)
    ink = square(app).evaluate(INK)
    assert 0.1 < ink < 0.5

    choose(app, "Weights")  # away, and back: the drawing is the app's
    expect(square(app)).to_have_count(0)
    choose(app, "Draw")
    expect(square(app)).to_be_visible()
    expect(nothing).to_have_count(0)
    assert abs(square(app).evaluate(INK) - ink) < 0.03

    app.get_by_role("button", name="Clear").click()
    expect(nothing).to_be_visible(timeout=SLOW)
    assert square(app).evaluate(INK) == 0


def test_a_test_image_is_moved_by_the_keyboard(app: Page) -> None:
    choose(app, "a test image")
    right = app.get_by_role("button", name="Move right").or_(app.locator("[class*='st-key-images-right'] button")).first
    expect(right).to_be_visible(timeout=SLOW)
    right.focus()
    for moved in (1, 2):
        app.keyboard.press("Enter")
        expect(app.get_by_text(f"moved by ({moved}, 0)")).to_be_visible(timeout=SLOW)
