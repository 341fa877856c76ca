"""The spiral page in a real browser: a picture that moves without a blink, links that hold a run, many windows."""

import io
import math
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from test_live_slider import drag, number, thumb
from waiting import SLOW, eventually, expect_settled

from dlcore.drawing.palette import BACKGROUND, CLASS_COLOURS

expect.set_options(timeout=20_000)

LONG = "v=1&k=10000&play=1"  # a run that is still going on when the test is over

# Every animation frame notes what is seen; `blank` counts those in which no image has anything to show.
WATCH = """() => {
    const images = () => [...document.querySelectorAll('.st-key-region img')];
    const epoch = () => document.querySelector('.st-key-epoch strong');
    const nodes = images();
    const seen = { nodes, hrefs: [], epochs: [], blank: 0, frames: 0 };
    const note = (list, value) => { if (value && list.at(-1) !== value) list.push(value); };
    const look = () => {
        const href = images().filter((image) => image.naturalWidth).map((image) => image.src).join('');
        seen.frames += 1;
        if (!href) seen.blank += 1;
        note(seen.hrefs, href);
        note(seen.epochs, epoch()?.textContent.replace(/\\D/g, ''));
        requestAnimationFrame(look);
    };
    window.seen = seen;
    look();
}"""


@pytest.fixture
def visit(playground: str) -> Callable[..., Page]:
    """`visit(page, link)`: the spiral page of a link, drawn."""

    def go(page: Page, link: str = "") -> Page:
        page.goto(f"{playground}/spiral?{link}")
        expect(region(page)).to_be_visible(timeout=SLOW)
        return page

    return go


def region(page: Page) -> Locator:
    return page.locator(".st-key-region img").first


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def expect_epoch(page: Page, text: str) -> None:
    expect(page.locator(".st-key-epoch")).to_contain_text(text, timeout=SLOW)


def expect_units(page: Page, units: int, label: str = "Hidden units") -> None:
    expect(number(page, label)).to_have_value(str(units))


def expect_sound(page: Page) -> None:
    """Nothing broke: no traceback, no dialog, and a region to see."""
    expect(region(page)).to_be_visible(timeout=SLOW)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)


def expect_one_run(page: Page) -> None:
    """The epochs seen only rose: no run began again. They are read once, for training goes on between two readings."""
    epochs = [int(text) for text in page.evaluate("seen.epochs")]
    assert len(epochs) > 3
    assert epochs == sorted(epochs)


def expect_no_blink(page: Page) -> None:
    """Since the watch began there was always a picture."""
    blank, frames = page.evaluate("[seen.blank, seen.frames]")
    assert not blank, f"no region in {blank} of {frames} frames"


def until_epoch_moves(page: Page, steps: int = 3) -> None:
    """Some more frames of training have come."""
    now = page.evaluate("seen.epochs.length")
    page.wait_for_function(f"seen.epochs.length >= {now + steps}", timeout=SLOW)


def until_seen(page: Page, frames: int) -> None:
    """The region has changed so many times since the watch began."""
    page.wait_for_function(f"seen.hrefs.length > {frames}", timeout=SLOW)


def numbers(page: Page) -> str:
    return page.locator(".st-key-numbers").inner_text()


def test_training_moves_one_picture_to_the_last_epoch(page: Page, visit: Callable[..., Page]) -> None:
    visit(page)
    page.evaluate(WATCH)
    button(page, "Play").click()
    until_seen(page, 3)
    expect_epoch(page, "1,000 / 1,000")
    expect(button(page, "Play")).to_be_visible()
    expect_settled(page)
    expect_one_run(page)
    assert "accuracy 0.9" in numbers(page)
    assert page.evaluate("seen.nodes.every((node) => node.isConnected)"), "the chart or its image was built anew"
    expect_no_blink(page)


def test_the_region_follows_the_thumb_before_it_is_let_go(page: Page, visit: Callable[..., Page]) -> None:
    visit(page)
    page.evaluate(WATCH)
    drag(page, "Hidden units", [99, 4], ms=1500, release=False)
    until_seen(page, 2)  # the button is still down
    expect_units(page, 5)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"\bh=5\b"))

    def changes_the_region(act: Callable[[], None], units: int) -> None:
        before = page.evaluate("seen.hrefs.at(-1)")
        act()
        expect(page).to_have_url(re.compile(rf"\bh={units}\b"))
        page.wait_for_function("before => seen.hrefs.at(-1) !== before", arg=before, timeout=SLOW)
        expect_units(page, units)

    changes_the_region(lambda: thumb(page, "Hidden units").press("ArrowRight"), 6)

    def type_number() -> None:
        number(page, "Hidden units").fill("37")
        number(page, "Hidden units").press("Enter")

    changes_the_region(type_number, 37)
    expect_no_blink(page)


