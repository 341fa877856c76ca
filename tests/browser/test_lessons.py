"""Every lesson in a real browser, and what only a browser can show of some of them."""

import contextlib
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from test_live_slider import drag, thumb
from waiting import SLOW, eventually, expect_settled

from dlcore.lessons import all_lessons
from pages.ui.language import labels

expect.set_options(timeout=20_000)
IDS = [lesson.id for lesson in all_lessons()]


@pytest.mark.parametrize("id", [IDS[0], *(pytest.param(id, marks=pytest.mark.long) for id in IDS[1:])])
def test_a_lesson_fits_and_says_no_error(visit: Callable[..., Page], id: str) -> None:
    """On a laptop, and in a window as narrow as a phone."""
    width, height = 1280, 800
    page = visit(id, viewport={"width": width, "height": height})
    expect(page.locator("h1")).to_have_text(labels("en")[f"page.{id}"])
    expect(page.locator(".stException")).to_have_count(0)
    picture = page.locator(".stVegaLiteChart, .stImage, .stDataFrame, svg[role=img]").first
    expect(picture).to_be_visible(timeout=SLOW)

    def fits() -> None:
        scrolled = page.evaluate(
            "document.querySelector('.stMain').scrollWidth - document.querySelector('.stMain').clientWidth"
        )
        assert scrolled <= 1, f"{id} is {scrolled} pixels too wide"
        box = picture.bounding_box()
        assert box is not None
        if width > height:  # above the fold
            assert box["y"] + min(box["height"], 250) <= height

    eventually(page, fits)
    width, height = 390, 844
    page.set_viewport_size({"width": width, "height": height})
    eventually(page, fits)


@pytest.mark.parametrize(
    ("id", "query", "first", "then"),
    [
        ("gradient_descent", "lang=en", ".stVegaLiteChart >> nth=1", ".stVegaLiteChart >> nth=0"),  # cost, then line
        ("images", "lang=en&p=weights", ".stImage", ".stVegaLiteChart >> nth=0"),
    ],
)
def test_on_a_phone_what_matters_most_comes_first(
    visit: Callable[..., Page], id: str, query: str, first: str, then: str
) -> None:
    page = visit(id, query, viewport={"width": 390, "height": 844})

    def in_order() -> None:
        tops = []
        for found in (first, then):
            box = page.locator(found).bounding_box()
            assert box is not None
            tops.append(box["y"])
        assert tops[0] < 500
        assert tops[0] < tops[1]

    eventually(page, in_order)


def test_the_language_switch_keeps_what_was_set(visit: Callable[..., Page]) -> None:
    page = visit("gradient_descent", "lang=en&v=1&p=descent&r=0.1")
    page.get_by_role("radio", name="中文").or_(page.get_by_text("中文", exact=True)).first.click()
    expect(page.locator("h1")).to_have_text(labels("zh")["page.gradient_descent"])
    expect(page.get_by_text("0.2142857").first).to_be_visible()


def test_a_descent_plays_to_its_end_in_place(visit: Callable[..., Page]) -> None:
    page = visit("gradient_descent", "lang=en&v=1&p=descent&k=30")
    chart = page.locator(".stVegaLiteChart canvas, .stVegaLiteChart svg").first
    expect(chart).to_be_visible()
    node = chart.element_handle()
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".st-key-epoch")).to_contain_text("30 / 30", timeout=SLOW)
    assert node is not None
    assert node.evaluate("node => node.isConnected"), "the chart was built anew"


@pytest.mark.parametrize(
    ("id", "part", "slider"),
    [
        ("gradient_descent", "descent", "Learning rate"),
        pytest.param("generalisation", "polynomial", "Noise of y", marks=pytest.mark.long),
        pytest.param("linear_regression", "", "Noise of y", marks=pytest.mark.long),
        pytest.param("images", "", "Learning rate", marks=pytest.mark.long),
    ],
)
def test_no_chart_goes_away_while_a_thumb_moves(visit: Callable[..., Page], id: str, part: str, slider: str) -> None:
    page = visit(id, f"lang=en&v=1{f'&p={part}' if part else ''}")
    page.get_by_role("button", name="Play").click()
    expect(thumb(page, slider)).to_be_visible()
    page.evaluate(
        """() => {
            window.gone = 0;
            const charts = (node) => node.nodeType === 1
                ? node.matches('.stVegaLiteChart') + node.querySelectorAll('.stVegaLiteChart').length : 0;
            new MutationObserver((changes) => {
                for (const change of changes) for (const node of change.removedNodes) window.gone += charts(node);
            }).observe(document.body, { subtree: true, childList: true });
        }"""
    )
    last = float(thumb(page, slider).get_attribute("max") or 0)
    drag(page, slider, [0, last, last / 2], ms=300)
    page.wait_for_timeout(500)  # the answers to the last moves
    assert page.evaluate("window.gone") == 0


