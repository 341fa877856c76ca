"""The view of space in a real browser: it plays without a blink, nothing around it moves, the slider is live."""

from playwright.sync_api import Page, expect
from test_live_slider import number, thumb
from waiting import SLOW, expect_settled

LINK = "v=1&d=circles&n=50&h=3-2&k=20&lang=en"
IMAGE = ".st-key-space img"

# Every animation frame notes the picture that is seen; `blank` counts those with nothing to show.
WATCH = """() => {
    const find = () => document.querySelector('.st-key-space img');
    const node = find();
    const seen = (window.seen = { sources: [], blank: 0, same: () => node === find() });
    const look = () => {
        const image = find();
        if (!image?.naturalWidth) seen.blank += 1;
        else if (seen.sources.at(-1) !== image.src) seen.sources.push(image.src);
        requestAnimationFrame(look);
    };
    look();
}"""


def opened(page: Page, playground: str) -> Page:
    page.goto(f"{playground}/spiral?{LINK}")
    page.get_by_role("radio", name="Space", exact=True).click(timeout=SLOW)
    expect(page.locator(IMAGE)).to_be_visible(timeout=SLOW)
    expect_settled(page)
    return page


def test_it_plays_through_the_layers_without_a_blink(page: Page, playground: str) -> None:
    opened(page, playground)
    page.evaluate(WATCH)
    place = page.locator(IMAGE).bounding_box()
    page.get_by_role("button", name="Through the layers").click()
    expect(page.get_by_role("button", name="Stop here")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Layer 2: linear map", exact=True)).to_be_visible(timeout=SLOW)
    assert page.locator(IMAGE).bounding_box() == place
    expect(number(page, "Depth")).to_have_value("5.00", timeout=SLOW)
    expect_settled(page)
    seen = page.evaluate("({ pictures: seen.sources.length, blank: seen.blank, same: seen.same() })")
    assert seen["pictures"] > 20
    assert (seen["blank"], seen["same"]) == (0, True)
    assert page.locator(IMAGE).bounding_box() == place


def test_the_slider_moves_the_picture_while_it_is_held(page: Page, playground: str) -> None:
    opened(page, playground)
    page.evaluate(WATCH)
    box = thumb(page, "Depth").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    for share in (0.7, 0.6, 0.5, 0.4):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        page.wait_for_timeout(300)
    expect(page.get_by_text("Layer 1: ReLU", exact=True)).to_be_visible(timeout=SLOW)
    assert page.evaluate("seen.sources.length") > 2
    page.mouse.up()
    thumb(page, "Depth").press("Home")
    expect(page.get_by_text("The input", exact=True)).to_be_visible(timeout=SLOW)
    assert page.evaluate("seen.blank") == 0