def test_each_class_has_its_colour_where_it_lies(open_page: Callable[..., Page], visit: Callable[..., Page]) -> None:
    """Of what is seen: four clouds above, right, below and left, and the ground between each and the middle."""
    page = visit(open_page(color_scheme="dark"), "v=1&d=gaussians&c=4&z=0.1&n=100&h=16&r=0.05&k=80&play=1")
    expect_epoch(page, "80 / 80")
    expect(button(page, "Play")).to_be_visible()
    expect_settled(page)

    def colours_are_there() -> None:
        shown = Image.open(io.BytesIO(region(page).screenshot())).convert("RGB")
        for label, (x1, x2) in enumerate([(0, 1), (1, 0), (0, -1), (-1, 0)]):
            at = [round(shown.width * (0.5 + share)) for share in (0.17 * x1, -0.17 * x2)]
            ground = shown.getpixel((at[0], at[1]))
            certain = [
                tuple(round(a + 0.62 * (b - a)) for a, b in zip(BACKGROUND["dark"], colour, strict=True))
                for colour in CLASS_COLOURS
            ]
            nearest = min(range(8), key=lambda i: math.dist(certain[i], ground))
            assert nearest == label, (label, ground)
            assert math.dist(certain[label], ground) < 40

    eventually(page, colours_are_there)