def test_the_next_page_is_one_click_away(visit: Callable[..., Page]) -> None:
    page = visit("tensors")
    page.locator(".st-key-next a").click()
    expect(page.locator("h1")).to_have_text(labels("en")["page.broadcasting"])


def test_settings_survive_leaving_and_coming_back(visit: Callable[..., Page]) -> None:
    page = visit("softmax", "lang=en&v=1&c=5")
    page.locator(".st-key-next a").click()
    expect(page.locator("h1")).not_to_have_text(labels("en")["page.softmax"])
    page.go_back()
    expect(page.locator("h1")).to_have_text(labels("en")["page.softmax"])
    expect(page.get_by_text("Logit of class 4")).to_be_visible()


def test_back_takes_back_the_first_change_too(visit: Callable[..., Page]) -> None:
    page = visit("softmax")
    overflow = page.get_by_role("radio", name="Overflow")
    overflow.click()
    expect(page).to_have_url(re.compile(r"\bp=overflow\b"))
    expect_settled(page)
    page.wait_for_timeout(500)  # no person is quicker
    page.go_back()
    expect(overflow).to_have_attribute("aria-checked", "false", timeout=SLOW)
    page.wait_for_timeout(1500)  # the time in which a trap would close
    assert "p=overflow" not in page.url
    page.go_forward()
    expect(overflow).to_have_attribute("aria-checked", "true", timeout=SLOW)


def test_the_first_deep_link_of_a_server_shows_its_page_and_the_others(cold: str, browser: Browser) -> None:
    """Streamlit takes pages/ for its old kind of app until the first run is over, and says the page is not there."""
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.goto(f"{cold}/softmax?lang=zh&v=1&c=5")
    expect(page.locator("h1")).to_have_text(labels("zh")["page.softmax"], timeout=SLOW)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text(labels("zh")["softmax.setting.z4"])).to_be_visible(timeout=SLOW)

    page.locator(".st-key-next a").click()  # the link keeps the language, which is not the browser's
    expect(page.locator("h1")).to_have_text(labels("zh")["page.images"], timeout=SLOW)
    expect(page).to_have_url(re.compile(rf"^{cold}/images[?]lang=zh"))
    menu, entry = labels("zh")["section.basics"], labels("zh")["page.autograd"]
    page.get_by_role("button", name=menu).click()
    page.get_by_role("menuitem", name=entry).click()
    expect(page.locator("h1")).to_have_text(entry, timeout=SLOW)
    expect(page).to_have_url(re.compile(rf"^{cold}/autograd[?]lang=zh"))
    context.close()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_server_that_died_is_explained_in_the_readers_language(
    browser: Browser, serving: Callable[[str], contextlib.AbstractContextManager[str]], language: str
) -> None:
    """Streamlit would say in English to whom the app belongs how to start it again."""
    words = labels(language)
    with contextlib.closing(browser.new_context(viewport={"width": 1280, "height": 800})) as context:
        page = context.new_page()
        with serving("streamlit_app.py") as url:
            page.goto(f"{url}?lang={language}")
            expect(page.locator("h1")).to_have_text(words["page.home"], timeout=SLOW)
            expect_settled(page)
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible(timeout=SLOW)
        texts = """dialog => ['[slot=title]', '[slot=title] ~ div'].map(
            part => getComputedStyle(dialog.querySelector(part), '::before').content)"""
        assert dialog.evaluate(texts) == [f'"{words[id]}"' for id in ("lost.title", "lost.text")]
        left = "node => node.innerText"  # what is shown; hidden and empty text is not
        assert dialog.evaluate(left).strip() == ""
        status = page.get_by_test_id("stStatusWidget")
        assert status.evaluate(left).strip() == ""
        assert status.evaluate("node => getComputedStyle(node, '::after').content") == f'"{words["lost.status"]}"'


def test_a_point_is_dragged_in_the_picture(visit: Callable[..., Page]) -> None:
    page = visit("linear_regression", "lang=en&v=1&p=outliers")
    chart = page.locator(".stVegaLiteChart").first
    expect(chart.locator("canvas, svg").first).to_be_visible(timeout=SLOW)
    slider = thumb(page, labels("en")["linear_regression.setting.shift"])
    before = slider.input_value()

    def drag_up() -> None:
        box = chart.bounding_box()
        x, y = box["x"] + 0.4 * box["width"], box["y"] + 0.5 * box["height"]
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(8):
            page.mouse.move(x, y - 8 * step)
            page.wait_for_timeout(60)
        page.mouse.up()
        expect(slider).not_to_have_value(before, timeout=3000)

    eventually(page, drag_up)  # the picture answers once it is embedded
    point = int(thumb(page, labels("en")["linear_regression.setting.point"]).input_value())
    assert 3 < point < 18  # the one under the pointer
