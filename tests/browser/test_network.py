"""The diagram of the network in the browser: it follows the training, and units answer to pointer and keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from waiting import SLOW, eventually, expect_settled

from pages.ui.language import labels

expect.set_options(timeout=20_000)
WORDS = labels("en")
LINK = "spiral?v=1&n=100&h=6&k=400"
UNIT = WORDS["spiral.network.unit"]

# The share of the diagram's pixels that are drawn on, and a hash of all of them.
PIXELS = """() => {
    const shadows = [...document.querySelectorAll('*')].map((e) => e.shadowRoot).filter(Boolean);
    const canvas = shadows.map((root) => root.querySelector('#view_network canvas')).find(Boolean);
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let [drawn, hash] = [0, 0];
    for (let i = 0; i < data.length; i += 4) {
        drawn += data[i + 3] > 0;
        hash = (hash * 31 + data[i] + 256 * data[i + 1] + data[i + 3]) % 1000000007;
    }
    return [drawn / (data.length / 4), hash];
}"""
# In every animation frame: whether the diagram is there with its lines, and whether it changed.
WATCH = f"""() => {{
    window.seen = [];
    const look = {PIXELS};
    const frame = () => {{ window.seen.push(look()); window.watching = requestAnimationFrame(frame); }};
    frame();
}}"""


def told(page: Page) -> str:
    return page.locator("#view_network .told").inner_text()


def test_the_diagram_follows_the_training_and_is_never_blank(visit: Callable[..., Page]) -> None:
    page = visit(f"{LINK.replace('k=400', 'k=4000')}")
    expect(page.locator("#view_network button").first).to_be_visible(timeout=SLOW)
    page.evaluate(WATCH)
    page.get_by_role("button", name=WORDS["run.play"], exact=True).click()
    page.wait_for_function("() => new Set(window.seen.map(([, hash]) => hash)).size > 6", timeout=SLOW)
    page.evaluate("() => cancelAnimationFrame(window.watching)")
    assert min(drawn for drawn, _ in page.evaluate("window.seen")) > 0.02


def test_a_unit_is_named_when_pointed_at_or_reached_by_tab(visit: Callable[..., Page]) -> None:
    page = visit(LINK)
    hint = told(page)
    assert hint == WORDS["spiral.network.hint"]
    second = page.get_by_role("button", name=UNIT.format(layer=1, unit=2), exact=True)
    second.hover()
    eventually(page, lambda: told_of(page, 2))
    expect(page.locator("body > canvas")).to_be_visible()  # its map, on the region's place
    page.keyboard.press("Escape")
    page.mouse.move(2, 2)
    eventually(page, lambda: same(told(page), hint))
    expect(page.locator("body > canvas")).to_be_hidden()
    second.focus()
    page.keyboard.press("Tab")
    eventually(page, lambda: told_of(page, 3))
    page.keyboard.press("Enter")
    expect(page.get_by_text(WORDS["spiral.network.off"].format(unit=UNIT.format(layer=1, unit=3)))).to_be_visible()


def test_a_line_tells_its_weight(visit: Callable[..., Page]) -> None:
    page = visit(LINK)
    first = page.get_by_role("button", name="x₁", exact=True).bounding_box()
    unit = page.get_by_role("button", name=UNIT.format(layer=1, unit=1), exact=True).bounding_box()
    x, y = first["x"] + first["width"], first["y"] + first["height"] / 2
    to_x, to_y = unit["x"], unit["y"] + unit["height"] / 2
    page.mouse.move(x + 0.6 * (to_x - x), y + 0.6 * (to_y - y))
    eventually(page, lambda: starts(told(page), f"x₁ → {UNIT.format(layer=1, unit=1)}: "))


def test_a_unit_is_switched_off_and_the_region_answers(visit: Callable[..., Page]) -> None:
    page = visit(LINK)
    page.get_by_role("button", name=WORDS["run.to_end"]).click()
    expect(page.locator(".st-key-epoch")).to_contain_text("400 / 400", timeout=SLOW)
    expect_settled(page)
    region = page.locator(".st-key-region img")
    before = region.get_attribute("src")
    page.get_by_role("button", name=UNIT.format(layer=1, unit=1), exact=True).click()
    page.get_by_text(WORDS["spiral.network.off"].format(unit=UNIT.format(layer=1, unit=1))).click()
    expect(page.get_by_text(WORDS["spiral.network.edited"].partition("{")[0].strip("* "))).to_be_visible()
    eventually(page, lambda: different(region.get_attribute("src"), before))
    page.get_by_role("button", name=WORDS["spiral.network.restore"]).click()
    eventually(page, lambda: same(region.get_attribute("src"), before))


def told_of(page: Page, unit: int) -> None:
    starts(told(page), f"{UNIT.format(layer=1, unit=unit)} · {WORDS['spiral.network.bias']} ")


def starts(text: str, beginning: str) -> None:
    assert text.startswith(beginning), text


def same(one: object, other: object) -> None:
    assert one == other


def different(one: object, other: object) -> None:
    assert one != other


@pytest.mark.parametrize("size", [{"width": 390, "height": 844}, {"width": 1280, "height": 720}])
def test_the_diagram_of_six_layers_of_twelve_fits(visit: Callable[..., Page], size: dict[str, int]) -> None:
    page = visit("spiral?v=1&n=100&k=10&h=12-12-12-12-12-12", viewport=size)
    buttons = page.locator("#view_network button")
    expect(buttons).to_have_count(2 + 6 * 12 + 3)
    eventually(page, lambda: different(buttons.first.bounding_box()["width"], 0))
    boxes = [one.bounding_box() for one in buttons.all()]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= size["width"] for box in boxes)
    assert min(box["width"] for box in boxes) >= 12
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            assert any(
                max(one[at], other[at]) >= min(one[at] + one[side], other[at] + other[side])
                for at, side in (("x", "width"), ("y", "height"))
            ), (one, other)