def test_a_moved_rate_goes_on_and_moved_units_begin_again(page: Page, visit: Callable[..., Page]) -> None:
    visit(page, LONG)
    page.evaluate(WATCH)
    until_epoch_moves(page)
    drag(page, "Learning rate", [12, 16], ms=600)
    expect(page).to_have_url(re.compile(r"\br=0\.0"))
    until_epoch_moves(page)
    page.get_by_text("中文", exact=True).click()
    expect(thumb(page, "隐藏单元数")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\blang=zh\b"))
    until_epoch_moves(page)
    expect_one_run(page)
    expect(page).to_have_url(re.compile(r"\br=0\.0"))
    expect_units(page, 100, "隐藏单元数")
    expect(button(page, "暂停")).to_be_visible()
    thumb(page, "隐藏单元数").press("ArrowLeft")
    page.wait_for_function(
        "seen.epochs.some((text, i) => i && Number(text) < Number(seen.epochs[i - 1]))", timeout=SLOW
    )
    until_epoch_moves(page)
    expect(button(page, "暂停")).to_be_visible()
    expect_no_blink(page)


def test_a_link_holds_the_run(open_page: Callable[..., Page], visit: Callable[..., Page]) -> None:
    page, units = visit(open_page(), "v=1&h=8&k=200&lang=zh"), "隐藏单元数"
    expect(page.get_by_role("heading", name="螺旋分类")).to_be_visible()
    expect_units(page, 8, units)
    expect_epoch(page, "0 / 200")
    number(page, units).fill("12")
    number(page, units).press("Enter")
    expect(page).to_have_url(re.compile(r"\bh=12\b"))
    page.reload()
    expect_units(page, 12, units)
    expect_epoch(page, "0 / 200")

    other = open_page()
    other.goto(page.url)
    for window in (page, other):
        expect_units(window, 12, units)
        button(window, "直到结束").click()
        expect_epoch(window, "200 / 200")
        expect(button(window, "运行")).to_be_visible()
        expect_settled(window)
    assert "[EPOCH]: 199" in numbers(page)
    assert numbers(page) == numbers(other)


def test_leaving_and_coming_back(page: Page, visit: Callable[..., Page]) -> None:
    visit(page, "v=1&h=8&k=100&play=1")
    expect_epoch(page, "100 / 100")
    group = page.locator(".st-key-spiral-group-network details")
    group.locator("summary").click()
    expect(group.get_by_text("Initial weights")).to_be_visible()
    expect_settled(page)
    before = numbers(page)

    def walk(section: str, to: str) -> None:
        page.get_by_test_id("stTopNavSection").filter(has_text=section).click()
        page.get_by_test_id("stTopNavDropdownLink").filter(has_text=to).click()

    walk("Start", "Deep Learning Playground")
    expect(page.get_by_role("heading", name="Deep Learning Playground")).to_be_visible(timeout=SLOW)
    walk("Spiral", "Spiral classification")
    expect_epoch(page, "100 / 100")
    expect_units(page, 8)
    expect(group.get_by_text("Initial weights")).to_be_visible()
    expect_settled(page)
    assert numbers(page) == before
    for _ in range(2):
        page.go_back()
        page.wait_for_timeout(500)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    page.go_forward()
    page.wait_for_timeout(500)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_bad_link_is_answered_in_words(page: Page, visit: Callable[..., Page]) -> None:
    visit(page, "v=1&h=999&k=abc&z=0.5&nonsense=%3Cb%3E")
    message = page.get_by_role("alert").filter(has_text="could not be used")
    for word in ("Hidden units", "999", "Epochs", "abc", "nonsense", "<b>"):
        expect(message).to_contain_text(word)
    expect_sound(page)
    expect(number(page, "Noise")).to_have_value("0.50")
    thumb(page, "Hidden units").press("ArrowRight")
    expect_units(page, 101)
    expect(message).to_have_count(0)
    button(page, "Step").click()
    expect_epoch(page, "1 / 1,000")
    expect_sound(page)


def test_cause_and_effect_share_a_laptop_screen(page: Page, visit: Callable[..., Page]) -> None:
    visit(page)
    expect_settled(page)
    sliders = [thumb(page, name) for name in ("Hidden units", "Learning rate", "Noise", "Epochs")]

    def on_screen() -> None:
        for part in (page.locator(".st-key-region svg").last, page.locator(".st-key-toolbar"), *sliders):
            box = part.bounding_box()
            assert box["x"] >= 0
            assert box["y"] >= 0
            assert box["x"] + box["width"] <= 1280
            assert box["y"] + box["height"] <= 800

    eventually(page, on_screen)


def test_on_a_phone_the_picture_comes_first(open_page: Callable[..., Page], visit: Callable[..., Page]) -> None:
    page = visit(open_page(viewport={"width": 390, "height": 844}, has_touch=True))
    expect_settled(page)

    def fits() -> None:
        picture, control = region(page).bounding_box(), thumb(page, "Hidden units").bounding_box()
        assert picture["y"] + picture["height"] <= control["y"]
        assert picture["y"] + picture["height"] <= 844
        widths = page.evaluate(
            "[document.documentElement, document.querySelector('[data-testid=stMain]')].map(node => node.scrollWidth)"
        )
        assert max(widths) <= 390

    eventually(page, fits)


def test_a_click_on_a_point_shows_its_row(page: Page, visit: Callable[..., Page]) -> None:
    visit(page, "v=1&n=20")
    page.get_by_role("tab", name="Predictions").click()
    row = page.get_by_role("spinbutton", name="Row (0 to 59)")
    expect(row).to_have_value("10")
    expect_settled(page)
    point = page.locator(".role-mark.mark-symbol path").nth(33)
    point.scroll_into_view_if_needed()
    point.click(force=True)  # another may lie on top of it
    expect(row).not_to_have_value("10")


def test_two_windows_train_and_neither_needs_the_other(
    open_page: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    windows = [visit(open_page(), LONG) for _ in range(2)]
    for window in windows:
        window.evaluate(WATCH)
    for window in windows:
        until_epoch_moves(window)
    windows[0].context.close()
    until_epoch_moves(windows[1], 5)
    expect_one_run(windows[1])
    button(windows[1], "Pause").click()
    expect(button(windows[1], "Play")).to_be_visible()


def test_only_our_buttons_stop_a_run(page: Page, visit: Callable[..., Page]) -> None:
    """Streamlit's own "Stop" would end the script run behind the back of the player."""
    visit(page, LONG)
    widget = page.get_by_test_id("stStatusWidget")
    expect(widget.get_by_test_id("stStatusWidgetRunningIcon")).to_be_visible(timeout=SLOW)
    expect(widget.locator("button")).to_be_hidden()
    expect(page.locator(".st-key-toolbar").get_by_role("button", name="Stop")).to_be_visible(timeout=SLOW)
